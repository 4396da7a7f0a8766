package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// The pace of LDAP syncs: one agreement is not synced again within the gap, those
// who wait look again after the poll, and a call processor that has accepted a sync
// may take the settling time to say that it runs.
const (
	ldapSyncGap    = 30 * time.Second
	ldapSyncPoll   = 5 * time.Second
	ldapSyncSettle = time.Second
)

// inactive is the status of a user who vanished from the directory: the call
// processor deletes it within a day.
const inactive = "2"

// awaitsLDAP reports whether only a sync can bring the user that was looked for.
func awaitsLDAP(have axl.User, err error) bool {
	return errors.Is(err, uc.NotFound) || err == nil && have.LDAPDirectory != "" && have.Status == inactive
}

// fromLDAP returns the user once a sync has brought it. One sync is started for all
// who wait; until it has ended this fails with Unavailable and when to look again.
// Fails with NotFound when a sync that began after the first look has ended without
// the user.
func (a *CallProcessor) fromLDAP(ctx context.Context, c *axl.Client, in UserIn) (axl.User, error) {
	look := a.mark(in.On, objectLook, in.User.User.Key())
	have, err := a.awaitLDAP(ctx, c, look, in)
	if err != nil && uc.KindOf(err).Disposition() == uc.Retry {
		return axl.User{}, err
	}
	// An order that waits and is resumed looks for the first time again: somebody may
	// have added the person to the directory because it waited.
	if forgetErr := look.disown(ctx); forgetErr != nil && err == nil {
		return axl.User{}, forgetErr
	}
	return have, err
}

func (a *CallProcessor) awaitLDAP(ctx context.Context, c *axl.Client, look mark, in UserIn) (axl.User, error) {
	looked, err := look.at(ctx)
	if err != nil {
		return axl.User{}, err
	}
	if err := a.syncLDAP(ctx, c, looked, in); err != nil {
		return axl.User{}, err
	}
	have, err := c.GetUser(ctx, in.User.User.ID)
	if awaitsLDAP(have, err) {
		return axl.User{}, &uc.Error{Kind: uc.NotFound, System: "cucm", Op: "getUser", Detail: fmt.Sprintf(
			"user %s is not on %s after a sync of LDAP agreement %s: add the person to the directory first",
			in.User.User.ID, in.CallProcessor, in.User.LDAPAgreement)}
	}
	return have, err
}

// syncLDAP moves the agreement's sync on by one step. It succeeds when a sync that
// began after the first look has ended.
func (a *CallProcessor) syncLDAP(ctx context.Context, c *axl.Client, looked time.Time, in UserIn) error {
	agreement := in.User.LDAPAgreement
	state, err := c.LDAPSyncStatus(ctx, agreement)
	if err != nil {
		return err
	}
	if state == axl.LDAPRunning {
		return waitForLDAP(in, state)
	}
	claimed, started, accepted, err := a.DB.ClaimLDAPSync(ctx, in.CallProcessor, agreement, ldapSyncGap)
	if err != nil {
		return err
	}
	if claimed {
		if err := a.startLDAP(ctx, c, in); err != nil {
			return err
		}
		return waitForLDAP(in, axl.LDAPRunning)
	}
	// Whoever claimed it may be about to start it, or dead: then the gap passes and
	// somebody else claims it.
	if started == nil || accepted == nil || !started.After(looked) {
		return waitForLDAP(in, state)
	}
	// Asked again, for the first answer may be older than the start.
	if state, err = c.LDAPSyncStatus(ctx, agreement); err != nil {
		return err
	}
	if state == axl.LDAPRunning || state == axl.LDAPFailed {
		return waitForLDAP(in, state)
	}
	return nil
}

func (a *CallProcessor) startLDAP(ctx context.Context, c *axl.Client, in UserIn) error {
	if err := c.StartLDAPSync(ctx, in.User.LDAPAgreement); err != nil {
		return err
	}
	settled := time.NewTimer(ldapSyncSettle)
	defer settled.Stop()
	select {
	case <-ctx.Done():
		return &uc.Error{Kind: uc.Unavailable, System: "cucm", Op: "doLdapSync", Detail: "interrupted", Err: ctx.Err()}
	case <-settled.C:
	}
	return a.DB.FinishLDAPSync(ctx, in.CallProcessor, in.User.LDAPAgreement)
}

// at is when the mark was first made, by the clock of the database, which also tells
// when syncs were claimed.
func (m mark) at(ctx context.Context) (time.Time, error) {
	if err := m.absent(ctx); err != nil {
		return time.Time{}, err
	}
	o, _, err := m.db.ObjectOf(ctx, m.ref)
	return o.At, err
}

// waitForLDAP is the failure that makes the effect look again.
func waitForLDAP(in UserIn, state axl.LDAPSync) error {
	detail := fmt.Sprintf("waiting for the LDAP sync of %s to bring user %s", in.User.LDAPAgreement, in.User.User.ID)
	if state == axl.LDAPFailed {
		detail += ": the last sync failed, see the LDAP directory page of " + in.CallProcessor
	}
	return &uc.Error{Kind: uc.Unavailable, System: "cucm", Op: "doLdapSync", RetryAfter: ldapSyncPoll, Detail: detail}
}
