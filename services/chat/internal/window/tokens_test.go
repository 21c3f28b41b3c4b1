package window

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

func TestACountIsBelievedOfAnAnswerThatWasGivenTheWholeBranch(t *testing.T) {
	then := time.Now()
	question := turn.Line{Role: conversation.User, Content: "four tokens here"} // 4, and 4 for being a message
	answer := func(usage *conversation.Usage) turn.Line {
		return turn.Line{ID: uuid.New(), Role: conversation.Assistant, Content: "answer", Usage: usage, CreatedAt: then}
	}
	counted := &conversation.Usage{InputTokens: 700, OutputTokens: 50}
	h := func(lines ...turn.Line) turn.History { return turn.History{Lines: lines} }

	tokens, exact := used(h(question, answer(counted)))
	require.Equal(t, 750, tokens)
	require.True(t, exact)
	tokens, exact = used(h(question, answer(counted), question))
	require.Equal(t, 758, tokens, "what came later is estimated")
	require.False(t, exact)
	tokens, _ = used(h(question, answer(nil)))
	require.Less(t, tokens, 30, "nobody counted")

	cut := answer(counted)
	cut.Omitted = 4
	tokens, _ = used(h(question, cut))
	require.Less(t, tokens, 30, "its prompt was not all of the branch")
	tokens, _ = used(h(question, answer(counted), question, cut))
	require.Greater(t, tokens, 758, "one before it was given all that there was then")

	summarised := h(question, answer(counted))
	summarised.Summary = &turn.Summary{Text: "notes", CreatedAt: then.Add(time.Second)}
	tokens, _ = used(summarised)
	require.Less(t, tokens, 40, "it was given the older messages themselves")
	summarised.Summary.Answer = summarised.Lines[1].ID
	tokens, _ = used(summarised)
	require.Equal(t, 750, tokens, "the summary was made for it")
	summarised.Summary = &turn.Summary{Text: "notes", CreatedAt: then.Add(-time.Second)}
	tokens, _ = used(summarised)
	require.Equal(t, 750, tokens, "it came later")
}

func TestFilesCountByWhatAModelReadsOfThem(t *testing.T) {
	line := func(f turn.File) int { return lineSize(turn.Line{Files: []turn.File{f}}) - lineTokens }
	require.Equal(t, 1000, line(turn.File{Attachment: attachment.Attachment{Kind: attachment.PDF, Size: 9_000_000, TextSize: 4000}}))
	require.Equal(t, imageTokens, line(turn.File{Attachment: attachment.Attachment{Kind: attachment.Image, Size: 9_000_000}}))
	require.Equal(t, 2, line(turn.File{Attachment: attachment.Attachment{Kind: attachment.Text, TextSize: 8}, Content: []byte("12345678")}))
	require.Equal(t, 6, tokensOf("世界世界"), "a character outside ASCII makes more than a fourth of a token")
}
