package pgstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ide/internal/workspace"
)

// lockedRow is a row with what changes of it need besides.
type lockedRow struct {
	workspaceRow
	EventSeq int64
}

// Update changes a workspace together with its events, audit row and meter, in two
// round trips.
func (s *Store) Update(ctx context.Context, id uuid.UUID, change func(*workspace.Workspace) (workspace.Change, error)) (workspace.Workspace, error) {
	var result workspace.Workspace
	err := pgdb.OnConn(ctx, s.db, func(conn *pgx.Conn) error {
		row, err := lock(ctx, conn, id)
		if err != nil {
			return err
		}
		w := row.domain()
		c, err := change(&w)
		if err != nil {
			return err
		}
		var later pgdb.Batch
		seq := journal(&later, w, row.EventSeq, c)
		save(&later, w, seq)
		if err := errors.Join(meter(&later, w, c.Meter), record(ctx, &later, w, c.Audit)); err != nil {
			return err
		}
		later.Queue(`COMMIT`)
		result = w
		return named(conn.SendBatch(ctx, &later.Batch).Close())
	})
	return result, err
}

// lock begins a transaction and locks the row.
func lock(ctx context.Context, conn *pgx.Conn, id uuid.UUID) (row lockedRow, err error) {
	var batch pgx.Batch
	batch.Queue(`BEGIN`)
	batch.Queue(`SELECT `+workspaceColumns+`, event_seq FROM ide.ide_workspaces WHERE id = $1 FOR UPDATE`, id).Query(func(rows pgx.Rows) (err error) {
		row, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[lockedRow])
		return err
	})
	err = conn.SendBatch(ctx, &batch).Close()
	if errors.Is(err, pgx.ErrNoRows) {
		return row, workspace.ErrNotFound
	}
	if err != nil {
		return row, fmt.Errorf("read workspace: %w", err)
	}
	return row, nil
}

func save(later *pgdb.Batch, w workspace.Workspace, seq int64) {
	later.Queue(`UPDATE ide.ide_workspaces SET
		name = $2, path = $3, last_accessed = $4, container_id = $5, status = $6, metadata = $7, desired = $8,
		restart = $9, status_reason = $10, cpu_millis = $11, memory_bytes = $12, ide_seconds_monthly = $13,
		isolation = $14, keep_until = $15, storage_bytes = $16, plan_isolation = $17,
		delete_at = $18, status_cause = $19, event_seq = $20
		WHERE id = $1`,
		w.ID, w.Name, w.Path, w.LastAccessed, w.ContainerID, w.Status, w.Metadata, w.Desired,
		w.Restart, w.StatusReason.Words, w.Limits.CPUMillis, w.Limits.MemoryBytes, w.Limits.IDESecondsMonthly,
		w.Isolation, pgtype.Timestamptz{Time: w.KeepUntil, Valid: !w.KeepUntil.IsZero()},
		w.Limits.StorageBytes, w.Limits.Isolation, pgtype.Timestamptz{Time: w.DeleteAt, Valid: !w.DeleteAt.IsZero()},
		reasonColumn(w.StatusReason), seq)
}

// journal appends the change's events, drops the oldest beyond the bound, and gives
// the number of the last. The row is locked, so the numbers have no gaps.
func journal(later *pgdb.Batch, w workspace.Workspace, seq int64, c workspace.Change) int64 {
	write := func(e workspace.Event, ago time.Duration) {
		seq++
		later.Queue(`INSERT INTO ide.workspace_events (workspace_id, seq, time, step, message, status)
			VALUES ($1, $2, now() - $3::interval, $4, $5, $6)`, w.ID, seq, ago, e.Step, e.Message, e.Status)
	}
	before := seq
	for _, e := range c.Passed {
		write(e, time.Since(e.Time))
	}
	if c.Step != "" {
		write(workspace.Event{Step: c.Step, Message: c.Message, Status: w.Status}, 0)
	}
	if oldest := seq - int64(c.Keep); seq > before && oldest > 0 {
		later.Queue(`DELETE FROM ide.workspace_events WHERE workspace_id = $1 AND seq <= $2`, w.ID, oldest)
	}
	return seq
}

// meter opens or closes the workspace's stretch of running time.
func meter(later *pgdb.Batch, w workspace.Workspace, m workspace.Meter) error {
	switch m {
	case workspace.MeterOpen:
		id, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("uptime id: %w", err)
		}
		later.Queue(`INSERT INTO ide.ide_uptime (id, user_id, workspace_id, started_at, seen_at)
			VALUES ($1, $2, $3, now(), now()) ON CONFLICT (workspace_id) WHERE ended_at IS NULL DO NOTHING`, id, w.UserID, w.ID)
	case workspace.MeterClose:
		later.Queue(`UPDATE ide.ide_uptime SET ended_at = now(), seen_at = now() WHERE workspace_id = $1 AND ended_at IS NULL`, w.ID)
	case workspace.MeterLost:
		later.Queue(`UPDATE ide.ide_uptime SET ended_at = seen_at WHERE workspace_id = $1 AND ended_at IS NULL`, w.ID)
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
