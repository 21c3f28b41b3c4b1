package openaicompat

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/tidwall/gjson"

	"atrium.internal/services/ai/internal/generate"
)

// chunk is an event of a stream, as far as it is of use here.
type chunk struct {
	delta        delta
	finishReason string
	usage        *usage
}

// delta is what a chunk adds. Thinking is no part of the format; endpoints of
// open models add it under one of two names.
type delta struct {
	content, refusal, reasoningContent, reasoning string
	toolCalls                                     []toolCall
}

type toolCall struct {
	Index    int64  `json:"index"`
	ID       string `json:"id"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

type usage struct {
	PromptTokens     int64 `json:"prompt_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
	Prompt           struct {
		Cached  int64 `json:"cached_tokens"`
		Written int64 `json:"cache_write_tokens"`
	} `json:"prompt_tokens_details"`
}

// inStreamError is an error that comes after the status 200.
type inStreamError struct{ data []byte }

func (inStreamError) Error() string { return "the provider sent an error in the stream" }

var errNoJSON = errors.New("an event of the provider's stream is no JSON")

// decode reads an event's data. What has another type than expected is left out.
// It walks over the text once: reading it into structures by reflection took
// more time than all the rest that a token costs.
func (c *chunk) decode(data []byte) error {
	if !gjson.ValidBytes(data) {
		return errNoJSON
	}
	failed := false
	gjson.ParseBytes(data).ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "choices":
			value.ForEach(func(_, first gjson.Result) bool { c.choose(first); return false })
		case "usage":
			if value.IsObject() {
				c.usage = &usage{}
				unmarshal(value, c.usage)
			}
		case "error":
			failed = value.Type != gjson.Null
		}
		return true
	})
	if failed {
		return inStreamError{data: append([]byte(nil), data...)}
	}
	return nil
}

func (c *chunk) choose(choice gjson.Result) {
	choice.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "delta":
			value.ForEach(func(key, value gjson.Result) bool { c.delta.set(key.Str, value); return true })
		case "finish_reason":
			c.finishReason = text(value)
		}
		return true
	})
}

func (d *delta) set(key string, value gjson.Result) {
	switch key {
	case "content":
		d.content = text(value)
	case "refusal":
		d.refusal = text(value)
	case "reasoning_content":
		d.reasoningContent = text(value)
	case "reasoning":
		d.reasoning = text(value)
	case "tool_calls":
		unmarshal(value, &d.toolCalls)
	}
}

func text(value gjson.Result) string {
	if value.Type != gjson.String {
		return ""
	}
	return strings.ToValidUTF8(value.Str, "\uFFFD")
}

// unmarshal reads what seldom comes. It is valid JSON, so that only types can be
// odd, and they are left out.
func unmarshal(value gjson.Result, into any) { _ = json.Unmarshal([]byte(value.Raw), into) }

// words gives the thinking and the text of a delta.
func (d delta) words() (out []generate.Piece) {
	for _, thought := range []string{d.reasoningContent, d.reasoning} {
		if thought != "" {
			out = append(out, generate.Piece{Thinking: &generate.Thinking{Text: thought}})
			break
		}
	}
	return append(out, generate.Piece{Text: d.content + d.refusal})
}
