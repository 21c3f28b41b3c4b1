package pgstore

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/chat/internal/live"
)

// Running gives a user's answers that are being written.
func (s *Store) Running(ctx context.Context, user uuid.UUID, limit int) ([]live.News, error) {
	rows, err := s.pool.Query(ctx, `SELECT c.id, m.id FROM chat.chat_messages m
		JOIN chat.chat_conversations c ON c.id = m.conversation_id AND c.deleted_at IS NULL
		WHERE m.status = 'streaming' AND c.user_id = $1 ORDER BY m.id DESC LIMIT $2`, user, limit)
	if err != nil {
		return nil, pgdb.Fault("look for running answers", err)
	}
	running, err := pgx.CollectRows(rows, pgx.RowToStructByPos[live.News])
	return running, pgdb.Fault("look for running answers", err)
}
