package pgstore

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// settleFor bounds the transaction of answers that are settled together.
const settleFor = 2 * time.Second

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

// settle writes answers for the last time, and enters the words by which they are
// found; a condition on what may be written goes between its halves.
const (
	settle = `WITH closed AS (UPDATE chat.chat_messages m
		SET content = s.content, status = s.status, model = coalesce(nullif(s.model, ''), m.model), input_tokens = s.input,
			output_tokens = s.output, cost_micro_usd = s.cost, error_kind = s.kind, metadata = coalesce(s.details, m.metadata), lease_until = NULL
		FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bytea[], $5::text[], $6::text[], $7::int[], $8::int[], $9::bigint[], $10::smallint[], $11::bytea[], $12::text[])
			s (id, run, owner, content, status, model, input, output, cost, kind, details, terms)
		WHERE m.id = s.id AND m.lease_run = s.run AND m.status = 'streaming'`
	settleEnd = ` RETURNING m.id, s.owner, m.conversation_id, s.terms)
	INSERT INTO chat.search_entries (id, user_id, conversation_id, message_id, terms)
		SELECT id, owner, conversation_id, id, terms::bigint[] FROM closed
		ON CONFLICT (id) DO UPDATE SET terms = excluded.terms RETURNING id`
)

// settling is an answer on its way into the store for the last time.
type settling struct {
	id  uuid.UUID
	row []any
}

// Settle writes an answer for the last time, together with those that end at the
// same time.
func (s *Store) Settle(ctx context.Context, a turn.Answer, l turn.Lease, o turn.Outcome) error {
	key, err := s.keys.Of(ctx, a.Owner)
	if err != nil {
		return lost(err)
	}
	row, err := settled(key, a, l.Run, o)
	if err != nil {
		return err
	}
	done, err := s.settles.Do(ctx, settling{a.ID, row}, s.settleAll)
	if err == nil && !done {
		return s.settledAlready(ctx, key, a.ID, l, o)
	}
	return pgdb.Fault("settle answer", err)
}

// settleAll settles answers in one transaction, and one by one when one of them
// spoils it. It says of each whether it was still to be written.
func (s *Store) settleAll(ctx context.Context, all []settling) ([]bool, []error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleFor)
	defer cancel()
	done, errs, rows := make([]bool, len(all)), make([]error, len(all)), make([][]any, len(all))
	for i, a := range all {
		rows[i] = a.row
	}
	closed, err := s.settle(ctx, "", pgdb.Columns(rows))
	if err != nil && len(all) > 1 && apperr.From(pgdb.Fault("", err)).Kind != apperr.Unavailable {
		for i := range all {
			one, oneErr := s.settleAll(ctx, all[i:i+1])
			done[i], errs[i] = one[0], oneErr[0]
		}
		return done, errs
	}
	for i, a := range all {
		done[i], errs[i] = slices.Contains(closed, a.id), err
	}
	return done, errs
}

// settle gives the answers that it has settled.
func (s *Store) settle(ctx context.Context, condition string, args []any) ([]uuid.UUID, error) {
	rows, err := s.pool.Query(ctx, settle+condition+settleEnd, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
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

// settled gives the columns of settle.
func settled(key *seal.Key, a turn.Answer, run uuid.UUID, o turn.Outcome) ([]any, error) {
	var input, output *int32
	var cost *int64
	if o.Usage != nil {
		input, output, cost = &o.Usage.InputTokens, &o.Usage.OutputTokens, &o.Usage.CostMicroUSD
	}
	content, err := sealText(key, contentOf(a.ID), o.Content)
	if err != nil {
		return nil, err
	}
	kind, details := outcomeColumns(o)
	metadata, err := sealMap(key, detailsOf(a.ID), details)
	return []any{a.ID, run, a.Owner, content, string(o.Status), o.Model, input, output, cost, kind, metadata, literal(terms(key, o.Content))}, err
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
	row, err := settled(key, o.Answer, o.Run, out)
	if err != nil {
		return false, err
	}
	closed, err := s.settle(ctx, ` AND (m.lease_until < now() OR ($13 <> '' AND m.lease_owner = $13 AND m.lease_run <> $14))`,
		append(pgdb.Columns([][]any{row}), l.Owner, l.Run))
	return len(closed) > 0, pgdb.Fault("close orphan", err)
}
