package db

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// staging takes the rows of a page, some thousand at a time.
type staging struct {
	tx pgx.Tx
	in PageIn

	known  *knownRows // of a sorted page
	target *rowTarget // of what the estate has not
	stage  *rowTarget
	direct bool   // the target is the estate, where nobody sees the rows yet
	cp     string // the call processor, when it is
	digest digester

	rows  []stageRow // that were read
	later []stageRow // for the stage: what the estate has otherwise, and what is gone

	read, staged, hidden, bad int
	lines                     []uc.SyncLine
}

// stagedBatch is how many rows are held.
const stagedBatch = 4000

func newStaging(ctx context.Context, tx pgx.Tx, in PageIn, at progress) (*staging, error) {
	s := &staging{tx: tx, in: in, stage: stageTarget("estate_stage", at.Number, in.Kind, in.ReadAt)}
	s.target = s.stage
	if in.Sorted {
		s.known = newKnownRows(tx, at.CallProcessor, in.Kind, in.After)
	}
	if s.direct = at.Direct && goesDirect(in.Kind); s.direct {
		s.target, s.cp = estateTarget(at.CallProcessor, at.Number, in.Kind, in.ReadAt), at.CallProcessor
		return s, ownHidden(ctx, tx, "stage page", in.SyncID, at.Number)
	}
	return s, nil
}

// take takes the rows as they arrive.
func (s *staging) take(ctx context.Context) error {
	relation := s.in.Kind.IsRelation()
	for row, err := range s.in.Rows {
		if err != nil {
			return err
		}
		r, ok := stageRowOf(row, relation)
		if !ok {
			s.tellBad(row)
			continue
		}
		s.read++
		r.digest = s.digest.of(r)
		if s.rows = append(s.rows, r); len(s.rows) < stagedBatch {
			continue
		}
		if err := s.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// flush keeps of the rows what the estate has not yet.
func (s *staging) flush(ctx context.Context) error {
	var err error
	rows := s.rows
	switch {
	case len(rows) == 0:
		return nil
	case s.known != nil:
		rows, err = s.meet(ctx, rows, rows[len(rows)-1].id)
	case s.direct:
		rows, err = s.setAside(ctx, rows)
	}
	if err != nil {
		return err
	}
	if s.direct {
		s.hidden += len(rows)
	} else {
		s.staged += len(rows)
	}
	err = s.target.copy(ctx, s.tx, rows)
	clear(s.rows)
	s.rows = s.rows[:0]
	return err
}

// meet lets the rows meet what the estate has up to the id. What was not read is gone,
// unless it was seen later.
func (s *staging) meet(ctx context.Context, rows []stageRow, upto [16]byte) ([]stageRow, error) {
	return s.known.meet(ctx, rows, upto, func(r stageRow) error { return s.toStage(ctx, r) }, func(have knownRow) error {
		if !have.SeenAt.Before(s.in.ReadAt) {
			return nil
		}
		return s.toStage(ctx, stageRow{id: have.UUID, gone: true})
	})
}

// toStage keeps a row for the end of the sync.
func (s *staging) toStage(ctx context.Context, r stageRow) error {
	if s.later = append(s.later, r); len(s.later) < stagedBatch {
		return nil
	}
	return s.flushStage(ctx)
}

func (s *staging) flushStage(ctx context.Context) error {
	s.staged += len(s.later)
	err := s.stage.copy(ctx, s.tx, s.later)
	clear(s.later)
	s.later = s.later[:0]
	return err
}

// setAside takes rows that the estate has from those that go there: a list may hand over
// an object twice.
func (s *staging) setAside(ctx context.Context, rows []stageRow) ([]stageRow, error) {
	seen := make(map[[16]byte]bool, len(rows))
	for _, r := range rows {
		seen[r.id] = false
	}
	have, err := column[[16]byte](ctx, s.tx, "stage page", `SELECT uuid FROM estate_object
		WHERE call_processor = @call_processor AND kind = @kind AND uuid = ANY (@ids::uuid[])`, pgx.NamedArgs{
		"call_processor": s.cp, "kind": s.in.Kind, "ids": slices.Collect(maps.Keys(seen)),
	})
	for _, id := range have {
		seen[id] = true
	}
	fresh := rows[:0]
	for _, r := range rows {
		if !seen[r.id] {
			seen[r.id] = true
			fresh = append(fresh, r)
		} else if err == nil {
			err = s.toStage(ctx, r)
		}
	}
	return fresh, err
}

// finish keeps what is left, and of a sorted page what comes behind its last row and is
// gone.
func (s *staging) finish(ctx context.Context, end PageEnd) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	if s.known != nil {
		upto, ok := uuidBytes(end.Upto)
		if end.Last {
			upto, ok = lastID, true
		}
		if ok {
			if _, err := s.meet(ctx, nil, upto); err != nil {
				return err
			}
		}
	}
	return s.flushStage(ctx)
}

// badRowLines is how many rows of a page that could not be read are told one by one.
const badRowLines = 20

func (s *staging) tellBad(row EstateRow) {
	s.bad++
	if s.bad <= badRowLines {
		s.lines = append(s.lines, uc.SyncLine{
			Kind: s.in.Kind, Severity: uc.SeverityWarning, Class: uc.DataLine, Object: row.Name, UUID: row.UUID,
			What: uc.WhatSkipped, Why: "it has no identifier that can be read", Properties: nullable(row.Attributes),
			Do: "nothing, unless the object is needed: then look for it on the call processor",
		})
	}
}

// estateIn names the table of the statement.
func estateIn(sql, table string) string { return strings.ReplaceAll(sql, "{estate}", table) }

// visible is the view of the kind's rows.
func visible(kind uc.EstateKind) string {
	if kind.IsRelation() {
		return "estate_related"
	}
	return "estate"
}

// markGone stages that what a reading in no order did not return is gone, once it is
// complete.
func markGone(ctx context.Context, tx pgx.Tx, number int64, kind uc.EstateKind) error {
	args := pgx.NamedArgs{"number": number, "kind": kind}
	if _, err := exec(ctx, tx, "stage page", `SET LOCAL enable_nestloop = off`, nil); err != nil {
		return err
	}
	_, err := exec(ctx, tx, "stage page", estateIn(`WITH gone AS (
			INSERT INTO estate_stage (sync_number, kind, uuid, name, partition, attributes, gone, read_at)
			SELECT k.sync_number, k.kind, e.uuid, '', '', '{}', true, k.started_at
			FROM sync_kinds k JOIN syncs s ON s.number = k.sync_number
			JOIN {estate} e ON e.call_processor = s.call_processor AND e.kind = k.kind AND e.seen_at < k.started_at
			WHERE k.sync_number = @number AND k.kind = @kind AND NOT EXISTS (
				SELECT FROM estate_stage g WHERE g.sync_number = k.sync_number AND g.kind = k.kind AND g.uuid = e.uuid)
			RETURNING 1
		)
		UPDATE sync_kinds SET staged = staged + (SELECT count(*) FROM gone) WHERE sync_number = @number AND kind = @kind`,
		visible(kind)), args)
	return err
}
