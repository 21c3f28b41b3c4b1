package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/secondfactor"
	"atrium.internal/services/auth/internal/session"
)

// Challenges implements secondfactor.Challenges. They are in Postgres, since
// what a cache forgets or is told to hold must not decide over a sign-in.
type Challenges struct{ pool *pgxpool.Pool }

// NewChallenges keeps challenges in a pool of this service's role.
func NewChallenges(pool *pgxpool.Pool) *Challenges { return &Challenges{pool: pool} }

// Add keeps a challenge, and notes that the password was right.
func (s *Challenges) Add(ctx context.Context, hash session.Hash, c secondfactor.Challenge) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO auth.login_challenges (hash, user_id, password_mark, expires_at)
			VALUES ($1, $2, $3, $4)`, hash.String(), c.User, c.PasswordMark, c.ExpiresAt)
		if err != nil {
			return err
		}
		return audit.Insert(ctx, tx, challengeEntry(c.User, "auth.challenge", audit.Success, ""))
	})
	return pgdb.Fault("begin second step", err)
}

// Find gives a good challenge.
func (s *Challenges) Find(ctx context.Context, hash session.Hash, now time.Time, limit int) (secondfactor.Challenge, error) {
	var c secondfactor.Challenge
	err := s.pool.QueryRow(ctx, `SELECT user_id, password_mark, expires_at FROM auth.login_challenges
		WHERE hash = $1 AND expires_at > $2 AND attempts < $3`, hash.String(), now, limit).
		Scan(&c.User, &c.PasswordMark, &c.ExpiresAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, secondfactor.ErrChallenge
	}
	return c, pgdb.Fault("read second step", err)
}

// Attempt counts a try.
func (s *Challenges) Attempt(ctx context.Context, hash session.Hash, limit int) error {
	tag, err := s.pool.Exec(ctx, `UPDATE auth.login_challenges SET attempts = attempts + 1
		WHERE hash = $1 AND attempts < $2`, hash.String(), limit)
	if err == nil && tag.RowsAffected() == 0 {
		return secondfactor.ErrChallenge
	}
	return pgdb.Fault("count second step", err)
}

// Redeem uses challenge and code up together.
func (s *Challenges) Redeem(ctx context.Context, hash session.Hash, use secondfactor.Use) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM auth.login_challenges WHERE hash = $1 AND user_id = $2`, hash.String(), use.User)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return secondfactor.ErrChallenge
		}
		return spend(ctx, tx, use, true)
	})
	return pgdb.Fault("finish second step", err)
}

// Refused writes the audit row of a wrong code at sign-in.
func (s *Challenges) Refused(ctx context.Context, user uuid.UUID) error {
	err := audit.Insert(ctx, s.pool, challengeEntry(user, "auth.login", audit.Failure, secondfactor.ErrCode.Reason))
	return pgdb.Fault("note refused code", err)
}

func challengeEntry(user uuid.UUID, event, status, reason string) audit.Entry {
	return audit.Entry{
		UserID: user, EventType: event, ResourceType: "user", ResourceID: user.String(),
		Action: "login", Status: status, Error: reason,
	}
}
