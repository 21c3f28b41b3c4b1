package pgdb

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Batch keeps statements whose results nobody needs, to send them in one round
// trip. It stands where something that executes statements is wanted.
type Batch struct{ pgx.Batch }

// Exec keeps a statement for later; its failure is that of sending.
func (b *Batch) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	b.Queue(sql, args...)
	return pgconn.CommandTag{}, nil
}
