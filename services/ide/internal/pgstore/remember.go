package pgstore

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/maypok86/otter/v2"

	"atrium.internal/services/ide/internal/entry"
	"atrium.internal/services/ide/internal/workspace"
)

// How much is remembered, and for how long, if no change is told before.
const (
	maxWorkspaces = 1000
	workspacesFor = 30 * time.Minute
	maxSessions   = 500
	sessionsFor   = 15 * time.Minute
)

// Memory answers readings of single rows from what it has read before. Every
// change of a row is told by the database to all replicas, which forget it;
// while nobody listens nothing is remembered. Its own writes it forgets by
// itself, so that who wrote reads what was written.
type Memory struct {
	*Store

	log        *slog.Logger
	workspaces *otter.Cache[uuid.UUID, workspace.Workspace]
	sessions   *otter.Cache[entry.Hash, entry.Session]
	// hears is whether changes are heard of.
	hears atomic.Bool
	// epoch counts what was forgotten: what was read before must not be remembered after.
	epoch atomic.Uint64
	// reads counts what was not remembered.
	reads atomic.Int64
}

// Reads is how many readings went to the database.
func (m *Memory) Reads() int64 { return m.reads.Load() }

// NewMemory makes a memory that remembers nothing until Listen.
func NewMemory(store *Store, log *slog.Logger) *Memory {
	return &Memory{
		Store: store, log: log,
		workspaces: otter.Must(&otter.Options[uuid.UUID, workspace.Workspace]{
			MaximumSize: maxWorkspaces, ExpiryCalculator: otter.ExpiryWriting[uuid.UUID, workspace.Workspace](workspacesFor),
		}),
		sessions: otter.Must(&otter.Options[entry.Hash, entry.Session]{
			MaximumSize: maxSessions, ExpiryCalculator: otter.ExpiryWriting[entry.Hash, entry.Session](sessionsFor),
		}),
	}
}

// Recent gives a workspace as it was a moment ago. Decisions are made on Get.
func (m *Memory) Recent(ctx context.Context, id uuid.UUID) (workspace.Workspace, error) {
	return recall(m, m.workspaces, id, func() (workspace.Workspace, error) { return m.Get(ctx, id) })
}

// FindSession is the store's; when it was last used is noted only when it is read.
func (m *Memory) FindSession(ctx context.Context, h entry.Hash) (entry.Session, error) {
	return recall(m, m.sessions, h, func() (entry.Session, error) { return m.Store.FindSession(ctx, h) })
}

// OpenSession is the store's. Whoever opens one comes back with it at once.
func (m *Memory) OpenSession(ctx context.Context, h entry.Hash, session entry.Session) error {
	epoch := m.epoch.Load()
	err := m.Store.OpenSession(ctx, h, session)
	if err == nil {
		retain(m, m.sessions, h, session, epoch)
	}
	return err
}

func recall[K comparable, V any](m *Memory, from *otter.Cache[K, V], key K, read func() (V, error)) (V, error) {
	if found, ok := from.GetIfPresent(key); ok && m.hears.Load() {
		return found, nil
	}
	m.reads.Add(1)
	epoch := m.epoch.Load()
	found, err := read()
	if err == nil {
		retain(m, from, key, found, epoch)
	}
	return found, err
}

// retain remembers a value, unless something was forgotten since an epoch.
func retain[K comparable, V any](m *Memory, in *otter.Cache[K, V], key K, value V, epoch uint64) {
	if !m.hears.Load() {
		return
	}
	in.Set(key, value)
	if m.epoch.Load() != epoch || !m.hears.Load() {
		in.Invalidate(key)
	}
}

// Update is the store's.
func (m *Memory) Update(ctx context.Context, id uuid.UUID, change func(*workspace.Workspace) (workspace.Change, error)) (workspace.Workspace, error) {
	defer m.forget(id)
	return m.Store.Update(ctx, id, change)
}

// Delete is the store's.
func (m *Memory) Delete(ctx context.Context, id uuid.UUID) error {
	defer m.forget(id)
	return m.Store.Delete(ctx, id)
}

// Touch is the store's.
func (m *Memory) Touch(ctx context.Context, id uuid.UUID, at time.Time) error {
	defer m.forget(id)
	return m.Store.Touch(ctx, id, at)
}

// Close ends what the memory does by itself.
func (m *Memory) Close() {
	m.workspaces.StopAllGoroutines()
	m.sessions.StopAllGoroutines()
}

func (m *Memory) forget(id uuid.UUID) {
	m.epoch.Add(1)
	m.workspaces.Invalidate(id)
}

func (m *Memory) forgetAll() {
	m.epoch.Add(1)
	m.workspaces.InvalidateAll()
	m.sessions.InvalidateAll()
}

const (
	// listenAgain is how long to wait before another try to listen.
	listenAgain = time.Second
	// listenDoubt is how long silence is taken for nothing to hear.
	listenDoubt = 5 * time.Second
)

// Listen hears of changes until ctx ends.
func (m *Memory) Listen(ctx context.Context) {
	for ctx.Err() == nil {
		if err := m.listen(ctx); err != nil && ctx.Err() == nil {
			m.log.WarnContext(ctx, "changes of workspaces are not heard of; nothing is remembered", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(listenAgain):
		}
	}
}

func (m *Memory) listen(ctx context.Context) error {
	pooled, err := m.db.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("listen for changes: %w", err)
	}
	// A connection that listens is nobody else's afterwards.
	conn := pooled.Hijack()
	defer func() { // at the end of ctx too, but not for as long as the database likes
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), listenAgain)
		defer cancel()
		_ = conn.Close(ending)
	}()
	if _, err := conn.Exec(ctx, "LISTEN ide_changes"); err != nil {
		return fmt.Errorf("listen for changes: %w", err)
	}
	m.forgetAll()
	m.hears.Store(true)
	defer func() {
		m.hears.Store(false)
		m.forgetAll()
	}()
	for {
		told, err := m.next(ctx, conn)
		if err != nil {
			return fmt.Errorf("listen for changes: %w", err)
		}
		if told == nil {
			continue
		}
		switch kind, id, _ := strings.Cut(told.Payload, " "); kind {
		case "workspace":
			if id, err := uuid.Parse(id); err == nil {
				m.forget(id)
			}
		case "session":
			if sum, err := hex.DecodeString(id); err == nil && len(sum) == len(entry.Hash{}) {
				m.epoch.Add(1)
				m.sessions.Invalidate(entry.Hash(sum))
			}
		}
	}
}

// listener is a connection of pgx.
type listener interface {
	WaitForNotification(ctx context.Context) (*pgconn.Notification, error)
	Ping(ctx context.Context) error
}

// next waits for a change; nil after a silence in which the database was found
// to be there.
func (m *Memory) next(ctx context.Context, conn listener) (*pgconn.Notification, error) {
	waiting, cancel := context.WithTimeout(ctx, listenDoubt)
	defer cancel()
	told, err := conn.WaitForNotification(waiting)
	if err == nil || ctx.Err() != nil || waiting.Err() == nil {
		return told, err
	}
	asking, cancel := context.WithTimeout(ctx, listenDoubt)
	defer cancel()
	return nil, conn.Ping(asking)
}
