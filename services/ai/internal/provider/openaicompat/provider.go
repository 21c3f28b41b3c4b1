package openaicompat

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"atrium.internal/pkg/config"
	"atrium.internal/services/ai/internal/generate"
)

// openAIHost is the one endpoint known to want its newer parameter names.
const openAIHost = "api.openai.com"

// Config says where and as whom to call.
type Config struct {
	// Key is empty for endpoints that want none.
	Key config.Secret
	// BaseURL of the API, with its version, such as http://127.0.0.1:11434/v1.
	BaseURL string
	HTTP    *http.Client
}

// Provider runs attempts with a chat completions endpoint.
type Provider struct {
	completions sdk.ChatCompletionService
	key         config.Secret
	official    bool
}

// New makes the provider; it does no I/O. It makes the SDK's service rather
// than its client, because the client reads keys from the environment.
func New(c Config) *Provider {
	options := []option.RequestOption{
		option.WithBaseURL(c.BaseURL),
		option.WithHTTPClient(c.HTTP),
		option.WithMaxRetries(0), // the generator is the one layer that retries
	}
	if c.Key.IsSet() {
		options = append(options, option.WithAPIKey(c.Key.Reveal()))
	}
	base, err := url.Parse(c.BaseURL)
	return &Provider{
		completions: sdk.NewChatCompletionService(options...),
		key:         c.Key,
		official:    err == nil && base.Hostname() == openAIHost,
	}
}

// Stream runs one attempt; see generate.Provider.
func (p *Provider) Stream(ctx context.Context, call generate.Call, emit generate.Emit) (generate.Report, error) {
	stream := p.completions.NewStreaming(ctx, p.params(call))
	defer stream.Close()
	var report generate.Report
	var calls calls
	finished := false
	for stream.Next() {
		chunk := stream.Current()
		report.Accepted = true
		if len(chunk.Choices) > 0 {
			choice := chunk.Choices[0]
			for _, piece := range append(words(choice.Delta), calls.pieces(choice.Delta.ToolCalls)...) {
				if err := emit(piece); err != nil {
					return report, err
				}
			}
			if choice.FinishReason != "" {
				finished = true
				report.StopReason = stopReason(choice.FinishReason)
			}
		}
		if chunk.JSON.Usage.Valid() {
			count(&report, chunk.Usage)
		}
	}
	complete := finished && report.Final
	if err := stream.Err(); err != nil && !complete {
		return report, p.failure(ctx, err, report.Accepted)
	}
	if report.StopReason == generate.EndTurn && calls.begun { // some endpoints say "stop" for both
		report.StopReason = generate.ToolCalls
	}
	if !finished {
		report.Final = false // whatever was counted, it was not the whole
		return report, generate.ErrStreamCut
	}
	return report, nil
}

// words gives the thinking and the text of a delta. Thinking is no part of the
// format; endpoints of open models add it under one of two names.
func words(delta sdk.ChatCompletionChunkChoiceDelta) (out []generate.Piece) {
	for _, name := range []string{"reasoning_content", "reasoning"} {
		var text string
		if field, ok := delta.JSON.ExtraFields[name]; ok && json.Unmarshal([]byte(field.Raw()), &text) == nil && text != "" {
			out = append(out, generate.Piece{Thinking: &generate.Thinking{Text: text}})
			break
		}
	}
	return append(out, generate.Piece{Text: delta.Content + delta.Refusal})
}

// count takes the figures of the last chunk, whose prompt includes the cache.
// An endpoint that sends none leaves the report unfinal, to be estimated.
func count(report *generate.Report, u sdk.CompletionUsage) {
	cached := u.PromptTokensDetails.CachedTokens
	written := u.PromptTokensDetails.CacheWriteTokens
	report.Tokens.Input = max(u.PromptTokens-cached-written, 0)
	report.Tokens.CacheRead, report.Tokens.CacheWrite = cached, written
	report.Tokens.Output = u.CompletionTokens
	report.Final = true
}

// stopReason translates; this format does not tell a stop sequence from the
// answer's own end.
func stopReason(reason string) generate.StopReason {
	switch reason {
	case "length":
		return generate.MaxTokens
	case "content_filter":
		return generate.Refusal
	case "tool_calls":
		return generate.ToolCalls
	}
	return generate.EndTurn
}
