package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Hold takes or keeps a workspace's lease by the database's clock, the only one
// that all replicas share.
func (s *Store) Hold(ctx context.Context, workspace, holder uuid.UUID, lasts time.Duration) (bool, error) {
	tag, err := s.db.Exec(ctx, `INSERT INTO ide.workspace_leases AS l (workspace_id, holder, expires_at)
		VALUES ($1, $2, now() + $3) ON CONFLICT (workspace_id) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
		WHERE l.holder = excluded.holder OR l.expires_at < now()`, workspace, holder, lasts)
	if err != nil {
		return false, fmt.Errorf("take a lease: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// Renew keeps those leases that are still the holder's and gives them.
func (s *Store) Renew(ctx context.Context, workspaces []uuid.UUID, holder uuid.UUID, lasts time.Duration) ([]uuid.UUID, error) {
	rows, err := s.db.Query(ctx, `UPDATE ide.workspace_leases SET expires_at = now() + $3
		WHERE workspace_id = ANY($1) AND holder = $2 RETURNING workspace_id`, workspaces, holder, lasts)
	if err != nil {
		return nil, fmt.Errorf("renew leases: %w", err)
	}
	kept, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("renew leases: %w", err)
	}
	return kept, nil
}

// Release gives leases of the holder's up, so that another can take them at once.
func (s *Store) Release(ctx context.Context, workspaces []uuid.UUID, holder uuid.UUID) error {
	_, err := s.db.Exec(ctx, `DELETE FROM ide.workspace_leases WHERE workspace_id = ANY($1) AND holder = $2`, workspaces, holder)
	if err != nil {
		return fmt.Errorf("release leases: %w", err)
	}
	return nil
}
