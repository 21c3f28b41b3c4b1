package pgstore

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// askFor bounds the transaction of questions that are stored together.
const askFor = 10 * time.Second

// asking is a question on its way into the store, with all that can be made
// ready before the database is asked.
type asking struct {
	turn.Question
	lease        turn.Lease
	user         uuid.UUID
	key          *seal.Key
	id, answer   uuid.UUID
	sealed, none []byte // the question, and the answer's empty text
	terms        []int64
	claim        idempotency.Key
	claims       bool
	told         audit.Told
}

// stored is what has become of it.
type stored struct {
	pair turn.Pair
	// claimed says that an earlier call had the idempotency key.
	claimed bool
}

// place is where a question goes.
type place struct {
	parent uuid.UUID
	model  string
	// title is what the conversation is called from now on, nil for as before.
	title *title
	named bool
}

type title struct {
	sealed []byte
	terms  []int64
}

// askAll stores questions in as few transactions as they allow: those of one
// conversation follow each other, and what is spoilt by one of them is done
// again one by one.
func (s *Store) askAll(ctx context.Context, all []*asking) ([]stored, []error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askFor)
	defer cancel()
	out, errs := make([]stored, len(all)), make([]error, len(all))
	rest := make([]int, len(all))
	for i := range rest {
		rest[i] = i
	}
	for len(rest) > 0 {
		var now []int
		now, rest = apart(all, rest)
		s.askSome(ctx, all, now, out, errs)
	}
	return out, errs
}

// apart gives those that have nothing to do with each other, and the others.
func apart(all []*asking, of []int) (now, later []int) {
	type owned struct {
		user uuid.UUID
		key  string
	}
	conversations, claims := map[uuid.UUID]bool{}, map[owned]bool{}
	for _, i := range of {
		a := all[i]
		claim := owned{a.user, a.claim.Value}
		if conversations[a.ConversationID] || a.claims && claims[claim] {
			later = append(later, i)
			continue
		}
		conversations[a.ConversationID], claims[claim] = true, a.claims
		now = append(now, i)
	}
	return now, later
}

func (s *Store) askSome(ctx context.Context, all []*asking, which []int, out []stored, errs []error) {
	some := make([]*asking, len(which))
	for n, i := range which {
		some[n] = all[i]
	}
	got, refused, err := s.askTogether(ctx, some)
	if err != nil && len(some) > 1 && apperr.From(pgdb.Fault("", err)).Kind != apperr.Unavailable {
		for _, i := range which {
			s.askSome(ctx, all, []int{i}, out, errs)
		}
		return
	}
	for n, i := range which {
		if errs[i] = err; err == nil {
			out[i], errs[i] = got[n], refused[n]
		}
	}
}

// askTogether stores questions of different conversations in one transaction of
// two round trips. Those that are refused leave nothing; an err is everybody's.
func (s *Store) askTogether(ctx context.Context, all []*asking) (out []stored, refused []error, err error) {
	out, refused = make([]stored, len(all)), make([]error, len(all))
	err = pgdb.OnConn(ctx, s.pool, func(conn *pgx.Conn) error {
		found, err := lookWhere(ctx, conn, all)
		if err != nil {
			return err
		}
		places, write := make([]place, len(all)), &writing{}
		for i, a := range all {
			if out[i].claimed = a.claims && !found.claimed[a.answer]; out[i].claimed {
				continue
			}
			places[i], refused[i] = a.place(found.conversations[a.ConversationID])
			if refused[i] != nil {
				write.unclaim(a)
			} else {
				write.add(a, places[i])
			}
		}
		files := len(all[0].Attachments) > 0 // it is alone then
		kept, err := write.send(ctx, conn, !files)
		if err != nil {
			return err
		}
		for i, a := range all {
			if refused[i] == nil && !out[i].claimed {
				out[i].pair = a.pair(places[i], kept)
			}
		}
		if files {
			return attachAlone(ctx, conn, all[0], &out[0])
		}
		return nil
	})
	return out, refused, err
}

// attachAlone gives a question its files, of which one may be gone, and commits.
func attachAlone(ctx context.Context, conn *pgx.Conn, a *asking, out *stored) error {
	if out.pair.Owner != uuid.Nil {
		if err := attach(ctx, conn, a.user, a.id, a.Attachments); err != nil {
			return err
		}
		files, err := filesOf(ctx, conn, a.key, []uuid.UUID{a.id})
		if err != nil {
			return err
		}
		out.pair.User.Attachments = files[a.id]
	}
	_, err := conn.Exec(ctx, `COMMIT`)
	return err
}

