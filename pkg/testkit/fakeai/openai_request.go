package fakeai

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
)

// openaiFields are the fields of a request; any other is refused, as the real
// service does.
var openaiFields = []string{
	"model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "n", "stream", "stream_options",
	"stop", "response_format", "tools", "tool_choice", "parallel_tool_calls", "seed", "user", "frequency_penalty",
	"presence_penalty", "logprobs", "top_logprobs", "logit_bias", "metadata", "store", "reasoning_effort",
	"prompt_cache_key", "safety_identifier", "service_tier", "verbosity", "modalities", "prediction",
}

type openaiRequest struct {
	Model               string     `json:"model"`
	MaxTokens           int64      `json:"max_tokens"`
	MaxCompletionTokens int64      `json:"max_completion_tokens"`
	Stop                stringList `json:"stop"`
	Stream              bool       `json:"stream"`
	StreamOptions       struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	Messages []struct {
		Role    string        `json:"role"`
		Content openaiContent `json:"content"`
		// ToolCalls are the assistant's, ToolCallID is a tool's.
		ToolCalls []struct {
			ID       string `json:"id"`
			Function struct {
				Name      string `json:"name"`
				Arguments string `json:"arguments"`
			} `json:"function"`
		} `json:"tool_calls"`
		ToolCallID string `json:"tool_call_id"`
	} `json:"messages"`
	ResponseFormat struct {
		Type       string `json:"type"`
		JSONSchema struct {
			Name   string          `json:"name"`
			Schema json.RawMessage `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
	Tools []struct {
		Function struct {
			Name       string          `json:"name"`
			Parameters json.RawMessage `json:"parameters"`
		} `json:"function"`
	} `json:"tools"`
	ToolChoice json.RawMessage `json:"tool_choice"`
}

// stringList is a string or a list of them.
type stringList []string

func (l *stringList) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*l = stringList{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(l))
}

// parseOpenAI reads a request as strictly as the real service.
func parseOpenAI(header http.Header, body []byte) (Question, error) {
	if kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")); kind != "application/json" {
		return Question{}, errors.New("invalid content type: expected application/json")
	}
	if err := onlyFields(body, openaiFields); err != nil {
		return Question{}, err
	}
	var r openaiRequest
	if err := json.Unmarshal(body, &r); err != nil {
		return Question{}, fmt.Errorf("could not parse the JSON body: %w", err)
	}
	q := Question{
		Model: r.Model, MaxTokens: max(r.MaxTokens, r.MaxCompletionTokens), Stop: r.Stop,
		Stream: r.Stream, usage: r.StreamOptions.IncludeUsage,
	}
	switch {
	case r.Model == "":
		return q, errors.New("you must provide a model parameter")
	case len(r.Messages) == 0:
		return q, errors.New("invalid 'messages': empty array")
	case r.MaxTokens > 0 && r.MaxCompletionTokens > 0:
		return q, errors.New("max_tokens and max_completion_tokens are exclusive")
	case len(r.Stop) > 4:
		return q, errors.New("invalid 'stop': array too long, expected at most 4 items")
	}
	for i, m := range r.Messages {
		switch m.Role {
		case "system", "developer":
			q.System += m.Content.text
		case "user", "assistant":
			message := Message{Role: m.Role, Text: m.Content.text, Images: m.Content.images}
			for _, c := range m.ToolCalls {
				message.ToolUses = append(message.ToolUses, ToolUse{c.ID, c.Function.Name, c.Function.Arguments})
			}
			q.Messages = append(q.Messages, message)
		case "tool":
			q.answerTool(ToolResult{ID: m.ToolCallID, Text: m.Content.text})
		default:
			return q, fmt.Errorf("invalid value for 'messages[%d].role': %q", i, m.Role)
		}
	}
	for _, tool := range r.Tools {
		q.Tools = append(q.Tools, tool.Function.Name)
	}
	if err := q.tools(); err != nil {
		return q, err
	}
	return q, q.openaiStructure(r)
}

// openaiStructure finds what shape the answer must have.
func (q *Question) openaiStructure(r openaiRequest) error {
	if r.ResponseFormat.Type == "json_schema" {
		if r.ResponseFormat.JSONSchema.Name == "" {
			return errors.New("missing required parameter: 'response_format.json_schema.name'")
		}
		q.Schema = r.ResponseFormat.JSONSchema.Schema
	}
	var choice struct {
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	}
	if len(r.ToolChoice) > 0 && r.ToolChoice[0] == '{' {
		if err := json.Unmarshal(r.ToolChoice, &choice); err != nil {
			return fmt.Errorf("invalid 'tool_choice': %w", err)
		}
	}
	if choice.Function.Name == "" { // none, auto or required
		return nil
	}
	for _, tool := range r.Tools {
		if tool.Function.Name == choice.Function.Name {
			q.Tool, q.Schema = tool.Function.Name, tool.Function.Parameters
			return nil
		}
	}
	return fmt.Errorf("tool choice %q not found in 'tools'", choice.Function.Name)
}
