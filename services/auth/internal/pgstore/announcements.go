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
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/announcement"
)

// Announcements implements announcement.Store.
type Announcements struct{ pool *pgxpool.Pool }

// NewAnnouncements keeps announcements in a pool of this service's role.
func NewAnnouncements(pool *pgxpool.Pool) *Announcements { return &Announcements{pool: pool} }

// announcementColumns are an announcement.Announcement's fields, in their order.
const announcementColumns = `id, body, level, shown_from, shown_until, dismissible, created_at, updated_at`

// Current gives what is shown to a user at a moment.
func (s *Announcements) Current(ctx context.Context, user uuid.UUID, now time.Time) ([]announcement.Announcement, error) {
	return s.query(ctx, `SELECT `+announcementColumns+` FROM auth.announcements a
		WHERE (shown_from IS NULL OR shown_from <= $2) AND (shown_until IS NULL OR shown_until > $2)
		  AND NOT EXISTS (SELECT FROM auth.announcement_dismissals d WHERE d.announcement_id = a.id AND d.user_id = $1 AND a.dismissible)
		ORDER BY array_position(ARRAY['critical', 'warning', 'info'], level), created_at DESC, id`, user, now)
}

// All gives every one, newest first.
func (s *Announcements) All(ctx context.Context) ([]announcement.Announcement, error) {
	return s.query(ctx, `SELECT `+announcementColumns+` FROM auth.announcements ORDER BY created_at DESC, id`)
}

func (s *Announcements) query(ctx context.Context, sql string, args ...any) ([]announcement.Announcement, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, pgdb.Fault("list announcements", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[announcement.Announcement])
	return all, pgdb.Fault("list announcements", err)
}

// Create adds one. Administrators come one at a time, by the lock on their
// standing.
func (s *Announcements) Create(ctx context.Context, by uuid.UUID, a announcement.Announcement, allow func(account.Standing) error) (stored announcement.Announcement, err error) {
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := administers(ctx, tx, by, allow); err != nil {
			return err
		}
		if key, ok := idempotency.From(ctx); ok {
			id, replayed, err := pgdb.Claim(ctx, tx, Schema, key, by, a.ID)
			if err != nil {
				return err
			}
			if replayed {
				stored, err = queryAnnouncement(ctx, tx, id)
				return err
			}
		}
		var count int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM auth.announcements`).Scan(&count); err != nil {
			return err
		}
		if count >= announcement.Keep {
			return announcement.ErrTooMany
		}
		if stored, err = writeAnnouncement(ctx, tx, `INSERT INTO auth.announcements (id, body, level, shown_from, shown_until, dismissible)
			VALUES ($1, $2, $3, $4, $5, $6) RETURNING `+announcementColumns, a); err != nil {
			return err
		}
		return audit.Insert(ctx, tx, announcementEntry(by, a.ID, "create", told(stored)))
	})
	return stored, pgdb.Fault("create announcement", err)
}

// Put replaces one.
func (s *Announcements) Put(ctx context.Context, by uuid.UUID, a announcement.Announcement, allow func(account.Standing) error) (stored announcement.Announcement, err error) {
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := administers(ctx, tx, by, allow); err != nil {
			return err
		}
		before, err := queryAnnouncement(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if before.Text != a.Text || before.Level != a.Level {
			if _, err := tx.Exec(ctx, `DELETE FROM auth.announcement_dismissals WHERE announcement_id = $1`, a.ID); err != nil {
				return err
			}
		}
		if stored, err = writeAnnouncement(ctx, tx, `UPDATE auth.announcements SET body = $2, level = $3, shown_from = $4, shown_until = $5,
			dismissible = $6, updated_at = now() WHERE id = $1 RETURNING `+announcementColumns, a); err != nil {
			return err
		}
		return audit.Insert(ctx, tx, announcementEntry(by, a.ID, "update", told(stored)))
	})
	return stored, pgdb.Fault("put announcement", err)
}

func writeAnnouncement(ctx context.Context, tx pgx.Tx, sql string, a announcement.Announcement) (announcement.Announcement, error) {
	rows, err := tx.Query(ctx, sql, a.ID, a.Text, a.Level, a.From, a.Until, a.Dismissible)
	if err != nil {
		return announcement.Announcement{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[announcement.Announcement])
}

// Delete removes one.
func (s *Announcements) Delete(ctx context.Context, by, id uuid.UUID, allow func(account.Standing) error) error {
	return pgdb.Fault("delete announcement", pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := administers(ctx, tx, by, allow); err != nil {
			return err
		}
		before, err := queryAnnouncement(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM auth.announcements WHERE id = $1`, id); err != nil {
			return err
		}
		return audit.Insert(ctx, tx, announcementEntry(by, id, "delete", told(before)))
	}))
}

// Dismiss notes that a user has put one away.
func (s *Announcements) Dismiss(ctx context.Context, user, id uuid.UUID, allow func(announcement.Announcement) error) error {
	return pgdb.Fault("dismiss announcement", pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		a, err := queryAnnouncement(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := allow(a); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO auth.announcement_dismissals (user_id, announcement_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, user, id)
		return err
	}))
}

// queryAnnouncement gives one and keeps it from changing meanwhile.
func queryAnnouncement(ctx context.Context, tx pgx.Tx, id uuid.UUID) (announcement.Announcement, error) {
	rows, err := tx.Query(ctx, `SELECT `+announcementColumns+` FROM auth.announcements WHERE id = $1 FOR UPDATE`, id)
	if err != nil {
		return announcement.Announcement{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[announcement.Announcement])
	if errors.Is(err, pgx.ErrNoRows) {
		err = announcement.ErrNotFound
	}
	return a, err
}

// administers asks allow whether somebody may act as an administrator, and
// keeps that from changing until the transaction ends.
func administers(ctx context.Context, tx pgx.Tx, by uuid.UUID, allow func(account.Standing) error) error {
	standing, err := lockStanding(ctx, tx, by, by)
	if errors.Is(err, account.ErrNotFound) {
		return account.ErrNotAdmin
	}
	if err != nil {
		return err
	}
	return allow(standing)
}

func announcementEntry(by, id uuid.UUID, action string, metadata map[string]any) audit.Entry {
	return audit.Entry{
		UserID: by, EventType: "admin.announcement." + action, ResourceType: "announcement", ResourceID: id.String(),
		Action: action, Status: audit.Success, Metadata: metadata,
	}
}

// told is an announcement as the audit log keeps it: everybody was shown it.
func told(a announcement.Announcement) map[string]any {
	entry := map[string]any{"text": a.Text, "level": string(a.Level), "dismissible": a.Dismissible}
	if a.From != nil {
		entry["from"] = a.From.UTC().Format(time.RFC3339)
	}
	if a.Until != nil {
		entry["until"] = a.Until.UTC().Format(time.RFC3339)
	}
	return entry
}
