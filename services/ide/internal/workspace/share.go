package workspace

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// maxShares bounds how many ports of a workspace are shared.
const maxShares = 50

// ErrManyShares refuses one shared port too many.
var ErrManyShares = apperr.New(apperr.Conflict, "PORTS_EXHAUSTED", "The workspace shares as many ports as it may. Make another private first.")

// Shares knows which ports others than the owner may open.
type Shares interface {
	// Share keeps whether a port of the owner's workspace is shared, with its row
	// in the audit log; ErrManyShares beyond a maximum.
	Share(ctx context.Context, owner, workspace uuid.UUID, port int, shared bool, maximum int) (Workspace, error)
	// Shared gives the ports that are, by number.
	Shared(ctx context.Context, workspace uuid.UUID) ([]int, error)
}

// SharePort lets everybody who is signed in open a port of the owner's, or the
// owner alone again.
func (m *Manager) SharePort(ctx context.Context, owner, id uuid.UUID, port int, shared bool) (Workspace, error) {
	return m.Shares.Share(ctx, owner, id, port, shared, maxShares)
}

// Admits gives a workspace to whom may open a port of it, 0 for its VS Code;
// visitor says that it is another than the owner.
func (m *Manager) Admits(ctx context.Context, user, id uuid.UUID, port int) (w Workspace, visitor bool, err error) {
	w, err = m.Store.Get(ctx, id)
	switch {
	case err != nil:
		return Workspace{}, false, err
	case w.Desired == WantDeleted:
		return Workspace{}, false, ErrNotFound
	case w.UserID == user:
		return w, false, nil
	case port == 0:
		return Workspace{}, false, ErrNotFound
	}
	shared, err := m.Shares.Shared(ctx, id)
	if err != nil {
		return Workspace{}, false, err
	}
	if !slices.Contains(shared, port) {
		return Workspace{}, false, ErrNotFound
	}
	return w, true, nil
}

// visit lets somebody else open a shared port of a running workspace. It is no
// work of the owner's.
func (m *Manager) visit(ctx context.Context, visitor, id uuid.UUID, port int) (Workspace, error) {
	w, _, err := m.Admits(ctx, visitor, id, port)
	if err != nil {
		return Workspace{}, err
	}
	if w.Status != Running {
		return Workspace{}, ErrNotRunning.WithMessage("The workspace is not running. Its owner can start it.")
	}
	return m.Store.Update(ctx, id, func(*Workspace) (Change, error) {
		return Change{Audit: Audit{By: visitor, Type: "workspace.visit_port", Metadata: map[string]any{"port": port}}}, nil
	})
}

// Enter notes that somebody opens a running workspace of theirs, or a port of
// it, or a port that is shared; port 0 is its VS Code.
func (m *Manager) Enter(ctx context.Context, user, id uuid.UUID, port int) (Workspace, error) {
	w, err := m.enter(ctx, user, id, port)
	if errors.Is(err, ErrNotFound) && port != 0 {
		return m.visit(ctx, user, id, port)
	}
	return w, err
}
