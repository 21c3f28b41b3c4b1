package openaicompat

import (
	"bytes"
	"context"
	"net/http"
	"net/url"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"atrium.internal/pkg/config"
	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/provider/transport"
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

// Stream runs one attempt; see generate.Provider. The SDK makes the request; its
// reading of the stream would take most of the time that an answer costs.
func (p *Provider) Stream(ctx context.Context, call generate.Call, emit generate.Emit) (generate.Report, error) {
	var response *http.Response
	_, err := p.completions.New(ctx, p.params(call), option.WithJSONSet("stream", true), option.WithResponseBodyInto(&response))
	if err != nil {
		return generate.Report{}, p.failure(ctx, err, false)
	}
	defer response.Body.Close()
	out := generate.Join(emit)
	answer := reading{report: generate.Report{}, out: out}
	err = answer.read(transport.NewEvents(response.Body))
	if unsent := out.Flush(); unsent != nil {
		return answer.report, unsent
	}
	return answer.end(ctx, p, err)
}

// reading is an answer as far as it was read.
type reading struct {
	report   generate.Report
	out      *generate.Joiner
	calls    calls
	finished bool
	// sending is the error of whoever takes the pieces.
	sending error
}

// read takes in a stream to its end, or to the first error.
func (r *reading) read(events *transport.Events) error {
	for events.Next() {
		if bytes.HasPrefix(events.Data(), []byte("[DONE]")) {
			return nil
		}
		var c chunk
		if err := c.decode(events.Data()); err != nil {
			return err
		}
		if r.sending = r.add(c, events.More()); r.sending != nil {
			return r.sending
		}
	}
	return events.Err()
}

func (r *reading) add(c chunk, more bool) error {
	r.report.Accepted = true
	for _, piece := range append(c.delta.words(), r.calls.pieces(c.delta.toolCalls)...) {
		if err := r.out.Add(piece, more); err != nil {
			return err
		}
	}
	if c.finishReason != "" {
		r.finished = true
		r.report.StopReason = stopReason(c.finishReason)
	}
	if c.usage != nil {
		r.count(*c.usage)
	}
	return nil
}

// end judges how the stream ended.
func (r *reading) end(ctx context.Context, p *Provider, err error) (generate.Report, error) {
	complete := r.finished && r.report.Final
	if r.sending != nil {
		return r.report, r.sending
	}
	if err != nil && !complete {
		return r.report, p.failure(ctx, err, r.report.Accepted)
	}
	if r.report.StopReason == generate.EndTurn && r.calls.begun { // some endpoints say "stop" for both
		r.report.StopReason = generate.ToolCalls
	}
	if !r.finished {
		r.report.Final = false // whatever was counted, it was not the whole
		return r.report, generate.ErrStreamCut
	}
	return r.report, nil
}

// count takes the figures of the last chunk, whose prompt includes the cache.
// An endpoint that sends none leaves the report unfinal, to be estimated.
func (r *reading) count(u usage) {
	cached, written := u.Prompt.Cached, u.Prompt.Written
	r.report.Tokens.Input = max(u.PromptTokens-cached-written, 0)
	r.report.Tokens.CacheRead, r.report.Tokens.CacheWrite = cached, written
	r.report.Tokens.Output = u.CompletionTokens
	r.report.Final = true
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
