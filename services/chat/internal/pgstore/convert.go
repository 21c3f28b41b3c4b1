package pgstore

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
)

// ConvertVersion is the number of the migration that Convert is.
const ConvertVersion = 3

// convertAtOnce is how many rows are sealed in one transaction.
const convertAtOnce = 200

// Convert seals what was stored before there were sealed columns. It goes on
// where it was when it is cut short. It has no names of this version's columns
// in common with other methods, so that it stays as it is when those change.
func (s *Store) Convert(ctx context.Context, log *slog.Logger) error {
	for _, k := range []kindOfRow{
		{
			"conversations", `SELECT id, user_id, plain_title, plain_metadata FROM chat.chat_conversations
			WHERE title IS NULL LIMIT $1`,
			`UPDATE chat.chat_conversations SET title = $2, metadata = $3, plain_title = NULL, plain_metadata = NULL WHERE id = $1`,
		},
		{
			"messages", `SELECT m.id, c.user_id, m.plain_content, m.plain_metadata FROM chat.chat_messages m
			JOIN chat.chat_conversations c ON c.id = m.conversation_id WHERE m.content IS NULL LIMIT $1`,
			`UPDATE chat.chat_messages SET content = $2, metadata = $3, plain_content = NULL, plain_metadata = NULL WHERE id = $1`,
		},
	} {
		done := 0
		for {
			n, err := s.convert(ctx, k)
			if err != nil {
				return fmt.Errorf("seal %s: %w", k.name, err)
			}
			if done += n; n > 0 {
				log.InfoContext(ctx, "sealing what was stored in plain", "what", k.name, "done", done)
			}
			if n < convertAtOnce {
				break
			}
		}
	}
	return nil
}

type kindOfRow struct{ name, plain, store string }

type plainRow struct {
	ID, User uuid.UUID
	Text     string
	Metadata map[string]any
}

func (s *Store) convert(ctx context.Context, k kindOfRow) (int, error) {
	rows, err := s.pool.Query(ctx, k.plain, convertAtOnce)
	if err != nil {
		return 0, pgdb.Fault("read plain rows", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[plainRow])
	if err != nil {
		return 0, pgdb.Fault("read plain rows", err)
	}
	text, metadata := titleOf, metadataOf
	if k.name == "messages" {
		text, metadata = contentOf, detailsOf
	}
	batch := &pgx.Batch{}
	for _, row := range found {
		key, err := s.keys.Of(ctx, row.User)
		if err != nil {
			return 0, err
		}
		sealed, err := sealText(key, text(row.ID), row.Text)
		if err != nil {
			return 0, err
		}
		details, err := sealMap(key, metadata(row.ID), row.Metadata)
		if err != nil {
			return 0, err
		}
		batch.Queue(k.store, row.ID, sealed, details)
	}
	return len(found), pgdb.Fault("store sealed rows", s.pool.SendBatch(ctx, batch).Close())
}
