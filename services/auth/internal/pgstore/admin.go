package pgstore

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/admin"
	"atrium.internal/services/auth/internal/session"
)

// Admin implements admin.Store and admin.PlanStore.
type Admin struct {
	pool  *pgxpool.Pool
	reads *pgdb.Reads
}

// NewAdmin administrates accounts in a pool of this service's role.
func NewAdmin(pool *pgxpool.Pool) *Admin { return &Admin{pool: pool, reads: pgdb.ByPrimary(pool)} }

// By has its statistics read where what is a little old does.
func (s *Admin) By(reads *pgdb.Reads) *Admin { return &Admin{pool: s.pool, reads: reads} }

// Summarize counts accounts. It reads the whole table, as one look of an
// administrator may.
func (s *Admin) Summarize(ctx context.Context, activeSince, madeSince time.Time) (sum admin.Summary, err error) {
	err = s.reads.Do(ctx, func(ctx context.Context, db pgdb.Querier) error {
		sum, err = summarize(ctx, db, activeSince, madeSince)
		return err
	})
	return sum, pgdb.Fault("count accounts", err)
}

func summarize(ctx context.Context, db pgdb.Querier, activeSince, madeSince time.Time) (sum admin.Summary, err error) {
	err = db.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE NOT is_active) FROM auth.users`).Scan(&sum.Total, &sum.Suspended)
	if err != nil {
		return sum, err
	}
	if sum.Active, err = active(ctx, db, activeSince); err != nil {
		return sum, err
	}
	rows, err := db.Query(ctx, `SELECT date_trunc('day', created_at, 'UTC'), count(*) FROM auth.users
		WHERE created_at >= $1 GROUP BY 1`, madeSince)
	if err != nil {
		return sum, err
	}
	sum.Made = map[time.Time]int64{}
	var day time.Time
	var count int64
	_, err = pgx.ForEachRow(rows, []any{&day, &count}, func() error {
		sum.Made[day.UTC()] = count
		return nil
	})
	return sum, err
}

// List gives accounts made before one, newest first. It walks the primary key
// and stops when the page is full: a text that few accounts hold makes it read
// them all, which takes about a tenth of a second for a hundred thousand.
func (s *Admin) List(ctx context.Context, f admin.Filter, before uuid.UUID, limit int) ([]account.User, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+userColumns+` FROM auth.users
		WHERE ($1::uuid IS NULL OR id < $1)
		  AND ($2 = '' OR strpos(lower(email), lower($2)) > 0 OR strpos(lower(username), lower($2)) > 0
		       OR strpos(lower(full_name), lower($2)) > 0)
		  AND ($3 = '' OR $3 = ANY (roles)) AND ($4 = '' OR plan = $4) AND ($5::boolean IS NULL OR is_active = $5)
		ORDER BY id DESC LIMIT $6`, nullable(before), f.Text, f.Role, f.Plan, f.Active, limit)
	if err != nil {
		return nil, pgdb.Fault("list accounts", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[userRow])
	if err != nil {
		return nil, pgdb.Fault("list accounts", err)
	}
	users := make([]account.User, len(found))
	for i, row := range found {
		users[i] = row.credentials().User
	}
	return users, nil
}

// Change stores what decide makes of an account.
func (s *Admin) Change(ctx context.Context, by, id uuid.UUID, decide func(account.Standing) (account.User, error)) (admin.Changed, error) {
	var changed admin.Changed
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		standing, err := lockStanding(ctx, tx, by, id)
		if err != nil {
			return err
		}
		before := standing.Target
		if changed.User, err = decide(standing); err != nil {
			return err
		}
		changes := differences(before, changed.User)
		if len(changes) == 0 {
			return nil
		}
		if err := storeChange(ctx, tx, changed.User); err != nil {
			return err
		}
		if before.TOTPEnabled && !changed.User.TOTPEnabled {
			if _, err := dropFactor(ctx, tx, id); err != nil {
				return err
			}
		}
		if err := audit.Insert(ctx, tx, adminEntry(by, id, admin.Update, map[string]any{"changes": changes})); err != nil {
			return err
		}
		if before.Active && !changed.User.Active {
			if changed.Ended, err = dropSessions(ctx, tx, id); err != nil {
				return err
			}
		}
		changed.Held, err = credentialsOf(ctx, tx, id)
		return err
	})
	return changed, pgdb.Fault("change account", err)
}

func storeChange(ctx context.Context, tx pgx.Tx, u account.User) error {
	_, err := tx.Exec(ctx, `UPDATE auth.users SET roles = $2, plan = $3, is_active = $4, updated_at = now() WHERE id = $1`,
		u.ID, u.Roles, u.Plan, u.Active)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23503" { // foreign_key_violation
		return admin.ErrPlanUnknown
	}
	return err
}

// EndSessions ends an account's sessions.
func (s *Admin) EndSessions(ctx context.Context, by, id uuid.UUID, allow func(account.Standing) error) ([]session.Ended, error) {
	var ended []session.Ended
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		standing, err := lockStanding(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := allow(standing); err != nil {
			return err
		}
		if ended, err = dropSessions(ctx, tx, id); err != nil {
			return err
		}
		ids := make([]string, len(ended))
		for i, e := range ended {
			ids[i] = e.ID.String()
		}
		return audit.Insert(ctx, tx, adminEntry(by, id, admin.RevokeSessions, map[string]any{"sessions": ids}))
	})
	return ended, pgdb.Fault("end sessions", err)
}

// Refused writes the audit row of what the rules did not allow.
func (s *Admin) Refused(ctx context.Context, r admin.Refusal) error {
	entry := adminEntry(r.By, r.User, r.Action, nil)
	entry.Status, entry.Error = audit.Failure, r.Reason
	if len(r.Wanted) > 0 {
		entry.Metadata = map[string]any{"wanted": r.Wanted}
	}
	return pgdb.Fault("note refusal", audit.Insert(ctx, s.pool, entry))
}

func dropSessions(ctx context.Context, tx pgx.Tx, user uuid.UUID) ([]session.Ended, error) {
	return queryEnded(ctx, tx, `DELETE FROM auth.sessions WHERE user_id = $1 RETURNING id, token`, user)
}

// differences says what a change does, old and new.
func differences(before, after account.User) map[string]any {
	changes := map[string]any{}
	note := func(name string, from, to any) { changes[name] = map[string]any{"from": from, "to": to} }
	if !slices.Equal(before.Roles, after.Roles) {
		note("roles", before.Roles, after.Roles)
	}
	if before.Plan != after.Plan {
		note("plan", before.Plan, after.Plan)
	}
	if before.Active != after.Active {
		note("isActive", before.Active, after.Active)
	}
	if before.TOTPEnabled != after.TOTPEnabled {
		note("totpEnabled", before.TOTPEnabled, after.TOTPEnabled)
	}
	return changes
}

func adminEntry(by, user uuid.UUID, action admin.Action, metadata map[string]any) audit.Entry {
	return audit.Entry{
		UserID: by, EventType: "admin.user." + string(action), ResourceType: "user", ResourceID: user.String(),
		Action: string(action), Status: audit.Success, Metadata: metadata,
	}
}
