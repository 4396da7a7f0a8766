package hr_test

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/dialtone/dialtone/clients/hr"
	"github.com/dialtone/dialtone/sim/fault"
	sim "github.com/dialtone/dialtone/sim/hr"
	"github.com/dialtone/dialtone/uc"
)

// TestReceiver posts to a receiver that verifies by its own reading of the
// specification and keeps each id once.
func TestReceiver(t *testing.T) {
	t.Parallel()
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	receiver, err := sim.New(sim.Options{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewTLSServer(receiver)
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	client := func(secret string) *hr.Client {
		c, err := hr.New(hr.Options{URL: s.URL + "/events", Secret: secret, RootCAs: roots})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	event := hr.Event{
		ID: "order-17.number.assigned", Type: "number.assigned", Timestamp: time.Now(),
		Data: map[string]string{"orderId": "order-17", "userId": "jgross", "number": "4711", "partition": "PT_ON", "e164": "+49301234711"},
	}
	receiver.Faults().Add(fault.Rule{Kind: fault.AfterCommit, Nth: 1})
	c := client(secret)
	if err := c.Post(t.Context(), event); !errors.Is(err, uc.Unavailable) {
		t.Errorf("a lost answer: %v, want unavailable", err)
	}
	if err := c.Post(t.Context(), event); err != nil {
		t.Errorf("the same event again: %v", err)
	}
	if got := receiver.Events(); len(got) != 1 || got[0].Deliveries != 2 {
		t.Errorf("%+v is kept, want one event, delivered twice", got)
	}
	if got := receiver.Records()["jgross"]; got.Number != "4711" || got.E164 != "+49301234711" {
		t.Errorf("HR knows %+v", got)
	}
	other := client("whsec_" + base64.StdEncoding.EncodeToString([]byte("another-secret-of-32-bytes-here!")))
	event.ID = "order-18.number.assigned"
	if err := other.Post(t.Context(), event); !errors.Is(err, uc.Denied) {
		t.Errorf("another secret: %v, want denied", err)
	}
}
