package mail

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// received ends the lines that this server puts before a mail, as a real one
// does at final delivery; they carry the envelope over a restart.
const received = "Received: by the demo mail server; "

// save writes the file beside its name first, so a reader never sees half a mail.
func (s *Server) save(m Message) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "Return-Path: <%s>\r\n", m.From)
	for _, to := range m.To {
		fmt.Fprintf(&out, "Delivered-To: %s\r\n", to)
	}
	fmt.Fprintf(&out, "%s%s\r\n", received, m.Received.Format(time.RFC3339Nano))
	out.Write(m.Raw)
	name := filepath.Join(s.options.Dir, m.ID+".eml")
	if err := os.WriteFile(name+".new", out.Bytes(), 0o600); err != nil {
		return fmt.Errorf("keeping a mail: %w", err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("keeping a mail: %w", err)
	}
	return nil
}

// open reads what save wrote.
func (s *Server) open(id string) (Message, error) {
	name := filepath.Join(s.options.Dir, id+".eml")
	data, err := os.ReadFile(name)
	if err != nil {
		return Message{}, fmt.Errorf("reading a mail: %w", err)
	}
	m := Message{ID: id}
	for {
		line, rest, ok := bytes.Cut(data, []byte("\r\n"))
		if !ok {
			return Message{}, fmt.Errorf("%s does not begin with its envelope", name)
		}
		data = rest
		text := string(line)
		if v, ok := strings.CutPrefix(text, "Return-Path: "); ok {
			m.From = strings.Trim(v, "<>")
		} else if v, ok := strings.CutPrefix(text, "Delivered-To: "); ok {
			m.To = append(m.To, v)
		} else if v, ok := strings.CutPrefix(text, received); ok {
			if m.Received, err = time.Parse(time.RFC3339Nano, v); err != nil {
				return Message{}, fmt.Errorf("%s: %w", name, err)
			}
			m.Raw = data
			return read(m), nil
		}
	}
}

// read fills in what the headers and the body say. A mail that cannot be parsed
// is kept all the same, its source is its text.
func read(m Message) Message {
	parsed, err := mail.ReadMessage(bufio.NewReader(bytes.NewReader(m.Raw)))
	if err != nil {
		m.Text = strings.ToValidUTF8(string(m.Raw), "?")
		return m
	}
	m.MessageID = parsed.Header.Get("Message-ID")
	m.Subject = parsed.Header.Get("Subject")
	if decoded, err := new(mime.WordDecoder).DecodeHeader(m.Subject); err == nil {
		m.Subject = decoded
	}
	text, err := plain(parsed.Header.Get("Content-Type"), parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body, 0)
	if err != nil {
		text = string(m.Raw)
	}
	m.Text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\r\n", "\n")
	return m
}

var errNoText = errors.New("no text/plain part")

// plain finds and decodes the first text/plain part.
func plain(contentType, encoding string, body io.Reader, depth int) (string, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if contentType == "" {
		kind, err = "text/plain", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading a content type: %w", err)
	}
	if strings.HasPrefix(kind, "multipart/") && depth < 5 {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return "", errors.Join(errNoText, err)
			}
			text, err := plain(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part, depth+1)
			if err == nil {
				return text, nil
			}
		}
	}
	if kind != "text/plain" {
		return "", errNoText
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return "", fmt.Errorf("decoding a part: %w", err)
	}
	return string(text), nil
}
