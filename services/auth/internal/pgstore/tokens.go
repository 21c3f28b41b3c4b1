package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/apitoken"
	"atrium.internal/services/auth/internal/session"
)

// Tokens implements apitoken.Store.
type Tokens struct {
	pool     *pgxpool.Pool
	refusals *audit.Refusals
}

// NewTokens keeps API tokens in a pool of this service's role.
func NewTokens(pool *pgxpool.Pool, refusals *audit.Refusals) *Tokens {
	return &Tokens{pool: pool, refusals: refusals}
}

const tokenColumns = `id, user_id, name, scopes, created_at, expires_at, last_used`

// Create adds a token, or gives the one that the same call made before.
func (s *Tokens) Create(ctx context.Context, t apitoken.Token, hash session.Hash) (apitoken.Token, error) {
	stored := t
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if key, ok := idempotency.From(ctx); ok {
			id, replayed, err := pgdb.Claim(ctx, tx, Schema, key, t.UserID, t.ID)
			if err != nil {
				return err
			}
			if replayed {
				stored, err = queryToken(ctx, tx, `SELECT `+tokenColumns+` FROM auth.api_tokens WHERE id = $1 AND user_id = $2`, id, t.UserID)
				return err
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO auth.api_tokens (id, user_id, name, token, scopes, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			t.ID, t.UserID, t.Name, hash.String(), t.Scopes, t.CreatedAt, t.ExpiresAt)
		if err != nil {
			return err
		}
		return audit.Insert(ctx, tx, tokenEntry(t.UserID, t.ID, "auth.token.create", "create", t.Scopes))
	})
	return stored, pgdb.Fault("create API token", err)
}

// Get gives one good token of a user.
func (s *Tokens) Get(ctx context.Context, user, id uuid.UUID, now time.Time) (apitoken.Token, error) {
	return queryToken(ctx, s.pool, `SELECT `+tokenColumns+` FROM auth.api_tokens
		WHERE id = $1 AND user_id = $2 AND (expires_at IS NULL OR expires_at > $3)`, id, user, now)
}

// List gives a user's tokens made before one, newest first.
func (s *Tokens) List(ctx context.Context, user, before uuid.UUID, limit int) ([]apitoken.Token, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+tokenColumns+` FROM auth.api_tokens
		WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`, user, nullable(before), limit)
	if err != nil {
		return nil, pgdb.Fault("list API tokens", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[apitoken.Token])
	return found, pgdb.Fault("list API tokens", err)
}

// End removes one of a user's tokens.
func (s *Tokens) End(ctx context.Context, user, id uuid.UUID) (session.Ended, error) {
	var ended session.Ended
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `DELETE FROM auth.api_tokens WHERE id = $1 AND user_id = $2 RETURNING id, token`, id, user)
		if err != nil {
			return err
		}
		ended, err = pgx.CollectExactlyOneRow(rows, scanEnded)
		if errors.Is(err, pgx.ErrNoRows) {
			return apitoken.ErrNotFound
		}
		if err != nil {
			return err
		}
		return audit.Insert(ctx, tx, tokenEntry(user, id, "auth.token.revoke", "revoke", nil))
	})
	return ended, pgdb.Fault("end API token", err)
}

// Refused notes that a token was used in vain.
func (s *Tokens) Refused(ctx context.Context, h apitoken.Holder, reason string) {
	e := audit.Entry{UserID: h.UserID, EventType: "auth.token.use", ResourceType: "api_token", Action: "use", Error: reason}
	if h.TokenID != uuid.Nil {
		e.ResourceID = h.TokenID.String()
	}
	s.refusals.Note(ctx, e)
}

// Touch notes a token's use; an older time changes nothing.
func (s *Tokens) Touch(ctx context.Context, id uuid.UUID, now time.Time) error {
	_, err := s.pool.Exec(ctx, `UPDATE auth.api_tokens SET last_used = $2
		WHERE id = $1 AND (last_used IS NULL OR last_used < $2)`, id, now)
	return pgdb.Fault("note use of API token", err)
}

func queryToken(ctx context.Context, db pgdb.Querier, sql string, args ...any) (apitoken.Token, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return apitoken.Token{}, pgdb.Fault("read API token", err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[apitoken.Token])
	if errors.Is(err, pgx.ErrNoRows) {
		return apitoken.Token{}, apitoken.ErrNotFound
	}
	return t, pgdb.Fault("read API token", err)
}

func tokenEntry(user, id uuid.UUID, event, action string, scopes []string) audit.Entry {
	e := audit.Entry{
		UserID: user, EventType: event, ResourceType: "api_token", ResourceID: id.String(),
		Action: action, Status: audit.Success,
	}
	if len(scopes) > 0 {
		e.Metadata = map[string]any{"scopes": scopes}
	}
	return e
}
