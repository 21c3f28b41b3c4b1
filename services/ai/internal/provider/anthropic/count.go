package anthropic

import (
	"context"
	"encoding/json"
	"fmt"

	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/packages/param"

	"atrium.internal/services/ai/internal/generate"
)

// counted are the fields of a request that the count takes.
var counted = []string{"model", "messages", "system", "tools", "tool_choice", "thinking", "output_config"}

// Count asks the API for a prompt's size, which costs nothing.
func (p *Provider) Count(ctx context.Context, call generate.Call) (int64, error) {
	text, err := json.Marshal(params(call))
	if err != nil {
		return 0, fmt.Errorf("count request: %w", err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return 0, fmt.Errorf("count request: %w", err)
	}
	some := map[string]json.RawMessage{}
	for _, field := range counted {
		if value, ok := all[field]; ok {
			some[field] = value
		}
	}
	count, err := p.client.Messages.CountTokens(ctx, param.Override[sdk.MessageCountTokensParams](some))
	if err != nil {
		return 0, p.failure(ctx, err, false)
	}
	return count.InputTokens, nil
}
