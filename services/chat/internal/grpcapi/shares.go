package grpcapi

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/grpcx"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/conversation"
)

// ShareConversation takes a picture of a branch of one of the caller's
// conversations.
func (s *Server) ShareConversation(ctx context.Context, req *chatv1.ShareConversationRequest) (*chatv1.Share, error) {
	user, id, err := caller(ctx, req.GetId(), conversation.ErrNotFound)
	if err != nil {
		return nil, err
	}
	head, err := optional(req.GetHeadMessageId(), conversation.ErrMessageNotFound)
	if err != nil {
		return nil, err
	}
	link, err := s.shares.Share(ctx, user, id, head)
	if err != nil {
		return nil, err
	}
	return s.shareMessage(link), nil
}

// UnshareConversation ends the link of one of the caller's conversations.
func (s *Server) UnshareConversation(ctx context.Context, req *chatv1.UnshareConversationRequest) (*chatv1.UnshareConversationResponse, error) {
	user, id, err := caller(ctx, req.GetId(), conversation.ErrNotFound)
	if err != nil {
		return nil, err
	}
	return &chatv1.UnshareConversationResponse{}, s.shares.Unshare(ctx, user, id)
}

// GetShared gives what a link shows, to anybody.
func (s *Server) GetShared(ctx context.Context, req *chatv1.GetSharedRequest) (*chatv1.Shared, error) {
	p, err := s.shares.Shared(ctx, req.GetToken())
	if err != nil {
		return nil, err
	}
	if err := grpc.SetHeader(ctx, metadata.Pairs(grpcx.MetadataOwner, p.Owner.String())); err != nil {
		return nil, err
	}
	shown := &chatv1.Shared{Title: p.Title, CreatedAt: timestamppb.New(p.CreatedAt)}
	for _, m := range p.Messages {
		message := &chatv1.SharedMessage{
			Role: string(m.Role), Content: m.Content, Model: m.Model, CreatedAt: timestamppb.New(m.CreatedAt),
		}
		for _, kind := range m.Files {
			message.AttachmentKinds = append(message.AttachmentKinds, string(kind))
		}
		shown.Messages = append(shown.Messages, message)
	}
	return shown, nil
}

func (s *Server) shareMessage(l conversation.Link) *chatv1.Share {
	m := &chatv1.Share{Token: l.Token, CreatedAt: timestamppb.New(l.CreatedAt)}
	if l.Token != "" {
		m.Url = s.site.JoinPath("share", l.Token).String()
	}
	return m
}
