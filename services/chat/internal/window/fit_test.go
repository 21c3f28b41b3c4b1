package window

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

func packed(lines []turn.Line) []turn.Line { return fit(spoken(lines)) }

func TestFitKeepsTheNewestAndBeginsWithAQuestion(t *testing.T) {
	user := func(text string) turn.Line { return turn.Line{Role: conversation.User, Content: text} }
	answer := func(text string) turn.Line { return turn.Line{Role: conversation.Assistant, Content: text} }
	big := strings.Repeat("x", maxPrompt/2)

	require.Equal(t, []turn.Line{user("a"), answer("b"), user("c")}, packed([]turn.Line{user("a"), answer("b"), user("c")}))
	require.Equal(t, []turn.Line{user("a"), user("c")}, packed([]turn.Line{user("a"), answer(" \n"), user("c")}))
	require.Equal(t, []turn.Line{user("c")}, packed([]turn.Line{user(big), answer(big), user("c")}), "the answer alone can't begin it")
	require.Len(t, packed(slices.Repeat([]turn.Line{user("a")}, 2*maxLines)), maxLines)
	require.Equal(t, []turn.Line{user(big + big + "x")}, packed([]turn.Line{user("a"), user(big + big + "x")}))
}
