package session

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Cursor is the last session of a page; zero is before the first.
type Cursor struct {
	LastActivity time.Time `json:"a"`
	ID           uuid.UUID `json:"i"`
}

// Get gives one of a user's sessions, or ErrNotFound.
func (m *Manager) Get(ctx context.Context, user, id uuid.UUID) (Session, error) {
	return m.store.Get(ctx, user, id, m.now())
}

// List gives a page of a user's sessions, newest activity first; next is nil
// on the last page.
func (m *Manager) List(ctx context.Context, user uuid.UUID, after Cursor, limit int) (page []Session, next *Cursor, err error) {
	page, err = m.store.List(ctx, user, m.now(), after, limit+1)
	if err != nil || len(page) <= limit {
		return page, nil, err
	}
	page = page[:limit]
	last := page[limit-1]
	return page, &Cursor{LastActivity: last.LastActivity, ID: last.ID}, nil
}

// Logout ends the session that makes the call. Ending it twice is no error.
func (m *Manager) Logout(ctx context.Context, user, id uuid.UUID) error {
	_, err := m.end(ctx, user, Selection{Only: id, Logout: true})
	return err
}

// Revoke ends one of the user's sessions, or answers ErrNotFound.
func (m *Manager) Revoke(ctx context.Context, user, id uuid.UUID) error {
	ended, err := m.end(ctx, user, Selection{Only: id})
	if err == nil && len(ended) == 0 {
		return ErrNotFound
	}
	return err
}

// RevokeOthers ends all of the user's sessions but one.
func (m *Manager) RevokeOthers(ctx context.Context, user, keep uuid.UUID) error {
	_, err := m.end(ctx, user, Selection{Except: keep})
	return err
}

// end keeps the order that makes a revocation hold: the store first, which is
// the authority, then every cache.
func (m *Manager) end(ctx context.Context, user uuid.UUID, which Selection) ([]Ended, error) {
	ended, err := m.store.End(ctx, user, which)
	if err != nil {
		return nil, err
	}
	if len(ended) > 0 {
		m.notifier.Ended(ctx, ended)
	}
	return ended, nil
}
