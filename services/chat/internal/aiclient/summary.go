package aiclient

import (
	"context"
	"errors"
	"io"
	"strings"

	"atrium.internal/pkg/grpcx"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/window"
)

// summarySource is what the ledger names these calls.
const summarySource = "chat.summary"

// Summarize implements window.Model.
func (c *Client) Summarize(ctx context.Context, r window.Request) (string, conversation.Usage, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var usage conversation.Usage
	answer, err := c.ai.Generate(grpcx.ForwardIdentity(ctx), &aiv1.GenerateRequest{
		RequestId: r.ID.String(), Model: r.Model, System: r.System, Source: summarySource, MaxTokens: int32(r.MaxTokens),
		Messages: []*aiv1.ChatMessage{{Role: "user", Content: r.Text}},
		Thinking: &aiv1.ThinkingBudget{Mode: "off"},
	})
	if err != nil {
		return "", usage, err
	}
	var text strings.Builder
	for parts := (stream{answer}); ; {
		part, err := parts.Recv()
		if errors.Is(err, io.EOF) {
			return text.String(), usage, nil
		}
		if err != nil {
			return "", usage, err
		}
		text.WriteString(part.Text)
		if part.Usage != nil {
			usage = *part.Usage
		}
	}
}