// where is what the database knows about the places of questions.
type where struct {
	// claimed are the answers whose idempotency keys are theirs.
	claimed       map[uuid.UUID]bool
	conversations map[uuid.UUID]whereRow
}

// whereRow is a conversation, with the message that the question is to follow,
// if it has that one.
type whereRow struct {
	ID     uuid.UUID
	Title  []byte
	By     conversation.Author
	Model  string
	Head   *uuid.UUID
	Parent *conversation.Status
}

// lookWhere begins a transaction, claims idempotency keys, and locks the
// conversations, in their order.
func lookWhere(ctx context.Context, conn *pgx.Conn, all []*asking) (where, error) {
	var convs, users []uuid.UUID
	var parents []*uuid.UUID
	var claims [][]any
	for _, a := range all {
		convs, users, parents = append(convs, a.ConversationID), append(users, a.user), append(parents, a.Parent)
		if a.claims {
			claims = append(claims, []any{a.user, a.claim.Value, a.claim.RequestHash, a.answer})
		}
	}
	found, batch := where{map[uuid.UUID]bool{}, map[uuid.UUID]whereRow{}}, &pgx.Batch{}
	batch.Queue(`BEGIN`)
	if len(claims) > 0 {
		batch.Queue(`INSERT INTO chat.idempotency_keys (user_id, key, request_hash, resource_id)
			SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[]) c (usr, key, hash, answer) ORDER BY usr, key
			ON CONFLICT DO NOTHING RETURNING resource_id`, pgdb.Columns(claims)...).Query(func(rows pgx.Rows) error {
			ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
			for _, id := range ids {
				found.claimed[id] = true
			}
			return err
		})
	}
	batch.Queue(`SELECT FROM unnest($1::uuid[], $2::uuid[]) a (conv, usr) JOIN chat.chat_conversations c
		ON c.id = a.conv AND c.user_id = a.usr AND c.deleted_at IS NULL ORDER BY c.id FOR UPDATE OF c`, convs, users)
	// A statement of its own: it sees what those who had the locks have done.
	// The parent is looked up by its id alone: with another condition a plan for a
	// small table might look through the conversation.
	batch.Queue(`SELECT c.id, c.title, c.title_by, c.model, c.head_message_id, CASE WHEN m.conversation_id = c.id THEN m.status END
		FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) a (conv, usr, parent)
		JOIN chat.chat_conversations c ON c.id = a.conv AND c.user_id = a.usr AND c.deleted_at IS NULL
		LEFT JOIN chat.chat_messages m ON m.id = coalesce(a.parent, c.head_message_id)`,
		convs, users, parents).Query(func(rows pgx.Rows) error {
		conversations, err := pgx.CollectRows(rows, pgx.RowToStructByPos[whereRow])
		for _, c := range conversations {
			found.conversations[c.ID] = c
		}
		return err
	})
	return found, conn.SendBatch(ctx, batch).Close()
}

// place says where a question goes in its conversation, if it may.
func (a *asking) place(c whereRow) (place, error) {
	if c.ID == uuid.Nil {
		return place{}, conversation.ErrNotFound
	}
	p := place{parent: orNil(c.Head), model: a.Model, named: c.By != conversation.ByNobody}
	if a.Parent != nil {
		p.parent = *a.Parent
	}
	if p.model == "" {
		p.model = c.Model
	}
	switch {
	case p.parent == uuid.Nil:
	case c.Parent == nil:
		return p, conversation.ErrMessageNotFound
	case *c.Parent == conversation.Streaming:
		return p, turn.ErrRunning
	}
	called, err := openText(a.key, titleOf(c.ID), c.Title)
	if _, err := unreadable(err); err != nil {
		return p, err
	}
	if called == "" {
		text := conversation.TitleFrom(a.Content)
		sealed, err := sealText(a.key, titleOf(c.ID), text)
		if err != nil {
			return p, err
		}
		p.title = &title{sealed, terms(a.key, text)}
	}
	return p, nil
}

// pair is the question with its answer as they were stored.
func (a *asking) pair(p place, kept map[uuid.UUID]keptRow) turn.Pair {
	question, answer := kept[a.id], kept[a.answer]
	return turn.Pair{
		Owner: a.user, Named: p.named,
		User: conversation.Message{
			ID: a.id, ConversationID: a.ConversationID, ParentID: p.parent, Role: conversation.User, Content: a.Content,
			Status: conversation.Complete, CreatedAt: question.CreatedAt, Metadata: map[string]any{}, Position: question.Position,
		},
		Assistant: conversation.Message{
			ID: a.answer, ConversationID: a.ConversationID, ParentID: a.id, Role: conversation.Assistant,
			Status: conversation.Streaming, Model: p.model, CreatedAt: answer.CreatedAt, Metadata: map[string]any{}, Position: answer.Position,
		},
	}
}

