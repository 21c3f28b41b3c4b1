package grpcapi

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"atrium.internal/pkg/seal"
	"atrium.internal/proto/filechunk"
	"atrium.internal/services/chat/internal/attachment"
)

// files writes the user's attachments. One that is deleted meanwhile, or can't
// be read any more, does not keep the others.
func (e *exporting) files(ctx context.Context) error {
	for after, more := uuid.Nil, true; more; {
		list, next, err := e.attachments.List(ctx, e.user, after, exportedAtOnce)
		if err != nil {
			return err
		}
		for _, a := range list {
			_, content, err := e.attachments.Get(ctx, e.user, a.ID)
			if errors.Is(err, attachment.ErrNotFound) || errors.Is(err, seal.ErrUnreadable) {
				continue
			}
			if err != nil {
				return err
			}
			if err := e.out.Begin(attachmentPath(a)); err != nil {
				return err
			}
			if _, err := e.out.Write(content); err != nil {
				return err
			}
		}
		after, more = next, next != uuid.Nil
	}
	return nil
}

// attachmentPath is a file's name in an export; no two have the same.
func attachmentPath(a attachment.Attachment) string {
	return "attachments/" + a.ID.String() + "-" + filechunk.Name(a.Name)
}
