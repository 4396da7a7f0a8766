package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/durationpb"

	sdkcommon "go.temporal.io/api/common/v1"
)

const (
	bootTime = 90 * time.Second
	probe    = "temporald/ready"
)

// bootstrap registers the namespace and its search attributes and returns once a
// workflow that uses them all can be started. Idempotent.
func bootstrap(ctx context.Context, o *options) error {
	ctx, cancel := context.WithTimeout(ctx, bootTime)
	defer cancel()
	c, err := dial(o)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, step := range []struct {
		doing string
		do    func(context.Context, client.Client, *options) error
	}{
		{"registering namespace " + o.namespace, ensureNamespace},
		{"registering search attributes", ensureAttributes},
		{"starting a first workflow", startOne},
	} {
		if err := insist(ctx, func() error { return step.do(ctx, c, o) }); err != nil {
			return fmt.Errorf("%s: %w", step.doing, err)
		}
	}
	return nil
}

// errFinal marks a failure that trying again does not heal.
var errFinal = errors.New("not retried")

// insist repeats until it works: each service of a starting server refuses in its
// own way, and each cache needs its time.
func insist(ctx context.Context, do func() error) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		err := do()
		if err == nil || errors.Is(err, errFinal) {
			return err
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return errors.Join(last, ctx.Err())
		case <-tick.C:
		}
	}
}

func ensureNamespace(ctx context.Context, c client.Client, o *options) error {
	s := c.WorkflowService()
	got, err := s.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: o.namespace})
	var missing *serviceerror.NamespaceNotFound
	if errors.As(err, &missing) {
		_, err = s.RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
			Namespace: o.namespace, WorkflowExecutionRetentionPeriod: durationpb.New(o.retention),
		})
		return err
	}
	if err != nil || got.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration() == o.retention {
		return err
	}
	_, err = s.UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
		Namespace: o.namespace,
		Config:    &namespace.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(o.retention)},
	})
	return err
}

func ensureAttributes(ctx context.Context, c client.Client, o *options) error {
	s := c.OperatorService()
	got, err := s.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: o.namespace})
	if err != nil {
		return err
	}
	missing := map[string]enums.IndexedValueType{}
	for name, want := range o.attributes {
		switch have, ok := got.GetCustomAttributes()[name]; {
		case !ok:
			missing[name] = want
		case have != want:
			return fmt.Errorf("search attribute %s is of type %s, not %s: %w", name, have, want, errFinal)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = s.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: o.namespace, SearchAttributes: missing,
	})
	return err
}

// startOne starts a workflow that nobody runs and removes it, before an operator
// wonders about it. A namespace that can be described may still be unknown to the
// service that starts workflows, and so may its search attributes.
func startOne(ctx context.Context, c client.Client, o *options) error {
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: probe, TaskQueue: probe, WorkflowExecutionTimeout: time.Minute,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING,
		TypedSearchAttributes:    sample(o.attributes),
	}, probe)
	if err != nil {
		return err
	}
	// Still running: the server removes a closed one only minutes later.
	_, err = c.WorkflowService().DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace:         o.namespace,
		WorkflowExecution: &sdkcommon.WorkflowExecution{WorkflowId: probe, RunId: run.GetRunID()},
	})
	return err
}

func dial(o *options) (client.Client, error) {
	return client.NewLazyClient(client.Options{HostPort: address(o.grpcPort), Namespace: o.namespace, Logger: quiet{}})
}

// sample gives each search attribute a value of its type.
func sample(attributes searchAttributes) temporal.SearchAttributes {
	var updates []temporal.SearchAttributeUpdate
	for name, kind := range attributes {
		switch kind {
		case enums.INDEXED_VALUE_TYPE_KEYWORD:
			updates = append(updates, temporal.NewSearchAttributeKeyKeyword(name).ValueSet(probe))
		case enums.INDEXED_VALUE_TYPE_TEXT:
			updates = append(updates, temporal.NewSearchAttributeKeyString(name).ValueSet(probe))
		case enums.INDEXED_VALUE_TYPE_INT:
			updates = append(updates, temporal.NewSearchAttributeKeyInt64(name).ValueSet(1))
		case enums.INDEXED_VALUE_TYPE_DOUBLE:
			updates = append(updates, temporal.NewSearchAttributeKeyFloat64(name).ValueSet(1))
		case enums.INDEXED_VALUE_TYPE_BOOL:
			updates = append(updates, temporal.NewSearchAttributeKeyBool(name).ValueSet(true))
		case enums.INDEXED_VALUE_TYPE_DATETIME:
			updates = append(updates, temporal.NewSearchAttributeKeyTime(name).ValueSet(time.Now()))
		case enums.INDEXED_VALUE_TYPE_KEYWORD_LIST:
			updates = append(updates, temporal.NewSearchAttributeKeyKeywordList(name).ValueSet([]string{probe}))
		}
	}
	return temporal.NewSearchAttributes(updates...)
}

// quiet drops the client's own words: refusals are expected while the server starts.
type quiet struct{}

var _ log.Logger = quiet{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
