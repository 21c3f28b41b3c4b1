package pgstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ide/internal/workspace"
)

// workspaceRow mirrors the table, column by column.
type workspaceRow struct {
	ID                uuid.UUID
	UserID            uuid.UUID
	Name              string
	Path              string
	CreatedAt         time.Time
	LastAccessed      time.Time
	ContainerID       string
	Status            string
	Metadata          map[string]any
	Desired           string
	Restart           bool
	StatusReason      string
	StatusCause       *reasonColumn
	Template          string
	Isolation         string
	Label             string
	CPUMillis         int64 `db:"cpu_millis"`
	MemoryBytes       int64
	IDESecondsMonthly int64 `db:"ide_seconds_monthly"`
	StorageBytes      int64
	PlanIsolation     string
	DeleteAt          pgtype.Timestamptz
	KeepUntil         pgtype.Timestamptz
}

const workspaceColumns = `id, user_id, name, path, created_at, last_accessed, container_id, status, metadata,
	desired, restart, status_reason, status_cause, template, isolation, label, cpu_millis, memory_bytes, ide_seconds_monthly, keep_until,
	storage_bytes, plan_isolation, delete_at`

func (r workspaceRow) domain() workspace.Workspace {
	return workspace.Workspace{
		ID: r.ID, UserID: r.UserID, Name: r.Name, Path: r.Path, CreatedAt: r.CreatedAt, LastAccessed: r.LastAccessed,
		ContainerID: r.ContainerID, Status: workspace.Status(r.Status), Metadata: r.Metadata,
		Desired: workspace.Desired(r.Desired), Restart: r.Restart, StatusReason: r.reason(),
		Template: r.Template, Isolation: r.Isolation, Label: r.Label, KeepUntil: r.KeepUntil.Time, DeleteAt: r.DeleteAt.Time,
		Limits: workspace.Limits{
			CPUMillis: r.CPUMillis, MemoryBytes: r.MemoryBytes, IDESecondsMonthly: r.IDESecondsMonthly,
			StorageBytes: r.StorageBytes, Isolation: r.PlanIsolation,
		},
	}
}

// reasonColumn is a workspace.Reason in JSON.
type reasonColumn struct {
	Code   string            `json:"code"`
	Values map[string]string `json:"values,omitempty"`
	Words  string            `json:"words"`
}

// reason is the whole reason, unless the words were written by a program that
// knows no more, as during an upgrade.
func (r workspaceRow) reason() workspace.Reason {
	if c := r.StatusCause; c != nil && c.Words == r.StatusReason {
		return workspace.Reason(*c)
	}
	return workspace.Reason{Words: r.StatusReason}
}

// one and many run a query for workspaces.
func one(ctx context.Context, db pgdb.Querier, sql string, args ...any) (workspace.Workspace, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return workspace.Workspace{}, fmt.Errorf("read workspace: %w", err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[workspaceRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return workspace.Workspace{}, workspace.ErrNotFound
	}
	if err != nil {
		return workspace.Workspace{}, fmt.Errorf("read workspace: %w", err)
	}
	return row.domain(), nil
}

func many(ctx context.Context, db pgdb.Querier, sql string, args ...any) ([]workspace.Workspace, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read workspaces: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (workspace.Workspace, error) {
		row, err := pgx.RowToStructByName[workspaceRow](r)
		return row.domain(), err
	})
	if err != nil {
		return nil, fmt.Errorf("read workspaces: %w", err)
	}
	return list, nil
}

// Get reads a workspace.
func (s *Store) Get(ctx context.Context, id uuid.UUID) (workspace.Workspace, error) {
	return one(ctx, s.db, `SELECT `+workspaceColumns+` FROM ide.ide_workspaces WHERE id = $1`, id)
}

// List reads an owner's workspaces, newest first.
func (s *Store) List(ctx context.Context, owner, after uuid.UUID, limit int) ([]workspace.Workspace, error) {
	return many(ctx, s.db, `SELECT `+workspaceColumns+` FROM ide.ide_workspaces
		WHERE user_id = $1 AND desired <> 'deleted' AND ($2 = '00000000-0000-0000-0000-000000000000'::uuid OR id < $2)
		ORDER BY id DESC LIMIT $3`, owner, after, limit)
}

// All reads workspaces of all owners, newest first.
func (s *Store) All(ctx context.Context, f workspace.Filter, after uuid.UUID, limit int) ([]workspace.Workspace, error) {
	return many(ctx, s.db, `SELECT `+workspaceColumns+` FROM ide.ide_workspaces
		WHERE desired <> 'deleted' AND ($1 = '00000000-0000-0000-0000-000000000000'::uuid OR user_id = $1)
			AND ($2 = '' OR status = $2) AND ($3 = '00000000-0000-0000-0000-000000000000'::uuid OR id < $3)
		ORDER BY id DESC LIMIT $4`, f.Owner, string(f.Status), after, limit)
}

