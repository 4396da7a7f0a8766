package worker

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// MissingSearchAttributes lists what the namespace does not know yet of the search
// attributes that orders carry.
func MissingSearchAttributes(ctx context.Context, c client.Client, namespace string) (map[string]enums.IndexedValueType, error) {
	got, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, &uc.Error{Kind: uc.Unavailable, System: "temporal", Op: "ListSearchAttributes", Detail: err.Error(), Err: err}
	}
	missing := map[string]enums.IndexedValueType{}
	for name, kind := range workflows.SearchAttributes() {
		if _, ok := got.GetCustomAttributes()[name]; !ok {
			missing[name] = kind
		}
	}
	return missing, nil
}

// Bootstrap adds the search attributes that the namespace lacks; the same for the
// embedded server and for any other. Idempotent; several workers may do it at once.
func Bootstrap(ctx context.Context, c client.Client, namespace string) error {
	missing, err := MissingSearchAttributes(ctx, c, namespace)
	if err != nil || len(missing) == 0 {
		return err
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: missing,
	})
	if err == nil {
		return nil
	}
	// Another worker may have been faster.
	if missing, again := MissingSearchAttributes(ctx, c, namespace); again == nil && len(missing) == 0 {
		return nil
	}
	return &uc.Error{Kind: uc.Denied, System: "temporal", Op: "AddSearchAttributes", Err: err, Detail: fmt.Sprintf(
		"%v: let an administrator add the search attributes %v of type Keyword", err, names(missing))}
}

func names(m map[string]enums.IndexedValueType) []string { return slices.Sorted(maps.Keys(m)) }
