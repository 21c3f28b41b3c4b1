package workspace

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ide/internal/driver"
)

// ErrDisk refuses new workspaces while the disk is nearly full.
var ErrDisk = apperr.New(apperr.Unavailable, "DISK_FULL", "The server's disk is nearly full. What is there works on; new workspaces have to wait until its administrator has made room.")

// total is what all of a user's files take and may take.
type total struct {
	used, limit int64
	// limited: the volumes themselves hold the files to the limit.
	limited bool
}

// total asks the volumes; zero where they can't hold anybody to a limit.
func (m *Manager) total(ctx context.Context, owner uuid.UUID) (t total, err error) {
	if volumes, can := m.Volumes.(driver.Limiter); can {
		t.used, t.limit, t.limited, err = volumes.Total(ctx, owner)
	}
	return t, err
}

// scarce reports whether the disk of all users' files is nearly full.
func (m *Manager) scarce() bool {
	volumes, can := m.Volumes.(driver.Limiter)
	if !can {
		return false
	}
	free, reserve, err := volumes.Free()
	return err == nil && free < reserve
}

// settleVolumes says once when the disk becomes nearly full and when no longer,
// and lets go of volumes that nobody uses.
func (m *Manager) settleVolumes(ctx context.Context, rows []Workspace) {
	volumes, can := m.Volumes.(driver.Limiter)
	if !can {
		return
	}
	free, reserve, err := volumes.Free()
	if err != nil {
		m.Log.ErrorContext(ctx, "the disk can't be measured", "error", err)
		return
	}
	if full := free < reserve; full != m.full {
		m.full = full
		if full {
			m.Log.ErrorContext(ctx, "the disk is nearly full: no new workspaces, no uploads, no larger volumes", "free_bytes", free, "setting", "ATRIUM_DISK_RESERVE", "reserve_bytes", reserve)
		} else {
			m.Log.InfoContext(ctx, "the disk has room again", "free_bytes", free)
		}
	}
	busy := map[uuid.UUID]bool{}
	for _, w := range rows {
		busy[w.UserID] = true
	}
	if err := volumes.Rest(ctx, false, func(owner uuid.UUID) bool { return busy[owner] || m.runsFor(owner) }); err != nil {
		m.Log.ErrorContext(ctx, "unused volumes can't be unmounted", "error", err)
	}
}

// leaveVolumes lets go of all volumes but those of running workspaces, when
// this process ends.
func (m *Manager) leaveVolumes(ctx context.Context) {
	if volumes, can := m.Volumes.(driver.Limiter); can && m.allTold() {
		if err := volumes.Rest(ctx, true, m.runsFor); err != nil {
			m.Log.WarnContext(ctx, "unused volumes stay mounted", "error", err)
		}
	}
}

// comes notes that a workspace of the owner's is being brought up, until settled
// is called; alone says that no other is.
func (m *Manager) comes(owner uuid.UUID) (alone bool, settled func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.coming[owner]++
	return m.coming[owner] == 1, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.coming[owner]--; m.coming[owner] == 0 {
			delete(m.coming, owner)
		}
	}
}

// atLeastOne keeps a plan of nothing from being taken for one without a limit.
func atLeastOne(bytes int64) int64 {
	if bytes == 0 {
		return 1
	}
	return bytes
}
