package mail_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/clients/mail"
	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/sim/fault"
	sink "github.com/dialtone/dialtone/sim/mail"
	"github.com/dialtone/dialtone/uc"
)

// TestSink sends to the demo's mail server, which reads messages by itself.
func TestSink(t *testing.T) {
	t.Parallel()
	ca, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sink.Start(t.Context(), sink.Options{Username: "bot", Password: "S3cret-Passw0rd", RequireTLS: true}, "127.0.0.1:0", ca)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := mail.New(mail.Options{
		Addr: s.Addr(), StartTLS: true, RootCAs: ca.Pool(), Username: "bot", Password: "S3cret-Passw0rd", From: "phones@example.test",
	})
	if err != nil {
		t.Fatal(err)
	}
	message := mail.Message{
		ID: "joiner.17", To: "Łukasz Żak <lukasz.zak@example.test>", Subject: "Your number is 4711",
		Text: "Dzień dobry\n.\n..\nends\n", HTML: "<p>Dzień dobry</p>",
	}
	s.Faults().Add(fault.Rule{Op: "DATA", Kind: fault.AfterCommit, Nth: 1})
	if err := c.Send(t.Context(), message); !errors.Is(err, uc.Unavailable) {
		t.Errorf("a lost answer: %v, want unavailable", err)
	}
	if err := c.Send(t.Context(), message); err != nil {
		t.Errorf("the same message again: %v", err)
	}
	if got := s.Copies("<joiner.17@example.test>"); got != 2 {
		t.Errorf("%d copies under one Message-ID, want 2", got)
	}
	for _, m := range s.Find("lukasz.zak@example.test") {
		if m.Subject != message.Subject || strings.ReplaceAll(m.Text, "\r\n", "\n") != message.Text {
			t.Errorf("subject %q and text %q arrived", m.Subject, m.Text)
		}
	}
}
