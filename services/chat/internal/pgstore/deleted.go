package pgstore

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/chat/internal/conversation"
)

// purgeAtOnce is how many deleted conversations go in one statement.
const purgeAtOnce = 100

// Delete hides a conversation, whether or not its title can be read, and gives
// the answers that were still being written.
func (s *Store) Delete(ctx context.Context, user, id uuid.UUID) ([]uuid.UUID, error) {
	var running []uuid.UUID
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE chat.chat_conversations SET deleted_at = now()
			WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL`, id, user)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return conversation.ErrNotFound
		}
		rows, err := tx.Query(ctx, `UPDATE chat.chat_messages SET stop_requested = TRUE
			WHERE conversation_id = $1 AND status = 'streaming' RETURNING id`, id)
		if err != nil {
			return err
		}
		if running, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
			return err
		}
		return record(ctx, tx, user, "conversation.delete", id, nil)
	})
	return running, pgdb.Fault("delete conversation", err)
}

// Restore brings a deleted conversation back. Bringing back what is there is no
// error, so that a call can be repeated.
func (s *Store) Restore(ctx context.Context, user, id uuid.UUID) (conversation.Conversation, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return conversation.Conversation{}, err
	}
	var restored conversation.Conversation
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var hidden bool
		err := tx.QueryRow(ctx, `SELECT deleted_at IS NOT NULL FROM chat.chat_conversations
			WHERE id = $1 AND user_id = $2 AND (deleted_at IS NULL OR deleted_at > now() - $3::interval) FOR UPDATE`,
			id, user, conversation.Undo).Scan(&hidden)
		if errors.Is(err, pgx.ErrNoRows) {
			return conversation.ErrNotFound
		}
		if err != nil {
			return err
		}
		restored, err = queryConversation(ctx, tx, key, `UPDATE chat.chat_conversations SET deleted_at = NULL
			WHERE id = $1 RETURNING `+conversationColumns, id)
		if err != nil || !hidden {
			return err
		}
		return record(ctx, tx, user, "conversation.restore", id, nil)
	})
	return restored, pgdb.Fault("restore conversation", err)
}

// Purge removes conversations for good that nobody can restore any more, and
// the files that only they had.
func (s *Store) Purge(ctx context.Context) error {
	for {
		tag, err := s.pool.Exec(ctx, `DELETE FROM chat.chat_conversations WHERE id IN (
			SELECT id FROM chat.chat_conversations WHERE deleted_at < now() - $1::interval LIMIT $2 FOR UPDATE SKIP LOCKED)`,
			conversation.Undo, purgeAtOnce)
		if err != nil {
			return pgdb.Fault("purge conversations", err)
		}
		if tag.RowsAffected() < purgeAtOnce {
			return s.SweepAttachments(ctx)
		}
	}
}
