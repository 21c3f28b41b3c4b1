package pgstore

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// nameless finds the conversation of answer $1, if nobody has named it.
const nameless = `SELECT c.id FROM chat.chat_conversations c JOIN chat.chat_messages m ON m.conversation_id = c.id
	WHERE m.id = $1 AND c.title_by = '' AND c.deleted_at IS NULL`

// Nameless says whether nobody has named the conversation of an answer.
func (s *Store) Nameless(ctx context.Context, a turn.Answer) (bool, error) {
	var found bool
	err := s.pool.QueryRow(ctx, `SELECT EXISTS (`+nameless+`)`, a.ID).Scan(&found)
	return found, pgdb.Fault("read title", err)
}

// NameConversation keeps a title that a model gave, unless somebody was faster.
func (s *Store) NameConversation(ctx context.Context, a turn.Answer, title string) error {
	key, err := s.keys.Of(ctx, a.Owner)
	if err != nil {
		return err
	}
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var conv uuid.UUID
		err := tx.QueryRow(ctx, nameless+` FOR UPDATE OF c`, a.ID).Scan(&conv)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		named := conversation.Conversation{ID: conv, UserID: a.Owner, Title: title}
		if err := setTitle(ctx, tx, key, named); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE chat.chat_conversations SET title_by = 'ai' WHERE id = $1`, conv); err != nil {
			return err
		}
		return record(ctx, tx, a.Owner, "conversation.name", conv, nil)
	})
	return pgdb.Fault("name conversation", err)
}
