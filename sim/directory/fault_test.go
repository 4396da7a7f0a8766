package directory

import (
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/dialtone/dialtone/sim/fault"
)

// lost is code's answer for a connection that ended.
const lost = -1

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason string
		rule   fault.Rule
		code   int
		number string // bert's afterwards
	}{
		"drop":        {"nothing was done", fault.Rule{Op: "modify", Kind: fault.Drop}, lost, ""},
		"afterCommit": {"it was done, and nobody heard", fault.Rule{Op: "modify", Match: "bert", Kind: fault.AfterCommit}, lost, "4711"},
		"busy":        {"a result code of one's choice", fault.Rule{Op: "modify", Nth: 1, Kind: fault.Fault, Code: ldap.LDAPResultBusy}, ldap.LDAPResultBusy, ""},
		"second":      {"the second one only", fault.Rule{Op: "modify", Nth: 2, Kind: fault.Drop}, 0, "4711"},
		"somebody":    {"another person's", fault.Rule{Op: "modify", Match: "anna", Kind: fault.Drop}, 0, "4711"},
		"late":        {"late, but done", fault.Rule{Op: "modify", Kind: fault.Delay, Delay: time.Millisecond}, 0, "4711"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, nil)
			w.Faults().Add(tc.rule)
			m := ldap.NewModifyRequest("<GUID="+w.person("bert").GUID+">", nil)
			m.Add("telephoneNumber", []string{"4711"})
			if err := w.as(svc).Modify(m); code(err) != tc.code {
				t.Errorf("%s: got %v, want code %d", tc.reason, err, tc.code)
			}
			if got := w.person("bert").TelephoneNumber; got != tc.number {
				t.Errorf("%s: telephoneNumber is %q, want %q", tc.reason, got, tc.number)
			}
		})
	}
}

func TestSearchFaultNamesTheFilter(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.Faults().Add(fault.Rule{Op: "search", Match: "(sAMAccountName=anna)", Kind: fault.Fault, Code: ldap.LDAPResultUnavailable, Text: "gone fishing"})
	c := w.as(svc)
	if _, err := c.Search(search("(sAMAccountName=bert)")); err != nil {
		t.Errorf("bert: %v", err)
	}
	if _, err := c.Search(search("(sAMAccountName=anna)")); code(err) != ldap.LDAPResultUnavailable {
		t.Errorf("anna: %v, want 52", err)
	}
}

func TestSlowRequestHoldsUpNobody(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.Faults().Add(fault.Rule{Op: "modify", Match: "anna", Kind: fault.Delay, Delay: time.Hour})
	shared := w.as(svc)
	write := func(user string) error {
		m := ldap.NewModifyRequest(w.person(user).DN, nil)
		m.Replace("ipPhone", []string{"1"})
		return shared.Modify(m)
	}
	slow := make(chan error, 1)
	go func() { slow <- write("anna") }()
	for arrived := time.NewTicker(time.Millisecond); w.Faults().List()[0].Fired == 0; {
		<-arrived.C
	}
	if err := write("bert"); err != nil {
		t.Errorf("bert waits for anna: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := <-slow; err == nil {
		t.Error("anna's write was answered by a server that was closed")
	}
}
