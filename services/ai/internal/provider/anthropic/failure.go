package anthropic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	sdk "github.com/anthropics/anthropic-sdk-go"

	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/provider/transport"
)

// failure turns the SDK's error into the generator's. The SDK's own error is
// not kept: its text has the provider's whole answer, which may hold the key.
func (p *Provider) failure(ctx context.Context, err error, accepted bool) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var inStream inStreamError
	if errors.As(err, &inStream) {
		far := inStream.FarEndError
		far.Message = p.redact(far.Message)
		return far.AppError()
	}
	var api *sdk.Error
	if !errors.As(err, &api) {
		cause := errors.New(p.redact(err.Error()))
		if accepted {
			return generate.ErrStreamCut.WithCause(cause)
		}
		return generate.ErrUnreachable.WithCause(cause)
	}
	far := generate.FarEndError{
		Status:  api.StatusCode,
		Type:    string(api.Type()),
		Message: p.redact(message(api.RawJSON())),
	}
	if api.Response != nil {
		far.RetryAfter = transport.RetryAfter(api.Response.Header, time.Now())
	}
	if api.RequestID == "" {
		return far.AppError()
	}
	return fmt.Errorf("%w (provider's request %s)", far.AppError(), api.RequestID)
}

// message is the sentence in an error's body.
func message(body string) string {
	var envelope struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	_ = json.Unmarshal([]byte(body), &envelope) // without a sentence there is none
	return envelope.Error.Message
}

func (p *Provider) redact(text string) string {
	if !p.key.IsSet() {
		return text
	}
	return strings.ReplaceAll(text, p.key.Reveal(), "REDACTED")
}
