package workspace_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/workspace"
)

func TestASandboxMadeAheadTakesTheSameSteps(t *testing.T) {
	h := newHouse(t)
	h.driver.Ahead()
	w := h.run(h.user(), "quick")
	require.Equal(t, []workspace.Step{workspace.StepVolume, workspace.StepSandbox, workspace.StepEditor, workspace.StepReady}, h.steps(w.ID))
	require.Equal(t, 1, h.driver.Count("Prepare"))
}

func TestASandboxMadeAheadThatIsNoGoodIsReplaced(t *testing.T) {
	h := newHouse(t)
	h.driver.Ahead()
	h.driver.Fail("AttachWarm", errors.New("its editor is stuck"))
	w := h.run(h.user(), "quick")
	require.Equal(t, workspace.Running, w.Status)
	require.Equal(t, 2, h.driver.Count("Prepare"))
	require.Equal(t, 1, h.driver.Count("Destroy"), "the one that is no good is gone")
}
