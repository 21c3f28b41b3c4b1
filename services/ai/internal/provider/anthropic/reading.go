package anthropic

import (
	"errors"
	"net/http"
	"strings"

	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/tidwall/gjson"

	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/provider/transport"
)

var errNoJSON = errors.New("an event of the provider's stream is no JSON")

// inStreamError is an error that comes after the status 200.
type inStreamError struct{ generate.FarEndError }

func (inStreamError) Error() string { return "the provider sent an error in the stream" }

// reading is an answer as far as it was read.
type reading struct {
	report generate.Report
	out    *generate.Joiner
	// sending is the error of whoever takes the pieces.
	sending error
}

// read takes in a stream to its end, or to the first error.
func (r *reading) read(events *transport.Events) error {
	for events.Next() {
		if !gjson.ValidBytes(events.Data()) {
			return errNoJSON
		}
		if err := r.add(gjson.ParseBytes(events.Data()), events.More()); err != nil {
			return err
		}
	}
	return events.Err()
}

// add takes an event. Kinds that are not named add nothing, such as pings and
// those that are newer than this.
func (r *reading) add(event gjson.Result, more bool) error {
	switch event.Get("type").Str {
	case "message_start":
		r.report.Accepted = true
		r.count(event.Get("message.usage"))
		prompt := r.report.Tokens
		prompt.Output = 0
		return r.send(generate.Piece{Prompt: &prompt}, more)
	case "content_block_start":
		return r.send(opening(event.Get("content_block")), more)
	case "content_block_delta":
		return r.send(piece(event.Get("delta")), more)
	case "message_delta":
		r.count(event.Get("usage"))
		r.report.StopReason = stopReason(sdk.StopReason(text(event.Get("delta.stop_reason"))))
		r.report.StopSequence = text(event.Get("delta.stop_sequence"))
		r.report.Final = true
	case "error":
		return inStreamError{generate.FarEndError{
			Status: http.StatusOK, Type: text(event.Get("error.type")), Message: text(event.Get("error.message")),
		}}
	}
	return nil
}

func (r *reading) send(piece generate.Piece, more bool) error {
	r.sending = r.out.Add(piece, more)
	return r.sending
}

// count takes figures. They are cumulative, and those that did not change may be
// left out.
func (r *reading) count(usage gjson.Result) {
	usage.ForEach(func(key, value gjson.Result) bool {
		if value.Type != gjson.Number {
			return true
		}
		switch key.Str {
		case "input_tokens":
			r.report.Tokens.Input = value.Int()
		case "output_tokens":
			r.report.Tokens.Output = value.Int()
		case "cache_read_input_tokens":
			r.report.Tokens.CacheRead = value.Int()
		case "cache_creation_input_tokens":
			r.report.Tokens.CacheWrite = value.Int()
		}
		return true
	})
}

// opening is what a block begins with.
func opening(block gjson.Result) generate.Piece {
	switch block.Get("type").Str {
	case "tool_use":
		return generate.Piece{ToolUse: &generate.ToolStart{ID: text(block.Get("id")), Name: text(block.Get("name"))}}
	case "redacted_thinking":
		return generate.Piece{Thinking: &generate.Thinking{Redacted: text(block.Get("data"))}}
	}
	return generate.Piece{Text: text(block.Get("text"))}
}

func piece(delta gjson.Result) generate.Piece {
	switch delta.Get("type").Str {
	case "text_delta":
		return generate.Piece{Text: text(delta.Get("text"))}
	case "input_json_delta":
		return generate.Piece{ToolInput: text(delta.Get("partial_json"))}
	case "thinking_delta":
		return generate.Piece{Thinking: &generate.Thinking{Text: text(delta.Get("thinking"))}}
	case "signature_delta":
		return generate.Piece{Thinking: &generate.Thinking{Signature: text(delta.Get("signature"))}}
	}
	return generate.Piece{} // citations, which nothing asks for
}

// text is a string of the event, in valid UTF-8, as messages between services
// need it; anything else is none.
func text(value gjson.Result) string {
	if value.Type != gjson.String {
		return ""
	}
	return strings.ToValidUTF8(value.Str, "\uFFFD")
}
