package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/attachment"
)

// attachmentColumns are those of a file called a, without its content.
const attachmentColumns = `a.id, a.user_id, a.name, a.media_type, a.kind, a.size, a.text_size, a.created_at`

// attachmentRow is attachmentColumns, in their order.
type attachmentRow struct {
	ID        uuid.UUID
	UserID    uuid.UUID
	Name      []byte
	MediaType string
	Kind      attachment.Kind
	Size      int
	TextSize  int
	CreatedAt time.Time
}

func attachmentNameOf(id uuid.UUID) seal.Place {
	return seal.Place{Table: "attachments", Column: "name", Row: id}
}

func attachmentTextOf(id uuid.UUID) seal.Place {
	return seal.Place{Table: "attachments", Column: "content_text", Row: id}
}

func attachmentContentOf(id uuid.UUID) seal.Place {
	return seal.Place{Table: "attachments", Column: "content", Row: id}
}

// attachment opens the row; a name that can't be read is empty.
func (r attachmentRow) attachment(key *seal.Key) attachment.Attachment {
	name, _ := openText(key, attachmentNameOf(r.ID), r.Name)
	return attachment.Attachment{
		ID: r.ID, UserID: r.UserID, Name: name, MediaType: r.MediaType, Kind: r.Kind, Size: r.Size, TextSize: r.TextSize, CreatedAt: r.CreatedAt,
	}
}

// AddAttachment keeps a file, or gives the one that the same call kept before.
func (s *Store) AddAttachment(ctx context.Context, a attachment.Attachment, content []byte, text string, quota int64) (attachment.Attachment, error) {
	key, err := s.keys.Of(ctx, a.UserID)
	if err != nil {
		return attachment.Attachment{}, err
	}
	name, err := sealText(key, attachmentNameOf(a.ID), a.Name)
	if err != nil {
		return attachment.Attachment{}, err
	}
	sealedText, err := sealOptional(key, attachmentTextOf(a.ID), text)
	if err != nil {
		return attachment.Attachment{}, err
	}
	var stored attachment.Attachment
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		id, replayed, err := claim(ctx, tx, a.UserID, a.ID)
		if err != nil {
			return err
		}
		if replayed {
			stored, err = queryAttachment(ctx, tx, key, a.UserID, id)
			return err
		}
		if err := roomForAttachment(ctx, tx, a, text, quota); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO chat.attachments (id, user_id, name, content, media_type, kind, size, content_text, text_size)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			a.ID, a.UserID, name, key.Seal(attachmentContentOf(a.ID), content), a.MediaType, a.Kind, a.Size, sealedText, a.TextSize)
		if err != nil {
			return err
		}
		if stored, err = queryAttachment(ctx, tx, key, a.UserID, a.ID); err != nil {
			return err
		}
		return record(ctx, tx, a.UserID, "attachment.create", a.ID, map[string]any{"kind": a.Kind, "size": a.Size})
	})
	return stored, pgdb.Fault("keep attachment", err)
}

// roomForAttachment makes calls of one user wait for each other, so that they
// can't pass the limit together.
func roomForAttachment(ctx context.Context, tx pgx.Tx, a attachment.Attachment, text string, quota int64) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('chat.attachments ' || $1::text, 0))`, a.UserID); err != nil {
		return err
	}
	var kept int64
	err := tx.QueryRow(ctx, `SELECT COALESCE(sum(size + CASE kind WHEN 'pdf' THEN text_size ELSE 0 END), 0) FROM chat.attachments WHERE user_id = $1`, a.UserID).Scan(&kept)
	if err == nil && kept+int64(a.Size)+int64(len(text)) > quota {
		return attachment.ErrQuota
	}
	return err
}

// Attachment gives a user's file with its content.
func (s *Store) Attachment(ctx context.Context, user, id uuid.UUID) (attachment.Attachment, []byte, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return attachment.Attachment{}, nil, err
	}
	a, err := queryAttachment(ctx, s.pool, key, user, id)
	if err != nil {
		return attachment.Attachment{}, nil, err
	}
	content, err := s.attached(ctx, key, id)
	return a, content, err
}

// attached gives a file's content.
func (s *Store) attached(ctx context.Context, key *seal.Key, id uuid.UUID) ([]byte, error) {
	var sealed []byte
	err := s.pool.QueryRow(ctx, `SELECT content FROM chat.attachments WHERE id = $1`, id).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, attachment.ErrNotFound
	}
	if err != nil {
		return nil, pgdb.Fault("read attachment", err)
	}
	return key.Open(attachmentContentOf(id), sealed)
}

// told gives what a model is given of a file: the text of a PDF, else its content.
func (s *Store) told(ctx context.Context, key *seal.Key, a attachment.Attachment) ([]byte, error) {
	if a.Kind != attachment.PDF {
		return s.attached(ctx, key, a.ID)
	}
	var sealed []byte
	if err := s.pool.QueryRow(ctx, `SELECT content_text FROM chat.attachments WHERE id = $1`, a.ID).Scan(&sealed); err != nil {
		return nil, pgdb.Fault("read attachment", err)
	}
	return key.Open(attachmentTextOf(a.ID), sealed)
}

// Attachments gives a user's files after one, in order of creation.
func (s *Store) Attachments(ctx context.Context, user, after uuid.UUID, limit int) ([]attachment.Attachment, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `SELECT `+attachmentColumns+` FROM chat.attachments a
		WHERE a.user_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3`, user, after, limit)
	if err != nil {
		return nil, pgdb.Fault("list attachments", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (attachment.Attachment, error) {
		r, err := pgx.RowToStructByPos[attachmentRow](row)
		return r.attachment(key), err
	})
	return list, pgdb.Fault("list attachments", err)
}

// DeleteAttachment removes a file that no message had.
func (s *Store) DeleteAttachment(ctx context.Context, user, id uuid.UUID) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var sent bool
		err := tx.QueryRow(ctx, `SELECT sent FROM chat.attachments WHERE id = $1 AND user_id = $2 FOR UPDATE`, id, user).Scan(&sent)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return attachment.ErrNotFound
		case err != nil:
			return err
		case sent:
			return attachment.ErrSent
		}
		if _, err := tx.Exec(ctx, `DELETE FROM chat.attachments WHERE id = $1`, id); err != nil {
			return err
		}
		return record(ctx, tx, user, "attachment.delete", id, nil)
	})
	return pgdb.Fault("delete attachment", err)
}

// SweepAttachments removes files whose last message is gone, and those that
// were not sent within a day.
func (s *Store) SweepAttachments(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM chat.attachments a WHERE (sent OR created_at < now() - $1::interval)
		AND NOT EXISTS (SELECT FROM chat.message_attachments m WHERE m.attachment_id = a.id)`, attachment.KeepUnsent)
	return pgdb.Fault("sweep attachments", err)
}

func queryAttachment(ctx context.Context, db pgdb.Querier, key *seal.Key, user, id uuid.UUID) (attachment.Attachment, error) {
	rows, err := db.Query(ctx, `SELECT `+attachmentColumns+` FROM chat.attachments a WHERE a.id = $1 AND a.user_id = $2`, id, user)
	if err != nil {
		return attachment.Attachment{}, pgdb.Fault("read attachment", err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[attachmentRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return attachment.Attachment{}, attachment.ErrNotFound
	}
	if err != nil {
		return attachment.Attachment{}, pgdb.Fault("read attachment", err)
	}
	return row.attachment(key), nil
}
