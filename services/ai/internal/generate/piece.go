package generate

import "atrium.internal/services/ai/internal/tariff"

// Piece is a piece of an answer as it comes: one of its contents is set, or
// none when a provider only shows that it is still at work.
type Piece struct {
	Text string
	// ToolUse begins the use of a tool; the pieces of its input follow.
	ToolUse *ToolStart
	// ToolInput is some of the JSON that is the input of the tool last begun.
	ToolInput string
	// Thinking is some of the model's thinking, or what belongs to it.
	Thinking *Thinking
	// Prompt is what went in, from a provider that counts it before it answers.
	Prompt *tariff.Tokens
}

// ToolStart names a use of a tool.
type ToolStart struct{ ID, Name string }

// Emit takes the pieces of an answer in order. An error ends it.
type Emit func(Piece) error

func (p Piece) empty() bool {
	return p.Text == "" && p.ToolUse == nil && p.ToolInput == "" && p.Thinking == nil
}

// words is what the meter counts of a piece.
func (p Piece) words() string {
	switch {
	case p.ToolUse != nil:
		return p.ToolUse.Name
	case p.ToolInput != "":
		return p.ToolInput
	case p.Thinking != nil:
		return p.Thinking.Text
	}
	return p.Text
}
