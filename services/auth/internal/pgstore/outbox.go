package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/reset"
)

// Due takes a wish whose time has come.
func (s *Resets) Due(ctx context.Context, now time.Time, retry time.Duration) (reset.Wish, error) {
	var w reset.Wish
	err := s.pool.QueryRow(ctx, `UPDATE auth.password_resets
		SET attempts = attempts + 1, send_at = $1::timestamptz + $2 * interval '1 second' * power(2, attempts)
		WHERE id = (SELECT id FROM auth.password_resets WHERE send_at <= $1 ORDER BY send_at LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING id, email, attempts`, now, retry.Seconds()).Scan(&w.ID, &w.Email, &w.Attempts)
	if errors.Is(err, pgx.ErrNoRows) {
		return w, reset.ErrNoneDue
	}
	return w, pgdb.Fault("look for wishes", err)
}

// Make keeps a wish's link. The account's lock makes two wishes of one account
// count each other.
func (s *Resets) Make(ctx context.Context, wish uuid.UUID, l reset.Link, now time.Time, limit int) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT FROM auth.users WHERE id = $1 FOR NO KEY UPDATE`, l.User); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE auth.password_resets SET user_id = $2, token = $3, password_mark = $4, expires_at = $5
			WHERE id = $1 AND $7 > (SELECT count(*) FROM auth.password_resets WHERE user_id = $2 AND id <> $1 AND expires_at > $6)`,
			wish, l.User, l.Token.String(), l.PasswordMark, l.ExpiresAt, now, limit)
		if err == nil && tag.RowsAffected() == 0 {
			return reset.ErrNoneDue
		}
		return err
	})
	if errors.Is(err, reset.ErrNoneDue) {
		return err
	}
	return pgdb.Fault("make link", err)
}

// Sent notes that a link is on its way.
func (s *Resets) Sent(ctx context.Context, wish, user uuid.UUID) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE auth.password_resets SET send_at = NULL WHERE id = $1`, wish); err != nil {
			return err
		}
		return audit.Insert(ctx, tx, resetEntry(user, wish, "send_link", audit.Success, ""))
	})
	return pgdb.Fault("note sent link", err)
}

// Drop removes a wish that sends nothing.
func (s *Resets) Drop(ctx context.Context, wish uuid.UUID) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM auth.password_resets WHERE id = $1`, wish)
	return pgdb.Fault("drop wish", err)
}
