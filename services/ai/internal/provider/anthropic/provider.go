package anthropic

import (
	"context"
	"net/http"

	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	"atrium.internal/pkg/config"
	"atrium.internal/services/ai/internal/generate"
)

// Name is the provider's name in the catalogue and the ledger.
const Name = "anthropic"

// Config says where and as whom to call.
type Config struct {
	Key config.Secret
	// BaseURL of the API; empty is Anthropic's own.
	BaseURL string
	HTTP    *http.Client
}

// Provider runs attempts with the Messages API.
type Provider struct {
	messages sdk.MessageService
	key      config.Secret
}

// New makes the provider; it does no I/O.
func New(c Config) *Provider {
	options := []option.RequestOption{
		option.WithoutEnvironmentDefaults(),
		option.WithAPIKey(c.Key.Reveal()),
		option.WithHTTPClient(c.HTTP),
		option.WithMaxRetries(0), // the generator is the one layer that retries
		option.WithoutOpenTelemetry(),
	}
	if c.BaseURL != "" {
		options = append(options, option.WithBaseURL(c.BaseURL))
	}
	return &Provider{messages: sdk.NewClient(options...).Messages, key: c.Key}
}

// Stream runs one attempt; see generate.Provider.
func (p *Provider) Stream(ctx context.Context, call generate.Call, emit generate.Emit) (generate.Report, error) {
	stream := p.messages.NewStreaming(ctx, params(call))
	defer stream.Close()
	var report generate.Report
	for stream.Next() {
		event := stream.Current()
		switch event.Type {
		case "message_start":
			report.Accepted = true
			u := event.Message.Usage
			report.Tokens.Input, report.Tokens.Output = u.InputTokens, u.OutputTokens
			report.Tokens.CacheRead, report.Tokens.CacheWrite = u.CacheReadInputTokens, u.CacheCreationInputTokens
			prompt := report.Tokens
			prompt.Output = 0
			if err := emit(generate.Piece{Prompt: &prompt}); err != nil {
				return report, err
			}
		case "content_block_start":
			if err := emit(opening(event.ContentBlock)); err != nil {
				return report, err
			}
		case "content_block_delta":
			if err := emit(piece(event.Delta)); err != nil {
				return report, err
			}
		case "message_delta":
			recount(&report, event.Usage)
			report.StopReason = stopReason(event.Delta.StopReason)
			report.StopSequence = event.Delta.StopSequence
			report.Final = true
		}
	}
	if err := stream.Err(); err != nil {
		if report.Final { // the answer and its counts were complete
			return report, nil
		}
		return report, p.failure(ctx, err, report.Accepted)
	}
	if !report.Final {
		return report, generate.ErrStreamCut
	}
	return report, nil
}

// opening is what a block begins with.
func opening(block sdk.ContentBlockStartEventContentBlockUnion) generate.Piece {
	switch block.Type {
	case "tool_use":
		return generate.Piece{ToolUse: &generate.ToolStart{ID: block.ID, Name: block.Name}}
	case "redacted_thinking":
		return generate.Piece{Thinking: &generate.Thinking{Redacted: block.Data}}
	}
	return generate.Piece{Text: block.Text}
}

func piece(delta sdk.MessageStreamEventUnionDelta) generate.Piece {
	switch delta.Type {
	case "text_delta":
		return generate.Piece{Text: delta.Text}
	case "input_json_delta":
		return generate.Piece{ToolInput: delta.PartialJSON}
	case "thinking_delta":
		return generate.Piece{Thinking: &generate.Thinking{Text: delta.Thinking}}
	case "signature_delta":
		return generate.Piece{Thinking: &generate.Thinking{Signature: delta.Signature}}
	}
	return generate.Piece{} // citations, which nothing asks for
}

// recount takes the stream's last figures. They are cumulative, and those that
// did not change may be left out.
func recount(report *generate.Report, u sdk.MessageDeltaUsage) {
	report.Tokens.Output = u.OutputTokens
	if u.JSON.InputTokens.Valid() {
		report.Tokens.Input = u.InputTokens
	}
	if u.JSON.CacheReadInputTokens.Valid() {
		report.Tokens.CacheRead = u.CacheReadInputTokens
	}
	if u.JSON.CacheCreationInputTokens.Valid() {
		report.Tokens.CacheWrite = u.CacheCreationInputTokens
	}
}

func stopReason(reason sdk.StopReason) generate.StopReason {
	switch reason {
	case sdk.StopReasonMaxTokens, "model_context_window_exceeded":
		return generate.MaxTokens
	case sdk.StopReasonStopSequence:
		return generate.StopSequence
	case sdk.StopReasonToolUse:
		return generate.ToolCalls
	case sdk.StopReasonRefusal:
		return generate.Refusal
	}
	return generate.EndTurn
}
