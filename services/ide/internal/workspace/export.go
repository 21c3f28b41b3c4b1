package workspace

import (
	"context"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// Stretch is one time for which a workspace ran.
type Stretch struct {
	ID, WorkspaceID uuid.UUID
	StartedAt       time.Time
	// EndedAt is nil while it runs.
	EndedAt *time.Time
}

// Stretches gives the owner's running times, also of workspaces that are gone.
func (m *Manager) Stretches(ctx context.Context, owner, after uuid.UUID, limit int) ([]Stretch, error) {
	return m.Ledger.Stretches(ctx, owner, after, limit)
}

// Files shows what lies in a workspace of the owner's, whether it runs or not;
// can is false when the volumes here can't be read from outside a sandbox.
func (m *Manager) Files(ctx context.Context, w Workspace, visit driver.Visitor) (can bool, err error) {
	volumes, can := m.Volumes.(driver.Exporter)
	if !can {
		return false, nil
	}
	return true, volumes.Export(ctx, driver.Volume{WorkspaceID: w.ID, Owner: w.UserID}, visit)
}
