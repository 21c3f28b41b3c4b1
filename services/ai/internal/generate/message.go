package generate

import (
	"encoding/json"
	"errors"
	"strings"

	"atrium.internal/services/ai/internal/tariff"
)

// Message is one turn of a conversation.
type Message struct {
	Role  Role
	Parts []Part
}

// Role is who speaks.
type Role string

// The roles.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// Part is a piece of a message: exactly one of its contents is set.
type Part struct {
	Text string
	// Image is a picture that the user shows, or that a tool gave.
	Image *Image
	// ToolUse is the assistant's, ToolResult the user's answer to it.
	ToolUse    *ToolUse
	ToolResult *ToolResult
	// Thinking is the assistant's and goes back as it came.
	Thinking *Thinking
	// Cache marks the end of a beginning that is worth caching.
	Cache bool
}

// Image is a picture in one of the usual formats.
type Image struct {
	MediaType string
	Data      []byte
}

// ToolUse is a tool's call by the model. Input is the JSON of an object.
type ToolUse struct {
	ID, Name string
	Input    json.RawMessage
}

// ToolResult is what a tool answered, in texts and images.
type ToolResult struct {
	ToolUseID string
	Parts     []Part
	IsError   bool
}

// Thinking is what a model thought before its answer. Signature proves to the
// provider that it is its own; Redacted is thinking that only it can read.
type Thinking struct {
	Text, Signature, Redacted string
}

// Plain is the content that is one text; nothing for an empty one.
func Plain(text string) []Part {
	if text == "" {
		return nil
	}
	return []Part{{Text: text}}
}

// JoinText is the text of parts, paragraphs between them.
func JoinText(parts []Part) string {
	var texts []string
	for _, p := range parts {
		if p.Text != "" {
			texts = append(texts, p.Text)
		}
	}
	return strings.Join(texts, "\n\n")
}

// check refuses what no provider could take.
func (m Message) check() error {
	if len(m.Parts) == 0 {
		return errors.New("a message is empty")
	}
	for _, p := range m.Parts {
		if err := p.check(m.Role); err != nil {
			return err
		}
	}
	return nil
}

func (p Part) check(role Role) error {
	switch {
	case p.Image != nil && role != User:
		return errors.New("only the user shows images")
	case p.ToolUse != nil && role != Assistant:
		return errors.New("only the assistant uses tools")
	case p.ToolUse != nil && !isObject(p.ToolUse.Input):
		return errors.New("a tool's input is not a JSON object")
	case p.ToolResult != nil && role != User:
		return errors.New("only the user answers for tools")
	case p.ToolResult != nil:
		return p.ToolResult.check()
	case p.Thinking != nil && role != Assistant:
		return errors.New("only the assistant thinks")
	case p.Image == nil && p.ToolUse == nil && p.Thinking == nil && strings.TrimSpace(p.Text) == "":
		return errors.New("a message is empty")
	}
	return nil
}

func (r ToolResult) check() error {
	for _, p := range r.Parts {
		if p.ToolUse != nil || p.ToolResult != nil || p.Thinking != nil {
			return errors.New("a tool's result has only texts and images")
		}
	}
	return nil
}

func isObject(text []byte) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal(text, &object) == nil && object != nil
}

// imageTokens is about what a large image costs; providers scale down larger
// ones. Few cost more, and the true figure comes with the answer.
const imageTokens = 1600

// Estimate is what parts cost in tokens, as far as can be told without the
// provider.
func Estimate(parts []Part) int64 {
	var total int64
	for _, p := range parts {
		total += tariff.Estimate(p.Text)
		if p.Image != nil {
			total += imageTokens
		}
		if p.ToolUse != nil {
			total += tariff.Estimate(p.ToolUse.Name) + tariff.Estimate(string(p.ToolUse.Input))
		}
		if p.ToolResult != nil {
			total += Estimate(p.ToolResult.Parts)
		}
		if p.Thinking != nil {
			total += tariff.Estimate(p.Thinking.Text) + tariff.Estimate(p.Thinking.Redacted)
		}
	}
	return total
}
