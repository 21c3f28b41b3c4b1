package grpcapi

import (
	"context"

	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/conversation"
)

// GetContext gives how much of a model's window a branch takes.
func (s *Server) GetContext(ctx context.Context, req *chatv1.GetContextRequest) (*chatv1.ConversationContext, error) {
	user, id, err := caller(ctx, req.GetId(), conversation.ErrNotFound)
	if err != nil {
		return nil, err
	}
	leaf, err := optional(req.GetBranch(), conversation.ErrMessageNotFound)
	if err != nil {
		return nil, err
	}
	v, err := s.windows.Look(ctx, user, id, leaf, req.GetModel())
	if err != nil {
		return nil, err
	}
	m := &chatv1.ConversationContext{
		Model: v.Model, ContextWindow: bounded(int64(v.Tokens)), UsedTokens: bounded(int64(v.Used)), Estimated: !v.Counted,
		SummarizeAboveTokens: bounded(int64(v.Most)), OmittedMessages: bounded(int64(v.Omitted)),
	}
	if v.Summary != nil {
		m.Summary, m.SummarizedUntilMessageId = v.Summary.Text, v.Summary.Until.String()
		m.SummarizedMessages = bounded(int64(v.Summary.Messages))
	}
	return m, nil
}
