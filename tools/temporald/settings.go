package main

import (
	"sync/atomic"
	"time"

	"go.temporal.io/server/common/dynamicconfig"
)

// dynamic is the behaviour that differs from Temporal's defaults. One partition
// makes priority, fairness and the rate limit of a task queue exact.
var dynamic = map[string]any{
	"matching.numTaskqueueReadPartitions":  1,
	"matching.numTaskqueueWritePartitions": 1,
	"matching.enableFairness":              true,
	"history.hostLevelCacheMaxSize":        8096,
}

// Each service learns of a new namespace, and of new search attributes, by asking
// the database. While it starts the server waits for that, afterwards nobody does.
var (
	namespaceRefresh = dynamicconfig.MakeKey("system.namespaceCacheRefreshInterval")
	refreshStarting  = []dynamicconfig.ConstrainedValue{{Value: 100 * time.Millisecond}}
	refreshServing   = []dynamicconfig.ConstrainedValue{{Value: time.Second}}
)

// settings are the server's dynamic configuration.
type settings struct {
	fixed   dynamicconfig.StaticClient
	serving atomic.Bool
}

func newSettings() *settings {
	s := &settings{fixed: dynamicconfig.StaticClient{}}
	for k, v := range dynamic {
		s.fixed[dynamicconfig.MakeKey(k)] = v
	}
	return s
}

// GetValue returns the value of a key, or nothing for Temporal's default.
func (s *settings) GetValue(key dynamicconfig.Key) []dynamicconfig.ConstrainedValue {
	if key != namespaceRefresh {
		return s.fixed.GetValue(key)
	}
	if s.serving.Load() {
		return refreshServing
	}
	return refreshStarting
}
