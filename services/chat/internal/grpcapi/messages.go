package grpcapi

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	"atrium.internal/pkg/page"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// ListMessages gives a page of a conversation's tree or of one branch of it.
func (s *Server) ListMessages(ctx context.Context, req *chatv1.ListMessagesRequest) (*chatv1.ListMessagesResponse, error) {
	user, id, err := caller(ctx, req.GetConversationId(), conversation.ErrNotFound)
	if err != nil {
		return nil, err
	}
	if err := s.mayUse(ctx, user, id); err != nil {
		return nil, err
	}
	leaf, err := optional(req.GetBranch(), conversation.ErrMessageNotFound)
	if err != nil {
		return nil, err
	}
	if leaf != uuid.Nil && req.GetNewestFirst() {
		return nil, conversation.ErrBranchOrder
	}
	list, cursor := "messages:"+id.String()+":"+req.GetBranch(), int64(0)
	read := func(at int64, limit int) ([]conversation.Message, int64, error) {
		return s.keeper.Messages(ctx, user, id, leaf, at, limit)
	}
	if req.GetNewestFirst() {
		list += ":newest"
		read = func(at int64, limit int) ([]conversation.Message, int64, error) {
			return s.keeper.Newest(ctx, user, id, at, limit)
		}
	}
	if err := s.pages.Decode(req.GetPageToken(), user, list, &cursor); err != nil {
		return nil, err
	}
	messages, next, err := read(cursor, page.Size(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &chatv1.ListMessagesResponse{}
	for _, m := range messages {
		shown, err := messageMessage(m)
		if err != nil {
			return nil, err
		}
		resp.Messages = append(resp.Messages, shown)
	}
	if next != 0 {
		resp.NextPageToken = s.pages.Encode(user, list, next)
	}
	return resp, nil
}

// SendMessage stores a question and starts the turn that answers it.
func (s *Server) SendMessage(ctx context.Context, req *chatv1.SendMessageRequest) (*chatv1.SendMessageResponse, error) {
	user, id, err := caller(ctx, req.GetConversationId(), conversation.ErrNotFound)
	if err != nil {
		return nil, err
	}
	if err := s.mayUse(ctx, user, id); err != nil {
		return nil, err
	}
	q := turn.Question{ConversationID: id, Content: req.GetContent(), Model: req.GetModel()}
	if req.ParentId != nil {
		parent, err := optional(req.GetParentId(), conversation.ErrMessageNotFound)
		if err != nil {
			return nil, err
		}
		q.Parent = &parent
	}
	if _, limited := limit(ctx); limited && len(req.GetAttachments()) > 0 {
		return nil, attachment.ErrNotFound // they are the user's, not the workspace's
	}
	for _, text := range req.GetAttachments() {
		file, err := optional(text, attachment.ErrNotFound)
		if err != nil {
			return nil, err
		}
		q.Attachments = append(q.Attachments, file)
	}
	p, err := s.turns.Send(ctx, user, q)
	return pairMessage(p, err)
}

// RegenerateMessage answers an answer's question once more.
func (s *Server) RegenerateMessage(ctx context.Context, req *chatv1.RegenerateMessageRequest) (*chatv1.SendMessageResponse, error) {
	user, id, err := caller(ctx, req.GetId(), conversation.ErrMessageNotFound)
	if err != nil {
		return nil, err
	}
	p, err := s.turns.Regenerate(ctx, user, id, req.GetModel())
	return pairMessage(p, err)
}

func pairMessage(p turn.Pair, err error) (*chatv1.SendMessageResponse, error) {
	if err != nil {
		return nil, err
	}
	question, err := messageMessage(p.User)
	if err != nil {
		return nil, err
	}
	answer, err := messageMessage(p.Assistant)
	if err != nil {
		return nil, err
	}
	return &chatv1.SendMessageResponse{UserMessage: question, AssistantMessage: answer}, nil
}

// StopMessage ends a running turn.
func (s *Server) StopMessage(ctx context.Context, req *chatv1.StopMessageRequest) (*chatv1.Message, error) {
	user, id, err := caller(ctx, req.GetId(), conversation.ErrMessageNotFound)
	if err != nil {
		return nil, err
	}
	if err := s.mayUseMessage(ctx, user, id); err != nil {
		return nil, err
	}
	m, err := s.turns.Stop(ctx, user, id)
	if err != nil {
		return nil, err
	}
	return messageMessage(m)
}

// StreamMessage follows an answer from an event on to its end.
func (s *Server) StreamMessage(req *chatv1.StreamMessageRequest, stream grpc.ServerStreamingServer[chatv1.StreamMessageResponse]) error {
	ctx := stream.Context()
	user, id, err := caller(ctx, req.GetId(), conversation.ErrMessageNotFound)
	if err != nil {
		return err
	}
	if err := s.mayUseMessage(ctx, user, id); err != nil {
		return err
	}
	return s.turns.Follow(ctx, user, id, req.GetAfter(), func(e turn.Shown) error {
		event, err := eventMessage(e)
		if err != nil {
			return err
		}
		return stream.Send(event)
	})
}
