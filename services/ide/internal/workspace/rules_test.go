package workspace_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/services/ide/internal/testdb"
	"atrium.internal/services/ide/internal/workspace"
)

func TestSomebodyElsesIsNotThere(t *testing.T) {
	h := newHouse(t)
	ada, bob := h.user(), h.user()
	w := h.run(ada, "one")
	for _, id := range []uuid.UUID{w.ID, uuid.New()} {
		ctx := t.Context()
		_, getErr := h.manager.Get(ctx, bob.UserID, id)
		_, startErr := h.manager.Launch(ctx, bob, id)
		_, stopErr := h.manager.Halt(ctx, bob.UserID, id)
		_, restartErr := h.manager.Restart(ctx, bob, id)
		_, renameErr := h.manager.Rename(ctx, bob.UserID, id, "mine")
		_, enterErr := h.manager.Enter(ctx, bob.UserID, id, 0)
		_, eventsErr := h.manager.Events(ctx, bob.UserID, id)
		_, logsErr := h.manager.Logs(ctx, bob.UserID, id)
		_, statsErr := h.manager.Stats(ctx, bob.UserID, id)
		watchErr := h.manager.Watch(ctx, bob.UserID, id, 0, func(workspace.Event) error { return nil })
		for i, err := range []error{getErr, startErr, stopErr, restartErr, renameErr, enterErr, eventsErr, logsErr, statsErr, watchErr, h.manager.Delete(ctx, bob.UserID, id)} {
			require.ErrorIs(t, err, workspace.ErrNotFound, "call %d", i)
		}
	}
	list, err := h.manager.List(t.Context(), bob.UserID, uuid.Nil, 10)
	require.NoError(t, err)
	require.Empty(t, list)
	require.Equal(t, workspace.Running, h.await(w.ID, workspace.Running).Status)
}

func TestNamesAreUniquePerUser(t *testing.T) {
	h := newHouse(t)
	ada, bob := h.user(), h.user()
	one, two := h.create(ada, "one"), h.create(ada, "two")
	h.create(bob, "one")
	_, err := h.manager.Create(t.Context(), ada, "one", "", "")
	require.ErrorIs(t, err, workspace.ErrExists)
	_, err = h.manager.Rename(t.Context(), ada.UserID, two.ID, "one")
	require.ErrorIs(t, err, workspace.ErrExists)
	require.NotEqual(t, one.Label, two.Label)
	_, err = h.manager.Create(t.Context(), ada, "three", "no such", "")
	require.ErrorIs(t, err, workspace.ErrTemplate)
}

func TestThePlansNumberOfWorkspacesHoldsInParallel(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	var made atomic.Int64
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			_, err := h.manager.Create(context.Background(), u, fmt.Sprintf("w%d", i), "", "")
			if err == nil {
				made.Add(1)
				return
			}
			var own *apperr.Error
			if !errors.As(err, &own) || own.Reason != "QUOTA_EXCEEDED" {
				t.Errorf("unexpected error: %v", err)
			}
		})
	}
	all.Wait()
	require.Equal(t, int(u.Plan.Workspaces), int(made.Load()))
}

func TestARepeatedCreateAnswersTheFirst(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	ctx := idempotency.With(t.Context(), idempotency.Key{Value: "k", RequestHash: []byte("a")})
	first, err := h.manager.Create(ctx, u, "one", "", "")
	require.NoError(t, err)
	second, err := h.manager.Create(ctx, u, "one", "", "")
	require.NoError(t, err)
	require.Equal(t, first.ID, second.ID)
	other := idempotency.With(t.Context(), idempotency.Key{Value: "k", RequestHash: []byte("b")})
	_, err = h.manager.Create(other, u, "two", "", "")
	require.ErrorIs(t, err, idempotency.ErrReused)
}

func TestIDEHours(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	w := h.run(u, "one")
	// An hour ago instead of just now: the plan's hour is used up.
	testdb.Exec(t, h.database, `UPDATE ide.ide_uptime SET started_at = greatest(now() - interval '1 hour', date_trunc('month', now()))`)
	if used := testdb.Value[float64](t, h.database, `SELECT extract(epoch FROM now() - started_at)::float8 FROM ide.ide_uptime`); used < 3600 {
		t.Skip("SKIPPED: the month is younger than an hour")
	}
	usage, err := h.manager.Usage(t.Context(), u.UserID)
	require.NoError(t, err)
	require.GreaterOrEqual(t, usage.Running, time.Hour)
	h.manager.Reconcile(t.Context())
	w = h.await(w.ID, workspace.Stopped)
	require.Contains(t, w.StatusReason.Words, "IDE hours")

	_, err = h.manager.Launch(t.Context(), u, w.ID)
	var own *apperr.Error
	require.ErrorAs(t, err, &own)
	require.Equal(t, "QUOTA_EXCEEDED", own.Reason)
	resets, err := time.Parse(time.RFC3339, own.Metadata["resetsAt"])
	require.NoError(t, err)
	require.Equal(t, usage.ResetsAt, resets)
	require.Equal(t, 1, resets.Day())

	u.Plan.IDESecondsMonthly = -1
	_, err = h.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	h.await(w.ID, workspace.Running)
}

