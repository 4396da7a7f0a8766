package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dialtone/dialtone/uc"
)

// progress shows orders as they go on: on a terminal a block of lines that is
// written over, elsewhere a line for each change.
type progress struct {
	out      io.Writer
	terminal bool
	shown    map[string]string // the last line of each order
	drawn    int               // lines of the block on the terminal
	pace     *pace             // of many orders; nil = is not told
}

func newProgress(out io.Writer) *progress {
	return &progress{out: out, terminal: isTerminal(out), shown: map[string]string{}}
}

// maxTold is the most orders whose every step is told where nothing is written over.
const maxTold = 20

// update shows what changed since the last call.
func (p *progress) update(orders []uc.Order) error {
	var text strings.Builder
	var block []string
	if p.terminal {
		text.WriteString(p.erase())
	}
	ended := 0
	for _, o := range orders {
		line := watchText(o)
		if settled(o) {
			ended++
		} else if p.terminal {
			block = append(block, line)
			continue
		} else if len(orders) > maxTold {
			continue
		}
		if p.shown[o.ID] != line {
			text.WriteString(line + "\n")
			p.shown[o.ID] = line
		}
	}
	text.WriteString(p.draw(block, p.paceText(ended, "settled")))
	_, err := io.WriteString(p.out, text.String())
	return err
}

// paceText is the pace in one line; "" when it is not told now.
func (p *progress) paceText(done int, verb string) string {
	if p.pace == nil || p.pace.total < 2 {
		return ""
	}
	now := time.Now()
	text := p.pace.text(done, now)
	if !p.terminal && !p.pace.due(now) {
		return ""
	}
	return text + " " + verb
}

// say shows the pace alone.
func (p *progress) say(done int, verb string) error {
	_, err := io.WriteString(p.out, p.erase()+p.draw(nil, p.paceText(done, verb)))
	return err
}

// end takes the block away.
func (p *progress) end() error {
	_, err := io.WriteString(p.out, p.erase())
	return err
}

// erase goes back to the first line of the block and clears to the end.
func (p *progress) erase() string {
	if p.drawn == 0 {
		return ""
	}
	back := fmt.Sprintf("\x1b[%dA\x1b[J", p.drawn)
	p.drawn = 0
	return back
}

// draw writes the block and its last line, never higher or wider than the terminal: a
// line that wraps could not be erased.
func (p *progress) draw(lines []string, last string) string {
	width, height := terminalSize(p.out)
	keep := height - 2
	if last != "" {
		keep--
	}
	if len(lines) > keep {
		rest := len(lines) - keep + 1
		lines = append(lines[:keep-1:keep-1], fmt.Sprintf("… and %d more", rest))
	}
	if last != "" {
		lines = append(lines, last)
	}
	if !p.terminal {
		return strings.Join(append(lines, ""), "\n")
	}
	var text strings.Builder
	for _, line := range lines {
		if r := []rune(line); len(r) >= width {
			line = string(r[:width-1])
		}
		text.WriteString(line + "\n")
	}
	p.drawn = len(lines)
	return text.String()
}

// terminalSize is the size of the terminal; 80 by 24 when it does not tell.
func terminalSize(out io.Writer) (width, height int) {
	width, height = 80, 24
	f, ok := out.(*os.File)
	if !ok {
		return width, height
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err == nil && size.Col > 10 && size.Row > 4 {
		width, height = int(size.Col), int(size.Row)
	}
	return width, height
}
