package pgstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ide/internal/workspace"
)

// Share keeps whether a port of an owner's workspace is shared.
func (s *Store) Share(ctx context.Context, owner, id uuid.UUID, port int, shared bool, maximum int) (workspace.Workspace, error) {
	var result workspace.Workspace
	err := pgdb.InTx(ctx, s.db, func(tx pgx.Tx) error {
		w, err := one(ctx, tx, `SELECT `+workspaceColumns+` FROM ide.ide_workspaces WHERE id = $1 FOR UPDATE`, id)
		if err != nil {
			return err
		}
		if w.UserID != owner || w.Desired == workspace.WantDeleted {
			return workspace.ErrNotFound
		}
		result = w
		sql, deed := `DELETE FROM ide.shared_ports WHERE workspace_id = $1 AND port = $2`, "workspace.unshare_port"
		if shared {
			sql, deed = `INSERT INTO ide.shared_ports (workspace_id, port) VALUES ($1, $2) ON CONFLICT DO NOTHING`, "workspace.share_port"
		}
		if _, err := tx.Exec(ctx, sql, id, port); err != nil {
			return fmt.Errorf("write shared port: %w", err)
		}
		var count int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM ide.shared_ports WHERE workspace_id = $1`, id).Scan(&count); err != nil {
			return fmt.Errorf("count shared ports: %w", err)
		}
		if shared && count > maximum {
			return workspace.ErrManyShares
		}
		return record(ctx, tx, w, workspace.Audit{Type: deed, Metadata: map[string]any{"port": port}})
	})
	return result, err
}

// Shared gives the ports of a workspace that are shared, by number.
func (s *Store) Shared(ctx context.Context, id uuid.UUID) ([]int, error) {
	rows, err := s.db.Query(ctx, `SELECT port FROM ide.shared_ports WHERE workspace_id = $1 ORDER BY port`, id)
	if err != nil {
		return nil, fmt.Errorf("read shared ports: %w", err)
	}
	ports, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return nil, fmt.Errorf("read shared ports: %w", err)
	}
	return ports, nil
}
