package generate

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"atrium.internal/services/ai/internal/tariff"
)

// Tool is a function that the model may ask the caller to run.
type Tool struct {
	Name, Description string
	// InputSchema is the JSON Schema of an object.
	InputSchema json.RawMessage
	// Cache marks the end of a beginning that is worth caching.
	Cache bool
}

// ToolMode is whether the model uses tools.
type ToolMode string

// The modes; the empty one is auto.
const (
	ToolAuto  ToolMode = "auto"
	ToolAny   ToolMode = "any"
	ToolNamed ToolMode = "tool"
	ToolNone  ToolMode = "none"
)

// ToolChoice says whether the model uses tools, and which.
type ToolChoice struct {
	Mode ToolMode
	// Name of the tool for ToolNamed.
	Name string
	// Single allows at most one use in an answer.
	Single bool
}

func checkTools(tools []Tool, choice ToolChoice) error {
	for _, t := range tools {
		if !isObject(t.InputSchema) {
			return fmt.Errorf("the input schema of %q is not a JSON object", t.Name)
		}
	}
	if len(tools) == 0 && (choice.Mode == ToolAny || choice.Mode == ToolNamed) {
		return errors.New("there are none to choose from")
	}
	if choice.Mode == ToolNamed && !slices.ContainsFunc(tools, func(t Tool) bool { return t.Name == choice.Name }) {
		return fmt.Errorf("there is none called %q", choice.Name)
	}
	return nil
}

func estimateTools(tools []Tool) (total int64) {
	for _, t := range tools {
		total += tariff.Estimate(t.Name) + tariff.Estimate(t.Description) + tariff.Estimate(string(t.InputSchema))
	}
	return total
}

// Thought says how much a model thinks before it answers; the zero value leaves
// it to the model.
type Thought struct {
	// Mode is off, on or adaptive.
	Mode ThoughtMode
	// Tokens bound it while it is on.
	Tokens int64
}

// ThoughtMode is whether a model thinks.
type ThoughtMode string

// The modes.
const (
	ThoughtOff      ThoughtMode = "off"
	ThoughtOn       ThoughtMode = "on"
	ThoughtAdaptive ThoughtMode = "adaptive"
)
