package workspace

import (
	"context"
	"errors"
	"time"
)

// Notices mails owners.
type Notices interface {
	// Dormant tells that a workspace is deleted at its DeleteAt. It is no error
	// when this deployment sends no mail.
	Dormant(ctx context.Context, w Workspace) error
}

// errUsed says that a workspace is no longer unused.
var errUsed = errors.New("the workspace is used again")

// retireAtOnce bounds how many unused workspaces are looked at in one go.
const retireAtOnce = 50

// retire warns the owners of workspaces that nobody uses, and deletes those whose
// time is up. Nobody loses one unwarned: the date is set only after the mail was
// taken, and it is never nearer than the whole notice.
func (m *Manager) retire(ctx context.Context) {
	if m.settings.DormantAfter <= 0 {
		return
	}
	since := m.Now().Add(-m.settings.DormantAfter)
	unused, err := m.Store.Unused(ctx, since, m.Now(), retireAtOnce)
	if err != nil {
		m.Log.ErrorContext(ctx, "unused workspaces can't be read", "error", err)
		return
	}
	for _, w := range unused {
		if ours, err := m.hold(ctx, w.ID); err != nil || !ours {
			continue
		}
		do := m.warn
		if !w.DeleteAt.IsZero() {
			do = m.expire
		}
		if err := do(ctx, w, since); err != nil && !errors.Is(err, errUsed) && !errors.Is(err, ErrNotFound) {
			m.Log.ErrorContext(ctx, "an unused workspace stays for now", "workspace_id", w.ID, "error", err)
		}
	}
}

func (m *Manager) warn(ctx context.Context, w Workspace, since time.Time) error {
	w.DeleteAt = m.Now().Add(m.settings.DormantNotice)
	if m.Notices != nil {
		if err := m.Notices.Dormant(ctx, w); err != nil {
			return err
		}
	}
	reason := unusedSince(w.LastAccessed, w.DeleteAt)
	_, err := m.Store.Update(ctx, w.ID, func(now *Workspace) (Change, error) {
		if now.Desired != WantStopped || !now.LastAccessed.Before(since) {
			return Change{}, errUsed
		}
		now.DeleteAt, now.StatusReason = w.DeleteAt, reason
		c := event(StepUnused, reason.Words)
		c.Audit = Audit{Type: "workspace.warn", Metadata: map[string]any{"reason": "unused", "deleteAt": w.DeleteAt.UTC().Format(time.RFC3339)}}
		return c, nil
	})
	m.Bus.Publish(ctx, w.ID)
	return err
}

func (m *Manager) expire(ctx context.Context, w Workspace, since time.Time) error {
	_, err := m.Store.Update(ctx, w.ID, func(now *Workspace) (Change, error) {
		if now.Desired != WantStopped || !now.LastAccessed.Before(since) || now.DeleteAt.IsZero() || now.DeleteAt.After(m.Now()) {
			return Change{}, errUsed
		}
		now.Desired, now.Restart = WantDeleted, false
		c := event(StepDeleted, "The workspace and its files are being deleted, because nobody has used it.")
		c.Audit = Audit{Type: "workspace.delete", Metadata: map[string]any{"reason": "unused"}}
		return c, nil
	})
	if err == nil {
		m.Bus.Publish(ctx, w.ID)
		m.kick(w.ID, false)
	}
	return err
}

// used notes that somebody uses a workspace, which is then not deleted.
func (m *Manager) used(w *Workspace) {
	w.LastAccessed = m.Now()
	if !w.DeleteAt.IsZero() {
		w.DeleteAt, w.StatusReason = time.Time{}, Reason{}
	}
}

func day(at time.Time) string { return at.UTC().Format("2 January 2006") }
