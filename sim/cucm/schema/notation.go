package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// The notation of the .txt files:
//
//	def NAME { tokens }            a list of tokens, used as &NAME
//	table NAME                     a table of names
//	object OP NAME TABLE [class=W] [usage=W] [key=a,b] [crit=a,b] [ops=agurl] { tokens }
//
// and of a token:
//
//	name[*][/flags][~][:kind[(arg)]][@column][>version][=default][^initial][!sibling…][{tokens}]
//
// flags: a u g l as in Element.In, upper case where required, n = renamed in an
// update; none = augl. ~ = nillable. @- = kept by code, @raw = the subtree kept as
// text. = is a default of the schema, ^ a value the simulator starts with;
// underscores in both are spaces. > is the first version that has it. !x = not beside x.

type parser struct {
	toks    []string
	pos     int
	defs    map[string]int // position after the opening brace
	objects []*Object
	tables  []string
}

func parse(text string) ([]*Object, []string, error) {
	p := &parser{toks: tokens(text), defs: map[string]int{}}
	for i, t := range p.toks {
		if t == "def" {
			p.defs[p.toks[i+1]] = i + 3
		}
	}
	for p.pos < len(p.toks) {
		var err error
		switch word := p.next(); word {
		case "def":
			p.pos += 2
			p.skip()
		case "table":
			p.tables = append(p.tables, p.next())
		case "object":
			err = p.object()
		default:
			err = fmt.Errorf("unexpected %q", word)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return p.objects, p.tables, nil
}

// tokens splits at spaces and braces; a comment runs to the end of its line.
func tokens(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		line = strings.NewReplacer("{", " { ", "}", " } ").Replace(line)
		out = append(out, strings.Fields(line)...)
	}
	return out
}

func (p *parser) next() string {
	t := p.toks[p.pos]
	p.pos++
	return t
}

// skip goes behind the brace that closes the open one.
func (p *parser) skip() {
	for depth := 1; depth > 0; {
		switch p.next() {
		case "{":
			depth++
		case "}":
			depth--
		}
	}
}

func (p *parser) object() error {
	o := &Object{Op: p.next(), Name: p.next(), Table: p.next(), Ops: "gl", Keys: []string{"name"}}
	if len(p.objects) < 6 {
		o.Ops = "agurl"
	}
	for {
		t := p.next()
		if t == "{" {
			break
		}
		k, v, _ := strings.Cut(t, "=")
		switch k {
		case "class":
			o.Class = strings.ReplaceAll(v, "_", " ")
		case "usage":
			o.Usage = strings.ReplaceAll(v, "_", " ")
		case "key":
			o.Keys = strings.Split(v, ",")
		case "crit":
			o.Criteria = strings.Split(v, ",")
		case "ops":
			o.Ops = v
		default:
			return fmt.Errorf("object %s: unknown option %q", o.Op, k)
		}
	}
	var err error
	o.Elements, err = p.list("")
	p.objects = append(p.objects, o)
	return err
}

// list reads tokens up to the closing brace; prefix goes before column names of
// nested elements.
func (p *parser) list(prefix string) ([]*Element, error) {
	var out []*Element
	for {
		t := p.next()
		if t == "}" {
			return out, nil
		}
		if name, ok := strings.CutPrefix(t, "&"); ok {
			at, known := p.defs[name]
			if !known {
				return nil, fmt.Errorf("no def %q", name)
			}
			back := p.pos
			p.pos = at
			sub, err := p.list(prefix)
			if err != nil {
				return nil, err
			}
			p.pos = back
			out = append(out, sub...)
			continue
		}
		e, err := element(t, prefix)
		if err != nil {
			return nil, err
		}
		if p.pos < len(p.toks) && p.toks[p.pos] == "{" {
			p.pos++
			e.Kind = Group
			if e.Children, err = p.list(strings.ToLower(prefix + e.Name)); err != nil {
				return nil, err
			}
			if !e.Raw {
				e.Column = ""
			}
		}
		out = append(out, e)
	}
}

func element(tok, prefix string) (*Element, error) {
	e := &Element{flags: "augl", Kind: Text}
	cut := strings.IndexAny(tok, "*/~:@=!^>")
	if cut < 0 {
		cut = len(tok)
	}
	e.Name = tok[:cut]
	e.Column = strings.ToLower(prefix + e.Name)
	for rest := tok[cut:]; rest != ""; {
		mark := rest[0]
		end := strings.IndexAny(rest[1:], "*/~:@=!^>") + 1
		// A default may hold any mark: it runs to the end, or to a sibling's name.
		if mark == '=' || mark == '^' {
			end = strings.IndexByte(rest[1:], '!') + 1
		}
		if end == 0 {
			end = len(rest)
		}
		if err := e.mark(mark, rest[1:end], prefix); err != nil {
			return nil, fmt.Errorf("token %q: %w", tok, err)
		}
		rest = rest[end:]
	}
	if e.Kind == FK && e.Column == strings.ToLower(prefix+e.Name) {
		e.Column = "fk_" + e.Column
	}
	return e, nil
}

func (e *Element) mark(mark byte, v, prefix string) error {
	switch mark {
	case '*':
		e.Many = true
	case '/':
		e.flags = v
	case '~':
		e.Nillable = true
	case '=':
		e.Default = strings.ReplaceAll(v, "_", " ")
		e.Initial = e.Default
	case '^':
		e.Initial = strings.ReplaceAll(v, "_", " ")
	case '>':
		e.Since = v
	case '!':
		e.Excludes = append(e.Excludes, v)
	case '@':
		e.Raw = v == "raw"
		e.Code = v == "-"
		switch v {
		case "-":
			e.Column = ""
		case "raw":
			e.Column = "raw_" + strings.ToLower(prefix+e.Name)
		default:
			e.Column = v
		}
	case ':':
		kind, arg, _ := strings.Cut(strings.TrimSuffix(v, ")"), "(")
		e.Kind, e.Arg = Kind(kind), arg
		if size, ok := strings.CutPrefix(kind, "text"); ok && size != "" {
			n, err := strconv.Atoi(size)
			if err != nil {
				return err
			}
			e.Kind, e.Max = Text, n
		}
	default:
		return fmt.Errorf("unknown mark %q", mark)
	}
	return nil
}
