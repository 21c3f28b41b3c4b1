package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

func summaryOf(until uuid.UUID) seal.Place {
	return seal.Place{Table: "summaries", Column: "content", Row: until}
}

const summaryColumns = `s.until_message_id, s.messages, s.content, s.answer_id, s.model,
	s.input_tokens, s.output_tokens, s.cost_micro_usd, s.created_at, m.position`

// summaryRow is summaryColumns, in their order: a summary with the position of
// the message that it reaches.
type summaryRow struct {
	Until        uuid.UUID
	Messages     int
	Content      []byte
	Answer       uuid.UUID
	Model        string
	InputTokens  int32
	OutputTokens int32
	CostMicroUSD int64
	CreatedAt    time.Time
	Position     int64
}

// summaryOn gives the deepest summary on a branch and the position that it
// reaches, or none. One that reaches the very question is of another branch:
// the question would be missing from its own prompt. One that can't be read is
// passed over: the messages that it stands for are still there.
func (s *Store) summaryOn(ctx context.Context, key *seal.Key, conv, leaf uuid.UUID) (*turn.Summary, int64, error) {
	var some bool // most conversations have none, and a branch is long to walk
	err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM chat.summaries WHERE conversation_id = $1)`, conv).Scan(&some)
	if err != nil || !some {
		return nil, 0, pgdb.Fault("read summary", err)
	}
	found, err := s.pool.Query(ctx, branch+`SELECT `+summaryColumns+`
		FROM m JOIN chat.summaries s ON s.until_message_id = m.id
		WHERE m.id <> $1 OR m.role = 'assistant' ORDER BY m.position DESC`, leaf)
	if err != nil {
		return nil, 0, pgdb.Fault("read summary", err)
	}
	rows, err := pgx.CollectRows(found, pgx.RowToStructByPos[summaryRow])
	if err != nil {
		return nil, 0, pgdb.Fault("read summary", err)
	}
	for _, r := range rows {
		t, err := r.summary(key)
		if errors.Is(err, seal.ErrUnreadable) {
			continue
		}
		return &t, r.Position, err
	}
	return nil, 0, nil
}

func (r summaryRow) summary(key *seal.Key) (turn.Summary, error) {
	text, err := openText(key, summaryOf(r.Until), r.Content)
	return turn.Summary{
		Until: r.Until, Messages: r.Messages, Text: text, Answer: r.Answer, Model: r.Model, CreatedAt: r.CreatedAt,
		Usage: conversation.Usage{InputTokens: r.InputTokens, OutputTokens: r.OutputTokens, CostMicroUSD: r.CostMicroUSD},
	}, err
}

// Summaries gives those of a user's conversation that can be read, oldest first.
func (s *Store) Summaries(ctx context.Context, user, conv uuid.UUID) ([]turn.Summary, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return nil, err
	}
	found, err := s.pool.Query(ctx, `SELECT `+summaryColumns+`
		FROM chat.summaries s JOIN chat.chat_messages m ON m.id = s.until_message_id
		JOIN chat.chat_conversations c ON c.id = s.conversation_id AND c.user_id = $2
		WHERE s.conversation_id = $1 ORDER BY s.created_at`, conv, user)
	if err != nil {
		return nil, pgdb.Fault("read summaries", err)
	}
	rows, err := pgx.CollectRows(found, pgx.RowToStructByPos[summaryRow])
	if err != nil {
		return nil, pgdb.Fault("read summaries", err)
	}
	var all []turn.Summary
	for _, r := range rows {
		t, err := r.summary(key)
		if errors.Is(err, seal.ErrUnreadable) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// KeepSummary keeps a summary, unless there is one for its last message.
func (s *Store) KeepSummary(ctx context.Context, a turn.Answer, t turn.Summary) error {
	key, err := s.keys.Of(ctx, a.Owner)
	if err != nil {
		return err
	}
	content, err := sealText(key, summaryOf(t.Until), t.Text)
	if err != nil {
		return err
	}
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var conv uuid.UUID
		err := tx.QueryRow(ctx, `INSERT INTO chat.summaries
			(until_message_id, conversation_id, answer_id, content, messages, model, input_tokens, output_tokens, cost_micro_usd)
			SELECT m.id, m.conversation_id, $2, $3, $4, $5, $6, $7, $8 FROM chat.chat_messages m WHERE m.id = $1
			ON CONFLICT (until_message_id) DO NOTHING RETURNING conversation_id`,
			t.Until, a.ID, content, t.Messages, t.Model, t.Usage.InputTokens, t.Usage.OutputTokens, t.Usage.CostMicroUSD).Scan(&conv)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return record(ctx, tx, a.Owner, "conversation.summarize", conv, map[string]any{"messages": t.Messages, "answerId": a.ID})
	})
	return pgdb.Fault("keep summary", err)
}
