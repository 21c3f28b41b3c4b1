package pgstore

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// attach gives files of a user to a new message, in their order. Those of
// another message may be among them: both have them then.
func attach(ctx context.Context, tx pgdb.Querier, user, message uuid.UUID, files []uuid.UUID) error {
	if len(files) == 0 {
		return nil
	}
	var found, size int
	err := tx.QueryRow(ctx, `WITH taken AS (UPDATE chat.attachments SET sent = TRUE
		WHERE id = ANY($1) AND user_id = $2 RETURNING size) SELECT count(*), COALESCE(sum(size), 0) FROM taken`, files, user).Scan(&found, &size)
	switch {
	case err != nil:
		return err
	case found != len(files):
		return attachment.ErrNotFound
	case size > attachment.MaxSent:
		return attachment.ErrSentTooMuch
	}
	_, err = tx.Exec(ctx, `INSERT INTO chat.message_attachments (message_id, attachment_id, place)
		SELECT $1, f.id, f.place FROM unnest($2::uuid[]) WITH ORDINALITY f (id, place)`, message, files)
	return err
}

// withAttachments adds to messages the files that go with them.
func withAttachments(ctx context.Context, db pgdb.Querier, key *seal.Key, messages []conversation.Message) error {
	var asked []uuid.UUID // only questions have any
	for _, m := range messages {
		if m.Role == conversation.User {
			asked = append(asked, m.ID)
		}
	}
	files, err := filesOf(ctx, db, key, asked)
	if err != nil {
		return err
	}
	for i := range messages {
		messages[i].Attachments = files[messages[i].ID]
	}
	return nil
}

// filesOf gives the files of messages without their content.
func filesOf(ctx context.Context, db pgdb.Querier, key *seal.Key, messages []uuid.UUID) (map[uuid.UUID][]attachment.Attachment, error) {
	files := map[uuid.UUID][]attachment.Attachment{}
	if len(messages) == 0 {
		return files, nil
	}
	rows, err := db.Query(ctx, `SELECT l.message_id, `+attachmentColumns+` FROM chat.message_attachments l
		JOIN chat.attachments a ON a.id = l.attachment_id WHERE l.message_id = ANY($1) ORDER BY l.message_id, l.place`, messages)
	if err != nil {
		return nil, pgdb.Fault("read attachments", err)
	}
	type link struct {
		MessageID uuid.UUID
		attachmentRow
	}
	links, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l link, err error) {
		return l, row.Scan(&l.MessageID, &l.ID, &l.UserID, &l.Name, &l.MediaType, &l.Kind, &l.Size, &l.TextSize, &l.CreatedAt)
	})
	for _, l := range links {
		files[l.MessageID] = append(files[l.MessageID], l.attachment(key))
	}
	return files, pgdb.Fault("read attachments", err)
}

// contentOfFile reads what a model is given of a file.
type contentOfFile func(ctx context.Context, key *seal.Key, file attachment.Attachment) ([]byte, error)

// sizeInPrompt is how much of a prompt a file takes, in bytes.
func sizeInPrompt(a attachment.Attachment) int {
	if a.Kind == attachment.Image {
		return a.Size
	}
	return a.TextSize
}

// withFiles adds to a prompt's lines what was sent with them, newest first up
// to what one prompt takes; older files are only named, and so are all without
// a reader of their content.
func (s *Store) withFiles(ctx context.Context, key *seal.Key, lines []turn.Line, content contentOfFile) error {
	ids := make([]uuid.UUID, len(lines))
	for i, l := range lines {
		ids[i] = l.ID
	}
	files, err := filesOf(ctx, s.pool, key, ids)
	if err != nil {
		return err
	}
	room := attachment.MaxSent
	for i := len(lines) - 1; i >= 0; i-- {
		for _, a := range files[ids[i]] {
			file := turn.File{Attachment: a}
			if room -= sizeInPrompt(a); room >= 0 && content != nil {
				if file.Content, err = content(ctx, key, a); err != nil {
					return err
				}
			}
			lines[i].Files = append(lines[i].Files, file)
		}
	}
	return nil
}
