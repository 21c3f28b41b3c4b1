package openaicompat

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

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
	http     *http.Client
	address  string
	key      config.Secret
	official bool
}

// New makes the provider; it does no I/O.
func New(c Config) *Provider {
	base, err := url.Parse(c.BaseURL)
	return &Provider{
		http:     c.HTTP,
		address:  strings.TrimRight(c.BaseURL, "/") + "/chat/completions",
		key:      c.Key,
		official: err == nil && base.Hostname() == openAIHost,
	}
}

// Stream runs one attempt; see generate.Provider. Request and stream are read and
// written here: by the SDK's types they took most of the time that an answer costs.
func (p *Provider) Stream(ctx context.Context, call generate.Call, emit generate.Emit) (generate.Report, error) {
	response, err := p.ask(ctx, call)
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

// ask makes the request. A refusal is a refusedError.
func (p *Provider) ask(ctx context.Context, call generate.Call) (*http.Response, error) {
	body, err := p.body(call)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = http.Header{
		"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}, "User-Agent": {"Atrium"},
	}
	if p.key.IsSet() {
		request.Header["Authorization"] = []string{"Bearer " + p.key.Reveal()}
	}
	response, err := p.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		defer response.Body.Close()
		return nil, refused(response)
	}
	return response, nil
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
