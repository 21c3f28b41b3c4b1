package pgstore

import (
	"context"
	"errors"
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
const proposedAtOnce, proposedInAll = 60, 2000

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

// recent is how many of the newest texts are looked at one by one. A word that
// is not found often enough among them is rare, so the index has few texts for
// it; one that is common would have it collect most of what a user ever wrote,
// to show a page of it. The planner can't know which is which.
const recent = 5_000

// proposed gives texts that have one hash of each word, newest first.
func (s *Store) proposed(ctx context.Context, user uuid.UUID, wanted [][]int64, before uuid.UUID) ([]proposedRow, error) {
	found, err := s.propose(ctx, `SELECT id, conversation_id, message_id FROM (
			SELECT * FROM chat.search_entries WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT `+strconv.Itoa(recent)+`
		) newest WHERE `, user, wanted, before, proposedAtOnce)
	if err != nil || len(found) == proposedAtOnce {
		return found, err
	}
	var end uuid.UUID
	err = s.pool.QueryRow(ctx, `SELECT id FROM chat.search_entries WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2)
		ORDER BY id DESC OFFSET $3 LIMIT 1`, user, nullable(before), recent-1).Scan(&end)
	if errors.Is(err, pgx.ErrNoRows) {
		return found, nil
	}
	if err != nil {
		return nil, pgdb.Fault("search", err)
	}
	older, err := s.propose(ctx, `SELECT id, conversation_id, message_id FROM known WHERE user_id = $1 AND id < $2 AND `,
		user, wanted, end, proposedAtOnce-len(found))
	return append(found, older...), err
}

// propose reads what a query picks, which the words' conditions are added to.
// Each word has a condition of its own, so that the index meets all of them;
// known is what it has for them, however the rest would be read.
func (s *Store) propose(ctx context.Context, pick string, user uuid.UUID, wanted [][]int64, before uuid.UUID, limit int) ([]proposedRow, error) {
	words, args := &strings.Builder{}, []any{user, nullable(before), limit}
	for i, alternatives := range wanted {
		if i > 0 {
			words.WriteString(" AND ")
		}
		args = append(args, alternatives)
		words.WriteString("terms && $" + strconv.Itoa(len(args)) + "::bigint[]")
	}
	rows, err := s.pool.Query(ctx, `WITH known AS MATERIALIZED (
			SELECT id, user_id, conversation_id, message_id, terms FROM chat.search_entries WHERE `+words.String()+`
		), e AS MATERIALIZED (`+pick+words.String()+` AND conversation_id <> ALL (ARRAY(
			SELECT id FROM chat.chat_conversations WHERE user_id = $1 AND deleted_at IS NOT NULL)) ORDER BY id DESC LIMIT $3)
		SELECT e.id, c.id, c.title, c.created_at, m.id, m.role, m.content, m.created_at
		FROM e JOIN chat.chat_conversations c ON c.id = e.conversation_id
		LEFT JOIN chat.chat_messages m ON m.id = e.message_id
		ORDER BY e.id DESC`, args...)
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
