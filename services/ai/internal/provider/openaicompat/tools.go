package openaicompat

import (
	"crypto/rand"
	"encoding/json"

	"atrium.internal/services/ai/internal/generate"
)

type tool struct {
	Type     string   `json:"type"`
	Function function `json:"function"`
}

// function is a tool's description, its schema as it came.
type function struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters"`
}

// namedTool is the choice of one tool.
type namedTool struct {
	Type     string `json:"type"`
	Function struct {
		Name string `json:"name"`
	} `json:"function"`
}

func tools(all []generate.Tool) []tool {
	var out []tool
	for _, t := range all {
		out = append(out, tool{"function", function{t.Name, t.Description, t.InputSchema}})
	}
	return out
}

func choice(c generate.ToolChoice) any {
	switch c.Mode {
	case generate.ToolAuto, generate.ToolNone:
		return string(c.Mode)
	case generate.ToolAny:
		return "required"
	case generate.ToolNamed:
		named := namedTool{Type: "function"}
		named.Function.Name = c.Name
		return named
	}
	return nil
}

// calls follows the uses of tools through a stream. Endpoints differ in what
// they repeat in each piece, and in whether they count.
type calls struct {
	id    string
	index int64
	begun bool
}

// pieces gives what a delta adds.
func (c *calls) pieces(deltas []toolCall) (out []generate.Piece) {
	for _, d := range deltas {
		if !c.begun || d.Index != c.index || (d.ID != "" && d.ID != c.id) {
			c.begun, c.index, c.id = true, d.Index, d.ID
			if c.id == "" {
				c.id = "call_" + rand.Text()
			}
			out = append(out, generate.Piece{ToolUse: &generate.ToolStart{ID: c.id, Name: d.Function.Name}})
		}
		if d.Function.Arguments != "" {
			out = append(out, generate.Piece{ToolInput: d.Function.Arguments})
		}
	}
	return out
}
