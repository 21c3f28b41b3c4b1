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
	c, rows, err := s.unsummarized(ctx, key, question)
	if err != nil {
		return turn.History{}, err
	}
	if len(rows) == 0 {
		return s.history(ctx, key, c, question, s.told)
	}
	h := turn.History{System: c.SystemPrompt}
	h.Lines, err = s.prompt(ctx, key, rows, s.told)
	return h, err
}

// unsummarized reads in one round trip the conversation of a question and the
// branch that ends in it, which is no row if any branch has a summary.
func (s *Store) unsummarized(ctx context.Context, key *seal.Key, question uuid.UUID) (c conversation.Conversation, rows []lineRow, err error) {
	batch := &pgx.Batch{}
	batch.Queue(`SELECT `+conversationOwnColumns+` FROM chat.chat_conversations
		WHERE id = (SELECT conversation_id FROM chat.chat_messages WHERE id = $1)`, question).Query(func(found pgx.Rows) (err error) {
		c, err = collectConversation(found, key)
		return err
	})
	batch.Queue(branchIf(`NOT EXISTS (SELECT FROM chat.summaries s WHERE s.conversation_id = leaf.conversation_id)`)+
		`SELECT `+lineColumns+` FROM m ORDER BY m.position`, question).Query(func(found pgx.Rows) (err error) {
		rows, err = pgx.CollectRows(found, pgx.RowToStructByPos[lineRow])
		return err
	})
	return c, rows, pgdb.Fault("read history", s.pool.SendBatch(ctx, batch).Close())
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
	found, err := s.pool.Query(ctx, branch+`SELECT `+lineColumns+` FROM m WHERE m.position > $2 ORDER BY m.position`, leaf, after)
	if err != nil {
		return nil, pgdb.Fault("read history", err)
	}
	rows, err := pgx.CollectRows(found, pgx.RowToStructByPos[lineRow])
	if err != nil {
		return nil, pgdb.Fault("read history", err)
	}
	return s.prompt(ctx, key, rows, content)
}

// prompt makes lines of messages, with the files that were sent with them.
func (s *Store) prompt(ctx context.Context, key *seal.Key, rows []lineRow, content contentOfFile) ([]turn.Line, error) {
	lines, files := make([]turn.Line, len(rows)), false
	for i, row := range rows {
		var err error
		if lines[i], err = row.line(key); err != nil {
			return nil, err
		}
		files = files || row.Files
	}
	if !files {
		return lines, nil
	}
	return lines, s.withFiles(ctx, key, lines, content)
}

// lineColumns are those of a message called m, and whether files were sent with
// it, looked up for each: the planner would rather read the whole table.
const lineColumns = messageColumns + `, (SELECT TRUE FROM chat.message_attachments l WHERE l.message_id = m.id LIMIT 1) IS NOT NULL`

// lineRow is lineColumns, in their order.
type lineRow struct {
	messageRow
	Files bool
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
