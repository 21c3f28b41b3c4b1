package pgstore

import (
	"context"
	"log/slog"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/search"
)

// terms are the keyed hashes by which a text of the key's user is found.
func terms(key *seal.Key, text string) []int64 { return search.New(key.Tag("chat search")).Terms(text) }

func indexTitle(ctx context.Context, tx audit.Execer, key *seal.Key, user, conv uuid.UUID, title string) error {
	_, err := tx.Exec(ctx, insertEntry, conv, user, conv, nil, orEmpty(terms(key, title)))
	return err
}

const insertEntry = `INSERT INTO chat.search_entries (id, user_id, conversation_id, message_id, terms)
	VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET terms = excluded.terms`

func orEmpty(terms []int64) []int64 {
	if terms == nil {
		return []int64{}
	}
	return terms
}

// indexAtOnce is how many rows are entered in one go.
const indexAtOnce = 200

// IndexOld enters what was written before there was an index. It goes on where
// it was when it is cut short; what can't be read gets an entry without words,
// so that nobody looks again.
func (s *Store) IndexOld(ctx context.Context, log *slog.Logger) error {
	for _, k := range []struct{ name, missing string }{
		{"titles", `SELECT c.id, c.user_id, c.id, NULL::uuid, c.title FROM chat.chat_conversations c
			WHERE NOT EXISTS (SELECT FROM chat.search_entries e WHERE e.id = c.id) AND c.id > $1 ORDER BY c.id LIMIT $2`},
		{"messages", `SELECT m.id, c.user_id, c.id, m.id, m.content FROM chat.chat_messages m
			JOIN chat.chat_conversations c ON c.id = m.conversation_id
			WHERE m.status <> 'streaming' AND NOT EXISTS (SELECT FROM chat.search_entries e WHERE e.id = m.id) AND m.id > $1
			ORDER BY m.id LIMIT $2`},
	} {
		last, done := uuid.Nil, 0
		for {
			old, err := s.old(ctx, k.missing, last)
			if err == nil && len(old) > 0 {
				err = s.enter(ctx, old)
			}
			if err != nil {
				return err
			}
			if done += len(old); len(old) > 0 {
				last = old[len(old)-1].ID
				log.InfoContext(ctx, "entering older texts into the search index", "what", k.name, "done", done)
			}
			if len(old) < indexAtOnce {
				break
			}
		}
	}
	return nil
}

type oldRow struct {
	ID, User, Conversation uuid.UUID
	Message                *uuid.UUID
	Text                   []byte
}

func (s *Store) old(ctx context.Context, sql string, after uuid.UUID) ([]oldRow, error) {
	rows, err := s.pool.Query(ctx, sql, after, indexAtOnce)
	if err != nil {
		return nil, pgdb.Fault("look for texts without an entry", err)
	}
	old, err := pgx.CollectRows(rows, pgx.RowToStructByPos[oldRow])
	return old, pgdb.Fault("look for texts without an entry", err)
}

func (s *Store) enter(ctx context.Context, old []oldRow) error {
	batch := &pgx.Batch{}
	for _, row := range old {
		key, err := s.keys.Of(ctx, row.User)
		if err != nil {
			return err
		}
		place := titleOf(row.ID)
		if row.Message != nil {
			place = contentOf(row.ID)
		}
		text, err := openText(key, place, row.Text)
		if _, err := unreadable(err); err != nil {
			return err
		}
		// Whoever deletes a row meanwhile takes its entry along, or leaves none to make.
		batch.Queue(`INSERT INTO chat.search_entries (id, user_id, conversation_id, message_id, terms)
			SELECT $1, $2, c.id, $4, $5 FROM chat.chat_conversations c
			WHERE c.id = $3 AND ($4::uuid IS NULL OR EXISTS (SELECT FROM chat.chat_messages WHERE id = $4))
			ON CONFLICT (id) DO NOTHING`, row.ID, row.User, row.Conversation, row.Message, orEmpty(terms(key, text)))
	}
	return pgdb.Fault("enter texts", s.pool.SendBatch(ctx, batch).Close())
}
