package pgstore

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/secondfactor"
	"atrium.internal/services/auth/internal/session"
)

// Factors implements secondfactor.Store.
type Factors struct{ pool *pgxpool.Pool }

// NewFactors keeps authenticators and recovery codes in a pool of this service's role.
func NewFactors(pool *pgxpool.Pool) *Factors { return &Factors{pool: pool} }

// Get gives an account's enrolment.
func (s *Factors) Get(ctx context.Context, user uuid.UUID) (secondfactor.Enrolment, error) {
	var e secondfactor.Enrolment
	err := s.pool.QueryRow(ctx, `SELECT secret, confirmed_at IS NOT NULL, last_step FROM auth.totp WHERE user_id = $1`, user).
		Scan(&e.Secret, &e.Confirmed, &e.LastStep)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, secondfactor.ErrNotEnrolled
	}
	return e, pgdb.Fault("read second factor", err)
}

// Enrol keeps a secret that waits for its first code.
func (s *Factors) Enrol(ctx context.Context, user uuid.UUID, sealed []byte) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO auth.totp (user_id, secret) VALUES ($1, $2)
			ON CONFLICT (user_id) DO UPDATE SET secret = $2, created_at = now(), last_step = 0
			WHERE totp.confirmed_at IS NULL`, user, sealed)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return secondfactor.ErrEnabled
		}
		return audit.Insert(ctx, tx, factorEntry(user, "enroll", audit.Success, ""))
	})
	return pgdb.Fault("enrol second factor", err)
}

// Change turns two factors on or replaces the recovery codes.
func (s *Factors) Change(ctx context.Context, c secondfactor.Change, use secondfactor.Use, recovery []session.Hash) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := spend(ctx, tx, use, c == secondfactor.Renew); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE auth.totp SET confirmed_at = coalesce(confirmed_at, now()) WHERE user_id = $1`, use.User); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM auth.recovery_codes WHERE user_id = $1`, use.User); err != nil {
			return err
		}
		texts := make([]string, len(recovery))
		for i, hash := range recovery {
			texts[i] = hash.String()
		}
		if _, err := tx.Exec(ctx, `INSERT INTO auth.recovery_codes (user_id, hash) SELECT $1, unnest($2::text[])`, use.User, texts); err != nil {
			return err
		}
		return audit.Insert(ctx, tx, factorEntry(use.User, string(c), audit.Success, ""))
	})
	return pgdb.Fault("change second factor", err)
}

// Disable turns two factors off.
func (s *Factors) Disable(ctx context.Context, user uuid.UUID, use *secondfactor.Use) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if use != nil {
			if err := spend(ctx, tx, *use, true); err != nil {
				return err
			}
		}
		if had, err := dropFactor(ctx, tx, user); err != nil || !had {
			return err
		}
		return audit.Insert(ctx, tx, factorEntry(user, string(secondfactor.Disable), audit.Success, ""))
	})
	return pgdb.Fault("turn second factor off", err)
}

// dropFactor forgets an account's second factor and the sign-ins that wait for its
// code; had is whether there was one.
func dropFactor(ctx context.Context, tx pgx.Tx, user uuid.UUID) (had bool, err error) {
	tag, err := tx.Exec(ctx, `DELETE FROM auth.totp WHERE user_id = $1`, user)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM auth.login_challenges WHERE user_id = $1`, user)
	return true, err
}

// CodeRefused writes the audit row of a wrong code in a change.
func (s *Factors) CodeRefused(ctx context.Context, user uuid.UUID, c secondfactor.Change) error {
	err := audit.Insert(ctx, s.pool, factorEntry(user, string(c), audit.Failure, secondfactor.ErrCode.Reason))
	return pgdb.Fault("note refused code", err)
}

// spend uses a code up: of several callers at once, one succeeds. The row of
// the authenticator is locked either way, so that uses of one account follow
// each other.
func spend(ctx context.Context, tx pgx.Tx, use secondfactor.Use, confirmed bool) error {
	tag, err := tx.Exec(ctx, `UPDATE auth.totp SET last_step = greatest(last_step, $4)
		WHERE user_id = $1 AND secret = $2 AND (confirmed_at IS NOT NULL) = $3 AND ($4::bigint = 0 OR last_step < $4)`,
		use.User, use.Secret, confirmed, use.Step)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return secondfactor.ErrCode
	}
	if use.Step > 0 {
		return nil
	}
	tag, err = tx.Exec(ctx, `DELETE FROM auth.recovery_codes WHERE user_id = $1 AND hash = $2`, use.User, use.Recovery.String())
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return secondfactor.ErrCode
	}
	return audit.Insert(ctx, tx, factorEntry(use.User, "use_recovery_code", audit.Success, ""))
}

func factorEntry(user uuid.UUID, action, status, reason string) audit.Entry {
	return audit.Entry{
		UserID: user, EventType: "auth.totp", ResourceType: "user", ResourceID: user.String(),
		Action: action, Status: status, Error: reason,
	}
}
