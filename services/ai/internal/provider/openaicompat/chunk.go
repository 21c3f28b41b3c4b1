package openaicompat

import (
	"encoding/json"
	"errors"

	"atrium.internal/services/ai/internal/generate"
)

// chunk is an event of a stream, as far as it is of use here.
type chunk struct {
	Choices []struct {
		Delta        delta  `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage *usage          `json:"usage"`
	Error json.RawMessage `json:"error"`
}

// delta is what a chunk adds. Thinking is no part of the format; endpoints of
// open models add it under one of two names.
type delta struct {
	Content          string     `json:"content"`
	Refusal          string     `json:"refusal"`
	ReasoningContent string     `json:"reasoning_content"`
	Reasoning        string     `json:"reasoning"`
	ToolCalls        []toolCall `json:"tool_calls"`
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

// decode reads an event's data. What has another type than expected is left out.
func (c *chunk) decode(data []byte) error {
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(data, c); err != nil && !errors.As(err, &odd) {
		return err
	}
	if len(c.Error) > 0 {
		return inStreamError{data: append([]byte(nil), data...)}
	}
	return nil
}

// words gives the thinking and the text of a delta.
func (d delta) words() (out []generate.Piece) {
	for _, thought := range []string{d.ReasoningContent, d.Reasoning} {
		if thought != "" {
			out = append(out, generate.Piece{Thinking: &generate.Thinking{Text: thought}})
			break
		}
	}
	return append(out, generate.Piece{Text: d.Content + d.Refusal})
}
