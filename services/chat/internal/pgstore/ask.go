package pgstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// Ask stores a question and its empty answer, together with those that others
// ask at the same time.
func (s *Store) Ask(ctx context.Context, user uuid.UUID, q turn.Question, l turn.Lease) (turn.Pair, bool, error) {
	a, err := s.asking(ctx, user, q, l)
	if err != nil {
		return turn.Pair{}, false, pgdb.Fault("store question", err)
	}
	var got stored
	if len(q.Attachments) > 0 { // which may be refused once it is stored
		out, errs := s.askAll(ctx, []*asking{a})
		got, err = out[0], errs[0]
	} else {
		got, err = s.asks.Do(ctx, a, s.askAll)
	}
	if err == nil && got.claimed {
		got.pair, err = s.replay(ctx, a)
	}
	return got.pair, got.claimed, pgdb.Fault("store question", err)
}

// asking makes a question ready to be stored.
func (s *Store) asking(ctx context.Context, user uuid.UUID, q turn.Question, l turn.Lease) (*asking, error) {
	a := &asking{Question: q, lease: l, user: user}
	a.claim, a.claims = idempotency.From(ctx)
	var errs [4]error
	a.answer, errs[0] = uuid.NewV7() // before the question's: found texts are shown by their ids, newest first
	a.id, errs[1] = uuid.NewV7()
	a.key, errs[2] = s.keys.Of(ctx, user)
	a.told, errs[3] = audit.Tell(ctx, entry(user, "message.send", a.id, map[string]any{"conversationId": q.ConversationID, "answerId": a.answer}))
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	var err error
	a.sealed, err = sealText(a.key, contentOf(a.id), q.Content)
	a.none, a.terms = a.key.Seal(contentOf(a.answer), nil), terms(a.key, q.Content)
	return a, err
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
