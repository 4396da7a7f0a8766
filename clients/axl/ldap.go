package axl

import (
	"context"
	"strings"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// LDAPSync is how far the call processor's synchronisation with a directory is.
type LDAPSync string

// The states of a synchronisation.
const (
	LDAPIdle    LDAPSync = "idle"    // none was started
	LDAPRunning LDAPSync = "running" // started, not at its end
	LDAPDone    LDAPSync = "done"    // the last one succeeded
	LDAPFailed  LDAPSync = "failed"  // the last one did not
	LDAPUnknown LDAPSync = "unknown" // the server said something else
)

// ldapWords are looked for in AXL's free text, in this order: "Sync is
// initiated", "Sync is currently under process", "Sync is performed
// successfully". Those of idle and failed are assumed.
var ldapWords = []struct {
	word  string
	state LDAPSync
}{
	{"fail", LDAPFailed},
	{"error", LDAPFailed},
	{"not ", LDAPIdle},
	{"never", LDAPIdle},
	{"cancel", LDAPIdle},
	{"under process", LDAPRunning},
	{"initiated", LDAPRunning},
	{"progress", LDAPRunning},
	{"success", LDAPDone},
}

// StartLDAPSync starts the synchronisation of a whole agreement; the server
// works on it after the call, for minutes in a large directory. Starting it
// while it runs does no harm. Fails with uc.NotFound when there is no such
// agreement.
//
// Source: AXL 15.0 doLdapSync.
func (c *Client) StartLDAPSync(ctx context.Context, agreement string) error {
	if agreement == "" {
		return c.invalid("doLdapSync", "the agreement is missing")
	}
	return c.call(ctx, "doLdapSync", &gen.DoLdapSync{Name: agreement, Sync: Set(true)}, &gen.DoLdapSyncResponse{})
}

// LDAPSyncStatus returns how far the agreement's synchronisation is. Wait a
// second after StartLDAPSync and some seconds between calls. Fails with
// uc.NotFound when there is no such agreement.
//
// Source: AXL 15.0 getLdapSyncStatus.
func (c *Client) LDAPSyncStatus(ctx context.Context, agreement string) (LDAPSync, error) {
	if agreement == "" {
		return "", c.invalid("getLdapSyncStatus", "the agreement is missing")
	}
	var out gen.GetLdapSyncStatusResponse
	if err := c.call(ctx, "getLdapSyncStatus", &gen.GetLdapSyncStatus{Name: agreement}, &out); err != nil {
		return "", err
	}
	return readLDAPSync(out.Return_), nil
}

func readLDAPSync(text string) LDAPSync {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return LDAPIdle
	}
	for _, w := range ldapWords {
		if strings.Contains(text, w.word) {
			return w.state
		}
	}
	return LDAPUnknown
}
