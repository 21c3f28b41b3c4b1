package fakeai

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// anthropicFields are the fields of a request; any other is refused, as the
// real service does.
var anthropicFields = []string{
	"model", "messages", "max_tokens", "system", "metadata", "stop_sequences", "stream", "temperature", "top_k",
	"top_p", "tools", "tool_choice", "thinking", "service_tier", "container", "output_config", "cache_control",
	"inference_geo", "speed", "diagnostics",
}

type anthropicRequest struct {
	Model         string          `json:"model"`
	MaxTokens     int64           `json:"max_tokens"`
	System        anthropicBlocks `json:"system"`
	StopSequences []string        `json:"stop_sequences"`
	Stream        bool            `json:"stream"`
	Temperature   *float64        `json:"temperature"`
	CacheControl  json.RawMessage `json:"cache_control"`
	Messages      []struct {
		Role    string          `json:"role"`
		Content anthropicBlocks `json:"content"`
	} `json:"messages"`
	Tools []struct {
		Name        string          `json:"name"`
		InputSchema json.RawMessage `json:"input_schema"`
	} `json:"tools"`
	ToolChoice struct {
		Type string `json:"type"`
		Name string `json:"name"`
	} `json:"tool_choice"`
	OutputConfig struct {
		Format struct {
			Type   string          `json:"type"`
			Schema json.RawMessage `json:"schema"`
		} `json:"format"`
	} `json:"output_config"`
}

// anthropicBlocks is content: a string, or a list of blocks.
type anthropicBlocks []anthropicBlock

type anthropicBlock struct {
	Type         string          `json:"type"`
	Text         string          `json:"text"`
	CacheControl json.RawMessage `json:"cache_control"`
	Source       struct {
		Type      string `json:"type"`
		MediaType string `json:"media_type"`
		Data      []byte `json:"data"`
	} `json:"source"`
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Input     json.RawMessage `json:"input"`
	ToolUseID string          `json:"tool_use_id"`
	Content   anthropicBlocks `json:"content"`
	IsError   bool            `json:"is_error"`
	Thinking  string          `json:"thinking"`
	Signature string          `json:"signature"`
}

// message gives the blocks' contents by their kinds.
func (b anthropicBlocks) message(role string) (Message, error) {
	m := Message{Role: role, Text: b.text()}
	for _, block := range b {
		switch block.Type {
		case "text":
			if strings.TrimSpace(block.Text) == "" {
				return m, errors.New("text content blocks must contain non-whitespace text")
			}
		case "image":
			if block.Source.Type != "base64" {
				return m, errors.New("image.source.type: Input should be 'base64'")
			}
			m.Images = append(m.Images, Image{block.Source.MediaType, block.Source.Data})
		case "tool_use":
			m.ToolUses = append(m.ToolUses, ToolUse{block.ID, block.Name, string(block.Input)})
		case "tool_result":
			inner, err := block.Content.message(role)
			if err != nil {
				return m, err
			}
			m.ToolResults = append(m.ToolResults, ToolResult{block.ToolUseID, inner.Text, inner.Images, block.IsError})
		case "thinking":
			if block.Signature == "" {
				return m, errors.New("thinking.signature: Field required")
			}
		case "redacted_thinking":
		default:
			return m, fmt.Errorf("%q: Input tag does not match any of the expected tags", block.Type)
		}
	}
	return m, nil
}

func (b *anthropicBlocks) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*b = anthropicBlocks{{Type: "text", Text: text}}
		return nil
	}
	return json.Unmarshal(raw, (*[]anthropicBlock)(b))
}

func (b anthropicBlocks) text() string {
	var all strings.Builder
	for _, block := range b {
		all.WriteString(block.Text)
	}
	return all.String()
}

