package pgstore

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/account"
)

// Find gives the account of a normalised e-mail address or username.
func (s *Accounts) Find(ctx context.Context, login string) (account.Credentials, error) {
	by := `lower(username)`
	if strings.Contains(login, "@") { // no username holds one
		by = `lower(email)`
	}
	row, err := queryUser(ctx, s.pool, `SELECT `+userColumns+` FROM auth.users WHERE `+by+` = $1`, login)
	return row.credentials(), err
}

// Get gives an account.
func (s *Accounts) Get(ctx context.Context, id uuid.UUID) (account.User, error) {
	row, err := queryUser(ctx, s.pool, `SELECT `+userColumns+` FROM auth.users WHERE id = $1`, id)
	return row.credentials().User, err
}

// GetCredentials gives an account with its hash.
func (s *Accounts) GetCredentials(ctx context.Context, id uuid.UUID) (account.Credentials, error) {
	row, err := queryUser(ctx, s.pool, `SELECT `+userColumns+` FROM auth.users WHERE id = $1`, id)
	return row.credentials(), err
}

// Update stores what change makes of an account.
func (s *Accounts) Update(ctx context.Context, id uuid.UUID, change func(*account.User) error) (account.User, error) {
	var updated account.User
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		row, err := queryUser(ctx, tx, `SELECT `+userColumns+` FROM auth.users WHERE id = $1 FOR UPDATE`, id)
		if err != nil {
			return err
		}
		updated = row.credentials().User
		if err := change(&updated); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE auth.users
			SET full_name = $2, avatar_url = $3, settings = $4, updated_at = now() WHERE id = $1`,
			id, updated.FullName, updated.AvatarURL, updated.Settings)
		if err != nil {
			return err
		}
		return audit.Insert(ctx, tx, audit.Entry{
			UserID: id, EventType: "user.update", ResourceType: "user", ResourceID: id.String(),
			Action: "update", Status: audit.Success,
		})
	})
	return updated, pgdb.Fault("update account", err)
}

// LoginFailed writes the audit row of a refused login.
func (s *Accounts) LoginFailed(ctx context.Context, id uuid.UUID) error {
	entry := audit.Entry{
		UserID: id, EventType: "auth.login", ResourceType: "user", Action: "login",
		Status: audit.Failure, Error: account.ErrCredentials.Reason,
	}
	if id != uuid.Nil {
		entry.ResourceID = id.String()
	}
	return pgdb.Fault("note failed login", audit.Insert(ctx, s.pool, entry))
}

func queryUser(ctx context.Context, db pgdb.Querier, sql string, args ...any) (userRow, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return userRow{}, pgdb.Fault("read account", err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[userRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return userRow{}, account.ErrNotFound
	}
	return row, pgdb.Fault("read account", err)
}

// Active counts the accounts that used the platform since a moment, in a
// browser or with an API token. A use is noted at most once a minute.
func (s *Accounts) Active(ctx context.Context, since time.Time) (count int64, err error) {
	count, err = active(ctx, s.pool, since)
	return count, pgdb.Fault("count accounts in use", err)
}

func active(ctx context.Context, db pgdb.Querier, since time.Time) (count int64, err error) {
	err = db.QueryRow(ctx, `SELECT count(*) FROM (
		SELECT user_id FROM auth.sessions WHERE last_activity > $1
		UNION SELECT user_id FROM auth.api_tokens WHERE last_used > $1) used`, since).Scan(&count)
	return count, err
}
