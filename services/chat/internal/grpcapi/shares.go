package grpcapi

import (
	"context"
	"net/url"

	"google.golang.org/protobuf/types/known/timestamppb"

	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/share"
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
	shown := &chatv1.Shared{Title: p.Title, CreatedAt: timestamppb.New(p.CreatedAt)}
	for _, m := range p.Messages {
		shown.Messages = append(shown.Messages, &chatv1.SharedMessage{
			Role: string(m.Role), Content: m.Content, Model: m.Model, CreatedAt: timestamppb.New(m.CreatedAt),
		})
	}
	return shown, nil
}

func (s *Server) shareMessage(l share.Link) *chatv1.Share {
	return &chatv1.Share{
		Token: l.Token.String(), Url: s.shareURL(l.Token), CreatedAt: timestamppb.New(l.CreatedAt),
	}
}

// shareURL is where a browser reads a link's picture.
func (s *Server) shareURL(t share.Token) string {
	return (&url.URL{Scheme: s.site.Scheme, Host: s.site.Host, Path: "/share/" + t.String()}).String()
}