// Summarize counts the workspaces of all users.
func (s *Store) Summarize(ctx context.Context) (sum workspace.Summary, err error) {
	err = s.reads.Do(ctx, func(ctx context.Context, db pgdb.Querier) error {
		return db.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE status IN ('starting', 'running', 'stopping')),
			count(*) FILTER (WHERE status = 'error') FROM ide.ide_workspaces WHERE desired <> 'deleted'`).
			Scan(&sum.Total, &sum.Running, &sum.Failed)
	})
	if err != nil {
		return sum, fmt.Errorf("count workspaces: %w", err)
	}
	return sum, nil
}

// Unsettled reads all workspaces that the reconciler must look at.
func (s *Store) Unsettled(ctx context.Context) ([]workspace.Workspace, error) {
	return many(ctx, s.db, `SELECT `+workspaceColumns+` FROM ide.ide_workspaces
		WHERE desired <> 'stopped' OR status IN ('starting', 'running', 'stopping') ORDER BY id`)
}

// Unused reads stopped workspaces that nobody has used since a moment, or whose
// deletion is due.
func (s *Store) Unused(ctx context.Context, since, due time.Time, limit int) ([]workspace.Workspace, error) {
	return many(ctx, s.db, `SELECT `+workspaceColumns+` FROM ide.ide_workspaces
		WHERE desired = 'stopped' AND status IN ('stopped', 'error') AND last_accessed < $1 AND (delete_at IS NULL OR delete_at <= $2)
		ORDER BY last_accessed LIMIT $3`, since, due, limit)
}

// Create inserts a workspace, once per idempotency key.
func (s *Store) Create(ctx context.Context, w workspace.Workspace, maximum int64, entry workspace.Audit) (workspace.Workspace, error) {
	var result workspace.Workspace
	err := pgdb.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if key, ok := idempotency.From(ctx); ok {
			before, replayed, err := pgdb.Claim(ctx, tx, Schema, key, w.UserID, w.ID)
			if err != nil {
				return err
			}
			if replayed {
				result, err = one(ctx, tx, `SELECT `+workspaceColumns+` FROM ide.ide_workspaces WHERE id = $1`, before)
				return err
			}
		}
		if err := makeRoom(ctx, tx, w.UserID, maximum); err != nil {
			return err
		}
		if err := insert(ctx, tx, w); err != nil {
			return err
		}
		result = w
		return record(ctx, tx, w, entry)
	})
	return result, err
}

// makeRoom counts under a lock per user, so that parallel calls can't pass the
// limit together.
func makeRoom(ctx context.Context, tx pgx.Tx, owner uuid.UUID, maximum int64) error {
	if maximum < 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('ide.workspaces/' || $1::text, 0))`, owner.String()); err != nil {
		return fmt.Errorf("lock workspaces: %w", err)
	}
	var count int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM ide.ide_workspaces WHERE user_id = $1 AND desired <> 'deleted'`, owner).Scan(&count)
	if err != nil {
		return fmt.Errorf("count workspaces: %w", err)
	}
	if count >= maximum {
		return workspace.ErrTooMany.WithMetadata("limit", fmt.Sprint(maximum))
	}
	return nil
}

func insert(ctx context.Context, tx pgx.Tx, w workspace.Workspace) error {
	_, err := tx.Exec(ctx, `INSERT INTO ide.ide_workspaces
		(id, user_id, name, path, created_at, last_accessed, status, metadata, desired, template, isolation, label,
		 cpu_millis, memory_bytes, ide_seconds_monthly, storage_bytes, plan_isolation)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		w.ID, w.UserID, w.Name, w.Path, w.CreatedAt, w.LastAccessed, w.Status, w.Metadata, w.Desired, w.Template,
		w.Isolation, w.Label, w.Limits.CPUMillis, w.Limits.MemoryBytes, w.Limits.IDESecondsMonthly,
		w.Limits.StorageBytes, w.Limits.Isolation)
	return named(err)
}

// named turns a taken name into the domain's error.
func named(err error) error {
	if pgdb.IsUnique(err, "ide_workspaces_user_id_name") {
		return workspace.ErrExists
	}
	if err != nil {
		return fmt.Errorf("write workspace: %w", err)
	}
	return nil
}

// record writes the audit row of a change, in the name of whom it says.
func record(ctx context.Context, tx audit.Execer, w workspace.Workspace, entry workspace.Audit) error {
	if entry.Type == "" {
		return nil
	}
	_, action, _ := strings.Cut(entry.Type, ".")
	by := entry.By
	if by == uuid.Nil {
		by = w.UserID
	}
	return audit.Insert(ctx, tx, audit.Entry{
		UserID: by, EventType: entry.Type, ResourceType: "workspace", ResourceID: w.ID.String(),
		Action: action, Status: audit.Success, Metadata: entry.Metadata,
	})
}

// Delete removes the row of a workspace that is to be deleted.
func (s *Store) Delete(ctx context.Context, id uuid.UUID) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM ide.ide_workspaces WHERE id = $1 AND desired = 'deleted'`, id); err != nil {
		return fmt.Errorf("delete workspace: %w", err)
	}
	return nil
}
