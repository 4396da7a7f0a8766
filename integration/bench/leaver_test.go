package bench

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// apply stores the catalog without a guard, and ten thousand numbers.
func apply(b *testing.B, w *world.World) {
	b.Helper()
	c := world.Catalog()
	c.Domains[0].Guard = uc.GuardLimit{Count: 1 << 30, Percent: 100, Window: uc.Duration(time.Millisecond)}
	if _, err := w.DB.ApplyCatalog(b.Context(), c, false); err != nil {
		b.Fatal(err)
	}
	w.Import(b, world.BerlinPool, "40000-49999")
}

// leave accepts the order of a leaver, starts its story and waits for its end.
func leave(ctx context.Context, c client.Client, w *world.World, j uc.Joiner) error {
	id := workflows.StoryID(uc.LeaverOrder, j.User.ID)
	starting <- struct{}{}
	o, _, err := w.DB.OpenOrder(ctx, db.NewOrder{
		ID: "l-" + j.User.ID, Kind: uc.LeaverOrder, UserID: j.User.ID, Leaver: &uc.Leaver{UserID: j.User.ID},
		WorkflowID: id, ServiceArea: j.ServiceArea, CallProcessor: world.CUCM, CreatedBy: "bench", State: uc.Running,
	})
	if err == nil {
		err = workflows.Start(ctx, c, o)
	}
	if err == nil {
		err = w.DB.MarkStarted(ctx, o.ID)
	}
	<-starting
	if err != nil {
		return err
	}
	if err := c.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
		return err
	}
	if o, err = w.DB.GetOrder(ctx, o.ID); err == nil && o.State != uc.Done {
		err = fmt.Errorf("the order of %s is %s: %s", j.User.ID, o.State, o.Detail)
	}
	return err
}

// lines counts Berlin's lines on the call processor.
func lines(b *testing.B, w *world.World) int {
	b.Helper()
	clients, err := w.Endpoints.Clients(nil)
	if err != nil {
		b.Fatal(err)
	}
	defer clients.CUCM.Close()
	n := 0
	err = clients.CUCM.QuerySQL(b.Context(), "SELECT COUNT(*) AS n FROM numplan WHERE dnorpattern LIKE '4____'",
		func(r axl.Row) (err error) { n, err = strconv.Atoi(r.Get("n")); return err })
	if err != nil {
		b.Fatal(err)
	}
	return n
}
