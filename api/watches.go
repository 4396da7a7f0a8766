package api

import (
	"context"
	"errors"

	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// WatchList is the change watchers of the call processors, by name.
type WatchList struct {
	Items []uc.Watch `json:"items"`
}

type (
	listWatchesIn struct {
		CallProcessor string `query:"callProcessor" maxLength:"128"`
	}
	listWatchesOut struct{ Body WatchList }
)

// listWatches asks every watcher where it stands.
func (s *server) listWatches(ctx context.Context, in *listWatchesIn) (*listWatchesOut, error) {
	names := []string{in.CallProcessor}
	if in.CallProcessor == "" {
		estate, err := s.getEstate(ctx, &overviewIn{})
		if err != nil {
			return nil, err
		}
		names = estate.Body.CallProcessors
	} else if err := s.unknownCallProcessor("query.callProcessor", in.CallProcessor); err != nil {
		return nil, err
	}
	out := &listWatchesOut{WatchList{Items: []uc.Watch{}}}
	for _, name := range names {
		w, err := workflows.GetWatch(ctx, s.temporal, name)
		if errors.Is(err, uc.NotFound) {
			w, err = uc.Watch{CallProcessor: name, State: uc.WatchNone, Detail: watchedByNobody}, nil
		}
		if err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, w)
	}
	return out, nil
}

const watchedByNobody = "callProcessors[].changeWatch is false, or no worker of this call processor runs"
