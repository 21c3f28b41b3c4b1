package pgstore

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/search"
)

// proposedAtOnce is how many texts the index proposes in one go, and
// proposedInAll how many of them one call opens at most; the page then ends
// early, and the next goes on.
const proposedAtOnce, proposedInAll = 100, 2000

// Search gives the newest texts of a user that have every word of a query.
func (s *Store) Search(ctx context.Context, user uuid.UUID, q search.Query, before uuid.UUID, limit int) ([]search.Hit, uuid.UUID, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return nil, uuid.Nil, err
	}
	wanted := search.New(key.Tag("chat search")).Wanted(q)
	var hits []search.Hit
	for looked := 0; looked < proposedInAll; {
		proposed, err := s.proposed(ctx, user, wanted, before)
		if err != nil {
			return nil, uuid.Nil, err
		}
		for _, row := range proposed {
			before = row.ID
			hit, found, err := row.hit(key, q)
			if err != nil {
				return nil, uuid.Nil, err
			}
			if !found {
				continue
			}
			if hits = append(hits, hit); len(hits) == limit {
				return hits, before, nil
			}
		}
		if len(proposed) < proposedAtOnce {
			return hits, uuid.Nil, nil
		}
		looked += len(proposed)
	}
	return hits, before, nil
}

type proposedRow struct {
	ID, Conversation uuid.UUID
	Title            []byte
	CreatedAt        time.Time
	Message          *uuid.UUID
	Role             *string
	Content          []byte
	MessageAt        *time.Time
}

// proposed gives the texts that the index knows by one hash of each word. The
// index has a condition per word, so that the rarest one leads.
func (s *Store) proposed(ctx context.Context, user uuid.UUID, wanted [][]int64, before uuid.UUID) ([]proposedRow, error) {
	sql := &strings.Builder{}
	args := []any{user, nullable(before), proposedAtOnce}
	for _, alternatives := range wanted {
		args = append(args, alternatives)
		sql.WriteString(" AND e.terms && $" + strconv.Itoa(len(args)) + "::bigint[]")
	}
	rows, err := s.pool.Query(ctx, `SELECT e.id, c.id, c.title, c.created_at, m.id, m.role, m.content, m.created_at
		FROM chat.search_entries e
		JOIN chat.chat_conversations c ON c.id = e.conversation_id AND c.deleted_at IS NULL
		LEFT JOIN chat.chat_messages m ON m.id = e.message_id
		WHERE e.user_id = $1 AND ($2::uuid IS NULL OR e.id < $2)`+sql.String()+`
		ORDER BY e.id DESC LIMIT $3`, args...)
	if err != nil {
		return nil, pgdb.Fault("search", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[proposedRow])
	return found, pgdb.Fault("search", err)
}

// hit opens a proposed text and looks whether it really has the words.
func (r proposedRow) hit(key *seal.Key, q search.Query) (search.Hit, bool, error) {
	title, titleErr := openText(key, titleOf(r.Conversation), r.Title)
	hit := search.Hit{ID: r.ID, Conversation: r.Conversation, Title: title, CreatedAt: r.CreatedAt}
	text, err := title, titleErr
	if r.Message != nil {
		hit.Message, hit.Role, hit.CreatedAt = *r.Message, *r.Role, *r.MessageAt
		text, err = openText(key, contentOf(*r.Message), r.Content)
	}
	hidden, err := unreadable(err)
	if err != nil || hidden {
		return hit, false, err
	}
	if _, err := unreadable(titleErr); err != nil {
		return hit, false, err
	}
	var found bool
	hit.Snippet, found = q.Find(text)
	return hit, found, nil
}
