package workspace

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
)

// projects is where a workspace's folder lies inside, unless the driver says
// otherwise. The folder keeps its name when the workspace gets another: tools
// write absolute paths down.
const projects = "/workspaces/"

// DefaultTemplate is what a workspace without a named one starts from.
const DefaultTemplate = "blank"

// Create keeps a new, stopped workspace of the caller's. gitURL is what the
// template git clones at the first start, and empty for every other.
func (m *Manager) Create(ctx context.Context, caller principal.Principal, name, template, gitURL string) (Workspace, error) {
	template, metadata, err := m.origin(template, gitURL)
	if err != nil {
		return Workspace{}, err
	}
	if m.scarce() {
		return Workspace{}, ErrDisk
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Workspace{}, fmt.Errorf("workspace id: %w", err)
	}
	now := m.Now()
	return m.Store.Create(ctx, Workspace{
		ID: id, UserID: caller.UserID, Name: name, Path: projects + hostname(name),
		CreatedAt: now, LastAccessed: now,
		Status: Stopped, Desired: WantStopped, Metadata: metadata,
		Template: template, Isolation: m.class(caller.Plan), Label: newLabel(),
		Limits: Limits{CPUMillis: -1, MemoryBytes: -1, IDESecondsMonthly: -1, StorageBytes: caller.Plan.StorageBytes},
	}, caller.Plan.Workspaces, Audit{Type: "workspace.create", Metadata: map[string]any{"template": template}})
}

// newLabel is 128 random bits as a host label: whoever doesn't know it can't
// name the workspace's origin.
func newLabel() string {
	var bits [16]byte
	rand.Read(bits[:])
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(bits[:]))
}

// Get gives a workspace of the owner's, as it was a moment ago.
func (m *Manager) Get(ctx context.Context, owner, id uuid.UUID) (Workspace, error) {
	w, err := m.Recent.Recent(ctx, id)
	return owned(w, err, owner)
}

// owned is a workspace that was read, for its owner.
func owned(w Workspace, err error, owner uuid.UUID) (Workspace, error) {
	if err != nil {
		return Workspace{}, err
	}
	if w.UserID != owner || w.Desired == WantDeleted {
		return Workspace{}, ErrNotFound
	}
	return w, nil
}

// List gives the owner's workspaces, newest first.
func (m *Manager) List(ctx context.Context, owner, after uuid.UUID, limit int) ([]Workspace, error) {
	return m.Store.List(ctx, owner, after, limit)
}

// update changes a workspace of the owner's and tells watchers.
func (m *Manager) update(ctx context.Context, owner, id uuid.UUID, change func(*Workspace) (Change, error)) (Workspace, error) {
	w, err := m.Store.Update(ctx, id, func(w *Workspace) (Change, error) {
		if w.UserID != owner || w.Desired == WantDeleted {
			return Change{}, ErrNotFound
		}
		return change(w)
	})
	if err == nil {
		m.Bus.Publish(ctx, id)
	}
	return w, err
}

// Rename gives a workspace another name.
func (m *Manager) Rename(ctx context.Context, owner, id uuid.UUID, name string) (Workspace, error) {
	return m.update(ctx, owner, id, func(w *Workspace) (Change, error) {
		w.Name = name
		return Change{Audit: Audit{Type: "workspace.rename"}}, nil
	})
}

// Launch asks for a running workspace under the caller's plan. One that runs
// or is on its way stays as it is. Where a sandbox is ready it mostly answers a
// workspace that runs.
func (m *Manager) Launch(ctx context.Context, caller principal.Principal, id uuid.UUID) (Workspace, error) {
	if err := m.admit(ctx, caller); err != nil {
		return Workspace{}, m.orNotFound(ctx, caller.UserID, id, err)
	}
	w, err := m.update(ctx, caller.UserID, id, func(w *Workspace) (Change, error) {
		if w.Desired == WantRunning && (w.Status == Running || w.Status == Starting) {
			return Change{}, nil
		}
		w.Restart = w.Status == Stopping
		m.want(w, caller.Plan)
		return Change{Audit: Audit{Type: "workspace.start"}}, nil
	})
	if err != nil {
		return w, err
	}
	if w.Status != Starting || !m.Driver.Ready(m.given(w)) {
		m.kick(id, false)
		return w, nil
	}
	news, cancel := m.Bus.Subscribe(id)
	defer cancel()
	m.kick(id, false)
	return m.soon(ctx, w, news), nil
}