// parseAnthropic reads a request as strictly as the real service.
func parseAnthropic(header http.Header, body []byte, counting bool) (Question, error) {
	if kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")); kind != "application/json" {
		return Question{}, errors.New("content-type: must be application/json")
	}
	if header.Get("anthropic-version") != "2023-06-01" {
		return Question{}, errors.New("anthropic-version: header is required")
	}
	if err := onlyFields(body, anthropicFields); err != nil {
		return Question{}, err
	}
	var r anthropicRequest
	if err := json.Unmarshal(body, &r); err != nil {
		return Question{}, fmt.Errorf("the request body is not valid JSON: %w", err)
	}
	q := Question{Model: r.Model, System: r.System.text(), MaxTokens: r.MaxTokens, Stop: r.StopSequences, Stream: r.Stream}
	switch {
	case r.Model == "":
		return q, errors.New("model: Field required")
	case r.MaxTokens < 1 && !counting:
		return q, errors.New("max_tokens: must be greater than or equal to 1")
	case len(r.Messages) == 0:
		return q, errors.New("messages: at least one message is required")
	case r.Temperature != nil && (*r.Temperature < 0 || *r.Temperature > 1):
		return q, errors.New("temperature: range: 0..1")
	}
	prompt := q.System
	if marked(r.System) {
		q.cachePrefix = prompt
	}
	for i, m := range r.Messages {
		if m.Role != "user" && m.Role != "assistant" {
			return q, fmt.Errorf("messages.%d.role: Input should be 'user' or 'assistant'", i)
		}
		if len(m.Content) == 0 {
			return q, fmt.Errorf("messages.%d: content must not be empty", i)
		}
		message, err := m.Content.message(m.Role)
		if err != nil {
			return q, fmt.Errorf("messages.%d: %w", i, err)
		}
		q.Messages = append(q.Messages, message)
		prompt += message.Text
		if marked(m.Content) || r.CacheControl != nil {
			q.cachePrefix = prompt
		}
	}
	for _, tool := range r.Tools {
		if len(tool.InputSchema) == 0 {
			return q, errors.New("tools.input_schema: Field required")
		}
		q.Tools = append(q.Tools, tool.Name)
	}
	if err := q.tools(); err != nil {
		return q, err
	}
	return q, q.anthropicStructure(r)
}

// anthropicStructure finds what shape the answer must have.
func (q *Question) anthropicStructure(r anthropicRequest) error {
	if format := r.OutputConfig.Format; format.Type != "" {
		if format.Type != "json_schema" {
			return errors.New("output_config.format.type: Input should be 'json_schema'")
		}
		if err := closedObjects(format.Schema); err != nil {
			return err
		}
		q.Schema = format.Schema
	}
	if r.ToolChoice.Type == "tool" {
		for _, tool := range r.Tools {
			if tool.Name == r.ToolChoice.Name {
				q.Tool, q.Schema = tool.Name, tool.InputSchema
				return nil
			}
		}
		return fmt.Errorf("tool_choice: no tool named %q", r.ToolChoice.Name)
	}
	return nil
}

// closedObjects refuses what native structured output does not support.
func closedObjects(raw json.RawMessage) error {
	var node map[string]any
	if err := json.Unmarshal(raw, &node); err != nil {
		return errors.New("output_config.format.schema: must be an object")
	}
	return closedObject(node)
}

func closedObject(node map[string]any) error {
	if node["type"] == "object" && node["additionalProperties"] != false {
		return errors.New("output_config.format.schema: for 'object' type, 'additionalProperties' must be explicitly set to false")
	}
	for _, key := range []string{"minimum", "maximum", "minLength", "maxLength"} {
		if _, ok := node[key]; ok {
			return fmt.Errorf("output_config.format.schema: property '%s' is not supported", key)
		}
	}
	for _, value := range node {
		switch child := value.(type) {
		case map[string]any:
			if err := closedObject(child); err != nil {
				return err
			}
		}
	}
	return nil
}

func marked(blocks anthropicBlocks) bool {
	return slices.ContainsFunc(blocks, func(b anthropicBlock) bool { return b.CacheControl != nil })
}

// onlyFields refuses a body with top-level fields that are not listed.
func onlyFields(body []byte, fields []string) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		return errors.New("the request body is not valid JSON")
	}
	for _, name := range sortedKeys(all) {
		if !slices.Contains(fields, name) {
			return fmt.Errorf("%s: Extra inputs are not permitted", name)
		}
	}
	return nil
}
