package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-smtp"

	"github.com/dialtone/dialtone/uc"
)

// stage is where in the conversation a failure came; the same reply code means
// different things at different stages.
type stage string

const (
	connecting stage = "connect"
	greeting   stage = "EHLO"
	starting   stage = "STARTTLS"
	login      stage = "AUTH"
	sender     stage = "MAIL"
	recipient  stage = "RCPT"
	data       stage = "DATA"
	accepting  stage = "end of DATA"
)

func fail(kind uc.Kind, op, detail string, cause error) error {
	return &uc.Error{Kind: kind, System: system, Op: op, Detail: detail, Err: cause}
}

// atStage turns a failure at this stage, about this address or name, into the
// project's error; nil stays nil.
func atStage(at stage, about string, err error) error {
	if err == nil {
		return nil
	}
	var reply *smtp.SMTPError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &reply):
		return fail(kindOfReply(at, reply), string(at), about+": "+text(reply), err)
	case errors.As(err, &certificate):
		return fail(uc.Denied, string(at), "the server's certificate is not trusted: "+certificate.Err.Error(), err)
	case at == starting && strings.Contains(err.Error(), "doesn't support STARTTLS"):
		return fail(uc.Denied, string(at), about+" does not offer STARTTLS", err)
	case at == accepting:
		return fail(uc.Unavailable, string(at), about+": the answer was lost, the message may have been accepted: "+err.Error(), err)
	}
	return fail(uc.Unavailable, string(at), about+": "+err.Error(), err)
}

// kindOfReply maps an SMTP reply.
//
// Temporary: 421 and 450 are how servers limit rates, the rest (451 greylisting
// above all) is a matter of time. Permanent: what is refused about us (before the
// recipient is named, the authentication codes, and policy 5.7.x at any stage) is
// Denied, so that a person changes a right and the order goes on; what is refused
// about the recipient or the content is Invalid.
//
// Source: RFC 5321 4.2, RFC 4954 6, RFC 3463 3.8.
func kindOfReply(at stage, reply *smtp.SMTPError) uc.Kind {
	switch {
	case reply.Code == 421 || reply.Code == 450:
		return uc.Throttled
	case reply.Code/100 == 4:
		return uc.Unavailable
	case reply.Code/100 != 5:
		return uc.Unavailable // an answer outside the protocol: the session is broken
	case reply.Code == 530, reply.Code == 534, reply.Code == 535, reply.Code == 538:
		return uc.Denied
	case reply.EnhancedCode[0] == 5 && reply.EnhancedCode[1] == 7:
		return uc.Denied
	case reply.Code == 552:
		return uc.Invalid
	}
	switch at {
	case recipient, data, accepting:
		return uc.Invalid
	case connecting, greeting, starting, login, sender:
		return uc.Denied
	}
	return uc.Internal
}

// text is the server's reply on one line.
func text(reply *smtp.SMTPError) string {
	out := fmt.Sprint(reply.Code)
	if e := reply.EnhancedCode; e[0] > 0 {
		out += fmt.Sprintf(" %d.%d.%d", e[0], e[1], e[2])
	}
	return strings.TrimSpace(out + " " + strings.Join(strings.Fields(reply.Message), " "))
}
