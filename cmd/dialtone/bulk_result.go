package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/uc"
)

// rowText is a row's number; "" for what the command line describes.
func rowText(row int) string {
	if row == 0 {
		return ""
	}
	return strconv.Itoa(row)
}

func bulkListing(results []sentRow, dry bool) listing {
	l := listing{header: []string{"ROW", "USER", "ORDER", "STATE", "NUMBER", "E164", "DETAIL"}}
	for _, r := range results {
		if r.Order == nil {
			l.add(rowText(r.Row), r.UserID, "", "rejected", "", "", r.Problem)
			continue
		}
		detail := orderDetail(*r.Order)
		if r.Existing && detail == "" {
			detail = "was ordered before"
		}
		number, e164 := heldNumber(*r.Order)
		l.add(rowText(r.Row), r.Order.UserID, r.Order.ID, orderedState(*r.Order, dry), number, e164, detail)
	}
	return l
}

// orderedState is the order's state; of an order that a dry run would make, what
// would happen.
func orderedState(o uc.Order, dry bool) string {
	switch {
	case !dry || o.ID != "":
		return string(o.State)
	case o.State == uc.Scheduled:
		return "would be scheduled"
	}
	return "would start"
}

// writeResult writes what came of each row, if that was asked for: all of it or
// nothing, so that a file that is there is whole.
func (a *app) writeResult(o bulkOptions, asks []ask, results []sentRow) error {
	if o.result == "" {
		return nil
	}
	l := listing{header: []string{"ROW", "USER", "ORDER", "STATE", "ERROR"}}
	for i, row := range asks {
		if i >= len(results) {
			l.add(rowText(row.Row), row.UserID, "", "not sent", "the API was away: send the file again")
			continue
		}
		r := results[i]
		if r.Order == nil {
			l.add(rowText(r.Row), r.UserID, "", "rejected", strings.Join(r.placed(), "; "))
			continue
		}
		l.add(rowText(r.Row), r.UserID, r.Order.ID, orderedState(*r.Order, o.dryRun), failure(r))
	}
	var text bytes.Buffer
	if err := writeCSV(&text, l); err != nil {
		return err
	}
	part := filepath.Join(filepath.Dir(o.result), "."+filepath.Base(o.result)+".part")
	err := os.WriteFile(part, text.Bytes(), 0o600)
	if err == nil {
		err = os.Rename(part, o.result)
	}
	if err != nil {
		return usageError(fmt.Sprintf("result file: %v", err))
	}
	return nil
}

// failure is why an order is not done, with its row; "" when it is, or goes on.
func failure(r sentRow) string {
	switch r.Order.State {
	case uc.Waiting, uc.Failed, uc.Cancelled:
		if onItsWay(*r.Order) {
			return ""
		}
		text := r.Order.Detail
		if r.Row > 0 {
			text = fmt.Sprintf("row %d: %s", r.Row, text)
		}
		return text
	case uc.Scheduled, uc.Running, uc.Done:
	}
	return ""
}
