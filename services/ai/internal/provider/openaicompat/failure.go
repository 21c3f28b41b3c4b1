package openaicompat

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/provider/transport"
)

// mostOfARefusal bounds what is read of an answer that is none, in bytes.
const mostOfARefusal = 64 << 10

// refusedError is an answer with a status of 400 or above.
type refusedError struct{ generate.FarEndError }

func (e refusedError) Error() string { return http.StatusText(e.Status) }

// refused reads such an answer. Some endpoints say what is wrong in an object
// "error", some in a text of that name, some without that name.
func refused(response *http.Response) error {
	e := refusedError{generate.FarEndError{
		Status: response.StatusCode, RetryAfter: transport.RetryAfter(response.Header, time.Now()),
	}}
	said, _ := io.ReadAll(io.LimitReader(response.Body, mostOfARefusal)) // the status says enough
	if !gjson.ValidBytes(said) {
		return e
	}
	about := gjson.ParseBytes(said)
	if inner := about.Get("error"); inner.Type == gjson.String {
		e.Message = text(inner)
		return e
	} else if inner.IsObject() {
		about = inner
	}
	e.Message, e.Type = text(about.Get("message")), text(about.Get("code"))
	if e.Type == "" { // also where the code is the status once more
		e.Type = text(about.Get("type"))
	}
	return e
}

// failure turns an error into the generator's. What a provider said is not kept: its
// answer may hold the key.
func (p *Provider) failure(ctx context.Context, err error, accepted bool) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var refusal refusedError
	if errors.As(err, &refusal) {
		refusal.Message = p.redact(refusal.Message)
		return refusal.AppError()
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
