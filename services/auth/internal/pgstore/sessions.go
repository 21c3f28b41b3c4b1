package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/session"
)

// maxUserAgent bounds what a client can make us keep, in bytes.
const maxUserAgent = 512

// Start adds a session and notes the login. The update waits for a change of
// the password that is under way and then sees its outcome, so that the old
// password starts no session that the change would have ended.
func (s *Sessions) Start(ctx context.Context, n session.Session, hash session.Hash, passwordMark string) error {
	caller, _ := principal.From(ctx)
	told, err := audit.Row(caller, entry(n.UserID, n.ID, "auth.login", "login"))
	if err != nil {
		return err
	}
	// In one statement, because each way to the database makes a login longer.
	tag, err := s.pool.Exec(ctx, `WITH owner AS (UPDATE auth.users SET last_login = $3 WHERE id = $2 AND is_active
			AND ($9 = '' OR encode(sha256(convert_to(password_hash, 'UTF8')), 'hex') = $9) RETURNING id),
		started AS (INSERT INTO auth.sessions (id, user_id, token, created_at, expires_at, last_activity, ip_address, user_agent)
			SELECT $1, owner.id, $4, $3, $5, $6, $7, $8 FROM owner RETURNING id)
		INSERT INTO audit.audit_log (`+audit.Columns+`)
			SELECT $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20 FROM started`,
		append([]any{
			n.ID, n.UserID, n.CreatedAt, hash.String(), n.ExpiresAt, n.LastActivity, address(n), truncate(n.UserAgent, maxUserAgent), passwordMark,
		}, told...)...)
	if err == nil && tag.RowsAffected() == 0 {
		err = session.ErrInvalid
	}
	return pgdb.Fault("start session", err)
}

// Get gives one good session of a user.
func (s *Sessions) Get(ctx context.Context, user, id uuid.UUID, now time.Time) (session.Session, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+sessionColumns+` FROM auth.sessions
		WHERE id = $1 AND user_id = $2 AND expires_at > $3`, id, user, now)
	if err != nil {
		return session.Session{}, pgdb.Fault("read session", err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[sessionRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return session.Session{}, session.ErrNotFound
	}
	return row.session(), pgdb.Fault("read session", err)
}

// List gives a user's good sessions after a cursor, newest activity first.
func (s *Sessions) List(ctx context.Context, user uuid.UUID, now time.Time, after session.Cursor, limit int) ([]session.Session, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+sessionColumns+` FROM auth.sessions
		WHERE user_id = $1 AND expires_at > $2 AND ($3::uuid IS NULL OR (last_activity, id) < ($4, $3))
		ORDER BY last_activity DESC, id DESC LIMIT $5`,
		user, now, nullable(after.ID), after.LastActivity, limit)
	if err != nil {
		return nil, pgdb.Fault("list sessions", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sessionRow])
	if err != nil {
		return nil, pgdb.Fault("list sessions", err)
	}
	sessions := make([]session.Session, len(found))
	for i, row := range found {
		sessions[i] = row.session()
	}
	return sessions, nil
}

// End removes the sessions that which picks.
func (s *Sessions) End(ctx context.Context, user uuid.UUID, which session.Selection) ([]session.Ended, error) {
	var ended []session.Ended
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		ended, err = endSessions(ctx, tx, user, which)
		return err
	})
	return ended, pgdb.Fault("end sessions", err)
}

func endSessions(ctx context.Context, tx pgx.Tx, user uuid.UUID, which session.Selection) ([]session.Ended, error) {
	rows, err := tx.Query(ctx, `DELETE FROM auth.sessions
		WHERE user_id = $1 AND ($2::uuid IS NULL OR id = $2) AND ($3::uuid IS NULL OR id <> $3)
		RETURNING id, token`, user, nullable(which.Only), nullable(which.Except))
	if err != nil {
		return nil, err
	}
	ended, err := pgx.CollectRows(rows, scanEnded)
	if err != nil {
		return nil, err
	}
	event, action := "auth.session.revoke", "revoke"
	if which.Logout {
		event, action = "auth.logout", "logout"
	}
	for _, e := range ended {
		if err := audit.Insert(ctx, tx, entry(user, e.ID, event, action)); err != nil {
			return nil, err
		}
	}
	return ended, nil
}

func scanEnded(row pgx.CollectableRow) (e session.Ended, err error) {
	var token string
	if err := row.Scan(&e.ID, &token); err != nil {
		return e, err
	}
	e.Hash, err = session.ParseHash(token)
	return e, err
}

func entry(user, id uuid.UUID, event, action string) audit.Entry {
	return audit.Entry{
		UserID: user, EventType: event, ResourceType: "session", ResourceID: id.String(),
		Action: action, Status: audit.Success,
	}
}
