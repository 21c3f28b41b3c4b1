package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
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

// Uses adds up what each user who has workspaces uses: how many there are, and
// for how long they ran within a time.
func (s *Store) Uses(ctx context.Context, from, to time.Time) (uses []workspace.Use, err error) {
	err = s.reads.Do(ctx, func(ctx context.Context, db pgdb.Querier) error {
		uses, err = addUp(ctx, db, from, to)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("add up what users use: %w", err)
	}
	return uses, nil
}

func addUp(ctx context.Context, db pgdb.Querier, from, to time.Time) ([]workspace.Use, error) {
	rows, err := db.Query(ctx, `SELECT user_id, coalesce(w.count, 0), coalesce(u.seconds, 0)
		FROM (SELECT user_id, count(*) AS count FROM ide.ide_workspaces WHERE desired <> 'deleted' GROUP BY user_id) w
		FULL JOIN (SELECT user_id, extract(epoch FROM sum(least(coalesce(ended_at, now()), $2) - greatest(started_at, $1)))::bigint AS seconds
			FROM ide.ide_uptime WHERE started_at < $2 AND coalesce(ended_at, now()) > $1 GROUP BY user_id) u USING (user_id)`, from, to)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[workspace.Use])
}
