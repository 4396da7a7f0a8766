package workflows_test

import (
	"path/filepath"
	"testing"

	sdk "go.temporal.io/sdk/worker"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/worker"
	"github.com/dialtone/dialtone/workflows"
)

// Stories that began under the released version go on under this one: their
// recorded histories replay. `make record-histories` records them, from a release.
func TestReplay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/replay/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded histories in testdata/replay (%v): run `make record-histories`", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			replayer := sdk.NewWorkflowReplayer()
			for _, story := range workflows.Stories() {
				replayer.RegisterWorkflow(story)
			}
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(worker.Logger(zap.NewNop()), file); err != nil {
				t.Error(err)
			}
		})
	}
}
