package pgstore

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/apitoken"
	"atrium.internal/services/auth/internal/session"
)

// CreateOfWorkspace adds a workspace's token and ends the one that it had.
func (s *Tokens) CreateOfWorkspace(ctx context.Context, t apitoken.Token, workspace uuid.UUID, hash session.Hash) (ended []session.Ended, err error) {
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if ended, err = endOfWorkspace(ctx, tx, workspace); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO auth.api_tokens (id, user_id, name, token, scopes, created_at, workspace_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			t.ID, t.UserID, t.Name, hash.String(), t.Scopes, t.CreatedAt, workspace)
		if err != nil {
			return err
		}
		return audit.Insert(ctx, tx, workspaceEntry(tokenEntry(t.UserID, t.ID, "auth.token.create", "create", t.Scopes), workspace))
	})
	return ended, pgdb.Fault("create workspace token", err)
}

// EndOfWorkspace removes a workspace's token, if it has one.
func (s *Tokens) EndOfWorkspace(ctx context.Context, workspace uuid.UUID) (ended []session.Ended, err error) {
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		ended, err = endOfWorkspace(ctx, tx, workspace)
		return err
	})
	return ended, pgdb.Fault("end workspace token", err)
}

func endOfWorkspace(ctx context.Context, tx pgx.Tx, workspace uuid.UUID) ([]session.Ended, error) {
	rows, err := tx.Query(ctx, `DELETE FROM auth.api_tokens WHERE workspace_id = $1 RETURNING id, token, user_id`, workspace)
	if err != nil {
		return nil, err
	}
	var owners []uuid.UUID
	ended, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e session.Ended, err error) {
		var token string
		var owner uuid.UUID
		if err := row.Scan(&e.ID, &token, &owner); err != nil {
			return e, err
		}
		owners = append(owners, owner)
		e.Hash, err = session.ParseHash(token)
		return e, err
	})
	if err != nil {
		return nil, err
	}
	for i, e := range ended {
		if err := audit.Insert(ctx, tx, workspaceEntry(tokenEntry(owners[i], e.ID, "auth.token.revoke", "revoke", nil), workspace)); err != nil {
			return nil, err
		}
	}
	return ended, nil
}

func workspaceEntry(e audit.Entry, workspace uuid.UUID) audit.Entry {
	if e.Metadata == nil {
		e.Metadata = map[string]any{}
	}
	e.Metadata["workspace"] = workspace.String()
	return e
}
