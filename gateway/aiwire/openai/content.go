package openai

import (
	"encoding/json"
	"fmt"
	"strings"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

	"atrium.internal/gateway/aiwire"
)

type message struct {
	Role       string     `json:"role"`
	Content    content    `json:"content"`
	Refusal    string     `json:"refusal"`
	ToolCalls  []toolCall `json:"tool_calls"`
	ToolCallID string     `json:"tool_call_id"`
}

type toolCall struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

// content is a text, a list of parts, or null.
type content []part

func (c *content) UnmarshalJSON(raw []byte) error {
	var text *string
	if json.Unmarshal(raw, &text) == nil {
		*c = nil
		if text != nil {
			*c = content{{Type: "text", Text: *text}}
		}
		return nil
	}
	return json.Unmarshal(raw, (*[]part)(c))
}

type part struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Refusal  string `json:"refusal"`
	ImageURL struct {
		URL string `json:"url"`
	} `json:"image_url"`
}

// converse puts the messages into a request. Instructions go to the system
// prompt wherever they stand. Results of tools are messages of their own in
// this format; they and what the user says next are one message of the user.
func converse(out *aiv1.GenerateRequest, messages []message) error {
	for i, m := range messages {
		field := fmt.Sprintf("messages.%d", i)
		parts, err := m.Content.parts(field + ".content")
		if err != nil {
			return err
		}
		switch m.Role {
		case "system", "developer":
			out.SystemParts = append(out.SystemParts, parts...)
			continue
		case "tool":
			result := &aiv1.ToolResult{ToolUseId: m.ToolCallID, Parts: parts}
			parts = []*aiv1.ContentPart{{Part: &aiv1.ContentPart_ToolResult{ToolResult: result}}}
			m.Role = "user"
		case "assistant":
			parts = append(parts, m.calls()...)
		case "user":
		default:
			return aiwire.Refuse(field+".role", "want system, developer, user, assistant or tool, not %q", m.Role)
		}
		if last := len(out.Messages) - 1; last >= 0 && m.Role == "user" && answersTools(out.Messages[last]) {
			out.Messages[last].Parts = append(out.Messages[last].Parts, parts...)
			continue
		}
		if len(parts) == 0 {
			return aiwire.Refuse(field+".content", "must not be empty")
		}
		out.Messages = append(out.Messages, &aiv1.ChatMessage{Role: m.Role, Parts: parts})
	}
	if len(out.GetMessages()) == 0 {
		return aiwire.Refuse("messages", "at least one message must be the user's")
	}
	return nil
}

// answersTools reports whether a message consists of results of tools.
func answersTools(m *aiv1.ChatMessage) bool {
	for _, p := range m.GetParts() {
		if p.GetToolResult() == nil {
			return false
		}
	}
	return true
}

func (m message) calls() (out []*aiv1.ContentPart) {
	if m.Refusal != "" {
		out = append(out, aiwire.Text(m.Refusal))
	}
	for _, c := range m.ToolCalls {
		out = append(out, &aiv1.ContentPart{Part: &aiv1.ContentPart_ToolUse{
			ToolUse: &aiv1.ToolUse{Id: c.ID, Name: c.Function.Name, Input: c.Function.Arguments},
		}})
	}
	return out
}

// parts leaves out texts that say nothing.
func (c content) parts(field string) (out []*aiv1.ContentPart, err error) {
	for i, p := range c {
		at := fmt.Sprintf("%s.%d", field, i)
		switch p.Type {
		case "text", "refusal":
			if text := p.Text + p.Refusal; !aiwire.Blank(text) {
				out = append(out, aiwire.Text(text))
			}
		case "image_url":
			image, err := picture(at+".image_url.url", p.ImageURL.URL)
			if err != nil {
				return nil, err
			}
			out = append(out, image)
		default:
			return nil, aiwire.Refuse(at+".type", "%q is not supported here", p.Type)
		}
	}
	return out, nil
}

// picture takes only addresses that hold the image itself: fetching another
// would let a caller look into the platform's own network.
func picture(field, url string) (*aiv1.ContentPart, error) {
	head, data, ok := strings.Cut(strings.TrimPrefix(url, "data:"), ",")
	mediaType, base64 := strings.CutSuffix(head, ";base64")
	if !ok || !base64 || !strings.HasPrefix(url, "data:") {
		return nil, aiwire.Refuse(field, "images are taken as data:<type>;base64,… only; addresses are not fetched")
	}
	return aiwire.Image(field, mediaType, data)
}
