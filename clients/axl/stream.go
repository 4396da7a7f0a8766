package axl

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/hooklift/gowsdl/soap"
)

// stream is call for answers of any size: read gets them tag by tag while they
// arrive, from behind the response's start tag to its end tag.
func (c *Client) stream(ctx context.Context, op string, request any, read func(*scanner) error) error {
	return c.speak(ctx, op, func(schema string) error { return c.receive(ctx, schema, op, request, read) })
}

// large is stream for reads that may fill the call processor's memory: few of
// them run at a time, the others wait. Everybody else's calls do not.
//
// Source: AXL developer guide: 16 MB for all answers under way.
func (c *Client) large(ctx context.Context, op string, request any, read func(*scanner) error) error {
	select {
	case c.reads <- struct{}{}:
	case <-ctx.Done():
		return c.classify(ctx, op, ctx.Err())
	}
	defer func() { <-c.reads }()
	return c.stream(ctx, op, request, read)
}

// receive is one exchange in one version; its error is not classified yet.
func (c *Client) receive(ctx context.Context, schema, op string, request any, read func(*scanner) error) error {
	body, err := xml.Marshal(soap.SOAPEnvelope{
		XmlNS: soap.XmlNsSoapEnv,
		Body:  soap.SOAPBody{Content: envelope{op: op, namespace: namespace + schema, body: request}},
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("SOAPAction", action(schema, op))
	res, err := c.transport.Do(req)
	if err != nil {
		return err
	}
	err = readEnvelope(newScanner(res.Body), op, read)
	if closed := res.Body.Close(); err == nil {
		err = closed
	}
	return err
}

// action is the SOAPAction of an operation in a version. The quotes are part of it.
func action(schema, op string) string {
	if schema == bootstrap {
		return ""
	}
	return fmt.Sprintf("%q", "CUCM:DB ver="+schema+" "+op)
}

// readEnvelope finds the response in the body and reads on behind it to the
// document's end, so that an answer that breaks off there is not taken for whole.
func readEnvelope(s *scanner, op string, read func(*scanner) error) error {
	seen := false
	for {
		t, err := s.next()
		switch {
		case errors.Is(err, io.EOF) && seen:
			return nil
		case errors.Is(err, io.EOF):
			return errors.New("the answer holds no " + op + "Response")
		case err != nil:
			return err
		}
		if t != startTag || seen {
			continue
		}
		switch string(s.name) {
		case "Envelope", "Body":
		case "Header":
			err = s.skip()
		case "Fault":
			return readFault(s)
		case op + "Response":
			seen = true
			err = read(s)
		default:
			// A page of something in between has no rows: it must not pass for an empty list.
			err = fmt.Errorf("the answer holds no %sResponse but %q", op, s.name)
		}
		if err != nil {
			return err
		}
	}
}

func readFault(s *scanner) error {
	fault := &soap.SOAPFault{}
	detail := &faultDetail{}
	err := leaves(s, func(name, text string) {
		switch name {
		case "faultstring":
			fault.String = text
		case "axlcode":
			detail.AXL.Code = text
		case "axlmessage":
			detail.AXL.Message = text
		}
	})
	if err != nil {
		return err
	}
	fault.Detail = detail
	return fault
}

// leaves hands over the text of every element without elements, up to the end
// of the element whose start was read last.
func leaves(s *scanner, each func(name, text string)) error {
	var text []byte
	leaf := false
	for depth := 1; depth > 0; {
		t, err := s.next()
		if err != nil {
			return broken(err)
		}
		switch t {
		case startTag:
			depth++
			leaf, text = true, text[:0]
		case textToken:
			text = append(text, s.text...)
		case endTag:
			depth--
			if leaf {
				each(string(s.name), string(text))
			}
			leaf, text = false, text[:0]
		}
	}
	return nil
}
