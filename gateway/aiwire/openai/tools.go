package openai

import (
	"encoding/json"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

	"atrium.internal/gateway/aiwire"
)

func (r *request) tools(out *aiv1.GenerateRequest) error {
	for _, t := range r.Tools {
		if t.Type != "function" {
			return aiwire.Refuse("tools", "only functions are supported, not %q", t.Type)
		}
		schema := string(t.Function.Parameters)
		if !given(t.Function.Parameters) {
			schema = `{"type":"object","properties":{}}`
		}
		out.Tools = append(out.Tools, &aiv1.Tool{Name: t.Function.Name, Description: t.Function.Description, InputSchema: schema})
	}
	if len(out.GetTools()) == 0 {
		return nil
	}
	choice, err := chosen(r.ToolChoice)
	if err != nil {
		return err
	}
	if r.ParallelToolCalls != nil && !*r.ParallelToolCalls {
		if choice == nil {
			choice = &aiv1.ToolChoice{Mode: "auto"}
		}
		choice.Single = true
	}
	out.ToolChoice = choice
	return nil
}

// chosen reads a word, or an object that names a function.
func chosen(raw json.RawMessage) (*aiv1.ToolChoice, error) {
	if !given(raw) {
		return nil, nil //nolint:nilnil // no choice is the model's choice
	}
	var word string
	if json.Unmarshal(raw, &word) == nil {
		mode, ok := map[string]string{"auto": "auto", "none": "none", "required": "any"}[word]
		if !ok {
			return nil, aiwire.Refuse("tool_choice", "want auto, none, required or a function, not %q", word)
		}
		return &aiv1.ToolChoice{Mode: mode}, nil
	}
	var named struct {
		Type     string `json:"type"`
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	}
	if json.Unmarshal(raw, &named) != nil || named.Type != "function" || named.Function.Name == "" {
		return nil, aiwire.Refuse("tool_choice", "want auto, none, required or a function")
	}
	return &aiv1.ToolChoice{Mode: "tool", Name: named.Function.Name}, nil
}
