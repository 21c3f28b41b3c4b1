package generate_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ai/internal/generate"
)

func TestTextThatArrivedTogetherIsOnePiece(t *testing.T) {
	var got []string
	out := generate.Join(func(p generate.Piece) error {
		if p.ToolUse != nil {
			got = append(got, "use "+p.ToolUse.Name)
			return nil
		}
		got = append(got, p.Text)
		return nil
	})
	add := func(p generate.Piece, more bool) { require.NoError(t, out.Add(p, more)) }
	add(generate.Piece{Text: "the first "}, true)
	add(generate.Piece{Text: "b "}, true)
	add(generate.Piece{Text: "c "}, true)
	require.Equal(t, []string{"the first "}, got, "the first words wait for nothing")
	add(generate.Piece{Text: "d "}, false)
	add(generate.Piece{Text: "e "}, true)
	add(generate.Piece{ToolUse: &generate.ToolStart{Name: "look"}}, true)
	add(generate.Piece{Text: "f"}, true)
	require.Equal(t, []string{"the first ", "b c d ", "e ", "use look"}, got)
	require.NoError(t, out.Flush())
	require.NoError(t, out.Flush())
	require.Equal(t, []string{"the first ", "b c d ", "e ", "use look", "f"}, got)

	gone := errors.New("gone")
	out = generate.Join(func(generate.Piece) error { return gone })
	require.ErrorIs(t, out.Add(generate.Piece{Text: "a"}, true), gone)
}
