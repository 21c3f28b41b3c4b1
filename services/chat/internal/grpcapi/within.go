package grpcapi

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/chat/internal/conversation"
)

// limit gives the workspace whose conversations alone the caller may use: a
// workspace's own token opens no others.
func limit(ctx context.Context) (workspace uuid.UUID, limited bool) {
	p, _ := principal.From(ctx)
	return p.Within("chat")
}

// within answers ErrNotFound for a conversation that is not of the caller's
// workspace, if the caller is limited to one.
func within(ctx context.Context, c conversation.Conversation) error {
	if workspace, limited := limit(ctx); limited && c.WorkspaceID != workspace {
		return conversation.ErrNotFound
	}
	return nil
}

// mayUse is within for a conversation's id.
func (s *Server) mayUse(ctx context.Context, user, id uuid.UUID) error {
	if _, limited := limit(ctx); !limited {
		return nil
	}
	c, err := s.keeper.Get(ctx, user, id)
	if err != nil {
		return err
	}
	return within(ctx, c)
}

// mayUseMessage is within for the conversation of a message; it answers
// ErrMessageNotFound.
func (s *Server) mayUseMessage(ctx context.Context, user, message uuid.UUID) error {
	if _, limited := limit(ctx); !limited {
		return nil
	}
	conv, err := s.turns.ConversationOf(ctx, user, message)
	if err != nil {
		return err
	}
	if s.mayUse(ctx, user, conv) != nil {
		return conversation.ErrMessageNotFound
	}
	return nil
}
