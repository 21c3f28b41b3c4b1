package pgstore

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/conversation"
)

// Create adds a conversation, or gives the one that the same call made before.
func (s *Store) Create(ctx context.Context, c conversation.Conversation) (conversation.Conversation, error) {
	key, err := s.keys.Of(ctx, c.UserID)
	if err != nil {
		return conversation.Conversation{}, err
	}
	title, err := sealText(key, titleOf(c.ID), c.Title)
	if err != nil {
		return conversation.Conversation{}, err
	}
	metadata, err := sealMap(key, metadataOf(c.ID), c.Metadata)
	if err != nil {
		return conversation.Conversation{}, err
	}
	prompt, err := sealOptional(key, systemPromptOf(c.ID), c.SystemPrompt)
	if err != nil {
		return conversation.Conversation{}, err
	}
	var stored conversation.Conversation
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		id, replayed, err := claim(ctx, tx, c.UserID, c.ID)
		if err != nil {
			return err
		}
		if replayed {
			stored, err = getConversation(ctx, tx, key, c.UserID, id, "")
			return err
		}
		stored, err = queryConversation(ctx, tx, key, `INSERT INTO chat.chat_conversations
			(id, user_id, title, metadata, model, workspace_id, system_prompt, title_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			RETURNING `+conversationColumns, c.ID, c.UserID, title, metadata, c.Model, nullable(c.WorkspaceID), prompt, c.TitleBy)
		if err != nil {
			return err
		}
		if err := indexTitle(ctx, tx, key, c.UserID, c.ID, c.Title); err != nil {
			return err
		}
		return record(ctx, tx, c.UserID, "conversation.create", c.ID, nil)
	})
	return stored, pgdb.Fault("create conversation", err)
}

// Get gives a user's conversation.
func (s *Store) Get(ctx context.Context, user, id uuid.UUID) (conversation.Conversation, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return conversation.Conversation{}, err
	}
	return getConversation(ctx, s.pool, key, user, id, "")
}

func getConversation(ctx context.Context, db pgdb.Querier, key *seal.Key, user, id uuid.UUID, lock string) (conversation.Conversation, error) {
	return queryConversation(ctx, db, key, `SELECT `+conversationColumns+` FROM chat.chat_conversations
		WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL `+lock, id, user)
}

// Update stores what change makes of a user's conversation.
func (s *Store) Update(ctx context.Context, user, id uuid.UUID, change func(*conversation.Conversation)) (conversation.Conversation, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return conversation.Conversation{}, err
	}
	var updated conversation.Conversation
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		c, err := getConversation(ctx, tx, key, user, id, "FOR UPDATE")
		if err != nil {
			return err
		}
		before := c
		change(&c)
		if c.HeadMessageID != before.HeadMessageID {
			if _, err := messageIn(ctx, tx, key, id, c.HeadMessageID); err != nil {
				return err
			}
		}
		if c.Title != before.Title {
			if err := setTitle(ctx, tx, key, c); err != nil {
				return err
			}
		}
		if c.SystemPrompt != before.SystemPrompt {
			if err := setSystemPrompt(ctx, tx, key, c); err != nil {
				return err
			}
		}
		newer := c.Title != before.Title || c.Model != before.Model
		updated, err = queryConversation(ctx, tx, key, `UPDATE chat.chat_conversations
			SET title_by = $2, pinned = $3, archived = $4, model = $5, head_message_id = $6,
				updated_at = CASE WHEN $7 THEN now() ELSE updated_at END, workspace_id = $8
			WHERE id = $1 RETURNING `+conversationColumns,
			id, c.TitleBy, c.Pinned, c.Archived, c.Model, nullable(c.HeadMessageID), newer, nullable(c.WorkspaceID))
		if err != nil {
			return err
		}
		return record(ctx, tx, user, "conversation.update", id, map[string]any{"changed": changed(before, c)})
	})
	return updated, pgdb.Fault("update conversation", err)
}

// changed names what differs, for the audit log.
func changed(before, after conversation.Conversation) []string {
	names := []string{}
	for _, field := range []struct {
		name    string
		differs bool
	}{
		{"title", before.Title != after.Title},
		{"model", before.Model != after.Model},
		{"pinned", before.Pinned != after.Pinned},
		{"archived", before.Archived != after.Archived},
		{"systemPrompt", before.SystemPrompt != after.SystemPrompt},
		{"workspaceId", before.WorkspaceID != after.WorkspaceID},
		{"headMessageId", before.HeadMessageID != after.HeadMessageID},
	} {
		if field.differs {
			names = append(names, field.name)
		}
	}
	return names
}