// atOnce is how long a start is waited for that a sandbox is ready for.
const atOnce = 150 * time.Millisecond

// soon gives a workspace that starts as it is when that is over, if it is soon.
func (m *Manager) soon(ctx context.Context, w Workspace, news <-chan struct{}) Workspace {
	late := time.NewTimer(atOnce)
	defer late.Stop()
	for {
		select {
		case <-news:
			now, err := m.Get(ctx, w.UserID, w.ID)
			if err != nil {
				return w
			}
			if w = now; w.Status != Starting {
				return w
			}
		case <-late.C:
			return w
		case <-ctx.Done():
			return w
		}
	}
}

// Restart asks for a stop and a start.
func (m *Manager) Restart(ctx context.Context, caller principal.Principal, id uuid.UUID) (Workspace, error) {
	if err := m.admit(ctx, caller); err != nil {
		return Workspace{}, m.orNotFound(ctx, caller.UserID, id, err)
	}
	w, err := m.update(ctx, caller.UserID, id, func(w *Workspace) (Change, error) {
		w.Restart = w.Status != Stopped && w.Status != Failed
		m.want(w, caller.Plan)
		return Change{Audit: Audit{Type: "workspace.restart"}}, nil
	})
	if err == nil {
		m.kick(id, true)
	}
	return w, err
}

func (m *Manager) want(w *Workspace, plan principal.Plan) {
	w.Desired, w.Status, w.StatusReason = WantRunning, Starting, Reason{}
	w.Limits = Limits{
		CPUMillis: plan.CPUMillis, MemoryBytes: plan.MemoryBytes, IDESecondsMonthly: plan.IDESecondsMonthly,
		StorageBytes: plan.StorageBytes, Isolation: m.class(plan),
	}
	w.LastAccessed, w.KeepUntil, w.DeleteAt = m.Now(), time.Time{}, time.Time{}
}

// Extend keeps a running workspace of the owner's for a while, whether or not
// anybody works in it: zero is as long as one may be idle. It never shortens
// what an earlier call asked for.
func (m *Manager) Extend(ctx context.Context, owner, id uuid.UUID, wanted time.Duration) (Workspace, error) {
	if wanted == 0 {
		wanted = m.settings.AutostopAfter
	}
	return m.update(ctx, owner, id, func(w *Workspace) (Change, error) {
		if w.Status != Running || w.Desired != WantRunning {
			return Change{}, ErrNotRunning
		}
		if until := m.Now().Add(wanted); until.After(w.KeepUntil) {
			w.KeepUntil = until
		}
		return Change{Audit: Audit{Type: "workspace.extend", Metadata: map[string]any{"minutes": int(wanted / time.Minute)}}}, nil
	})
}

// Halt asks for a stopped workspace.
func (m *Manager) Halt(ctx context.Context, owner, id uuid.UUID) (Workspace, error) {
	w, err := m.update(ctx, owner, id, func(w *Workspace) (Change, error) {
		if w.Desired == WantStopped {
			return Change{}, nil
		}
		w.Desired, w.Restart = WantStopped, false
		w.Status, w.StatusReason = Stopping, stoppedByOwner
		return Change{Audit: Audit{Type: "workspace.stop", Metadata: map[string]any{"reason": "user"}}}, nil
	})
	if err == nil {
		m.kick(id, true)
	}
	return w, err
}

// Delete asks for the end of a workspace and its files; for the caller it is
// gone at once.
func (m *Manager) Delete(ctx context.Context, owner, id uuid.UUID) error {
	_, err := m.update(ctx, owner, id, func(w *Workspace) (Change, error) {
		w.Desired, w.Restart = WantDeleted, false
		c := event(StepDeleted, "The workspace and its files are being deleted.")
		c.Audit = Audit{Type: "workspace.delete"}
		return c, nil
	})
	if err == nil {
		m.kick(id, true)
	}
	return err
}

// enter is Enter for the owner.
func (m *Manager) enter(ctx context.Context, owner, id uuid.UUID, port int) (Workspace, error) {
	return m.update(ctx, owner, id, func(w *Workspace) (Change, error) {
		if w.Status != Running {
			return Change{}, ErrNotRunning
		}
		w.LastAccessed = m.Now()
		opened := Audit{Type: "workspace.open"}
		if port != 0 {
			opened.Metadata = map[string]any{"port": port}
		}
		return Change{Audit: opened}, nil
	})
}
