package fakeai

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// openaiContent is a string, a list of parts, or null.
type openaiContent struct {
	text   string
	images []Image
}

func (c *openaiContent) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, &c.text) == nil {
		return nil
	}
	var parts []struct {
		Type     string `json:"type"`
		Text     string `json:"text"`
		ImageURL struct {
			URL string `json:"url"`
		} `json:"image_url"`
	}
	if err := json.Unmarshal(raw, &parts); err != nil {
		return err
	}
	var all strings.Builder
	for _, part := range parts {
		switch part.Type {
		case "text":
			all.WriteString(part.Text)
		case "image_url":
			image, err := dataURL(part.ImageURL.URL)
			if err != nil {
				return err
			}
			c.images = append(c.images, image)
		default:
			return fmt.Errorf("invalid value: %q", part.Type)
		}
	}
	c.text = all.String()
	return nil
}

func dataURL(url string) (Image, error) {
	head, data, ok := strings.Cut(strings.TrimPrefix(url, "data:"), ";base64,")
	if !ok {
		return Image{}, errors.New("invalid image data")
	}
	raw, err := base64.StdEncoding.DecodeString(data)
	return Image{MediaType: head, Data: raw}, err
}

// answerTool adds a function's answer: in this format a message of its own, in
// a question a part of one message of the user's.
func (q *Question) answerTool(r ToolResult) {
	if last := len(q.Messages) - 1; last >= 0 && q.Messages[last].Role == "user" && len(q.Messages[last].ToolResults) > 0 {
		q.Messages[last].ToolResults = append(q.Messages[last].ToolResults, r)
		return
	}
	q.Messages = append(q.Messages, Message{Role: "user", ToolResults: []ToolResult{r}})
}

// openaiCalls are uses of tools as a message has them.
func openaiCalls(uses []ToolUse) []any {
	out := make([]any, len(uses))
	for i, u := range uses {
		out[i] = map[string]any{
			"index": i, "id": u.ID, "type": "function", "function": map[string]any{"name": u.Name, "arguments": u.Input},
		}
	}
	return out
}

// openaiTools sends the chunks of tools' uses.
func openaiTools(out *wire, q Question, uses []ToolUse) {
	for i, u := range uses {
		begin := openaiCalls([]ToolUse{{ID: u.ID, Name: u.Name}})[0].(map[string]any)
		begin["index"] = i
		out.event("", openaiChunk(q, map[string]any{"tool_calls": []any{begin}}, nil))
		for _, piece := range halves(u.Input) {
			out.event("", openaiChunk(q, map[string]any{"tool_calls": []any{
				map[string]any{"index": i, "function": map[string]any{"arguments": piece}},
			}}, nil))
		}
	}
}
