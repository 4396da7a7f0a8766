package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode"
)

// compose checks the message and writes it as it goes over the wire.
func (c *Client) compose(m Message) (*mail.Address, []byte, error) {
	for field, value := range map[string]string{"id": m.ID, "subject": m.Subject, "recipient": m.To} {
		if strings.ContainsFunc(value, unicode.IsControl) {
			return nil, nil, fmt.Errorf("the %s contains a line break or control character", field)
		}
	}
	to, err := parseAddress(m.To)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("recipient: %w", err)
	case m.ID == "":
		return nil, nil, errors.New("the id is missing")
	case m.Subject == "":
		return nil, nil, errors.New("the subject is missing")
	case m.Text == "":
		return nil, nil, errors.New("the text is missing")
	}
	var out bytes.Buffer
	for _, h := range [][2]string{
		{"From", c.from.String()},
		{"To", to.String()},
		// Folded: a line may have at most 998 bytes.
		{"Subject", strings.ReplaceAll(mime.QEncoding.Encode("utf-8", m.Subject), "?= =?", "?=\r\n =?")},
		{"Date", c.now().Format(time.RFC1123Z)},
		{"Message-ID", messageID(m.ID, c.from.Address)},
		{"MIME-Version", "1.0"},
		// RFC 3834: keeps vacation notices from answering.
		{"Auto-Submitted", "auto-generated"},
	} {
		fmt.Fprintf(&out, "%s: %s\r\n", h[0], h[1])
	}
	if err := writeBody(&out, m); err != nil {
		return nil, nil, err
	}
	return to, out.Bytes(), nil
}

// writeBody writes the content headers, the empty line and the content.
func writeBody(out *bytes.Buffer, m Message) error {
	const plain = "text/plain; charset=utf-8"
	if m.HTML == "" {
		fmt.Fprintf(out, "Content-Type: %s\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", plain)
		return writeQuoted(out, m.Text)
	}
	parts := multipart.NewWriter(out)
	// Derived, not random: the same message has the same bytes.
	sum := sha256.Sum256([]byte(m.ID))
	if err := parts.SetBoundary("part-" + hex.EncodeToString(sum[:16])); err != nil {
		return fmt.Errorf("setting the boundary: %w", err)
	}
	fmt.Fprintf(out, "Content-Type: multipart/alternative; boundary=%q\r\n\r\n", parts.Boundary())
	for _, part := range [][2]string{{plain, m.Text}, {"text/html; charset=utf-8", m.HTML}} {
		var quoted bytes.Buffer
		if err := writeQuoted(&quoted, part[1]); err != nil {
			return err
		}
		w, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type":              {part[0]},
			"Content-Transfer-Encoding": {"quoted-printable"},
		})
		if err != nil {
			return fmt.Errorf("writing the message: %w", err)
		}
		if _, err := w.Write(quoted.Bytes()); err != nil {
			return fmt.Errorf("writing the message: %w", err)
		}
	}
	return parts.Close()
}

// writeQuoted encodes text line by line; quoted-printable keeps every line short
// and every byte seven bits, so no relay can damage it.
func writeQuoted(out *bytes.Buffer, text string) error {
	w := quotedprintable.NewWriter(out)
	if _, err := w.Write([]byte(text)); err != nil {
		return fmt.Errorf("encoding the text: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("encoding the text: %w", err)
	}
	if !bytes.HasSuffix(out.Bytes(), []byte("\r\n")) {
		out.WriteString("\r\n")
	}
	return nil
}

// messageID makes the id fit RFC 5322: what is not allowed in it is written as
// %xx, and the sender's domain makes it unique in the world.
func messageID(id, from string) string {
	const allowed = "!#$&'*+-/=?^_`{|}~." // of RFC 5322 atext; % is our own escape
	var left strings.Builder
	for _, b := range []byte(id) {
		if b < 0x80 && (isAlphanumeric(b) || strings.IndexByte(allowed, b) >= 0) {
			left.WriteByte(b)
			continue
		}
		fmt.Fprintf(&left, "%%%02x", b)
	}
	return "<" + left.String() + from[strings.LastIndex(from, "@"):] + ">"
}

func isAlphanumeric(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

func parseAddress(s string) (*mail.Address, error) {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return nil, errors.New("the address contains a line break or control character")
	}
	a, err := mail.ParseAddress(s)
	if err != nil {
		return nil, fmt.Errorf("%q is not a mail address", s)
	}
	return a, nil
}
