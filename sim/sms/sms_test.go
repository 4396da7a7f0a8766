package sms

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// deliver posts an event as the specification's own library signs it.
func deliver(t *testing.T, s *httptest.Server, id, kind, user, pin string, minute int) int {
	t.Helper()
	at := time.Date(2030, 1, 7, 8, minute, 0, 0, time.UTC).Format(time.RFC3339)
	body := fmt.Sprintf(`{"type":%q,"timestamp":%q,"data":{"orderId":"o1","userId":%q,"pin":%q}}`, kind, at, user, pin)
	signer, err := webhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	signature, err := signer.Sign(id, now, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/events", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", fmt.Sprint(now.Unix()))
	r.Header.Set("webhook-signature", signature)
	answer, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	return answer.StatusCode
}

func TestTheLastPINIsTheOneThatCounts(t *testing.T) {
	t.Parallel()
	s, err := New(secret)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	for _, d := range []struct {
		id, kind, user, pin string
		minute, status      int
	}{
		{"o1.b", "pin.reset", "ann", "22222222", 2, http.StatusNoContent},
		{"o1.a", "pin.reset", "Ann", "11111111", 1, http.StatusNoContent}, // late: it was overtaken
		{"o1.b", "pin.reset", "ann", "99999999", 9, http.StatusOK},        // known: it changes nothing
		{"o2", "number.assigned", "ann", "33333333", 3, http.StatusNoContent},
		{"o3", "pin.reset", "bob", "44444444", 4, http.StatusNoContent},
	} {
		if got := deliver(t, web, d.id, d.kind, d.user, d.pin, d.minute); got != d.status {
			t.Errorf("%s %s: answered %d, want %d", d.id, d.kind, got, d.status)
		}
	}
	if m, found := s.Message("ANN"); !found || m.PIN != "22222222" {
		t.Errorf("ann was told %+v, want the PIN 22222222", m)
	}
	if _, found := s.Message("eve"); found || len(s.Deliveries()) != 3 {
		t.Errorf("%d deliveries, want 3 and none to eve", len(s.Deliveries()))
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	s, err := New(secret)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	deliver(t, web, "o1", "pin.reset", "<b>ann", "83920174", 1)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+"/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := web.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"83920174", "&lt;b&gt;ann"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestSecret(t *testing.T) {
	t.Parallel()
	if _, err := New("hunter2"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a secret that is none: %v", err)
	}
}
