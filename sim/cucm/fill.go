package cucm

import (
	"context"
	"maps"
	"slices"

	"github.com/dialtone/dialtone/sim/cucm/world"
)

// DefaultAgreement is the LDAP agreement of a cluster that is given none.
const DefaultAgreement = "AD_Default"

// fill makes the model in an empty state and puts the options' LDAP users into
// their directories.
func (s *Server) fill(ctx context.Context) error {
	o := world.Options{
		Seed: s.opts.Model.Seed, Users: s.opts.Model.Users, Phones: s.opts.Model.Phones, Lines: s.opts.Model.Lines,
		PINMinLength: s.opts.PINMinLength, Agreements: slices.Sorted(maps.Keys(s.opts.LDAP)),
	}
	if len(o.Agreements) == 0 {
		o.Agreements = []string{DefaultAgreement}
	}
	for _, a := range s.opts.Accounts {
		o.Accounts = append(o.Accounts, a.User)
	}
	for _, obj := range s.opts.Model.Infrastructure {
		o.Objects = append(o.Objects, world.Object(obj))
	}
	if err := world.Fill(ctx, s.db, o); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(s.opts.LDAP)) {
		for _, u := range s.opts.LDAP[name].Users {
			if err := s.AddLDAPUser(ctx, name, u); err != nil {
				return err
			}
		}
	}
	return nil
}

// AddLDAPUser puts a user into the directory behind an agreement, or changes it
// there; the cluster sees that after the next doLdapSync.
func (s *Server) AddLDAPUser(ctx context.Context, agreement string, u LDAPUser) error {
	return s.cluster.AddLDAPUser(ctx, agreement, u.UserID, u.attributes())
}

// RemoveLDAPUser takes a user out of the directory; the next sync makes it
// inactive.
func (s *Server) RemoveLDAPUser(ctx context.Context, agreement, userID string) error {
	return s.cluster.RemoveLDAPUser(ctx, agreement, userID)
}

// RenameLDAPUser gives a user of the directory another user id; the next sync renames
// the user of the cluster.
func (s *Server) RenameLDAPUser(ctx context.Context, agreement, from, to string) error {
	return s.cluster.RenameLDAPUser(ctx, agreement, from, to)
}

// SyncLDAP runs an agreement's sync at once.
func (s *Server) SyncLDAP(ctx context.Context, agreement string) error {
	return s.cluster.SyncLDAP(ctx, agreement)
}
