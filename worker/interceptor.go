package worker

import (
	"context"

	"go.temporal.io/sdk/interceptor"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/db"
)

// Interceptor is what every activity runs inside of: classification of errors, the
// heartbeat, and the steps of orders. The test environments of the SDK take it by
// SetWorkerOptions, so tests see what production sees.
func Interceptor(d *db.DB, log *zap.Logger) interceptor.WorkerInterceptor {
	return &workerInterceptor{db: d, log: log}
}

type workerInterceptor struct {
	interceptor.WorkerInterceptorBase
	db  *db.DB
	log *zap.Logger
}

// InterceptActivity wraps an activity; the classifier is outermost.
func (w *workerInterceptor) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	steps := &stepRecorder{db: w.db, log: w.log}
	steps.Next = next
	beats := &heart{}
	beats.Next = steps
	outer := &classifier{}
	outer.Next = beats
	return outer
}
