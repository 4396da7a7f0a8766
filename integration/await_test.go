package integration

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
)

// states waits until the orders stand as wanted.
func (p *product) states(t *testing.T, within time.Duration, want map[uc.OrderState]int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		got := p.count(t)
		if maps.Equal(got, want) {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("after %s the orders stand %v, want %v; one of them: %s", within, got, want, p.stuck(t))
		case <-ticker.C:
		}
	}
}

// count counts the orders by state.
func (p *product) count(t *testing.T) map[uc.OrderState]int {
	t.Helper()
	got := map[uc.OrderState]int{}
	cursor := ""
	for {
		orders, next, err := p.DB.ListOrders(t.Context(), db.OrderFilter{}, cursor, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range orders {
			got[o.State]++
		}
		if next == "" {
			return got
		}
		cursor = next
	}
}

// distinct checks that so many numbers are assigned, each to one person.
func (p *product) distinct(t *testing.T, want int) {
	t.Helper()
	holders := map[string]string{}
	cursor := ""
	for {
		numbers, next, err := p.DB.ListNumbers(t.Context(),
			db.NumberFilter{Pool: world.BerlinPool, State: uc.Assigned}, cursor, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range numbers {
			holders[n.UserID] = n.Digits
		}
		if next == "" {
			break
		}
		cursor = next
	}
	if len(holders) != want {
		t.Errorf("%d people hold a number, want %d", len(holders), want)
	}
}

// importHTTP imports numbers as an administrator does.
func (p *product) importHTTP(t *testing.T, pool, text string) {
	t.Helper()
	if _, err := p.api.ImportNumbers(t.Context(), pool, "text/csv", strings.NewReader(text+"\n")); err != nil {
		t.Fatal(err)
	}
}

// stuck describes one order that is not at its end, for a person who looks why.
func (p *product) stuck(t *testing.T) string {
	t.Helper()
	orders, _, err := p.DB.ListOrders(t.Context(), db.OrderFilter{State: uc.Waiting}, "", 1)
	if err != nil || len(orders) == 0 {
		return fmt.Sprint(orders, err)
	}
	o, err := p.DB.GetOrder(t.Context(), orders[0].ID)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s at %s (%s)%s\n%s", o.UserID, o.WaitingStep, o.Detail, describe(o.Steps),
		p.history(t, o.WorkflowID))
}
