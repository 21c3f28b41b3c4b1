package pgstore

import (
	"context"
	"math"

	"github.com/google/uuid"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// branch is the path from message $1 up to the root of its tree. The limit of
// one has each parent looked up by its id: the planner takes a path for many
// rows and would rather read the whole table.
var branch = branchIf(`TRUE`)

// branchIf is the same if a condition on the message, called leaf, holds.
func branchIf(condition string) string {
	return `WITH RECURSIVE m AS (
		SELECT leaf.* FROM chat.chat_messages leaf WHERE leaf.id = $1 AND ` + condition + `
		UNION ALL
		SELECT parent.* FROM m CROSS JOIN LATERAL (SELECT up.* FROM chat.chat_messages up WHERE up.id = m.parent_id LIMIT 1) parent
	) `
}

// Messages gives a conversation's messages after a position.
func (s *Store) Messages(ctx context.Context, user, id uuid.UUID, after int64, limit int) ([]conversation.Message, error) {
	if err := s.has(ctx, user, id); err != nil {
		return nil, err
	}
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return nil, err
	}
	return queryMessages(ctx, s.pool, key, `SELECT `+messageColumns+` FROM chat.chat_messages m
		WHERE m.conversation_id = $1 AND m.position > $2 ORDER BY m.position LIMIT $3`, id, after, limit)
}

// Newest gives a conversation's messages before a position, newest first.
func (s *Store) Newest(ctx context.Context, user, id uuid.UUID, before int64, limit int) ([]conversation.Message, error) {
	if err := s.has(ctx, user, id); err != nil {
		return nil, err
	}
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return nil, err
	}
	if before == 0 {
		before = math.MaxInt64
	}
	return queryMessages(ctx, s.pool, key, `SELECT `+messageColumns+` FROM chat.chat_messages m
		WHERE m.conversation_id = $1 AND m.position < $2 ORDER BY m.position DESC LIMIT $3`, id, before, limit)
}

// Branch gives the path from the root to a message, after a position.
func (s *Store) Branch(ctx context.Context, user, id, leaf uuid.UUID, after int64, limit int) ([]conversation.Message, error) {
	if err := s.has(ctx, user, id); err != nil {
		return nil, err
	}
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return nil, err
	}
	if _, err := messageIn(ctx, s.pool, key, id, leaf); err != nil {
		return nil, err
	}
	return queryMessages(ctx, s.pool, key, branch+`SELECT `+messageColumns+` FROM m
		WHERE m.position > $2 ORDER BY m.position LIMIT $3`, leaf, after, limit)
}

// has says whether a conversation is the user's, without adding up all that its
// messages took.
func (s *Store) has(ctx context.Context, user, id uuid.UUID) error {
	var there bool
	err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM chat.chat_conversations WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL)`,
		id, user).Scan(&there)
	if err == nil && !there {
		return conversation.ErrNotFound
	}
	return pgdb.Fault("read conversation", err)
}

// messageIn gives a message of a conversation.
func messageIn(ctx context.Context, db pgdb.Querier, key *seal.Key, conv, id uuid.UUID) (conversation.Message, error) {
	return queryMessage(ctx, db, key, `SELECT `+messageColumns+` FROM chat.chat_messages m
		WHERE m.id = $1 AND m.conversation_id = $2`, id, conv)
}

// Pair gives a user's answer with its question.
func (s *Store) Pair(ctx context.Context, user, answer uuid.UUID) (turn.Pair, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return turn.Pair{}, err
	}
	return pair(ctx, s.pool, key, user, answer)
}

// selectPair reads answer $1 of user $2 and its question.
const selectPair = `SELECT ` + messageColumns + `
	FROM chat.chat_messages a
	JOIN chat.chat_conversations c ON c.id = a.conversation_id AND c.user_id = $2 AND c.deleted_at IS NULL
	JOIN chat.chat_messages m ON m.id IN (a.id, a.parent_id)
	WHERE a.id = $1 AND a.role = 'assistant'
	ORDER BY m.position`

func pair(ctx context.Context, db pgdb.Querier, key *seal.Key, user, answer uuid.UUID) (turn.Pair, error) {
	found, err := queryMessages(ctx, db, key, selectPair, answer, user)
	if err != nil {
		return turn.Pair{}, err
	}
	return pairOf(user, found)
}

func pairOf(user uuid.UUID, found []conversation.Message) (turn.Pair, error) {
	if len(found) != 2 {
		return turn.Pair{}, conversation.ErrMessageNotFound
	}
	return turn.Pair{User: found[0], Assistant: found[1], Owner: user}, nil
}
