package openaicompat

import (
	"encoding/base64"

	"atrium.internal/services/ai/internal/generate"
)

type message struct {
	Role       string    `json:"role"`
	Content    any       `json:"content,omitempty"` // a text or []content
	ToolCalls  []toolUse `json:"tool_calls,omitempty"`
	ToolCallID string    `json:"tool_call_id,omitempty"`
}

type content struct {
	Type     string    `json:"type"`
	Text     string    `json:"text,omitempty"`
	ImageURL *imageURL `json:"image_url,omitempty"`
}

type imageURL struct {
	URL string `json:"url"`
}

type toolUse struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function usedFunction `json:"function"`
}

type usedFunction struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

func messages(call generate.Call) []message {
	out := make([]message, 0, len(call.Messages)+1)
	if len(call.System) > 0 {
		out = append(out, message{Role: "system", Content: generate.JoinText(call.System)})
	}
	for _, m := range call.Messages {
		if m.Role == generate.Assistant {
			out = append(out, assistant(m))
		} else {
			out = append(out, user(m)...)
		}
	}
	return out
}

// assistant leaves out thinking, which the format has no place for.
func assistant(m generate.Message) message {
	out := message{Role: "assistant"}
	if text := generate.JoinText(m.Parts); text != "" {
		out.Content = text
	}
	for _, p := range m.Parts {
		if p.ToolUse != nil {
			out.ToolCalls = append(out.ToolCalls, toolUse{p.ToolUse.ID, "function", usedFunction{p.ToolUse.Name, string(p.ToolUse.Input)}})
		}
	}
	if out.Content == nil && len(out.ToolCalls) == 0 { // it only thought
		out.Content = " "
	}
	return out
}

// user gives the results of tools first, as messages of their own right after
// the tools' use. Those take text only, so their images go into the message of
// the user that follows.
func user(m generate.Message) (out []message) {
	var rest []generate.Part
	for _, p := range m.Parts {
		if p.ToolResult == nil {
			rest = append(rest, p)
			continue
		}
		text := generate.JoinText(p.ToolResult.Parts)
		if p.ToolResult.IsError {
			text = "Error: " + text
		}
		out = append(out, message{Role: "tool", Content: text, ToolCallID: p.ToolResult.ToolUseID})
		for _, part := range p.ToolResult.Parts {
			if part.Image != nil {
				rest = append(rest, part)
			}
		}
	}
	switch {
	case len(rest) == 0:
		return out
	case len(rest) == 1 && rest[0].Image == nil:
		return append(out, message{Role: "user", Content: rest[0].Text})
	}
	parts := make([]content, len(rest))
	for i, p := range rest {
		if p.Image == nil {
			parts[i] = content{Type: "text", Text: p.Text}
			continue
		}
		url := "data:" + p.Image.MediaType + ";base64," + base64.StdEncoding.EncodeToString(p.Image.Data)
		parts[i] = content{Type: "image_url", ImageURL: &imageURL{url}}
	}
	return append(out, message{Role: "user", Content: parts})
}
