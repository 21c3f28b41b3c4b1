package grpcapi

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/principal"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/attachment"
)

// UploadAttachment keeps a file that is to be sent.
func (s *Server) UploadAttachment(ctx context.Context, req *chatv1.UploadAttachmentRequest) (*chatv1.Attachment, error) {
	user, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	a, err := s.files.Add(ctx, user.UserID, req.GetName(), req.GetData())
	if err != nil {
		return nil, err
	}
	return attachmentMessage(a), nil
}

// GetAttachment gives a file with its content.
func (s *Server) GetAttachment(ctx context.Context, req *chatv1.GetAttachmentRequest) (*chatv1.GetAttachmentResponse, error) {
	user, id, err := caller(ctx, req.GetId(), attachment.ErrNotFound)
	if err != nil {
		return nil, err
	}
	a, content, err := s.files.Get(ctx, user, id)
	if err != nil {
		return nil, err
	}
	return &chatv1.GetAttachmentResponse{Attachment: attachmentMessage(a), Data: content}, nil
}

// DeleteAttachment takes back a file that was not sent.
func (s *Server) DeleteAttachment(ctx context.Context, req *chatv1.DeleteAttachmentRequest) (*chatv1.DeleteAttachmentResponse, error) {
	user, id, err := caller(ctx, req.GetId(), attachment.ErrNotFound)
	if err != nil {
		return nil, err
	}
	if err := s.files.Delete(ctx, user, id); err != nil {
		return nil, err
	}
	return &chatv1.DeleteAttachmentResponse{}, nil
}

func attachmentMessage(a attachment.Attachment) *chatv1.Attachment {
	return &chatv1.Attachment{
		Id: a.ID.String(), Name: a.Name, MediaType: a.MediaType, Kind: string(a.Kind), CreatedAt: timestamppb.New(a.CreatedAt),
		Size: bounded(int64(a.Size)),
	}
}
