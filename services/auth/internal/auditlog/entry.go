package auditlog

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Entry is one row of the log, as administrators see it.
type Entry struct {
	ID   uuid.UUID
	Time time.Time
	// UserID is zero when nobody was signed in.
	UserID uuid.UUID
	// Username is empty for an account that is no longer there.
	Username     string
	EventType    string
	ResourceType string
	ResourceID   string
	Action       string
	Status       string
	Address      string
	UserAgent    string
	Metadata     map[string]any
	Error        string
}

// Filter picks entries; what is empty picks all.
type Filter struct {
	// User is who did it.
	User uuid.UUID
	// EventType is one type, or the beginning of some when it ends in a dot.
	EventType string
	// From is included, To is not; zero is no bound.
	From, To time.Time
}

// Cursor is the last entry of a page; zero is before the first.
type Cursor struct {
	Time time.Time `json:"t"`
	ID   uuid.UUID `json:"i"`
}

// Store reads the log.
type Store interface {
	// List gives the entries after a cursor, newest first.
	List(ctx context.Context, f Filter, after Cursor, limit int) ([]Entry, error)
	// Noted writes that somebody read the log, into it.
	Noted(ctx context.Context, f Filter) error
}

// Log reads the audit log.
type Log struct{ store Store }

// New makes a reader.
func New(store Store) *Log { return &Log{store: store} }

// List gives a page of entries, newest first; next is nil on the last page.
func (l *Log) List(ctx context.Context, f Filter, after Cursor, limit int) (page []Entry, next *Cursor, err error) {
	page, err = l.store.List(ctx, f, after, limit+1)
	if err != nil || len(page) <= limit {
		return page, nil, err
	}
	page = page[:limit]
	last := page[limit-1]
	return page, &Cursor{Time: last.Time, ID: last.ID}, nil
}

// Read is List for an administrator, whose reading is itself in the log: once,
// for the first page and those that it leads to.
func (l *Log) Read(ctx context.Context, f Filter, after Cursor, limit int) (page []Entry, next *Cursor, err error) {
	page, next, err = l.List(ctx, f, after, limit)
	if err == nil && after == (Cursor{}) {
		err = l.store.Noted(ctx, f)
	}
	if err != nil {
		return nil, nil, err
	}
	return page, next, nil
}
