package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// Checkpoint saves an answer's text so far and renews its lease.
func (s *Store) Checkpoint(ctx context.Context, answer uuid.UUID, l turn.Lease, text string) (stop bool, err error) {
	err = s.pool.QueryRow(ctx, `UPDATE chat.chat_messages SET content = $3, lease_until = now() + $4::interval
		WHERE id = $1 AND lease_run = $2 AND status = 'streaming' RETURNING stop_requested`,
		answer, l.Run, text, l.For).Scan(&stop)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, turn.ErrLost
	}
	return stop, pgdb.Fault("save answer", err)
}

// settle is the last write of an answer; what it may overwrite is appended.
const settle = `UPDATE chat.chat_messages SET content = $3, status = $4, model = COALESCE(NULLIF($5, ''), model),
	input_tokens = $6, output_tokens = $7, cost_micro_usd = $8, error_kind = $9, metadata = metadata || $10,
	lease_until = NULL WHERE id = $1 AND lease_run = $2 AND status = 'streaming'`

// Settle writes an answer for the last time.
func (s *Store) Settle(ctx context.Context, answer uuid.UUID, l turn.Lease, o turn.Outcome) error {
	tag, err := s.pool.Exec(ctx, settle, settled(answer, l.Run, o)...)
	if err == nil && tag.RowsAffected() == 0 {
		return s.settledAlready(ctx, answer, l, o)
	}
	return pgdb.Fault("settle answer", err)
}

// settledAlready tells a repeated write, whose first answer was lost on the
// way, from an answer that another turn has taken.
func (s *Store) settledAlready(ctx context.Context, answer uuid.UUID, l turn.Lease, o turn.Outcome) error {
	var same bool
	err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM chat.chat_messages
		WHERE id = $1 AND lease_run = $2 AND status = $3 AND content = $4)`,
		answer, l.Run, o.Status, o.Content).Scan(&same)
	if err != nil {
		return pgdb.Fault("settle answer", err)
	}
	if !same {
		return turn.ErrLost
	}
	return nil
}

func settled(answer, run uuid.UUID, o turn.Outcome) []any {
	var input, output *int32
	var cost *int64
	if o.Usage != nil {
		input, output, cost = &o.Usage.InputTokens, &o.Usage.OutputTokens, &o.Usage.CostMicroUSD
	}
	kind, metadata := failureColumns(o.Failure)
	return []any{answer, run, o.Content, o.Status, o.Model, input, output, cost, kind, metadata}
}

// Settled tells whether an answer is not being written any more, or is gone.
func (s *Store) Settled(ctx context.Context, answer uuid.UUID) (bool, error) {
	var status conversation.Status
	err := s.pool.QueryRow(ctx, `SELECT status FROM chat.chat_messages WHERE id = $1`, answer).Scan(&status)
	if errors.Is(err, pgx.ErrNoRows) {
		return true, nil
	}
	return status != conversation.Streaming, pgdb.Fault("read status", err)
}

// Orphans gives answers whose turn seems dead.
func (s *Store) Orphans(ctx context.Context, l turn.Lease, limit int) ([]turn.Orphan, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, lease_run, content, extract(epoch FROM now() - lease_until)::float8
		FROM chat.chat_messages WHERE status = 'streaming' AND `+orphaned+`
		ORDER BY lease_until LIMIT $3`, l.Owner, l.Run, limit)
	if err != nil {
		return nil, pgdb.Fault("look for orphans", err)
	}
	orphans, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o turn.Orphan, err error) {
		var overdue float64
		err = row.Scan(&o.ID, &o.Run, &o.Content, &overdue)
		o.Overdue = time.Duration(overdue * float64(time.Second))
		return o, err
	})
	return orphans, pgdb.Fault("look for orphans", err)
}

// orphaned picks answers whose lease has run out, or that an earlier run of
// owner $1, whose run is $2 now, began.
const orphaned = `(lease_until < now() OR ($1 <> '' AND lease_owner = $1 AND lease_run <> $2))`

// Interrupt settles an orphan unless it is none any more.
func (s *Store) Interrupt(ctx context.Context, o turn.Orphan, l turn.Lease, out turn.Outcome) (bool, error) {
	args := append(settled(o.ID, o.Run, out), l.Owner, l.Run)
	tag, err := s.pool.Exec(ctx, settle+` AND (lease_until < now() OR ($11 <> '' AND lease_owner = $11 AND lease_run <> $12))`, args...)
	return err == nil && tag.RowsAffected() == 1, pgdb.Fault("close orphan", err)
}
