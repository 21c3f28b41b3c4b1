package anthropic

import (
	"encoding/json"
	"fmt"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

	"atrium.internal/gateway/aiwire"
)

// content is a string, or a list of blocks.
type content []block

func (c *content) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*c = nil
		if text != "" {
			*c = content{{Type: "text", Text: text}}
		}
		return nil
	}
	return json.Unmarshal(raw, (*[]block)(c))
}

// block has the fields of every kind of block; Type says which count.
type block struct {
	Type         string          `json:"type"`
	Text         string          `json:"text"`
	Source       source          `json:"source"`
	ID           string          `json:"id"`
	Name         string          `json:"name"`
	Input        json.RawMessage `json:"input"`
	ToolUseID    string          `json:"tool_use_id"`
	Content      content         `json:"content"`
	IsError      bool            `json:"is_error"`
	Thinking     string          `json:"thinking"`
	Signature    string          `json:"signature"`
	Data         string          `json:"data"`
	CacheControl json.RawMessage `json:"cache_control"`
}

type source struct {
	Type      string `json:"type"`
	MediaType string `json:"media_type"`
	Data      string `json:"data"`
}

func (m message) convert(i int) (*aiv1.ChatMessage, error) {
	field := fmt.Sprintf("messages.%d", i)
	if m.Role != "user" && m.Role != "assistant" {
		return nil, aiwire.Refuse(field+".role", "want user or assistant, not %q", m.Role)
	}
	parts, err := m.Content.parts(field + ".content")
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, aiwire.Refuse(field+".content", "must not be empty")
	}
	return &aiv1.ChatMessage{Role: m.Role, Parts: parts}, nil
}

// parts leaves out texts that say nothing.
func (c content) parts(field string) (out []*aiv1.ContentPart, err error) {
	for i, b := range c {
		if b.Type == "text" && aiwire.Blank(b.Text) {
			continue
		}
		p, err := b.part(fmt.Sprintf("%s.%d", field, i))
		if err != nil {
			return nil, err
		}
		p.Cache = present(b.CacheControl)
		out = append(out, p)
	}
	return out, nil
}

func (b block) part(field string) (*aiv1.ContentPart, error) {
	switch b.Type {
	case "text":
		return aiwire.Text(b.Text), nil
	case "image":
		return b.Source.image(field)
	case "document":
		return b.Source.document(field)
	case "tool_use":
		return &aiv1.ContentPart{Part: &aiv1.ContentPart_ToolUse{
			ToolUse: &aiv1.ToolUse{Id: b.ID, Name: b.Name, Input: string(b.Input)},
		}}, nil
	case "tool_result":
		parts, err := b.Content.parts(field + ".content")
		if err != nil {
			return nil, err
		}
		return &aiv1.ContentPart{Part: &aiv1.ContentPart_ToolResult{
			ToolResult: &aiv1.ToolResult{ToolUseId: b.ToolUseID, Parts: parts, IsError: b.IsError},
		}}, nil
	case "thinking":
		return &aiv1.ContentPart{Part: &aiv1.ContentPart_Thinking{
			Thinking: &aiv1.Thinking{Text: b.Thinking, Signature: b.Signature},
		}}, nil
	case "redacted_thinking":
		return &aiv1.ContentPart{Part: &aiv1.ContentPart_Thinking{Thinking: &aiv1.Thinking{Redacted: b.Data}}}, nil
	}
	return nil, aiwire.Refuse(field+".type", "%q is not supported here", b.Type)
}

// image takes no address: fetching what a caller names would let it look into
// the platform's own network.
func (s source) image(field string) (*aiv1.ContentPart, error) {
	if s.Type != "base64" {
		return nil, aiwire.Refuse(field+".source.type", "images are taken as base64 only; %q is not fetched", s.Type)
	}
	return aiwire.Image(field+".source", s.MediaType, s.Data)
}

func (s source) document(field string) (*aiv1.ContentPart, error) {
	if s.Type != "text" {
		return nil, aiwire.Refuse(field+".source.type", "documents are taken as text only, not as %q", s.Type)
	}
	return aiwire.Text(s.Data), nil
}
