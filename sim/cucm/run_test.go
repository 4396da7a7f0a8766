package cucm_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
)

func TestRunTwoClusters(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	pr, pw := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- cucm.Run(ctx, cucm.RunOptions{
			Clusters: []cucm.Cluster{
				{Name: "old", Listen: "127.0.0.1:0", Version: "12.5", Mode: cucm.Lenient, Limits: "none", Users: 3},
				{Name: "new", Listen: "127.0.0.1:0", Latency: map[string]string{"*": "1ms"}},
			},
			Admin: "127.0.0.1:0", CADir: t.TempDir(), Out: pw,
		})
	}()
	admin := ""
	lines := bufio.NewScanner(pr)
	for lines.Scan() && lines.Text() != "READY" {
		if url, ok := strings.CutPrefix(lines.Text(), "admin "); ok {
			admin = url
		}
	}
	twoClusters(t, cucm.Remote{URL: admin, Cluster: "old"}, cucm.Remote{URL: admin, Cluster: "new"})
	cancel()
	if err := <-done; err != nil {
		t.Errorf("stopping: %v", err)
	}
}

// twoClusters holds that each has its own rules, state and counts.
func twoClusters(t *testing.T, old, fresh cucm.Remote) {
	t.Helper()
	ctx := t.Context()
	if _, err := old.AddFault(ctx, fault.Rule{Op: "addUser", Kind: fault.AfterCommit}); err != nil {
		t.Fatal(err)
	}
	if rules, err := fresh.Faults(ctx); err != nil || len(rules) != 0 {
		t.Errorf("the other cluster has %v, %v", rules, err)
	}
	if rules, err := old.Faults(ctx); err != nil || len(rules) != 1 || rules[0].Rule.Kind != fault.AfterCommit {
		t.Errorf("rules %v, %v", rules, err)
	}
	if _, err := old.AddFault(ctx, fault.Rule{Kind: "explode"}); err == nil || !strings.Contains(err.Error(), "not known") {
		t.Errorf("an unknown kind: %v", err)
	}
	for op, says := range map[string]string{
		"addUsr": "did you mean addUser", "phone": "did you mean ", "ADDLINE": "did you mean addLine", "qqq": "* means all", "x": "* means all",
	} {
		var refused *cucm.Refused
		_, err := old.AddFault(ctx, fault.Rule{Op: op, Kind: fault.Drop})
		if !errors.As(err, &refused) || refused.Status != 400 || !strings.Contains(refused.Reason, says) {
			t.Errorf("a rule for operation %q: %v, want it refused with %q", op, err, says)
		}
	}
	if rules, err := old.Faults(ctx); err != nil || len(rules) != 1 {
		t.Errorf("after refused rules there are %v, %v", rules, err)
	}
	if err := old.ClearFaults(ctx); err != nil {
		t.Error(err)
	}
	a, err := old.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	b, err := fresh.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	people := 0
	for _, line := range b.Diff(a) {
		if strings.HasPrefix(line, "+ enduser user") {
			people++
		}
	}
	if people != 3 {
		t.Errorf("the clusters differ by %d users", people)
	}
	if st, err := fresh.Stats(ctx); err != nil || st.Writes != 0 {
		t.Errorf("stats %+v, %v", st, err)
	}
	for _, name := range []string{"none", ""} {
		_, err := (cucm.Remote{URL: old.URL, Cluster: name}).Stats(ctx)
		if err == nil || !strings.Contains(err.Error(), "old, new") {
			t.Errorf("asked for cluster %q of two: %v, want an error that names both", name, err)
		}
	}
}

func TestWordsOfACommandLine(t *testing.T) {
	t.Parallel()
	a, err := cucm.ParseAccount("axl:se:cret:read-only")
	if err != nil || a.User != "axl" || a.Password != "se:cret" || !a.ReadOnly {
		t.Errorf("%+v %v", a, err)
	}
	if _, err := cucm.ParseAccount("axl"); err == nil {
		t.Error("an account without a password")
	}
	c := cucm.Cluster{Name: "x", Version: "9.1", Mode: "soft", Limits: "some", Latency: map[string]string{"*": "fast"}}
	_, err = c.Options()
	for _, want := range []string{"9.1", "soft", "some", "fast"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q reported in %v", want, err)
		}
	}
}

// TestFiftyClients has fifty clients build up and tear down people side by side,
// some of them the same ones: nothing is doubled, nothing is left.
func TestFiftyClients(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{Limits: cucm.NoLimits(), Model: cucm.Model{Users: 50, Phones: 50, Lines: 50}})
	before := snapshot(t, r.Server)
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := map[string]int{}
	for c := range 50 {
		wg.Go(func() {
			id := fmt.Sprintf("p%02d", c/2) // two clients a person
			phone := strings.NewReplacer("SEP001122334455", fmt.Sprintf("SEP0000000000%02d", c/2), ">4711<", fmt.Sprintf(">47%02d<", c/2)).Replace(newPhone)
			key := fmt.Sprintf("<pattern>47%02d</pattern><routePartitionName>PT_Berlin</routePartitionName>", c/2)
			for _, step := range [][2]string{
				{"addUser", edit(newUser, "jdoe", id)},
				{"addPhone", phone},
				{"updateUser", "<userid>" + id + "</userid><associatedDevices><device>" + fmt.Sprintf("SEP0000000000%02d", c/2) + "</device></associatedDevices>"},
				{"getUser", "<userid>" + id + "</userid>"},
				{"listPhone", "<searchCriteria><name>SEP%</name></searchCriteria><returnedTags><name/></returnedTags>"},
				{"listChange", ""},
				{"removePhone", fmt.Sprintf("<name>SEP0000000000%02d</name>", c/2)},
				{"removeLine", key},
				{"removeUser", "<userid>" + id + "</userid>"},
			} {
				status, _, err := r.try(t.Context(), step[0], step[1])
				if err != nil || status != 200 && status != 500 {
					t.Errorf("%s: %d %v", step[0], status, err)
				}
				mu.Lock()
				if status == 200 {
					made[step[0]]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if made["addUser"] != made["removeUser"] || made["addPhone"] != made["removePhone"] || made["addUser"] < 25 {
		t.Errorf("made and removed: %v", made)
	}
	if d := before.Diff(snapshot(t, r.Server)); len(d) != 0 {
		t.Errorf("left behind: %q", d)
	}
}
