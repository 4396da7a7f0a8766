package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/sim/cucm"
)

// axlPort is the port of the first call processor of `dialtone sim`.
const axlPort = 8443

// adminPort is where faults of the call processors are set and their state is read.
const adminPort = 8844

// ldapSync is how long a simulated cluster synchronises with its directory.
const ldapSync = 2 * time.Second

// startCallProcessors starts the clusters of the example, each with a state of its
// own.
func (r *running) startCallProcessors(ctx context.Context, e *example) error {
	admin := cucm.NewAdmin()
	for i, one := range e.cluster {
		err := r.step("call processor "+one.Name, func() (string, error) {
			return r.startCallProcessor(ctx, e, one, axlPort+i, admin)
		})
		if err != nil {
			return err
		}
	}
	// It asks nobody for a password: only where nobody else comes.
	if !r.local() {
		return nil
	}
	_, err := r.servePage(ctx, page{"faults (dialtone sim fault)", "clusters"}, adminPort, admin)
	return err
}

func (r *running) startCallProcessor(ctx context.Context, e *example, one exampleCluster, port int, admin *cucm.Admin) (string, error) {
	password, err := r.world.password(one.Name)
	if err != nil {
		return "", err
	}
	state := filepath.Join(r.world.dir, one.Name+".sqlite")
	fresh := !exists(state)
	options := cucm.Options{
		Path: state, Version: one.Version,
		Accounts: []cucm.Account{{User: simUser, Password: password}}, LDAP: ldapAgreements(e, one),
	}
	for _, name := range one.Partitions {
		options.Model.Infrastructure = append(options.Model.Infrastructure, cucm.Object{Type: "routePartition", Name: name})
	}
	server, err := cucm.Start(ctx, options, r.at(port), r.world.ca)
	if err != nil {
		return "", err
	}
	r.started(one.Name, server.Stop)
	for _, u := range one.Users {
		if !fresh {
			break
		}
		if err := server.AddUser(ctx, cucm.User{UserID: u.ID, FirstName: u.FirstName, LastName: u.LastName}); err != nil {
			return "", err
		}
	}
	settings := config.CallProcessor{
		Name: one.Name, URL: fmt.Sprintf("https://%s/axl/", r.reached(server.Addr)), CAFile: r.world.caFile,
		Username: simUser, Password: config.NewSecret("made by dialtone up", password),
		WritesPerSecond: 0, Concurrency: 8, ChangeWatch: true, ChangeSeconds: 10, Sync: config.Sync{SpecialNumbers: true},
	}
	r.settings.CallProcessors = append(r.settings.CallProcessors, settings)
	return fmt.Sprintf("%s, version %s", settings.URL, one.Version), admin.Add(one.Name, server.Server)
}

// ldapAgreements are the directories behind a cluster, with people of the example
// file.
func ldapAgreements(e *example, one exampleCluster) map[string]cucm.LDAPAgreement {
	out := map[string]cucm.LDAPAgreement{}
	for _, agreement := range one.LDAPAgreements {
		a := cucm.LDAPAgreement{SyncDuration: ldapSync}
		for _, row := range e.people {
			if !slices.Contains(agreement.Users, row.col["userId"]) {
				continue
			}
			a.Users = append(a.Users, cucm.LDAPUser{
				UserID: row.col["userId"], FirstName: row.col["firstName"], LastName: row.col["lastName"],
				Mail: row.col["mail"], Department: row.col["department"], Title: row.col["title"],
			})
		}
		out[agreement.Name] = a
	}
	return out
}
