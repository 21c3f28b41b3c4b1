package turn

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/chat/internal/conversation"
)

func TestFitKeepsTheNewestAndBeginsWithAQuestion(t *testing.T) {
	user := func(text string) Line { return Line{Role: conversation.User, Content: text} }
	answer := func(text string) Line { return Line{Role: conversation.Assistant, Content: text} }
	big := strings.Repeat("x", maxPrompt/2)

	require.Equal(t, []Line{user("a"), answer("b"), user("c")}, fit([]Line{user("a"), answer("b"), user("c")}))
	require.Equal(t, []Line{user("a"), user("c")}, fit([]Line{user("a"), answer(" \n"), user("c")}))
	require.Equal(t, []Line{user("c")}, fit([]Line{user(big), answer(big), user("c")}), "the answer alone can't begin it")
	require.Len(t, fit(slices.Repeat([]Line{user("a")}, 2*maxLines)), maxLines)
	require.Equal(t, []Line{user(big + big + "x")}, fit([]Line{user("a"), user(big + big + "x")}))
}
