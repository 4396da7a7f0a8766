package cucm_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/sim/cucm"
)

// benchRig is start for benchmarks: no limits, a small world.
func benchRig(b *testing.B, model cucm.Model) *rig {
	b.Helper()
	ca, err := sim.NewCA()
	if err != nil {
		b.Fatal(err)
	}
	run, err := cucm.Start(b.Context(), cucm.Options{Limits: cucm.NoLimits(), Model: model}, "127.0.0.1:0", ca)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := run.Stop(b.Context()); err != nil {
			b.Log(err)
		}
	})
	return &rig{run, &http.Client{Transport: transport(ca)}, ca.Pool(), "15.0", "axl"}
}

func BenchmarkGetUser(b *testing.B) {
	r := benchRig(b, cucm.Model{Users: 10_000, Phones: 10_000, Lines: 10_000})
	var n atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1) * 7919 % 10_000
			if status, body, err := r.try(b.Context(), "getUser", fmt.Sprintf("<userid>user%06d</userid>", i)); err != nil || status != 200 {
				b.Errorf("%d %v %s", status, err, body)
				return
			}
		}
	})
}

func BenchmarkAddPhone(b *testing.B) {
	r := benchRig(b, cucm.Model{})
	var n atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			phone := strings.NewReplacer("SEP001122334455", fmt.Sprintf("SEP%012X", i), "<pattern>4711<", fmt.Sprintf("<pattern>5%07d<", i)).Replace(newPhone)
			if status, body, err := r.try(b.Context(), "addPhone", phone); err != nil || status != 200 {
				b.Errorf("%d %v %s", status, err, body)
				return
			}
		}
	})
}

func BenchmarkModel(b *testing.B) {
	for b.Loop() {
		s, err := cucm.New(cucm.Options{Model: cucm.Model{Users: 100_000, Phones: 120_000, Lines: 150_000}})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
