package pgstore

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/conversation"
)

// searchAtOnce is how many conversations a search opens before it asks for more.
const searchAtOnce = 500

// List gives a user's conversations after a cursor. Titles are sealed, so the
// database can't search them: those of one user are opened and compared here.
// It tells the database nothing, unlike an index of hashes would.
func (s *Store) List(ctx context.Context, user uuid.UUID, f conversation.Filter, after conversation.Cursor, limit int) ([]conversation.Conversation, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return nil, err
	}
	atOnce := limit
	if f.Title != "" {
		atOnce = max(limit, searchAtOnce)
	}
	var list []conversation.Conversation
	for {
		rows, err := s.rowsAfter(ctx, user, f, after, atOnce)
		if err != nil {
			return nil, err
		}
		if list, err = appendMatching(list, rows, key, f.Title, limit); err != nil {
			return nil, err
		}
		if len(list) == limit || len(rows) < atOnce {
			return list, nil
		}
		last := rows[len(rows)-1]
		after = conversation.Cursor{Pinned: last.Pinned, UpdatedAt: last.UpdatedAt, ID: last.ID}
	}
}

func (s *Store) rowsAfter(ctx context.Context, user uuid.UUID, f conversation.Filter, after conversation.Cursor, limit int) ([]conversationRow, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+conversationColumns+` FROM chat.chat_conversations
		WHERE user_id = $1 AND deleted_at IS NULL
			AND ($2::boolean IS NULL OR archived = $2)
			AND ($3::uuid IS NULL OR (pinned, updated_at, id) < ($4, $5, $3))
			AND ($7::uuid IS NULL OR workspace_id = $7)
		ORDER BY pinned DESC, updated_at DESC, id DESC LIMIT $6`,
		user, f.Archived, nullable(after.ID), after.Pinned, after.UpdatedAt, limit, nullable(f.Workspace))
	if err != nil {
		return nil, pgdb.Fault("list conversations", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[conversationRow])
	return found, pgdb.Fault("list conversations", err)
}

// appendMatching opens the rows whose titles have the part, in any case, until
// the list is full.
func appendMatching(list []conversation.Conversation, rows []conversationRow, key *seal.Key, part string, limit int) ([]conversation.Conversation, error) {
	part = strings.ToLower(part)
	for _, row := range rows {
		if len(list) == limit {
			break
		}
		if part != "" {
			title, err := row.title(key)
			if _, err := unreadable(err); err != nil {
				return nil, err
			}
			if !strings.Contains(strings.ToLower(title), part) {
				continue
			}
		}
		c, err := row.conversation(key)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}
