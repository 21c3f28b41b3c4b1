package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ide/internal/workspace"
)

// Update changes a workspace together with its event, audit row and meter.
func (s *Store) Update(ctx context.Context, id uuid.UUID, change func(*workspace.Workspace) (workspace.Change, error)) (workspace.Workspace, error) {
	var result workspace.Workspace
	err := pgdb.InTx(ctx, s.db, func(tx pgx.Tx) error {
		w, err := one(ctx, tx, `SELECT `+workspaceColumns+` FROM ide.ide_workspaces WHERE id = $1 FOR UPDATE`, id)
		if err != nil {
			return err
		}
		c, err := change(&w)
		if err != nil {
			return err
		}
		if err := save(ctx, tx, w); err != nil {
			return err
		}
		if err := journal(ctx, tx, w, c); err != nil {
			return err
		}
		if err := meter(ctx, tx, w, c.Meter); err != nil {
			return err
		}
		result = w
		return record(ctx, tx, w, c.Audit)
	})
	return result, err
}

func save(ctx context.Context, tx pgx.Tx, w workspace.Workspace) error {
	_, err := tx.Exec(ctx, `UPDATE ide.ide_workspaces SET
		name = $2, path = $3, last_accessed = $4, container_id = $5, status = $6, metadata = $7, desired = $8,
		restart = $9, status_reason = $10, cpu_millis = $11, memory_bytes = $12, ide_seconds_monthly = $13,
		isolation = $14, keep_until = $15, storage_bytes = $16, plan_isolation = $17,
		delete_at = $18, status_cause = $19
		WHERE id = $1`,
		w.ID, w.Name, w.Path, w.LastAccessed, w.ContainerID, w.Status, w.Metadata, w.Desired,
		w.Restart, w.StatusReason.Words, w.Limits.CPUMillis, w.Limits.MemoryBytes, w.Limits.IDESecondsMonthly,
		w.Isolation, pgtype.Timestamptz{Time: w.KeepUntil, Valid: !w.KeepUntil.IsZero()},
		w.Limits.StorageBytes, w.Limits.Isolation, pgtype.Timestamptz{Time: w.DeleteAt, Valid: !w.DeleteAt.IsZero()},
		reasonColumn(w.StatusReason))
	return named(err)
}

// journal appends the change's event and drops the oldest beyond the bound.
// The row is locked, so sequence numbers have no gaps.
func journal(ctx context.Context, tx pgx.Tx, w workspace.Workspace, c workspace.Change) error {
	if c.Step == "" {
		return nil
	}
	var seq int64
	err := tx.QueryRow(ctx, `UPDATE ide.ide_workspaces SET event_seq = event_seq + 1 WHERE id = $1 RETURNING event_seq`, w.ID).Scan(&seq)
	if err != nil {
		return fmt.Errorf("number event: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO ide.workspace_events (workspace_id, seq, time, step, message, status)
		VALUES ($1, $2, now(), $3, $4, $5)`, w.ID, seq, c.Step, c.Message, w.Status); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM ide.workspace_events WHERE workspace_id = $1 AND seq <= $2`, w.ID, seq-int64(c.Keep)); err != nil {
		return fmt.Errorf("drop old events: %w", err)
	}
	return nil
}

// meter opens or closes the workspace's stretch of running time.
func meter(ctx context.Context, tx pgx.Tx, w workspace.Workspace, m workspace.Meter) error {
	var err error
	switch m {
	case workspace.MeterOpen:
		var id uuid.UUID
		if id, err = uuid.NewV7(); err != nil {
			return fmt.Errorf("uptime id: %w", err)
		}
		_, err = tx.Exec(ctx, `INSERT INTO ide.ide_uptime (id, user_id, workspace_id, started_at, seen_at)
			VALUES ($1, $2, $3, now(), now()) ON CONFLICT (workspace_id) WHERE ended_at IS NULL DO NOTHING`, id, w.UserID, w.ID)
	case workspace.MeterClose:
		_, err = tx.Exec(ctx, `UPDATE ide.ide_uptime SET ended_at = now(), seen_at = now() WHERE workspace_id = $1 AND ended_at IS NULL`, w.ID)
	case workspace.MeterLost:
		_, err = tx.Exec(ctx, `UPDATE ide.ide_uptime SET ended_at = seen_at WHERE workspace_id = $1 AND ended_at IS NULL`, w.ID)
	}
	if err != nil {
		return fmt.Errorf("write running time: %w", err)
	}
	return nil
}

// Events reads events after a sequence number, oldest first.
func (s *Store) Events(ctx context.Context, id uuid.UUID, after int64, limit int) ([]workspace.Event, error) {
	rows, err := s.db.Query(ctx, `SELECT seq, time, step, message, status FROM ide.workspace_events
		WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`, id, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	events, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (workspace.Event, error) {
		var e workspace.Event
		err := r.Scan(&e.Seq, &e.Time, &e.Step, &e.Message, &e.Status)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return events, nil
}

// Used adds up running time between two moments; an open stretch counts until now.
func (s *Store) Used(ctx context.Context, owner uuid.UUID, from, to time.Time) (time.Duration, error) {
	var seconds float64
	err := s.db.QueryRow(ctx, `SELECT coalesce(sum(extract(epoch FROM
			least(coalesce(ended_at, now()), $3) - greatest(started_at, $2))), 0)::float8
		FROM ide.ide_uptime WHERE user_id = $1 AND started_at < $3 AND coalesce(ended_at, now()) > $2`,
		owner, from, to).Scan(&seconds)
	if err != nil {
		return 0, fmt.Errorf("read running time: %w", err)
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// Seen notes that workspaces run.
func (s *Store) Seen(ctx context.Context, workspaces []uuid.UUID, at time.Time) error {
	if _, err := s.db.Exec(ctx, `UPDATE ide.ide_uptime SET seen_at = $2 WHERE workspace_id = ANY($1) AND ended_at IS NULL`, workspaces, at); err != nil {
		return fmt.Errorf("write running time: %w", err)
	}
	return nil
}

// Touch notes that somebody works in a workspace.
func (s *Store) Touch(ctx context.Context, id uuid.UUID, at time.Time) error {
	if _, err := s.db.Exec(ctx, `UPDATE ide.ide_workspaces SET last_accessed = $2 WHERE id = $1`, id, at); err != nil {
		return fmt.Errorf("write activity: %w", err)
	}
	return nil
}
