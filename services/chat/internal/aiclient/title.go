package aiclient

import (
	"context"
	"errors"
	"io"
	"strings"

	"atrium.internal/pkg/grpcx"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/chat/internal/naming"
)

// titleSource is what the ledger names these calls.
const titleSource = "chat.title"

// maxTitleTokens bounds what a title costs.
const maxTitleTokens = 64

// Title implements naming.Model.
func (c *Client) Title(ctx context.Context, q naming.Question) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answer, err := c.ai.Generate(grpcx.ForwardIdentity(ctx), &aiv1.GenerateRequest{
		RequestId: q.ID.String(), Model: q.Model, System: q.System, Source: titleSource, MaxTokens: maxTitleTokens,
		Messages: []*aiv1.ChatMessage{{Role: "user", Content: q.Text}},
		Thinking: &aiv1.ThinkingBudget{Mode: "off"},
	})
	if err != nil {
		return "", err
	}
	var title strings.Builder
	for {
		resp, err := answer.Recv()
		if errors.Is(err, io.EOF) {
			return title.String(), nil
		}
		if err != nil {
			return "", err
		}
		title.WriteString(resp.GetDelta().GetText())
	}
}
