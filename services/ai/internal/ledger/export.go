package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ai/internal/tariff"
)

// Line is an entry as its user may see it.
type Line struct {
	ID, RequestID uuid.UUID
	Attempt       int
	Provider      string
	Model         string
	Source        string
	// Status is reserved, settled or released.
	Status       string
	Tokens       tariff.Tokens
	CostMicroUSD int64
	CountedBy    CountedBy
	CreatedAt    time.Time
	// SettledAt is nil while the attempt runs.
	SettledAt *time.Time
	// Why says why a correction was made; empty otherwise.
	Why string
}

// Lines gives a user's entries after one, oldest first; the zero id begins.
func (b *Book) Lines(ctx context.Context, user, after uuid.UUID, limit int) ([]Line, error) {
	if err := b.Write(ctx); err != nil {
		return nil, err
	}
	return b.store.Lines(ctx, user, after, limit)
}
