package openaicompat

import (
	"bytes"
	"encoding/json"

	"atrium.internal/services/ai/internal/generate"
)

// mostStops is how many stop sequences the format takes.
const mostStops = 4

// params is a request in the format's words. What is not set is left out.
type params struct {
	Model               string          `json:"model"`
	Messages            []message       `json:"messages"`
	Stream              bool            `json:"stream"`
	StreamOptions       streamOptions   `json:"stream_options"`
	MaxTokens           int64           `json:"max_tokens,omitempty"`
	MaxCompletionTokens int64           `json:"max_completion_tokens,omitempty"`
	Temperature         *float64        `json:"temperature,omitempty"`
	TopP                *float64        `json:"top_p,omitempty"`
	Stop                []string        `json:"stop,omitempty"`
	Tools               []tool          `json:"tools,omitempty"`
	ToolChoice          any             `json:"tool_choice,omitempty"` // a word or a namedTool
	ParallelToolCalls   *bool           `json:"parallel_tool_calls,omitempty"`
	ResponseFormat      *responseFormat `json:"response_format,omitempty"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

type responseFormat struct {
	Type       string     `json:"type"`
	JSONSchema jsonSchema `json:"json_schema"`
}

type jsonSchema struct {
	Name   string         `json:"name"`
	Schema map[string]any `json:"schema"`
	Strict bool           `json:"strict"`
}

// body is a call in the API's words.
func (p *Provider) body(call generate.Call) ([]byte, error) {
	out := params{
		Model:         call.Model,
		Messages:      messages(call),
		Stream:        true,
		StreamOptions: streamOptions{IncludeUsage: true},
		Temperature:   call.Temperature,
		TopP:          call.TopP,
		Stop:          call.StopSequences[:min(len(call.StopSequences), mostStops)],
		Tools:         tools(call.Tools),
		ToolChoice:    choice(call.Choice),
	}
	// OpenAI's newer models refuse the old name, other endpoints the new one.
	if p.official {
		out.MaxCompletionTokens = call.MaxTokens
	} else {
		out.MaxTokens = call.MaxTokens
	}
	if call.Choice.Single && len(call.Tools) > 0 {
		out.ParallelToolCalls = new(bool)
	}
	if call.Schema != nil {
		out.ResponseFormat = &responseFormat{"json_schema", jsonSchema{"answer", call.Schema, strictable(call.Schema)}}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // code is full of what that would make longer
	if err := encoder.Encode(out); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

// strictable reports whether every object of a schema is closed and requires
// all it has, which strict mode demands; without it the endpoint would refuse.
func strictable(schema map[string]any) bool {
	if schema["type"] == "object" {
		if schema["additionalProperties"] != false {
			return false
		}
		properties, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		if len(properties) != len(required) {
			return false
		}
		for _, property := range properties {
			if child, ok := property.(map[string]any); ok && !strictable(child) {
				return false
			}
		}
	}
	if items, ok := schema["items"].(map[string]any); ok {
		return strictable(items)
	}
	return true
}
