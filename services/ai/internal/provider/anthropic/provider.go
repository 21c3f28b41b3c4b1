package anthropic

import (
	"context"
	"net/http"

	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	"atrium.internal/pkg/config"
	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/provider/transport"
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
	client sdk.Client
	key    config.Secret
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
	return &Provider{client: sdk.NewClient(options...), key: c.Key}
}

// Stream runs one attempt; see generate.Provider. The SDK makes the request; its
// reading of the stream would take most of the time that an answer costs.
func (p *Provider) Stream(ctx context.Context, call generate.Call, emit generate.Emit) (generate.Report, error) {
	var response *http.Response
	err := p.client.Post(ctx, "v1/messages", params(call), nil, option.WithJSONSet("stream", true), option.WithResponseBodyInto(&response))
	if err != nil {
		return generate.Report{}, p.failure(ctx, err, false)
	}
	defer response.Body.Close()
	answer := reading{out: generate.Join(emit)}
	err = answer.read(transport.NewEvents(response.Body))
	if unsent := answer.out.Flush(); unsent != nil {
		return answer.report, unsent
	}
	switch {
	case answer.sending != nil:
		return answer.report, answer.sending
	case answer.report.Final: // the answer and its counts were complete
		return answer.report, nil
	case err != nil:
		return answer.report, p.failure(ctx, err, answer.report.Accepted)
	}
	return answer.report, generate.ErrStreamCut
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
