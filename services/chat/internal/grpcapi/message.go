package grpcapi

import (
	"fmt"
	"math"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/conversation"
)

func (s *Server) conversationMessage(c conversation.Conversation) (*chatv1.Conversation, error) {
	metadata, err := structpb.NewStruct(c.Metadata)
	if err != nil {
		return nil, fmt.Errorf("stored metadata: %w", err)
	}
	m := &chatv1.Conversation{
		Id: c.ID.String(), Title: c.Title, CreatedAt: timestamppb.New(c.CreatedAt), UpdatedAt: timestamppb.New(c.UpdatedAt),
		Metadata: metadata, Pinned: c.Pinned, Archived: c.Archived, Model: c.Model,
		WorkspaceId: idText(c.WorkspaceID), HeadMessageId: idText(c.HeadMessageID), SystemPrompt: c.SystemPrompt,
		TitleBy: string(c.TitleBy), Usage: totalMessage(c.Usage), Unreadable: c.Unreadable,
	}
	if c.Link != nil {
		m.Share = s.shareMessage(*c.Link)
	}
	return m, nil
}

func messageMessage(m conversation.Message) (*chatv1.Message, error) {
	metadata, err := structpb.NewStruct(m.Metadata)
	if err != nil {
		return nil, fmt.Errorf("stored metadata: %w", err)
	}
	shown := &chatv1.Message{
		Id: m.ID.String(), ConversationId: m.ConversationID.String(), ParentId: idText(m.ParentID),
		Role: string(m.Role), Content: m.Content, Status: string(m.Status), Model: m.Model,
		CreatedAt: timestamppb.New(m.CreatedAt), Usage: usageMessage(m.Usage), Metadata: metadata,
		Unreadable: m.Unreadable,
	}
	for _, a := range m.Attachments {
		shown.Attachments = append(shown.Attachments, attachmentMessage(a))
	}
	return shown, nil
}

func usageMessage(u *conversation.Usage) *chatv1.Usage {
	if u == nil {
		return nil
	}
	return &chatv1.Usage{
		InputTokens: u.InputTokens, OutputTokens: u.OutputTokens, CostUsd: float64(u.CostMicroUSD) / 1e6,
	}
}

func totalMessage(t conversation.Total) *chatv1.Usage {
	return &chatv1.Usage{
		InputTokens: bounded(t.InputTokens), OutputTokens: bounded(t.OutputTokens), CostUsd: float64(t.CostMicroUSD) / 1e6,
	}
}

// bounded keeps a sum within what the contract can say.
func bounded(n int64) int32 { return int32(min(n, math.MaxInt32)) }

// idText is empty for no id.
func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}
