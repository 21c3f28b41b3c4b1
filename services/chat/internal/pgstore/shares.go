package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/share"
)

// pictureOf is where a picture is sealed, with the key of its token.
func pictureOf(conv uuid.UUID) seal.Place {
	return seal.Place{Table: "shares", Column: "snapshot", Row: conv}
}

// tokenOf is where the token is sealed, with its owner's key.
func tokenOf(conv uuid.UUID) seal.Place {
	return seal.Place{Table: "shares", Column: "token", Row: conv}
}

// pictures is the box of what a token opens. Readers of a link have no data
// key, and the database has no token: neither can open a picture alone.
func pictures(t share.Token) *seal.Box { return seal.Secret(t[:], "shared picture") }

// link is how a row's conversation is shared. One whose token can't be read is
// told of all the same, so that it can be ended.
func (r conversationRow) link(key *seal.Key) *conversation.Link {
	if r.SharedAt == nil {
		return nil
	}
	l := &conversation.Link{CreatedAt: *r.SharedAt}
	if t, ok := openToken(key, r.ID, r.ShareToken); ok {
		l.Token = t.String()
	}
	return l
}

func openToken(key *seal.Key, conv uuid.UUID, sealed []byte) (t share.Token, ok bool) {
	raw, err := key.Open(tokenOf(conv), sealed)
	if err != nil || len(raw) != len(t) {
		return t, false
	}
	return share.Token(raw), true
}

// Share takes the picture of a branch.
func (s *Store) Share(ctx context.Context, user, conv, head uuid.UUID, fresh share.Token) (conversation.Link, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return conversation.Link{}, err
	}
	var link conversation.Link
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		c, err := getConversation(ctx, tx, key, user, conv, "FOR UPDATE")
		if err != nil {
			return err
		}
		token, err := tokenFor(ctx, tx, key, conv, fresh)
		if err != nil {
			return err
		}
		link.Token = token.String()
		if err := tx.QueryRow(ctx, `SELECT now()`).Scan(&link.CreatedAt); err != nil {
			return err
		}
		snapshot, err := takePicture(ctx, tx, key, c, head, link.CreatedAt)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO chat.shares (conversation_id, token_hash, token, snapshot, created_at)
			VALUES ($1, $2, $3, $4, $5) ON CONFLICT (conversation_id) DO UPDATE SET
			token_hash = excluded.token_hash, token = excluded.token, snapshot = excluded.snapshot, created_at = excluded.created_at`,
			conv, token.Hash(), key.Seal(tokenOf(conv), token[:]),
			pictures(token).Seal(pictureOf(conv), snapshot), link.CreatedAt)
		if err != nil {
			return err
		}
		return record(ctx, tx, user, "conversation.share", conv, nil)
	})
	return link, pgdb.Fault("share conversation", err)
}

// tokenFor is the token that a conversation is shared under, or the fresh one.
// A token that can't be read any more makes way: its link is lost to its owner
// and must not go on working.
func tokenFor(ctx context.Context, tx pgx.Tx, key *seal.Key, conv uuid.UUID, fresh share.Token) (share.Token, error) {
	var sealed []byte
	err := tx.QueryRow(ctx, `SELECT token FROM chat.shares WHERE conversation_id = $1`, conv).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return fresh, nil
	}
	if err != nil {
		return share.Token{}, err
	}
	if t, ok := openToken(key, conv, sealed); ok {
		return t, nil
	}
	return fresh, nil
}

// takePicture gives the picture as JSON. It looks at the size before it opens
// anything.
func takePicture(ctx context.Context, tx pgx.Tx, key *seal.Key, c conversation.Conversation, head uuid.UUID, at time.Time) ([]byte, error) {
	if head == uuid.Nil {
		head = c.HeadMessageID
	}
	if head == uuid.Nil {
		return nil, share.ErrNothing
	}
	if _, err := messageIn(ctx, tx, key, c.ID, head); err != nil {
		return nil, err
	}
	var messages, size int64
	if err := tx.QueryRow(ctx, branch+`SELECT count(*), coalesce(sum(octet_length(m.content)), 0) FROM m`, head).Scan(&messages, &size); err != nil {
		return nil, err
	}
	if messages > share.MaxMessages || size > share.MaxSize {
		return nil, share.ErrTooLarge
	}
	found, err := queryMessages(ctx, tx, key, branch+`SELECT `+messageColumns+` FROM m ORDER BY m.position`, head)
	if err != nil {
		return nil, err
	}
	picture, err := share.Take(c.Title, found, at)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(picture)
	if err != nil {
		return nil, fmt.Errorf("encode picture: %w", err)
	}
	return text, nil
}

// Unshare removes a conversation's picture.
func (s *Store) Unshare(ctx context.Context, user, conv uuid.UUID) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var found bool // whether or not its title can be read
		err := tx.QueryRow(ctx, `SELECT TRUE FROM chat.chat_conversations
			WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL FOR UPDATE`, conv, user).Scan(&found)
		if errors.Is(err, pgx.ErrNoRows) {
			return conversation.ErrNotFound
		}
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `DELETE FROM chat.shares WHERE conversation_id = $1`, conv)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return record(ctx, tx, user, "conversation.unshare", conv, nil)
	})
	return pgdb.Fault("unshare conversation", err)
}

// Shared gives what a token shows, unless its conversation is deleted.
func (s *Store) Shared(ctx context.Context, t share.Token) (share.Picture, error) {
	var conv, owner uuid.UUID
	var sealed []byte
	err := s.pool.QueryRow(ctx, `SELECT s.conversation_id, c.user_id, s.snapshot FROM chat.shares s
		JOIN chat.chat_conversations c ON c.id = s.conversation_id AND c.deleted_at IS NULL
		WHERE s.token_hash = $1`, t.Hash()).Scan(&conv, &owner, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return share.Picture{}, share.ErrNotFound
	}
	if err != nil {
		return share.Picture{}, pgdb.Fault("read share", err)
	}
	text, err := pictures(t).Open(pictureOf(conv), sealed)
	if err != nil {
		return share.Picture{}, err
	}
	p := share.Picture{Owner: owner}
	if err := json.Unmarshal(text, &p); err != nil {
		return share.Picture{}, fmt.Errorf("decode picture: %w", err)
	}
	return p, nil
}
