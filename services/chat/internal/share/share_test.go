package share

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/conversation"
)

func TestOnlyWholeTokensAreRead(t *testing.T) {
	token := NewToken()
	again, err := ParseToken(token.String())
	require.NoError(t, err)
	require.Equal(t, token, again)
	require.NotEqual(t, token, NewToken())
	spare := token.String()[:42] + "B" // the last sign has two bits that must be zero
	for _, text := range []string{"", "x", token.String() + "A", token.String()[1:], token.String() + "=", token.String() + "\n", spare} {
		_, err := ParseToken(text)
		require.ErrorIs(t, err, ErrNotFound, "%q", text)
	}
}

func TestAPictureHasWhatPeopleWouldRead(t *testing.T) {
	at := time.Now()
	message := func(role conversation.Role, status conversation.Status, content string) conversation.Message {
		return conversation.Message{Role: role, Status: status, Content: content, Model: "m", CreatedAt: at}
	}
	p, err := Take("Title", []conversation.Message{
		message(conversation.System, conversation.Complete, "secret instructions"),
		{
			Role: conversation.User, Status: conversation.Complete, Content: "question", CreatedAt: at,
			Attachments: []attachment.Attachment{{Name: "secret.pdf", Kind: attachment.PDF}},
		},
		message(conversation.Assistant, conversation.Stopped, "half an ans"),
		message(conversation.User, conversation.Complete, "and?"),
		message(conversation.Assistant, conversation.Failed, " \n"),
		message(conversation.Assistant, conversation.Streaming, "not y"),
	}, at)
	require.NoError(t, err)
	var texts []string
	for _, m := range p.Messages {
		texts = append(texts, m.Content)
	}
	require.Equal(t, []string{"question", "half an ans", "and?"}, texts)
	require.Equal(t, []attachment.Kind{attachment.PDF}, p.Messages[0].Files)
	kept, err := json.Marshal(p)
	require.NoError(t, err)
	require.NotContains(t, string(kept), "secret")
	_, err = Take("Title", nil, at)
	require.ErrorIs(t, err, ErrNothing)
}
