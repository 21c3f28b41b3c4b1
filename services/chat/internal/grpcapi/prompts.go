package grpcapi

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/prompt"
)

// promptList is the name of the list in its page tokens.
const promptList = "prompts"

// ListPrompts gives a page of the caller's prompts.
func (s *Server) ListPrompts(ctx context.Context, req *chatv1.ListPromptsRequest) (*chatv1.ListPromptsResponse, error) {
	user, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	var after uuid.UUID
	if err := s.pages.Decode(req.GetPageToken(), user.UserID, promptList, &after); err != nil {
		return nil, err
	}
	list, next, err := s.prompts.List(ctx, user.UserID, after, page.Size(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &chatv1.ListPromptsResponse{}
	for _, p := range list {
		resp.Prompts = append(resp.Prompts, promptMessage(p))
	}
	if next != uuid.Nil {
		resp.NextPageToken = s.pages.Encode(user.UserID, promptList, next)
	}
	return resp, nil
}

// CreatePrompt adds a prompt.
func (s *Server) CreatePrompt(ctx context.Context, req *chatv1.CreatePromptRequest) (*chatv1.Prompt, error) {
	user, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.prompts.Create(ctx, prompt.Prompt{UserID: user.UserID, Title: req.GetTitle(), Content: req.GetContent()})
	if err != nil {
		return nil, err
	}
	return promptMessage(p), nil
}

// UpdatePrompt changes one of the caller's prompts.
func (s *Server) UpdatePrompt(ctx context.Context, req *chatv1.UpdatePromptRequest) (*chatv1.Prompt, error) {
	user, id, err := caller(ctx, req.GetId(), prompt.ErrNotFound)
	if err != nil {
		return nil, err
	}
	p, err := s.prompts.Update(ctx, user, id, prompt.Change{Title: req.Title, Content: req.Content})
	if err != nil {
		return nil, err
	}
	return promptMessage(p), nil
}

// DeletePrompt removes one of the caller's prompts.
func (s *Server) DeletePrompt(ctx context.Context, req *chatv1.DeletePromptRequest) (*chatv1.DeletePromptResponse, error) {
	user, id, err := caller(ctx, req.GetId(), prompt.ErrNotFound)
	if err != nil {
		return nil, err
	}
	return &chatv1.DeletePromptResponse{}, s.prompts.Delete(ctx, user, id)
}

func promptMessage(p prompt.Prompt) *chatv1.Prompt {
	return &chatv1.Prompt{
		Id: p.ID.String(), Title: p.Title, Content: p.Content,
		CreatedAt: timestamppb.New(p.CreatedAt), UpdatedAt: timestamppb.New(p.UpdatedAt),
	}
}
