package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// Checkpoint saves an answer's text so far and renews its lease.
func (s *Store) Checkpoint(ctx context.Context, a turn.Answer, l turn.Lease, text string) (stop bool, err error) {
	key, err := s.keys.Of(ctx, a.Owner)
	if err != nil {
		return false, lost(err)
	}
	content, err := sealText(key, contentOf(a.ID), text)
	if err != nil {
		return false, err
	}
	err = s.pool.QueryRow(ctx, `UPDATE chat.chat_messages SET content = $3, lease_until = now() + $4::interval
		WHERE id = $1 AND lease_run = $2 AND status = 'streaming' RETURNING stop_requested`,
		a.ID, l.Run, content, l.For).Scan(&stop)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, turn.ErrLost
	}
	return stop, pgdb.Fault("save answer", err)
}

// lost says that an answer went with its user.
func lost(err error) error {
	if errors.Is(err, seal.ErrNoUser) {
		return turn.ErrLost
	}
	return err
}

// settle is the last write of an answer; what it may overwrite is appended.
const settle = `UPDATE chat.chat_messages SET content = $3, status = $4, model = COALESCE(NULLIF($5, ''), model),
	input_tokens = $6, output_tokens = $7, cost_micro_usd = $8, error_kind = $9, metadata = COALESCE($10, metadata),
	lease_until = NULL WHERE id = $1 AND lease_run = $2 AND status = 'streaming'`

// Settle writes an answer for the last time.
func (s *Store) Settle(ctx context.Context, a turn.Answer, l turn.Lease, o turn.Outcome) error {
	key, err := s.keys.Of(ctx, a.Owner)
	if err != nil {
		return lost(err)
	}
	args, err := settled(key, a.ID, l.Run, o)
	if err != nil {
		return err
	}
	done, err := s.settle(ctx, settle, args, key, a, o.Content)
	if err == nil && !done {
		return s.settledAlready(ctx, key, a.ID, l, o)
	}
	return pgdb.Fault("settle answer", err)
}

// settle writes an answer for the last time, and the words by which it is found
// in the same transaction; done says whether it was still to be written.
func (s *Store) settle(ctx context.Context, sql string, args []any, key *seal.Key, a turn.Answer, text string) (done bool, err error) {
	batch := &pgx.Batch{}
	batch.Queue(sql, args...).Exec(func(tag pgconn.CommandTag) error {
		done = tag.RowsAffected() == 1
		return nil
	})
	batch.Queue(indexAnswer, a.ID, args[1], terms(key, text))
	return done, s.pool.SendBatch(ctx, batch).Close()
}

// settledAlready tells a repeated write, whose first answer was lost on the
// way, from an answer that another turn has taken.
func (s *Store) settledAlready(ctx context.Context, key *seal.Key, answer uuid.UUID, l turn.Lease, o turn.Outcome) error {
	var content []byte
	err := s.pool.QueryRow(ctx, `SELECT content FROM chat.chat_messages WHERE id = $1 AND lease_run = $2 AND status = $3`,
		answer, l.Run, o.Status).Scan(&content)
	if errors.Is(err, pgx.ErrNoRows) {
		return turn.ErrLost
	}
	if err != nil {
		return pgdb.Fault("settle answer", err)
	}
	text, err := openText(key, contentOf(answer), content)
	if err == nil && text != o.Content {
		return turn.ErrLost
	}
	return err
}

func settled(key *seal.Key, answer, run uuid.UUID, o turn.Outcome) ([]any, error) {
	var input, output *int32
	var cost *int64
	if o.Usage != nil {
		input, output, cost = &o.Usage.InputTokens, &o.Usage.OutputTokens, &o.Usage.CostMicroUSD
	}
	content, err := sealText(key, contentOf(answer), o.Content)
	if err != nil {
		return nil, err
	}
	kind, details := outcomeColumns(o)
	metadata, err := sealMap(key, detailsOf(answer), details)
	return []any{answer, run, content, o.Status, o.Model, input, output, cost, kind, metadata}, err
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
	rows, err := s.pool.Query(ctx, `SELECT m.id, c.user_id, m.lease_run, m.content, extract(epoch FROM now() - lease_until)::float8
		FROM chat.chat_messages m JOIN chat.chat_conversations c ON c.id = m.conversation_id
		WHERE status = 'streaming' AND `+orphaned+`
		ORDER BY lease_until LIMIT $3`, l.Owner, l.Run, limit)
	if err != nil {
		return nil, pgdb.Fault("look for orphans", err)
	}
	var contents [][]byte
	orphans, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o turn.Orphan, err error) {
		var overdue float64
		var content []byte
		err = row.Scan(&o.ID, &o.Owner, &o.Run, &content, &overdue)
		o.Overdue = time.Duration(overdue * float64(time.Second))
		contents = append(contents, content)
		return o, err
	})
	for i := range orphans {
		o := &orphans[i]
		key, err := s.keys.Of(ctx, o.Owner)
		if o.Err = err; err == nil {
			o.Content, o.Err = openText(key, contentOf(o.ID), contents[i])
		}
	}
	return orphans, pgdb.Fault("look for orphans", err)
}

// orphaned picks answers whose lease has run out, or that an earlier run of
// owner $1, whose run is $2 now, began.
const orphaned = `(lease_until < now() OR ($1 <> '' AND lease_owner = $1 AND lease_run <> $2))`

// Interrupt settles an orphan unless it is none any more.
func (s *Store) Interrupt(ctx context.Context, o turn.Orphan, l turn.Lease, out turn.Outcome) (bool, error) {
	key, err := s.keys.Of(ctx, o.Owner)
	if err != nil {
		return false, err
	}
	args, err := settled(key, o.ID, o.Run, out)
	if err != nil {
		return false, err
	}
	done, err := s.settle(ctx, settle+` AND (lease_until < now() OR ($11 <> '' AND lease_owner = $11 AND lease_run <> $12))`,
		append(args, l.Owner, l.Run), key, o.Answer, out.Content)
	return err == nil && done, pgdb.Fault("close orphan", err)
}
