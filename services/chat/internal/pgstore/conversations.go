package pgstore

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/chat/internal/conversation"
)

// Create adds a conversation, or gives the one that the same call made before.
func (s *Store) Create(ctx context.Context, c conversation.Conversation) (conversation.Conversation, error) {
	var stored conversation.Conversation
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		id, replayed, err := claim(ctx, tx, c.UserID, c.ID)
		if err != nil {
			return err
		}
		if replayed {
			stored, err = getConversation(ctx, tx, c.UserID, id, "")
			return err
		}
		metadata := c.Metadata
		if metadata == nil {
			metadata = map[string]any{}
		}
		stored, err = queryConversation(ctx, tx, `INSERT INTO chat.chat_conversations
			(id, user_id, title, metadata, model, workspace_id) VALUES ($1, $2, $3, $4, $5, $6)
			RETURNING `+conversationColumns, c.ID, c.UserID, c.Title, metadata, c.Model, nullable(c.WorkspaceID))
		return err
	})
	return stored, pgdb.Fault("create conversation", err)
}

// Get gives a user's conversation.
func (s *Store) Get(ctx context.Context, user, id uuid.UUID) (conversation.Conversation, error) {
	return getConversation(ctx, s.pool, user, id, "")
}

func getConversation(ctx context.Context, db pgdb.Querier, user, id uuid.UUID, lock string) (conversation.Conversation, error) {
	return queryConversation(ctx, db, `SELECT `+conversationColumns+` FROM chat.chat_conversations
		WHERE id = $1 AND user_id = $2 `+lock, id, user)
}

// List gives a user's conversations after a cursor.
func (s *Store) List(ctx context.Context, user uuid.UUID, f conversation.Filter, after conversation.Cursor, limit int) ([]conversation.Conversation, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+conversationColumns+` FROM chat.chat_conversations
		WHERE user_id = $1
			AND ($2::boolean IS NULL OR archived = $2)
			AND ($3 = '' OR title ILIKE '%' || $3 || '%')
			AND ($4::uuid IS NULL OR (pinned, updated_at, id) < ($5, $6, $4))
		ORDER BY pinned DESC, updated_at DESC, id DESC LIMIT $7`,
		user, f.Archived, literal(f.Title), nullable(after.ID), after.Pinned, after.UpdatedAt, limit)
	if err != nil {
		return nil, pgdb.Fault("list conversations", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[conversationRow])
	if err != nil {
		return nil, pgdb.Fault("list conversations", err)
	}
	list := make([]conversation.Conversation, len(found))
	for i, row := range found {
		list[i] = row.conversation()
	}
	return list, nil
}

// literal takes the meaning from the characters that are special in a pattern.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// Update stores what change makes of a user's conversation.
func (s *Store) Update(ctx context.Context, user, id uuid.UUID, change func(*conversation.Conversation)) (conversation.Conversation, error) {
	var updated conversation.Conversation
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		c, err := getConversation(ctx, tx, user, id, "FOR UPDATE")
		if err != nil {
			return err
		}
		head := c.HeadMessageID
		change(&c)
		if c.HeadMessageID != head {
			if _, err := messageIn(ctx, tx, id, c.HeadMessageID); err != nil {
				return err
			}
		}
		updated, err = queryConversation(ctx, tx, `UPDATE chat.chat_conversations
			SET title = $2::text, pinned = $3, archived = $4, model = $5, head_message_id = $6,
				updated_at = CASE WHEN title = $2::text AND model = $5 THEN updated_at ELSE now() END
			WHERE id = $1 RETURNING `+conversationColumns,
			id, c.Title, c.Pinned, c.Archived, c.Model, nullable(c.HeadMessageID))
		return err
	})
	return updated, pgdb.Fault("update conversation", err)
}

// Delete removes a conversation and gives the answers still being written.
func (s *Store) Delete(ctx context.Context, user, id uuid.UUID) ([]uuid.UUID, error) {
	var running []uuid.UUID
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := getConversation(ctx, tx, user, id, "FOR UPDATE"); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT id FROM chat.chat_messages WHERE conversation_id = $1 AND status = 'streaming'`, id)
		if err != nil {
			return err
		}
		if running, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM chat.chat_conversations WHERE id = $1`, id); err != nil {
			return err
		}
		return audit.Insert(ctx, tx, audit.Entry{
			UserID: user, EventType: "chat.conversation.delete", ResourceType: "conversation",
			ResourceID: id.String(), Action: "delete", Status: audit.Success,
		})
	})
	return running, pgdb.Fault("delete conversation", err)
}
