package pgstore

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/search"
)

// opened is how many proposals are opened at first, and each time twice as many
// of those that follow. proposed is how many of them one call opens at most; the
// page then ends early, and the next goes on.
const opened, proposed = 60, 2_000

// Search gives the newest texts of a user that have every word of a query.
func (s *Store) Search(ctx context.Context, user uuid.UUID, q search.Query, before uuid.UUID, limit int) ([]search.Hit, uuid.UUID, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return nil, uuid.Nil, err
	}
	wanted := search.New(key.Tag("chat search")).Wanted(q)
	var hits []search.Hit
	titles := map[uuid.UUID]string{} // one for many messages
	for looked, batch := 0, opened; looked < proposed; batch *= 2 {
		ids, end, err := s.propose(ctx, user, wanted, before, batch, proposed-looked)
		if err != nil {
			return nil, uuid.Nil, err
		}
		for some := range slices.Chunk(ids, batch) {
			rows, err := s.proposals(ctx, some)
			if err != nil {
				return nil, uuid.Nil, err
			}
			for _, row := range rows {
				hit, found, err := row.hit(key, q, titles)
				if err != nil {
					return nil, uuid.Nil, err
				}
				if !found {
					continue
				}
				if hits = append(hits, hit); len(hits) == limit {
					return hits, row.ID, nil
				}
			}
			looked += len(some)
		}
		if before = end; end == uuid.Nil {
			break
		}
	}
	return hits, before, nil
}

// recent is how many of the newest texts are looked at one by one. A word that
// is not found often enough among them is rare, so the index has few texts for
// it; one that is common would have it collect most of what a user ever wrote,
// to show a page of it. The planner can't know which is which.
const recent = 2_000

// frequent is how often a word must be among the recent ones for so many more to
// be looked at that they should more than fill a page: cheaper than what the
// index would have to collect.
const frequent = 5

// propose gives the texts before one that have a hash of each word, newest
// first: a page of them, or, of rare words, so many that they are all there is.
// end is where to go on, zero when nothing is left.
func (s *Store) propose(ctx context.Context, user uuid.UUID, wanted [][]int64, before uuid.UUID, page, most int) (ids []uuid.UUID, end uuid.UUID, err error) {
	for window := recent; ; {
		found, past, err := s.newest(ctx, user, wanted, before, window, page-len(ids))
		if ids = append(ids, found...); err != nil || len(ids) == page {
			return ids, last(ids), err
		}
		if before = past; past == uuid.Nil {
			return ids, uuid.Nil, nil
		}
		if window > recent || len(ids) < frequent {
			break
		}
		window = recent * page * 3 / 2 / len(ids)
	}
	older, err := s.known(ctx, user, wanted, before, most)
	if ids = append(ids, older...); len(older) == most {
		end = last(ids)
	}
	return ids, end, err
}

func last(ids []uuid.UUID) uuid.UUID {
	if len(ids) == 0 {
		return uuid.Nil
	}
	return ids[len(ids)-1]
}

// newest looks through a window of a user's newest texts before one. past is
// the last of the window, zero when there are none behind it.
func (s *Store) newest(ctx context.Context, user uuid.UUID, wanted [][]int64, before uuid.UUID, window, limit int) (ids []uuid.UUID, past uuid.UUID, err error) {
	words, args := conditions(wanted, user, nullable(before), window, limit)
	const part = ` FROM chat.search_entries WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC `
	ids, err = s.ids(ctx, `SELECT id FROM (SELECT id, conversation_id, terms`+part+`LIMIT $3) newest
		WHERE `+words+` AND `+standing+` ORDER BY id DESC LIMIT $4`, args)
	if err != nil || len(ids) == limit {
		return ids, uuid.Nil, err
	}
	err = s.pool.QueryRow(ctx, `SELECT id`+part+`OFFSET $3 LIMIT 1`, user, nullable(before), window-1).Scan(&past)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return ids, past, pgdb.Fault("search", err)
}