// writing collects the rows of questions, to write each table once.
type writing struct {
	messages, heads, entries [][]any
	told                     []audit.Told
	unclaimed                []uuid.UUID
}

// unclaim gives an idempotency key back.
func (w *writing) unclaim(a *asking) {
	if a.claims {
		w.unclaimed = append(w.unclaimed, a.answer)
	}
}

func (w *writing) add(a *asking, p place) {
	w.messages = append(w.messages,
		[]any{a.id, a.ConversationID, string(conversation.User), a.sealed, nullable(p.parent), string(conversation.Complete), "", "", nil, nil},
		[]any{a.answer, a.ConversationID, string(conversation.Assistant), a.none, &a.id, string(conversation.Streaming), p.model, a.lease.Owner, &a.lease.Run, &a.lease.For})
	head := []any{a.ConversationID, a.answer, []byte(nil)}
	w.entries = append(w.entries, []any{a.id, a.user, a.ConversationID, &a.id, literal(a.terms)})
	if p.title != nil {
		head[2] = p.title.sealed
		w.entries = append(w.entries, []any{a.ConversationID, a.user, a.ConversationID, nil, literal(p.title.terms)})
	}
	w.heads, w.told = append(w.heads, head), append(w.told, a.told)
}

// keptRow is what the database gives a message.
type keptRow struct {
	ID        uuid.UUID
	Position  int64
	CreatedAt time.Time
}

// send writes everything in one round trip, to its commit if it is told to.
func (w *writing) send(ctx context.Context, conn *pgx.Conn, commit bool) (map[uuid.UUID]keptRow, error) {
	kept, later := map[uuid.UUID]keptRow{}, &pipeline{}
	if len(w.unclaimed) > 0 {
		later.Queue(`DELETE FROM chat.idempotency_keys WHERE resource_id = ANY($1)`, w.unclaimed)
	}
	if len(w.messages) > 0 {
		later.Queue(`INSERT INTO chat.chat_messages (id, conversation_id, role, content, parent_id, status, model, lease_owner, lease_run, lease_until)
			SELECT id, conv, role, content, parent, status, model, owner, run, now() + lasts
			FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::uuid[], $10::interval[])
				WITH ORDINALITY m (id, conv, role, content, parent, status, model, owner, run, lasts, n) ORDER BY n
			RETURNING id, position, created_at`, pgdb.Columns(w.messages)...).Query(func(rows pgx.Rows) error {
			all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[keptRow])
			for _, row := range all {
				kept[row.ID] = row
			}
			return err
		})
		later.Queue(`UPDATE chat.chat_conversations c SET head_message_id = a.head, updated_at = now(), title = coalesce(a.title, c.title)
			FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) a (id, head, title) WHERE c.id = a.id`, pgdb.Columns(w.heads)...)
		later.Queue(`INSERT INTO chat.search_entries (id, user_id, conversation_id, message_id, terms)
			SELECT id, usr, conv, message, terms::bigint[] FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[])
				e (id, usr, conv, message, terms)
			ON CONFLICT (id) DO UPDATE SET terms = excluded.terms`, pgdb.Columns(w.entries)...)
		if err := audit.InsertAll(ctx, later, w.told); err != nil {
			return nil, err
		}
	}
	if commit {
		later.Queue(`COMMIT`)
	}
	if later.Len() == 0 {
		return kept, nil
	}
	return kept, conn.SendBatch(ctx, &later.Batch.Batch).Close()
}

// literal writes an array as Postgres reads it: arrays of different lengths
// don't go into one.
func literal(terms []int64) string {
	text := append(make([]byte, 0, 2+20*len(terms)), '{')
	for i, t := range terms {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, t, 10)
	}
	return string(append(text, '}'))
}

// replay gives what an earlier call with the same idempotency key has stored.
func (s *Store) replay(ctx context.Context, a *asking) (turn.Pair, error) {
	answer, err := pgdb.Claimed(ctx, s.pool, Schema, a.claim, a.user)
	if err != nil {
		return turn.Pair{}, err
	}
	return pair(ctx, s.pool, a.key, a.user, answer)
}
