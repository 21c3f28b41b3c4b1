package pgstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/services/ide/internal/workspace"
)

// Stretches reads an owner's running times after one, oldest first: ids grow
// with time.
func (s *Store) Stretches(ctx context.Context, owner, after uuid.UUID, limit int) ([]workspace.Stretch, error) {
	rows, err := s.db.Query(ctx, `SELECT id, workspace_id, started_at, ended_at FROM ide.ide_uptime
		WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3`, owner, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read running times: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[workspace.Stretch])
	if err != nil {
		return nil, fmt.Errorf("read running times: %w", err)
	}
	return list, nil
}
