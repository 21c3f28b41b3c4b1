package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// Reconcile compares what the driver says runs with what the rows say, sends
// workers where they differ, and stops what is idle or beyond its plan. Where
// either side can't be read it does nothing at all: to take "unknown" for
// "gone" would end people's work.
func (m *Manager) Reconcile(ctx context.Context) {
	handles, silent := m.Driver.List(ctx)
	for class, err := range silent {
		m.Log.ErrorContext(ctx, "sandboxes can't be listed; nothing is changed", "isolation", class, "error", err)
	}
	if len(silent) == len(m.Driver.Classes()) {
		return
	}
	rows, err := m.Store.Unsettled(ctx)
	if err != nil {
		m.Log.ErrorContext(ctx, "workspaces can't be read; nothing is changed", "error", err)
		return
	}
	m.survey(handles, silent, rows)

	if m.allTold() {
		m.settleVolumes(ctx, rows)
	}
	attention := map[uuid.UUID]bool{}
	for _, h := range handles {
		attention[h.WorkspaceID] = true
	}
	var running []uuid.UUID
	for _, w := range rows {
		if silent[w.Isolation] != nil {
			continue
		}
		attention[w.ID] = true
		if w.Status == Running && w.Desired == WantRunning {
			running = append(running, w.ID)
			m.keepOrStop(ctx, w)
		}
	}
	for id := range attention {
		m.kick(id, false)
	}
	m.note(ctx, running)
	if m.allTold() {
		m.remove(ctx)
	}
	m.endTokens(ctx)
	m.retire(ctx)
}

// survey takes over what the driver knows, except where a worker is at it: the
// list may be older than what that worker did.
func (m *Manager) survey(handles []driver.Handle, silent map[string]error, rows []Workspace) {
	status := map[uuid.UUID]Status{}
	for _, w := range rows {
		status[w.ID] = w.Status
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	listed := map[uuid.UUID]bool{}
	for _, h := range handles {
		listed[h.WorkspaceID] = true
		_, known := m.sandboxes[h.WorkspaceID]
		// Of a class that tells for the first time, no worker has changed anything.
		if _, busy := m.workers[h.WorkspaceID]; busy && (known || m.surveyed[h.Class]) {
			continue
		}
		m.adopt(h, h.Running && status[h.WorkspaceID] == Running)
	}
	for id, s := range m.sandboxes { // what another replica has ended
		_, busy := m.workers[id]
		if _, ours := m.leases[id]; !listed[id] && !busy && !ours && silent[s.handle.Class] == nil {
			delete(m.sandboxes, id)
			delete(m.samples, id)
		}
	}
	for _, class := range m.Driver.Classes() {
		if silent[class] == nil {
			m.surveyed[class] = true
		}
	}
}

// hasTold reports whether it is known what runs in an isolation class. Of one
// that the deployment has no longer, nothing runs that could be reached.
func (m *Manager) hasTold(class string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.surveyed[class] || !m.Driver.Has(class)
}

// allTold reports whether it is known of every class.
func (m *Manager) allTold() bool {
	for _, class := range m.Driver.Classes() {
		if !m.hasTold(class) {
			return false
		}
	}
	return true
}

// keepOrStop stops a running workspace in which nobody works or whose owner's
// hours are used up.
func (m *Manager) keepOrStop(ctx context.Context, w Workspace) {
	if m.atWork(ctx, w.ID) {
		if err := m.Ledger.Touch(ctx, w.ID, m.Now()); err != nil {
			m.Log.ErrorContext(ctx, "activity can't be noted", "workspace_id", w.ID, "error", err)
		}
	} else if !m.Now().Before(m.stopsAt(w)) {
		if ours, err := m.hold(ctx, w.ID); err != nil || !ours {
			return // it is for another replica to stop
		}
		m.stopBecause(ctx, w, "idle", idleFor(m.settings.AutostopAfter))
		return
	}
	if err := m.withinHours(ctx, w.UserID, w.Limits.IDESecondsMonthly); errors.Is(err, ErrQuota) {
		m.stopBecause(ctx, w, "quota", hoursUsedUp)
	}
}

func (m *Manager) stopBecause(ctx context.Context, w Workspace, why string, reason Reason) {
	_, err := m.Store.Update(ctx, w.ID, func(w *Workspace) (Change, error) {
		if w.Desired != WantRunning || w.Status != Running {
			return Change{}, nil
		}
		w.Desired, w.Status, w.StatusReason = WantStopped, Stopping, reason
		return Change{Audit: Audit{Type: "workspace.stop", Metadata: map[string]any{"reason": why}}}, nil
	})
	if err != nil {
		m.Log.ErrorContext(ctx, "workspace can't be stopped", "workspace_id", w.ID, "error", err)
		return
	}
	m.Bus.Publish(ctx, w.ID)
}

// note tells the ledger which workspaces really run.
func (m *Manager) note(ctx context.Context, candidates []uuid.UUID) {
	var running []uuid.UUID
	for _, id := range candidates {
		if h, ok := m.known(id); ok && h.Running {
			running = append(running, id)
		}
	}
	if len(running) == 0 {
		return
	}
	if err := m.Ledger.Seen(ctx, running, m.Now()); err != nil {
		m.Log.ErrorContext(ctx, "running time can't be noted", "error", err)
	}
}

// remove deletes the files of workspaces whose rows went with their user, and
// what is left of the user once they all are gone.
func (m *Manager) remove(ctx context.Context) {
	list, err := m.Removals.Removals(ctx)
	if err != nil {
		m.Log.ErrorContext(ctx, "removals can't be read", "error", err)
		return
	}
	waiting := map[uuid.UUID]bool{}
	for _, r := range list { // those of workspaces first
		if m.inUse(r) || (r.WorkspaceID == uuid.Nil && waiting[r.UserID]) {
			waiting[r.UserID] = true
			continue
		}
		if ours, err := m.hold(ctx, cmp.Or(r.WorkspaceID, r.UserID)); err != nil || !ours {
			waiting[r.UserID] = true
			continue
		}
		if err := m.removeOne(ctx, r); err != nil {
			waiting[r.UserID] = true
			m.Log.ErrorContext(ctx, "files can't be removed", "workspace_id", r.WorkspaceID, "error", err)
		}
	}
}

// inUse reports whether something may still write into what is to be removed:
// a sandbox, or a worker that is just preparing one.
func (m *Manager) inUse(r Removal) bool {
	if r.WorkspaceID == uuid.Nil {
		return m.runsFor(r.UserID)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, runs := m.sandboxes[r.WorkspaceID]
	_, busy := m.workers[r.WorkspaceID]
	return runs || busy
}

func (m *Manager) removeOne(ctx context.Context, r Removal) error {
	var err error
	if r.WorkspaceID == uuid.Nil {
		err = m.Volumes.DeleteUser(ctx, r.UserID)
	} else {
		err = m.Volumes.Delete(ctx, driver.Volume{WorkspaceID: r.WorkspaceID, Owner: r.UserID})
	}
	if err != nil {
		return err
	}
	return m.Removals.Removed(ctx, r)
}

func (m *Manager) runsFor(owner uuid.UUID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.sandboxes {
		if s.handle.Owner == owner {
			return true
		}
	}
	return false
}

// words says a duration as people do.
func words(d time.Duration) string {
	unit, n := "minute", int(d.Round(time.Minute)/time.Minute)
	if n >= 60 && n%60 == 0 {
		unit, n = "hour", n/60
	}
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
