package workspace_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/fakedriver"
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

// ready has as many sandboxes as are asked for.
type ready struct{ *fakedriver.Driver }

func (ready) Warm() int { return 1 }

func (r ready) Claim(ctx context.Context, spec driver.Spec) (driver.Handle, bool) {
	h, err := r.Prepare(ctx, spec)
	return h, err == nil
}

func TestAStartThatIsOverAtOnceAnswersSo(t *testing.T) {
	h := newHouse(t)
	h.kill()
	h.driver.Ahead()
	h.ahead = ready{h.driver}
	h.open()
	u := h.user()
	w := h.create(u, "quick")
	w, err := h.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	require.Equal(t, workspace.Running, w.Status)
	events, err := h.store.Events(t.Context(), w.ID, 0, 10)
	require.NoError(t, err)
	require.Len(t, events, 4)
	for i, e := range events[:3] {
		require.Equal(t, workspace.Starting, e.Status)
		require.False(t, events[i+1].Time.Before(e.Time), "each has its own time")
	}
	require.True(t, events[0].Time.Before(events[3].Time))

	// One that is stuck is not waited for.
	slow := h.create(u, "slow")
	reached, release := h.driver.Hold("Attach")
	defer release()
	slow, err = h.manager.Launch(t.Context(), u, slow.ID)
	require.NoError(t, err)
	require.Equal(t, workspace.Starting, slow.Status)
	<-reached
	require.Eventually(t, func() bool { return len(h.steps(slow.ID)) == 3 }, 5*time.Second, 5*time.Millisecond, "its stages are told while it is under way")
}

func TestStagesOfAStartThatEndsEarlyAreTold(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	h.driver.Fail("Attach", errors.New("boom"))
	w := h.create(u, "one")
	_, err := h.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	h.await(w.ID, workspace.Failed)
	require.Equal(t, []workspace.Step{"volume", "sandbox", "editor", "error"}, h.steps(w.ID))
}

// TestAStartAfterAKilledStopSaysSo: the row says what the killed replica did last.
func TestAStartAfterAKilledStopSaysSo(t *testing.T) {
	h := newHouse(t)
	w := h.create(h.user(), "one")
	_, err := h.store.Update(t.Context(), w.ID, func(w *workspace.Workspace) (workspace.Change, error) {
		w.Desired, w.Status = workspace.WantRunning, workspace.Stopping
		return workspace.Change{}, nil
	})
	require.NoError(t, err)
	_, release := h.driver.Hold("Attach")
	defer release()
	h.manager.Reconcile(t.Context())
	h.await(w.ID, workspace.Starting)
	release()
	h.await(w.ID, workspace.Running)
}