func TestAnIsolationThatIsPromisedMustBeThere(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	w := h.create(u, "one")
	u.Plan.Isolation = "gvisor"
	_, err := h.manager.Launch(t.Context(), u, w.ID)
	require.ErrorIs(t, err, workspace.ErrIsolation)
	u.Plan.Isolation = "fake"
	_, err = h.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	h.await(w.ID, workspace.Running)
}

func TestWatchIsGaplessAndEnds(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	w := h.create(u, "one")
	events := make(chan workspace.Event, 100)
	watched := make(chan error, 1)
	go func() {
		watched <- h.manager.Watch(context.Background(), u.UserID, w.ID, 0, func(e workspace.Event) error { events <- e; return nil })
	}()
	_, err := h.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	h.await(w.ID, workspace.Running)
	require.Eventually(t, func() bool { return len(events) > 0 }, 20*time.Second, 5*time.Millisecond, "somebody watches")
	require.NoError(t, h.manager.Delete(t.Context(), u.UserID, w.ID))
	require.NoError(t, <-watched)
	close(events)
	next, last := int64(1), workspace.Step("")
	for e := range events {
		require.Equal(t, next, e.Seq)
		next, last = next+1, e.Step
	}
	require.Equal(t, workspace.StepDeleted, last)
}

func TestOldEventsAreDropped(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	w := h.create(u, "one")
	for range 250 {
		_, err := h.store.Update(t.Context(), w.ID, func(*workspace.Workspace) (workspace.Change, error) {
			return workspace.Change{Step: workspace.StepVolume, Keep: 200}, nil
		})
		require.NoError(t, err)
	}
	events, err := h.manager.Events(t.Context(), u.UserID, w.ID)
	require.NoError(t, err)
	require.Len(t, events, 200)
	require.EqualValues(t, 51, events[0].Seq)
}

func TestAWorkspaceBeginsWithAClone(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	for _, wrong := range [][2]string{{"git", ""}, {"blank", "https://example.com/a"}, {"", "http://example.com/a"}, {"git", "https://ada:secret@example.com/a"}} {
		_, err := h.manager.Create(t.Context(), u, "wrong", wrong[0], wrong[1])
		var refused *apperr.Error
		require.ErrorAs(t, err, &refused, "%v", wrong)
		require.Contains(t, refused.Fields, "gitUrl")
		require.NotContains(t, refused.Error(), "secret")
	}
	w, err := h.manager.Create(t.Context(), u, "cloned", "", "https://example.com/a")
	require.NoError(t, err)
	require.Equal(t, "git", w.Template)
	h.driver.Prints("fatal: repository 'https://example.com/a/' not found\n", 128)
	_, err = h.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	w = h.await(w.ID, workspace.Failed)
	require.Contains(t, w.StatusReason.Words, "no repository at this address")

	h.driver.Prints("", 0)
	_, err = h.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	w = h.await(w.ID, workspace.Running)
	ran := h.driver.Ran()
	require.Len(t, ran, 2)
	require.Equal(t, "https://example.com/a", ran[1][len(ran[1])-1], "an argument of its own")
	require.NotContains(t, ran[1][2], "example.com")
	_, err = h.manager.Restart(t.Context(), u, w.ID)
	require.NoError(t, err)
	h.await(w.ID, workspace.Running)
	require.Eventually(t, func() bool { return h.driver.Count("Attach") == 3 }, 10*time.Second, 10*time.Millisecond)
	h.await(w.ID, workspace.Running)
	require.Len(t, h.driver.Ran(), 2, "once")
}

func TestATemplateSaysWhatItLacks(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	w, err := h.manager.Create(t.Context(), u, "one", "go", "")
	require.NoError(t, err)
	h.driver.Prints("", 127)
	_, err = h.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	h.await(w.ID, workspace.Running)
	events, err := h.manager.Events(t.Context(), u.UserID, w.ID)
	require.NoError(t, err)
	require.Contains(t, events[len(events)-1].Message, "Go is not installed")
}
