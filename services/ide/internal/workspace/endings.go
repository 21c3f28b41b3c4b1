package workspace

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// halt ends the sandbox and, unless it is a restart, says stopped.
func (m *Manager) halt(ctx context.Context, w Workspace) error {
	_, err := m.Store.Update(ctx, w.ID, func(w *Workspace) (Change, error) {
		w.Status = Stopping
		return event(StepStopping, "Stopping VS Code."), nil
	})
	if err != nil {
		return err
	}
	m.Bus.Publish(ctx, w.ID)
	if err := m.clear(ctx, w.ID); err != nil {
		return err
	}
	_, err = m.Store.Update(ctx, w.ID, func(w *Workspace) (Change, error) {
		w.Restart = false
		w.Status = Stopped
		if w.Desired == WantRunning {
			w.Status = Starting
		}
		message := w.StatusReason.Words
		if message == "" {
			message = "The workspace has stopped."
		}
		c := event(StepStopped, message)
		c.Meter = MeterClose
		return c, nil
	})
	m.Bus.Publish(ctx, w.ID)
	return err
}

// mourn says that a workspace ended by itself. It is not started again by
// itself: what ended it might do so again.
func (m *Manager) mourn(ctx context.Context, w Workspace) error {
	m.Log.Warn("workspace ended by itself", "workspace_id", w.ID, "user_id", w.UserID)
	if err := m.clear(ctx, w.ID); err != nil {
		return err
	}
	_, err := m.Store.Update(ctx, w.ID, func(w *Workspace) (Change, error) {
		w.Desired, w.Status = WantStopped, Failed
		w.StatusReason = endedByItself
		c := event(StepError, w.StatusReason.Words)
		c.Meter = MeterLost
		return c, nil
	})
	m.Bus.Publish(ctx, w.ID)
	return err
}

// fail gives up a start: what there is of it is removed, and the owner is told why.
func (m *Manager) fail(ctx context.Context, w Workspace, cause error) error {
	reason := startFailed
	var s *stageError
	if errors.As(cause, &s) {
		reason = s.reason
	}
	m.Log.Error("workspace could not be started", "workspace_id", w.ID, "user_id", w.UserID, "error", cause)
	if err := m.clear(ctx, w.ID); err != nil {
		return err
	}
	_, err := m.Store.Update(ctx, w.ID, func(w *Workspace) (Change, error) {
		if w.Desired != WantRunning {
			return Change{}, nil
		}
		w.Desired, w.Restart, w.Status, w.StatusReason = WantStopped, false, Failed, reason
		c := event(StepError, reason.Words)
		c.Meter = MeterLost
		return c, nil
	})
	m.Bus.Publish(ctx, w.ID)
	return err
}

// erase ends the sandbox, then deletes the files, then the row: in this order a
// cut deletion can be carried on.
func (m *Manager) erase(ctx context.Context, w Workspace) error {
	if err := m.clear(ctx, w.ID); err != nil {
		return err
	}
	if _, err := m.Store.Update(ctx, w.ID, func(*Workspace) (Change, error) { return Change{Meter: MeterClose}, nil }); err != nil {
		return err
	}
	if err := m.Volumes.Delete(ctx, driver.Volume{WorkspaceID: w.ID, Owner: w.UserID}); err != nil {
		return err
	}
	if err := m.Store.Delete(ctx, w.ID); err != nil {
		return err
	}
	m.Bus.Publish(ctx, w.ID)
	return nil
}

// clear ends and forgets the workspace's sandbox, if there is one, and its token.
func (m *Manager) clear(ctx context.Context, id uuid.UUID) error {
	defer m.endToken(ctx, id)
	return m.endSandbox(ctx, id)
}

// endSandbox ends and forgets the sandbox.
func (m *Manager) endSandbox(ctx context.Context, id uuid.UUID) error {
	h, ok := m.known(id)
	if !ok {
		return nil
	}
	m.remember(h, false)
	if err := m.Driver.Stop(ctx, h); err != nil {
		return fmt.Errorf("stop the sandbox: %w", err)
	}
	if err := m.Driver.Destroy(ctx, h); err != nil {
		return fmt.Errorf("remove the sandbox: %w", err)
	}
	m.forget(id)
	return nil
}
