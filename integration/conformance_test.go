package integration

import (
	"sync"
	"testing"
	"time"

	"github.com/dialtone/dialtone/clients/axl/conformance"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// Every request that the engine sends in an end-to-end run, undo included, is valid
// against the vendor's own schema of each version.
func TestConformance(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"12.5", "14.0", "15.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := start(t, world.Options{AXL: version, CUCM: cucm.Options{Version: version}})
			p.Apply(t, map[string]string{world.BerlinPool: "4700-4709", world.E164Pool: "+493012345000-+493012345009"})
			var mu sync.Mutex
			var requests [][]byte
			p.record = func(_ string, envelope []byte) {
				mu.Lock()
				defer mu.Unlock()
				requests = append(requests, envelope)
			}
			p.work(t)
			p.until(t, p.join(t, p.Person(t, "ann", world.Berlin)).ID, time.Minute, uc.Done)
			p.until(t, p.join(t, p.Person(t, "bob", world.E164Area)).ID, time.Minute, uc.Done)
			p.until(t, p.join(t, p.Person(t, "eve", world.Broken)).ID, time.Minute, uc.Failed)
			for _, phone := range []string{deskPhone, sparePhone} {
				if err := p.CUCM.AddPhone(t.Context(), cucm.Phone{Name: phone}); err != nil {
					t.Fatal(err)
				}
			}
			p.phones(t, "ann")
			p.resetPIN(t, "ann")
			name := "Silva"
			p.until(t, p.move(t, uc.Mover{UserID: "ann", LastName: &name}).ID, time.Minute, uc.Done)
			p.until(t, p.move(t, uc.Mover{UserID: "ann", ServiceArea: world.E164Area}).ID, time.Minute, uc.Done)
			p.until(t, p.move(t, uc.Mover{UserID: "bob", NewUserID: "bobby"}).ID, time.Minute, uc.Done)
			p.until(t, p.leave(t, "ann").ID, time.Minute, uc.Done)
			p.until(t, p.leave(t, "bobby").ID, time.Minute, uc.Done)
			mu.Lock()
			defer mu.Unlock()
			if err := conformance.Validate(t.Context(), version, requests...); err != nil {
				t.Errorf("of %d requests: %v", len(requests), err)
			}
		})
	}
}
