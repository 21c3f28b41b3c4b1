package workspace

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/files"
	"atrium.internal/services/ide/internal/files/remote"
)

// ErrFiles refuses work on files that can't be reached from outside.
var ErrFiles = apperr.New(apperr.Conflict, "FILES_UNAVAILABLE", "Files can't be reached in this workspace's isolation class.")

// ErrFilesLater refuses what can be had a moment later.
var ErrFilesLater = apperr.New(apperr.Unavailable, "FILES_NOT_READY", "There is no room to open this workspace's files just now. Try again in a moment, or start the workspace.").WithRetryAfter(5 * time.Second)

// locks are shared by workspaces whose ids end alike: few enough to keep, and
// many enough to be rarely waited for.
type locks [64]sync.Mutex

func (l *locks) of(id uuid.UUID) *sync.Mutex { return &l[int(id[len(id)-1])%len(l)] }

// Folder opens the files of a workspace of the owner's, whether it runs or not.
// One that was never started is filled first, as its start would do.
func (m *Manager) Folder(ctx context.Context, owner, id uuid.UUID, do func(files.Tree) error) error {
	w, err := m.Get(ctx, owner, id)
	if err != nil {
		return err
	}
	if !remote.Can(m.Volumes) {
		return ErrFiles
	}
	volume, err := m.ensure(ctx, w, false)
	if err != nil {
		return err
	}
	now, err := m.Store.Get(ctx, id)
	if _, err := owned(now, err, owner); err != nil { // it was deleted, and has just been made again
		return errors.Join(err, m.Volumes.Delete(ctx, volume))
	}
	err = remote.Open(ctx, m.Volumes, volume, do)
	if errors.Is(err, driver.ErrNotYet) {
		return ErrFilesLater.WithCause(err)
	}
	if errors.Is(err, files.ErrFull) && !m.scarce() { // else it is the disk below the volume
		if total, err := m.total(ctx, owner); err == nil && total.limited {
			return files.ErrQuota
		}
	}
	return err
}

// ChangeFiles is Folder for what changes something, which the audit log then
// tells of by the deed, such as "workspace.write_file". Names of files are
// words of their owner's and so are not in it.
func (m *Manager) ChangeFiles(ctx context.Context, owner, id uuid.UUID, deed string, do func(files.Tree) error) error {
	if err := m.Folder(ctx, owner, id, do); err != nil {
		return err
	}
	_, err := m.Store.Update(ctx, id, func(w *Workspace) (Change, error) {
		if w.Status == Stopped || w.Status == Failed { // a running one tells by itself
			m.used(w)
		}
		return Change{Audit: Audit{Type: deed}}, nil
	})
	return err
}

// ensure makes the workspace's volume, filled from its template, once at a time.
// Idle says that nothing of its owner's runs.
func (m *Manager) ensure(ctx context.Context, w Workspace, idle bool) (driver.Volume, error) {
	lock := m.filling.of(w.ID)
	lock.Lock()
	defer lock.Unlock()
	seed, _ := m.Templates.Seed(w.Template)
	return m.Volumes.Ensure(ctx, driver.VolumeSpec{
		WorkspaceID: w.ID, Owner: w.UserID, Seed: seed, Idle: idle, Limit: atLeastOne(w.Limits.StorageBytes),
	})
}

// sweep removes, once while this process lives, what writes that an earlier one
// was cut short in left in a workspace's files.
func (m *Manager) sweep(w Workspace) {
	m.mu.Lock()
	done := m.swept[w.ID]
	m.swept[w.ID] = true
	m.mu.Unlock()
	if done || !remote.Can(m.Volumes) {
		return
	}
	m.tasks.Go(func() {
		volume := driver.Volume{WorkspaceID: w.ID, Owner: w.UserID}
		err := remote.Open(m.base, m.Volumes, volume, func(f files.Tree) error { return f.Sweep(m.base, m.begun) })
		if err != nil && m.base.Err() == nil {
			m.Log.Warn("what cut writes left stays", "workspace_id", w.ID, "error", err)
		}
	})
}

// Room is what of a user's storage is left for a change.
type Room struct {
	manager   *Manager
	workspace uuid.UUID
	others    []uuid.UUID
	limit     int64
	// held are the owner's files at the beginning, where the volume holds them to
	// the limit, and what was taken since.
	held total
}

// Room measures what the caller's plan still holds for a workspace's files.
func (m *Manager) Room(ctx context.Context, caller principal.Principal, id uuid.UUID) (*Room, error) {
	r := &Room{manager: m, workspace: id, limit: caller.Plan.StorageBytes}
	if r.limit < 0 {
		return r, nil
	}
	var err error
	if r.held, err = m.total(ctx, caller.UserID); err != nil || r.held.limited {
		return r, err
	}
	err = m.each(ctx, caller.UserID, func(w Workspace) error {
		if _, err := m.storage(ctx, w); err != nil {
			return err
		}
		if w.ID != id {
			r.others = append(r.others, w.ID)
		}
		return nil
	})
	return r, err
}

// Take takes some of the room, or answers files.ErrQuota. What is taken counts
// until the files are measured again.
func (r *Room) Take(bytes int64) error {
	if r.limit < 0 {
		return nil
	}
	m := r.manager
	if m.scarce() {
		return files.ErrFull
	}
	if r.held.limited { // others may take at the same time: then the volume refuses
		if r.held.used += bytes; r.held.used > min(r.limit, r.held.limit) {
			return files.ErrQuota
		}
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	own := m.sizes[r.workspace]
	total := own.bytes + bytes
	for _, id := range r.others {
		total += m.sizes[id].bytes
	}
	if total > r.limit {
		return files.ErrQuota
	}
	own.bytes += bytes
	m.sizes[r.workspace] = own
	return nil
}
