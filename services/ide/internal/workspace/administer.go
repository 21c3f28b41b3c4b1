package workspace

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
)

// Filter is which workspaces of all users an administrator wants to see; what is
// zero does not narrow it.
type Filter struct {
	Owner  uuid.UUID
	Status Status
}

// Used is what a running workspace took at the reconciler's last look.
type Used struct {
	CPUMillis   int64
	MemoryBytes int64
}

// Summary counts the workspaces of all users.
type Summary struct{ Total, Running, Failed int64 }

// Use is what a user uses of a plan.
type Use struct {
	User       uuid.UUID
	Workspaces int64
	// Seconds of running workspaces this calendar month (UTC).
	Seconds int64
}

// Uses gives what each user who has or had workspaces this month uses.
func (m *Manager) Uses(ctx context.Context) ([]Use, error) {
	from, to := month(m.Now())
	return m.Ledger.Uses(ctx, from, to)
}

// Summarize counts the workspaces of all users that are not being deleted.
func (m *Manager) Summarize(ctx context.Context) (Summary, error) { return m.Store.Summarize(ctx) }

// All gives workspaces of all users that are not being deleted, newest first.
// Whether the caller may see them is the contract's to say.
func (m *Manager) All(ctx context.Context, f Filter, after uuid.UUID, limit int) ([]Workspace, error) {
	return m.Store.All(ctx, f, after, limit)
}

// LastUsed is what a workspace took when it was last looked at; nothing when it
// does not run or was not looked at yet.
func (m *Manager) LastUsed(id uuid.UUID) Used {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.sandboxes[id]
	if !ok {
		return Used{}
	}
	return Used{CPUMillis: s.use.processor, MemoryBytes: s.use.before.stats.MemoryBytes}
}

// HaltAny asks for a stopped workspace, whosever it is, in an administrator's name.
func (m *Manager) HaltAny(ctx context.Context, administrator principal.Principal, id uuid.UUID) (Workspace, error) {
	w, err := m.Store.Update(ctx, id, func(w *Workspace) (Change, error) {
		switch w.Desired {
		case WantDeleted:
			return Change{}, ErrNotFound
		case WantStopped:
			return Change{}, nil
		}
		w.Desired, w.Restart = WantStopped, false
		w.Status, w.StatusReason = Stopping, stoppedByAdministrator
		return Change{Audit: Audit{
			By: administrator.UserID, Type: "workspace.stop",
			Metadata: map[string]any{"reason": "administrator", "owner": w.UserID.String()},
		}}, nil
	})
	if err == nil {
		m.Bus.Publish(ctx, id)
		m.kick(id, true)
	}
	return w, err
}
