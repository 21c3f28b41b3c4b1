package chat_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

// titles answers calls for titles and keeps the last.
type titles struct {
	asked atomic.Int32
	last  atomic.Pointer[aiv1.GenerateRequest]
}

func (c *titles) play(say string) func(*aiv1.GenerateRequest, *voice) error {
	return func(req *aiv1.GenerateRequest, v *voice) error {
		c.last.Store(req)
		c.asked.Add(1)
		v.say(say)
		return v.done()
	}
}

func TestAnAnsweredConversationIsNamed(t *testing.T) {
	h := newHouse(t)
	r, ada := h.replica(chat.Config{Drain: time.Minute}), h.person()
	var calls titles
	h.ai.will(echo)
	h.ai.title = calls.play("\"Tides and the moon\"\n")
	c, err := r.client.CreateConversation(ada, &chatv1.CreateConversationRequest{Model: "some-model"})
	require.NoError(t, err)
	r.answered(ada, c, "why are there tides?")
	var named *chatv1.Conversation
	require.Eventually(t, func() bool {
		named, err = r.client.GetConversation(ada, &chatv1.GetConversationRequest{Id: c.GetId()})
		return err == nil && named.GetTitle() == "Tides and the moon"
	}, time.Minute, 20*time.Millisecond)
	require.Equal(t, "ai", named.GetTitleBy())
	req := calls.last.Load()
	require.Equal(t, "some-model", req.GetModel())
	require.Contains(t, req.GetMessages()[0].GetContent(), "why are there tides?")
	require.Contains(t, req.GetMessages()[0].GetContent(), "Answer to: why")
	require.Positive(t, req.GetMaxTokens())
	require.Equal(t, int64(1), query[int64](h, `SELECT count(*) FROM audit.audit_log WHERE event_type = 'chat.conversation.name'`))

	r.answered(ada, c, "and on the other side?")
	require.NoError(t, r.service.Stop(t.Context())) // waits for what goes on beside turns
	require.Equal(t, int32(1), calls.asked.Load(), "one title is enough")
}

// A name that a person gave stays, also when it comes while the title is made.
func TestANameOfItsOwnerStays(t *testing.T) {
	h := newHouse(t)
	r, ada := h.replica(chat.Config{Drain: time.Minute}), h.person()
	h.ai.will(echo)
	asked, answer := make(chan struct{}), make(chan struct{})
	h.ai.title = func(_ *aiv1.GenerateRequest, v *voice) error {
		close(asked)
		<-answer
		v.say("The model's")
		return v.done()
	}
	c := r.conversation(ada)
	r.answered(ada, c, "question")
	<-asked
	mine := "Mine"
	_, err := r.client.UpdateConversation(ada, &chatv1.UpdateConversationRequest{Id: c.GetId(), Title: &mine})
	require.NoError(t, err)
	close(answer)
	require.NoError(t, r.service.Stop(t.Context()))

	again := h.replica(chat.Config{})
	named, err := again.client.GetConversation(ada, &chatv1.GetConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	require.Equal(t, "Mine", named.GetTitle())
}

// Without a title the beginning of the question stays, and the answer is whole.
func TestAFailedTitleIsNobodysProblem(t *testing.T) {
	h := newHouse(t)
	r, ada := h.replica(chat.Config{Drain: time.Minute}), h.person()
	h.ai.will(echo)
	c := r.conversation(ada)
	require.Equal(t, "complete", r.answered(ada, c, "question").GetStatus())
	require.NoError(t, r.service.Stop(t.Context()))
	again := h.replica(chat.Config{})
	kept, err := again.client.GetConversation(ada, &chatv1.GetConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	require.Equal(t, "question", kept.GetTitle())
}
