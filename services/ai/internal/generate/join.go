package generate

import "strings"

// Joiner hands an answer's pieces on, text that arrived together in one piece: a
// far end that is ahead of its readers then costs them less for each token.
// Nothing waits in it for what has not arrived, and the first words wait for
// nothing at all.
type Joiner struct {
	emit  Emit
	text  strings.Builder
	begun bool
}

// Join hands pieces on to emit.
func Join(emit Emit) *Joiner { return &Joiner{emit: emit} }

// Add takes the next piece; more says that another one has arrived.
func (j *Joiner) Add(piece Piece, more bool) error {
	plain := piece.ToolUse == nil && piece.ToolInput == "" && piece.Thinking == nil && piece.Prompt == nil
	if plain && more && j.begun {
		j.text.WriteString(piece.Text)
		return nil
	}
	if plain && j.text.Len() > 0 {
		j.text.WriteString(piece.Text)
		return j.Flush()
	}
	if err := j.Flush(); err != nil {
		return err
	}
	j.begun = j.begun || !piece.empty()
	return j.emit(piece)
}

// Flush hands on what is held, before the attempt ends in whatever way.
func (j *Joiner) Flush() error {
	if j.text.Len() == 0 {
		return nil
	}
	text := j.text.String()
	j.text.Reset()
	return j.emit(Piece{Text: text})
}
