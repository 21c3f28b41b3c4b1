package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/apitoken"
	"atrium.internal/services/auth/internal/session"
)

const holderQuery = `SELECT u.id, s.id, u.username, u.roles, s.expires_at, s.last_activity, u.must_change_password,
		p.name, p.ai_tokens_monthly, p.ide_seconds_monthly, p.storage_bytes, p.cpu_millis,
		p.memory_bytes, p.workspaces, p.isolation, p.ai_budget_monthly_micro_usd
	FROM auth.sessions s
	JOIN auth.users u ON u.id = s.user_id
	JOIN auth.plans p ON p.name = u.plan
	WHERE s.expires_at > $2 AND u.is_active AND `

const tokenHolderQuery = `SELECT u.id, t.id, u.username, u.roles, t.scopes, t.expires_at, t.last_used, u.is_active,
		p.name, p.ai_tokens_monthly, p.ide_seconds_monthly, p.storage_bytes, p.cpu_millis,
		p.memory_bytes, p.workspaces, p.isolation, p.ai_budget_monthly_micro_usd
	FROM auth.api_tokens t
	JOIN auth.users u ON u.id = t.user_id
	JOIN auth.plans p ON p.name = u.plan
	WHERE t.token = $1 AND (t.expires_at IS NULL OR t.expires_at > $2)`

// Holder gives the holder of the API token with a hash, switched off or not.
func (s *Tokens) Holder(ctx context.Context, hash session.Hash, now time.Time) (apitoken.Holder, error) {
	var h apitoken.Holder
	p := &h.Plan
	err := s.pool.QueryRow(ctx, tokenHolderQuery, hash.String(), now).Scan(
		&h.UserID, &h.TokenID, &h.Username, &h.Roles, &h.Scopes, &h.ExpiresAt, &h.LastUsed, &h.Active,
		&p.Name, &p.AITokensMonthly, &p.IDESecondsMonthly, &p.StorageBytes, &p.CPUMillis,
		&p.MemoryBytes, &p.Workspaces, &p.Isolation, &p.AIBudgetMonthly)
	if errors.Is(err, pgx.ErrNoRows) {
		return apitoken.Holder{}, apitoken.ErrInvalid
	}
	return h, pgdb.Fault("read API token holder", err)
}

// HolderByHash gives the holder of the session with a token's hash.
func (s *Sessions) HolderByHash(ctx context.Context, hash session.Hash, now time.Time) (session.Holder, error) {
	return s.holder(ctx, holderQuery+`s.token = $1`, hash.String(), now)
}

// HolderByID gives the holder of a session.
func (s *Sessions) HolderByID(ctx context.Context, id uuid.UUID, now time.Time) (session.Holder, error) {
	return s.holder(ctx, holderQuery+`s.id = $1`, id, now)
}

func (s *Sessions) holder(ctx context.Context, sql string, args ...any) (session.Holder, error) {
	var h session.Holder
	var p principal.Plan
	err := s.pool.QueryRow(ctx, sql, args...).Scan(
		&h.UserID, &h.SessionID, &h.Username, &h.Roles, &h.ExpiresAt, &h.LastActivity, &h.MustChangePassword,
		&p.Name, &p.AITokensMonthly, &p.IDESecondsMonthly, &p.StorageBytes, &p.CPUMillis,
		&p.MemoryBytes, &p.Workspaces, &p.Isolation, &p.AIBudgetMonthly)
	if errors.Is(err, pgx.ErrNoRows) {
		return session.Holder{}, session.ErrInvalid
	}
	h.Plan = p
	return h, pgdb.Fault("read session holder", err)
}

// Touch notes a session's activity; an older time changes nothing.
func (s *Sessions) Touch(ctx context.Context, id uuid.UUID, now time.Time) error {
	_, err := s.pool.Exec(ctx, `UPDATE auth.sessions SET last_activity = $2 WHERE id = $1 AND last_activity < $2`, id, now)
	return pgdb.Fault("note session activity", err)
}
