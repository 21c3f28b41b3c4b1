package openaicompat

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	sdk "github.com/openai/openai-go/v3"

	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/provider/transport"
)

// failure turns the SDK's error into the generator's. The SDK's own error is
// not kept: a provider's answer may hold the key.
func (p *Provider) failure(ctx context.Context, err error, accepted bool) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var api *sdk.Error
	if errors.As(err, &api) {
		kind := api.Code
		if kind == "" {
			kind = api.Type
		}
		far := generate.FarEndError{Status: api.StatusCode, Type: kind, Message: p.redact(api.Message)}
		if api.Response != nil {
			far.RetryAfter = transport.RetryAfter(api.Response.Header, time.Now())
		}
		return far.AppError()
	}
	var inStream inStreamError
	if errors.As(err, &inStream) {
		return p.inStream(inStream.data).AppError()
	}
	cause := errors.New(p.redact(err.Error()))
	if accepted {
		return generate.ErrStreamCut.WithCause(cause)
	}
	return generate.ErrUnreachable.WithCause(cause)
}

// inStream reads an error event, which comes after the status 200.
func (p *Provider) inStream(data []byte) generate.FarEndError {
	var event struct {
		Error struct {
			Type    string `json:"type"`
			Message string `json:"message"`
		} `json:"error"`
	}
	_ = json.Unmarshal(data, &event) // an error of another shape is an unknown one
	return generate.FarEndError{Status: http.StatusOK, Type: event.Error.Type, Message: p.redact(event.Error.Message)}
}

func (p *Provider) redact(text string) string {
	if !p.key.IsSet() {
		return text
	}
	return strings.ReplaceAll(text, p.key.Reveal(), "REDACTED")
}
