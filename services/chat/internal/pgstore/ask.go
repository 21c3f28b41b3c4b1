package pgstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// Ask stores a question and its empty answer.
func (s *Store) Ask(ctx context.Context, user uuid.UUID, q turn.Question, l turn.Lease) (turn.Pair, bool, error) {
	return s.once(ctx, user, func(tx pgx.Tx, later *pipeline, key *seal.Key, answer uuid.UUID) error {
		c, err := queryConversation(ctx, tx, key, `SELECT `+conversationOwnColumns+` FROM chat.chat_conversations
			WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL FOR UPDATE`, q.ConversationID, user)
		if err != nil {
			return err
		}
		parent := c.HeadMessageID
		if q.Parent != nil {
			parent = *q.Parent
		}
		if err := mayFollow(ctx, tx, c.ID, parent); err != nil {
			return err
		}
		question, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("message id: %w", err)
		}
		content, err := sealText(key, contentOf(question), q.Content)
		if err != nil {
			return err
		}
		insert, from := `INSERT INTO chat.chat_messages (id, conversation_id, role, content, parent_id, status)
			VALUES ($1, $2, 'user', $3, $4, 'complete')`, []any{question, c.ID, content, nullable(parent)}
		if later.files = len(q.Attachments) > 0; !later.files {
			_, err = later.Exec(ctx, insert, from...)
		} else if _, err = tx.Exec(ctx, insert, from...); err == nil {
			err = attach(ctx, tx, user, question, q.Attachments)
		}
		if err != nil {
			return err
		}
		if err := indexMessage(ctx, later, key, user, c.ID, question, q.Content); err != nil {
			return err
		}
		if c.Title == "" {
			c.Title = conversation.TitleFrom(q.Content)
			if err := setTitle(ctx, later, key, c); err != nil {
				return err
			}
		}
		if err := addAnswer(ctx, later, key, c, answer, question, q.Model, l); err != nil {
			return err
		}
		return record(ctx, later, user, "message.send", question, map[string]any{"conversationId": c.ID, "answerId": answer})
	})
}

// AskAgain stores an empty sibling of an answer.
func (s *Store) AskAgain(ctx context.Context, user, sibling uuid.UUID, model string, l turn.Lease) (turn.Pair, bool, error) {
	return s.once(ctx, user, func(tx pgx.Tx, later *pipeline, key *seal.Key, answer uuid.UUID) error {
		c, err := queryConversation(ctx, tx, key, `SELECT `+conversationOwnColumns+` FROM chat.chat_conversations
			WHERE id = (SELECT conversation_id FROM chat.chat_messages WHERE id = $1) AND user_id = $2 AND deleted_at IS NULL FOR UPDATE`, sibling, user)
		if errors.Is(err, conversation.ErrNotFound) {
			return conversation.ErrMessageNotFound
		}
		if err != nil {
			return err
		}
		m, err := messageIn(ctx, tx, key, c.ID, sibling)
		switch {
		case err != nil:
			return err
		case m.Role != conversation.Assistant:
			return turn.ErrNotAnAnswer
		case m.Status == conversation.Streaming:
			return turn.ErrRunning
		}
		later.files = true // its question may have some
		if err := addAnswer(ctx, later, key, c, answer, m.ParentID, model, l); err != nil {
			return err
		}
		return record(ctx, later, user, "message.regenerate", sibling, map[string]any{"conversationId": c.ID, "answerId": answer})
	})
}

// mayFollow says whether a message can follow one of the conversation, or none.
func mayFollow(ctx context.Context, tx pgx.Tx, conv, parent uuid.UUID) error {
	if parent == uuid.Nil {
		return nil
	}
	var status conversation.Status
	err := tx.QueryRow(ctx, `SELECT status FROM chat.chat_messages WHERE id = $1 AND conversation_id = $2`, parent, conv).Scan(&status)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return conversation.ErrMessageNotFound
	case err == nil && status == conversation.Streaming:
		return turn.ErrRunning
	}
	return err
}

// once runs store with the id of a new answer, unless the same call did before.
// What store leaves for later goes to the database in one go.
func (s *Store) once(ctx context.Context, user uuid.UUID, store func(tx pgx.Tx, later *pipeline, key *seal.Key, answer uuid.UUID) error) (turn.Pair, bool, error) {
	answer, err := uuid.NewV7()
	if err != nil {
		return turn.Pair{}, false, fmt.Errorf("message id: %w", err)
	}
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return turn.Pair{}, false, err
	}
	var p turn.Pair
	var replayed bool
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		existing, again, err := claim(ctx, tx, user, answer)
		if err != nil {
			return err
		}
		if replayed = again; again {
			p, err = pair(ctx, tx, key, user, existing)
			return err
		}
		later := &pipeline{}
		if err := store(tx, later, key, answer); err != nil {
			return err
		}
		p, err = later.sendFor(ctx, tx, key, user, answer)
		return err
	})
	return p, replayed, pgdb.Fault("store question", err)
}

// addAnswer stores an empty answer under a lease and moves the head to it.
func addAnswer(ctx context.Context, tx audit.Execer, key *seal.Key, c conversation.Conversation, answer, question uuid.UUID, model string, l turn.Lease) error {
	if model == "" {
		model = c.Model
	}
	_, err := tx.Exec(ctx, `INSERT INTO chat.chat_messages
		(id, conversation_id, role, content, parent_id, status, model, lease_owner, lease_run, lease_until)
		VALUES ($1, $2, 'assistant', $8, $3, 'streaming', $4, $5, $6, now() + $7::interval)`,
		answer, c.ID, question, model, l.Owner, l.Run, l.For, key.Seal(contentOf(answer), nil))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE chat.chat_conversations
		SET head_message_id = $2, updated_at = now() WHERE id = $1`, c.ID, answer)
	return err
}

// setTitle keeps a conversation's title, and the words by which it is found.
func setTitle(ctx context.Context, tx audit.Execer, key *seal.Key, c conversation.Conversation) error {
	sealed, err := sealText(key, titleOf(c.ID), c.Title)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE chat.chat_conversations SET title = $2 WHERE id = $1`, c.ID, sealed); err != nil {
		return err
	}
	return indexTitle(ctx, tx, key, c.UserID, c.ID, c.Title)
}

func setSystemPrompt(ctx context.Context, tx pgx.Tx, key *seal.Key, c conversation.Conversation) error {
	sealed, err := sealOptional(key, systemPromptOf(c.ID), c.SystemPrompt)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE chat.chat_conversations SET system_prompt = $2 WHERE id = $1`, c.ID, sealed)
	return err
}

// RequestStop leaves word for the turn that writes an answer, on behalf of the caller.
func (s *Store) RequestStop(ctx context.Context, answer uuid.UUID) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE chat.chat_messages SET stop_requested = TRUE WHERE id = $1 AND status = 'streaming'`, answer)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return record(ctx, tx, uuid.Nil, "message.stop", answer, nil)
	})
	return pgdb.Fault("request stop", err)
}