// known asks the index, for each word on its own, so that it meets all of them
// before any text is looked at.
func (s *Store) known(ctx context.Context, user uuid.UUID, wanted [][]int64, before uuid.UUID, limit int) ([]uuid.UUID, error) {
	words, args := conditions(wanted, user, before, limit)
	return s.ids(ctx, `WITH known AS MATERIALIZED (SELECT id, user_id, conversation_id FROM chat.search_entries WHERE `+words+`)
		SELECT id FROM known WHERE user_id = $1 AND id < $2 AND `+standing+` ORDER BY id DESC LIMIT $3`, args)
}

// standing leaves out what was deleted and may still be brought back.
const standing = `conversation_id <> ALL (ARRAY(SELECT id FROM chat.chat_conversations WHERE user_id = $1 AND deleted_at IS NOT NULL))`

// conditions are those of a text that has a hash of each word, and the arguments
// of a statement with them.
func conditions(wanted [][]int64, args ...any) (string, []any) {
	var words []string
	for _, alternatives := range wanted {
		args = append(args, alternatives)
		words = append(words, "terms && $"+strconv.Itoa(len(args))+"::bigint[]")
	}
	return strings.Join(words, " AND "), args
}

func (s *Store) ids(ctx context.Context, sql string, args []any) ([]uuid.UUID, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, pgdb.Fault("search", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	return ids, pgdb.Fault("search", err)
}

// proposedRow is a message with its conversation, or a conversation alone, whose
// title was proposed.
type proposedRow struct {
	ID, Conversation uuid.UUID
	Title            []byte
	CreatedAt        time.Time
	Message          *uuid.UUID
	Role             *string
	Content          []byte
	MessageAt        *time.Time
}

// proposals reads the texts that were proposed: an entry has the id of its message,
// or that of the conversation whose title it is of.
func (s *Store) proposals(ctx context.Context, ids []uuid.UUID) ([]proposedRow, error) {
	rows, err := s.pool.Query(ctx, `SELECT e.id, c.id, c.title, c.created_at, m.id, m.role, m.content, m.created_at
		FROM unnest($1::uuid[]) e (id) LEFT JOIN chat.chat_messages m ON m.id = e.id
		JOIN chat.chat_conversations c ON c.id = coalesce(m.conversation_id, e.id)
		ORDER BY e.id DESC`, ids)
	if err != nil {
		return nil, pgdb.Fault("search", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[proposedRow])
	return found, pgdb.Fault("search", err)
}

// hit opens a proposed text and looks whether it really has the words. Many are
// proposed that have not, so a message's title is opened after that, and kept in titles.
func (r proposedRow) hit(key *seal.Key, q search.Query, titles map[uuid.UUID]string) (search.Hit, bool, error) {
	hit := search.Hit{ID: r.ID, Conversation: r.Conversation, CreatedAt: r.CreatedAt}
	if r.Message == nil {
		title, err := openText(key, titleOf(r.Conversation), r.Title)
		if hidden, err := unreadable(err); err != nil || hidden {
			return hit, false, err
		}
		hit.Title = title
		snippet, found := q.Find(title)
		hit.Snippet = snippet
		return hit, found, nil
	}
	hit.Message, hit.Role, hit.CreatedAt = *r.Message, *r.Role, *r.MessageAt
	text, err := openText(key, contentOf(*r.Message), r.Content)
	if hidden, err := unreadable(err); err != nil || hidden {
		return hit, false, err
	}
	var found bool
	if hit.Snippet, found = q.Find(text); !found {
		return hit, false, nil
	}
	if hit.Title, found = titles[r.Conversation]; found {
		return hit, true, nil
	}
	hit.Title, err = openText(key, titleOf(r.Conversation), r.Title)
	titles[r.Conversation] = hit.Title
	_, err = unreadable(err)
	return hit, true, err
}
