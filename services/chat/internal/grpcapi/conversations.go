package grpcapi

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/conversation"
)

// conversationList is the name of the list in its page tokens.
const conversationList = "conversations"

// ListConversations gives a page of the caller's conversations.
func (s *Server) ListConversations(ctx context.Context, req *chatv1.ListConversationsRequest) (*chatv1.ListConversationsResponse, error) {
	user, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	var after conversation.Cursor
	if err := s.pages.Decode(req.GetPageToken(), user.UserID, conversationList, &after); err != nil {
		return nil, err
	}
	filter := conversation.Filter{Title: req.GetQ(), Archived: req.Archived}
	if workspace, limited := limit(ctx); limited {
		filter.Workspace = workspace
	}
	list, next, err := s.keeper.List(ctx, user.UserID, filter, after, page.Size(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &chatv1.ListConversationsResponse{}
	for _, c := range list {
		m, err := s.conversationMessage(c)
		if err != nil {
			return nil, err
		}
		resp.Conversations = append(resp.Conversations, m)
	}
	if next != nil {
		resp.NextPageToken = s.pages.Encode(user.UserID, conversationList, next)
	}
	return resp, nil
}

// CreateConversation adds a conversation.
func (s *Server) CreateConversation(ctx context.Context, req *chatv1.CreateConversationRequest) (*chatv1.Conversation, error) {
	user, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	workspace, err := optional(req.GetWorkspaceId(), conversation.ErrNotFound)
	if err != nil {
		return nil, err
	}
	if own, limited := limit(ctx); limited {
		workspace = own
	}
	c, err := s.keeper.Create(ctx, conversation.Conversation{
		UserID: user.UserID, Title: req.GetTitle(), Model: req.GetModel(),
		WorkspaceID: workspace, Metadata: req.GetMetadata().AsMap(), SystemPrompt: req.GetSystemPrompt(),
	})
	if err != nil {
		return nil, err
	}
	return s.conversationMessage(c)
}

// GetConversation gives one of the caller's conversations.
func (s *Server) GetConversation(ctx context.Context, req *chatv1.GetConversationRequest) (*chatv1.Conversation, error) {
	user, id, err := caller(ctx, req.GetId(), conversation.ErrNotFound)
	if err != nil {
		return nil, err
	}
	c, err := s.keeper.Get(ctx, user, id)
	if err == nil {
		err = within(ctx, c)
	}
	if err != nil {
		return nil, err
	}
	return s.conversationMessage(c)
}

// UpdateConversation changes one of the caller's conversations.
func (s *Server) UpdateConversation(ctx context.Context, req *chatv1.UpdateConversationRequest) (*chatv1.Conversation, error) {
	user, id, err := caller(ctx, req.GetId(), conversation.ErrNotFound)
	if err != nil {
		return nil, err
	}
	change := conversation.Change{
		Title: req.Title, Model: req.Model, SystemPrompt: req.SystemPrompt, Pinned: req.Pinned, Archived: req.Archived,
	}
	if req.WorkspaceId != nil {
		workspace, err := optional(req.GetWorkspaceId(), conversation.ErrNotFound)
		if err != nil {
			return nil, err
		}
		change.Workspace = &workspace
	}
	if req.HeadMessageId != nil {
		head, err := uuid.Parse(req.GetHeadMessageId())
		if err != nil {
			return nil, conversation.ErrMessageNotFound
		}
		change.Head = &head
	}
	c, err := s.keeper.Update(ctx, user, id, change)
	if err != nil {
		return nil, err
	}
	return s.conversationMessage(c)
}

// DeleteConversation removes one of the caller's conversations.
func (s *Server) DeleteConversation(ctx context.Context, req *chatv1.DeleteConversationRequest) (*chatv1.DeleteConversationResponse, error) {
	user, id, err := caller(ctx, req.GetId(), conversation.ErrNotFound)
	if err != nil {
		return nil, err
	}
	return &chatv1.DeleteConversationResponse{}, s.keeper.Delete(ctx, user, id)
}

// RestoreConversation undoes a deletion of the caller's.
func (s *Server) RestoreConversation(ctx context.Context, req *chatv1.RestoreConversationRequest) (*chatv1.Conversation, error) {
	user, id, err := caller(ctx, req.GetId(), conversation.ErrNotFound)
	if err != nil {
		return nil, err
	}
	c, err := s.keeper.Restore(ctx, user, id)
	if err != nil {
		return nil, err
	}
	return s.conversationMessage(c)
}
