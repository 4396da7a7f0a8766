package api

import (
	"context"
	"errors"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

type (
	syncReportIn struct {
		ID       string       `path:"id" maxLength:"128"`
		Kind     string       `query:"kind" maxLength:"64" doc:"Only lines about this kind of object: phones"`
		Severity uc.Severity  `query:"severity" enum:"info,warning,error"`
		Class    uc.LineClass `query:"class" enum:"network,configuration,data,guard"`
		Page
	}
	syncReportOut struct{ Body SyncReport }
	syncDiffIn    struct {
		ID    string `path:"id" maxLength:"128"`
		Other string `path:"other" maxLength:"128"`
		Page
	}
	syncDiffOut struct{ Body SyncDiff }
)

// SyncReport is one part of the report of a sync, in the order in which it was written.
type SyncReport struct {
	Items []uc.SyncLine `json:"items"`
	Next  string        `json:"next,omitempty" doc:"The cursor of the next part; absent in the last"`
}

// SyncDiff compares the reports of two syncs.
type SyncDiff struct {
	A     uc.Sync     `json:"a"`
	B     uc.Sync     `json:"b" doc:"The other one"`
	Items []SyncDelta `json:"items" doc:"Lines that only one of them has, those of a first"`
	Same  int         `json:"same" doc:"How many lines both have"`
	Next  string      `json:"next,omitempty" doc:"The cursor of the next part; absent in the last"`
}

// SyncDelta is a line that one of two reports has and the other has not.
type SyncDelta struct {
	In   string      `json:"in" enum:"a,b"`
	Line uc.SyncLine `json:"line"`
}

func (s *server) getSyncReport(ctx context.Context, in *syncReportIn) (*syncReportOut, error) {
	f := db.LineFilter{Severity: in.Severity, Class: in.Class}
	if in.Kind != "" {
		var err error
		if f.Kind, err = lineKind(in.Kind); err != nil {
			return nil, err
		}
	}
	lines, next, err := s.db.SyncLines(ctx, in.ID, f, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	return &syncReportOut{SyncReport{Items: list(lines), Next: next}}, nil
}

// lineKind is a kind of object or a relation: lines tell of both.
func lineKind(text string) (uc.EstateKind, error) {
	if kind := uc.EstateKind(text); kind.IsRelation() {
		return kind, nil
	}
	return estateKind("query.kind", text)
}

// estateKind finds the kind of object that a request names.
func estateKind(location, text string) (uc.EstateKind, error) {
	kind, err := uc.ParseEstateKind(text)
	var e *uc.Error
	if errors.As(err, &e) {
		return "", invalid(Violation{Location: location, Message: e.Detail, Value: text})
	}
	return kind, err
}

func (s *server) diffSyncs(ctx context.Context, in *syncDiffIn) (*syncDiffOut, error) {
	diff, err := s.db.DiffSyncs(ctx, in.ID, in.Other, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &syncDiffOut{SyncDiff{A: diff.A, B: diff.B, Same: diff.Same, Next: diff.Next, Items: make([]SyncDelta, len(diff.Lines))}}
	for i, l := range diff.Lines {
		out.Body.Items[i] = SyncDelta{In: l.In, Line: l.SyncLine}
	}
	return out, nil
}
