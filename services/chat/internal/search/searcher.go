package search

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Hit is a text that has what was looked for.
type Hit struct {
	ID           uuid.UUID
	Conversation uuid.UUID
	// Title is the conversation's.
	Title string
	// Message is zero where the title was found.
	Message   uuid.UUID
	Role      string
	CreatedAt time.Time
	Snippet
}

// Store finds texts by their words.
type Store interface {
	// Search gives the newest hits before an id, or the newest of all before
	// zero; last is where it stopped, zero at the end.
	Search(ctx context.Context, user uuid.UUID, q Query, before uuid.UUID, limit int) (hits []Hit, last uuid.UUID, err error)
}
