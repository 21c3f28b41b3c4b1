package pgstore

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// History gives the branch that ends in a question as lines of a prompt, with
// what comes before them.
func (s *Store) History(ctx context.Context, owner, question uuid.UUID) (turn.History, error) {
	key, err := s.keys.Of(ctx, owner)
	if err != nil {
		return turn.History{}, err
	}
	c, err := queryConversation(ctx, s.pool, key, `SELECT `+conversationOwnColumns+` FROM chat.chat_conversations
		WHERE id = (SELECT conversation_id FROM chat.chat_messages WHERE id = $1)`, question)
	if err != nil {
		return turn.History{}, err
	}
	return s.history(ctx, key, c, question, s.told)
}

// HistoryOf gives the same of any branch of a user's conversation, with files
// that have no content.
func (s *Store) HistoryOf(ctx context.Context, user, conv, leaf uuid.UUID) (conversation.Conversation, turn.History, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return conversation.Conversation{}, turn.History{}, err
	}
	c, err := getConversation(ctx, s.pool, key, user, conv, "")
	if err != nil {
		return c, turn.History{}, err
	}
	if leaf == uuid.Nil {
		leaf = c.HeadMessageID
	}
	if leaf == uuid.Nil {
		return c, turn.History{System: c.SystemPrompt}, nil
	}
	if _, err := messageIn(ctx, s.pool, key, conv, leaf); err != nil {
		return c, turn.History{}, err
	}
	h, err := s.history(ctx, key, c, leaf, nil)
	return c, h, err
}

// history gives a branch from the deepest summary on it to its end.
func (s *Store) history(ctx context.Context, key *seal.Key, c conversation.Conversation, leaf uuid.UUID, content contentOfFile) (turn.History, error) {
	h := turn.History{System: c.SystemPrompt}
	summary, after, err := s.summaryOn(ctx, key, c.ID, leaf)
	if err != nil {
		return h, err
	}
	h.Summary = summary
	h.Lines, err = s.lines(ctx, key, leaf, after, content)
	return h, err
}

// lines gives those messages of a branch that come after a position.
func (s *Store) lines(ctx context.Context, key *seal.Key, leaf uuid.UUID, after int64, content contentOfFile) ([]turn.Line, error) {
	found, err := s.pool.Query(ctx, branch+`SELECT `+messageColumns+` FROM m WHERE m.position > $2 ORDER BY m.position`, leaf, after)
	if err != nil {
		return nil, pgdb.Fault("read history", err)
	}
	rows, err := pgx.CollectRows(found, pgx.RowToStructByPos[messageRow])
	if err != nil {
		return nil, pgdb.Fault("read history", err)
	}
	lines := make([]turn.Line, len(rows))
	for i, row := range rows {
		if lines[i], err = row.line(key); err != nil {
			return nil, err
		}
	}
	return lines, s.withFiles(ctx, key, lines, content)
}

// line opens the row. One that can't be read is no part of a prompt: nobody
// knows who wrote it.
func (r messageRow) line(key *seal.Key) (turn.Line, error) {
	m, err := r.message(key)
	if err == nil && m.Unreadable {
		err = seal.ErrUnreadable
	}
	omitted, _ := m.Metadata[metaOmitted].(float64)
	return turn.Line{
		ID: m.ID, Role: m.Role, Content: m.Content, Usage: m.Usage, Omitted: int(omitted), CreatedAt: m.CreatedAt,
	}, err
}
