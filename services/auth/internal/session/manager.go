package session

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
)

// Store keeps sessions. Starting and ending one also writes the audit row, in
// the same transaction.
type Store interface {
	// Start adds a session and notes the login, or answers ErrInvalid when the
	// account is not there, switched off, or has another password than the one
	// that the mark is of. An empty mark asks for no password.
	Start(ctx context.Context, s Session, hash Hash, passwordMark string) error
	// Get gives one session of a user that is good at the given time, or ErrNotFound.
	Get(ctx context.Context, user, id uuid.UUID, now time.Time) (Session, error)
	// List gives the user's good sessions after a cursor, newest activity first.
	List(ctx context.Context, user uuid.UUID, now time.Time, after Cursor, limit int) ([]Session, error)
	// End removes the user's sessions that which picks, and gives those removed.
	End(ctx context.Context, user uuid.UUID, which Selection) ([]Ended, error)
}

// Holders finds who holds a session.
type Holders interface {
	// HolderByHash gives the holder of a session that is good at the given
	// time, or ErrInvalid.
	HolderByHash(ctx context.Context, hash Hash, now time.Time) (Holder, error)
	// HolderByID is the same by the session's id.
	HolderByID(ctx context.Context, id uuid.UUID, now time.Time) (Holder, error)
	// Touch notes a session's activity.
	Touch(ctx context.Context, id uuid.UUID, now time.Time) error
}

// Notifier tells every gateway that sessions have ended. It can't fail: the
// store has decided already, and the lifetime of cache entries bounds the rest.
type Notifier interface {
	Ended(ctx context.Context, sessions []Ended)
}

// Selection picks sessions to end: one, or all but one.
type Selection struct {
	Only   uuid.UUID
	Except uuid.UUID
	// Logout says that the session's own holder ends it from itself.
	Logout bool
}

// Manager applies the rules of this package.
type Manager struct {
	log      *slog.Logger
	store    Store
	holders  Holders
	notifier Notifier
	now      func() time.Time
}

// NewManager makes the rules' keeper; now is the clock.
func NewManager(log *slog.Logger, store Store, holders Holders, notifier Notifier, now func() time.Time) *Manager {
	return &Manager{log: log, store: store, holders: holders, notifier: notifier, now: now}
}

// Start begins a session for an account that has just proved itself. The token
// is always a new one, and this is the only time that it can be read. The mark
// is of the password that was right; it is empty for somebody who came another
// way. A password that was changed since starts nothing.
func (m *Manager) Start(ctx context.Context, user uuid.UUID, passwordMark string) (Session, string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Session{}, "", fmt.Errorf("session id: %w", err)
	}
	caller, _ := principal.From(ctx)
	address, _ := netip.ParseAddr(caller.Client.Address)
	now := m.now().UTC()
	s := Session{
		ID: id, UserID: user, CreatedAt: now, ExpiresAt: now.Add(Lifetime), LastActivity: now,
		Address: address.WithZone(""), UserAgent: caller.Client.UserAgent,
	}
	token, hash := newToken()
	if err := m.store.Start(ctx, s, hash, passwordMark); err != nil {
		return Session{}, "", err
	}
	return s, token, nil
}

// ByHash gives the holder of the session with a token's hash, or ErrInvalid.
func (m *Manager) ByHash(ctx context.Context, hash Hash) (Holder, error) {
	h, err := m.holders.HolderByHash(ctx, hash, m.now())
	return m.touched(ctx, h, err)
}

// ByID gives the holder of a session, or ErrInvalid.
func (m *Manager) ByID(ctx context.Context, id uuid.UUID) (Holder, error) {
	h, err := m.holders.HolderByID(ctx, id, m.now())
	return m.touched(ctx, h, err)
}

func (m *Manager) touched(ctx context.Context, h Holder, err error) (Holder, error) {
	if err != nil {
		return Holder{}, err
	}
	if now := m.now(); now.Sub(h.LastActivity) >= activityStep {
		if err := m.holders.Touch(ctx, h.SessionID, now); err != nil {
			m.log.WarnContext(ctx, "session activity not written", "session_id", h.SessionID, "error", err)
		}
	}
	return h, nil
}
