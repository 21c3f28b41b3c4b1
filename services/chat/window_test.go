package chat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

// long is a question of 200 tokens, as they are estimated.
func long(i int) string { return fmt.Sprintf("question %02d ", i) + strings.Repeat("tide ", 158) }

// shortly makes a conversation with a model whose window has 2000 tokens.
func (r *replica) shortly(ctx context.Context) *chatv1.Conversation {
	r.t.Helper()
	c, err := r.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{Title: "Tides", Model: "short"})
	require.NoError(r.t, err)
	return c
}

func (r *replica) context(ctx context.Context, c *chatv1.Conversation, branch string) *chatv1.ConversationContext {
	r.t.Helper()
	shown, err := r.client.GetContext(ctx, &chatv1.GetContextRequest{Id: c.GetId(), Branch: branch})
	require.NoError(r.t, err)
	return shown
}

// remembering gives a summary that names how many were made, for some money.
func (s *scripted) remembering() (made *atomic.Int32, last *atomic.Pointer[aiv1.GenerateRequest]) {
	made, last = &atomic.Int32{}, &atomic.Pointer[aiv1.GenerateRequest]{}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.summary = func(req *aiv1.GenerateRequest, v *voice) error {
		last.Store(req)
		v.started("short")
		v.say(fmt.Sprintf("memory %d of %s", made.Add(1), canary))
		v.usage(500, 20, 3000)
		return v.done()
	}
	return made, last
}

func told(req *aiv1.GenerateRequest) string {
	var all []string
	for _, m := range req.GetMessages() {
		all = append(all, m.GetContent())
	}
	return strings.Join(all, "\n")
}

func TestTheOlderPartOfALongConversationIsSummarised(t *testing.T) {
	h := newHouse(t)
	r, ada := h.replica(chat.Config{}), h.person()
	made, asked := h.ai.remembering()
	h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error { v.say("yes"); return v.done() })
	c := r.shortly(ada)
	var answers []*chatv1.Message
	for i := range 7 {
		answers = append(answers, r.answered(ada, c, long(i)))
	}
	require.Equal(t, int32(1), made.Load(), "the seventh question would take more than 1400 tokens")
	prompt := asked.Load()
	require.Equal(t, "short", prompt.GetModel())
	require.Positive(t, prompt.GetMaxTokens())
	for i := range 5 {
		require.Contains(t, told(prompt), long(i))
	}
	require.NotContains(t, told(prompt), "question 05")
	seventh := h.ai.requests()[6]
	require.Len(t, seventh.GetMessages(), 3)
	require.Contains(t, seventh.GetMessages()[0].GetContent(), "memory 1 of")
	require.True(t, strings.HasSuffix(seventh.GetMessages()[0].GetContent(), long(5)))
	require.Equal(t, long(6), seventh.GetMessages()[2].GetContent())

	shown := r.context(ada, c, "")
	require.Equal(t, "memory 1 of "+canary, shown.GetSummary())
	require.Equal(t, answers[4].GetId(), shown.GetSummarizedUntilMessageId())
	require.Equal(t, int32(10), shown.GetSummarizedMessages())
	require.Equal(t, []int32{2000, 1400}, []int32{shown.GetContextWindow(), shown.GetSummarizeAboveTokens()})
	require.InDelta(t, 430, shown.GetUsedTokens(), 20)
	require.True(t, shown.GetEstimated())
	require.Empty(t, r.context(ada, c, answers[3].GetId()).GetSummary(), "the branch that ends before has none")
	total, err := r.client.GetConversation(ada, &chatv1.GetConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	require.InDelta(t, 0.003, total.GetUsage().GetCostUsd(), 1e-9, "what the summary cost is the conversation's")

	// The next answer has it from the store, also elsewhere and on another branch.
	other := h.replica(chat.Config{})
	other.answered(ada, c, "and now?")
	next := h.ai.requests()[7]
	require.Len(t, next.GetMessages(), 5)
	require.Contains(t, told(next), "memory 1 of")
	parent := answers[4].GetId()
	branch, err := other.client.SendMessage(ada, &chatv1.SendMessageRequest{ConversationId: c.GetId(), Content: "instead?", ParentId: &parent})
	require.NoError(t, err)
	other.final(ada, branch.GetAssistantMessage().GetId())
	require.Len(t, h.ai.requests()[8].GetMessages(), 1)
	require.Contains(t, told(h.ai.requests()[8]), "memory 1 of")
	require.Equal(t, int32(1), made.Load())
	again, err := other.client.RegenerateMessage(ada, &chatv1.RegenerateMessageRequest{Id: answers[4].GetId()})
	require.NoError(t, err)
	other.final(ada, again.GetAssistantMessage().GetId())
	require.NotContains(t, told(h.ai.requests()[9]), "memory", "its question is in the summary, which is not for it")

	// What the summary says goes into the next one.
	for i := 7; made.Load() == 1; i++ {
		require.Less(t, i, 15)
		parent = answers[6].GetId()
		sent, err := r.client.SendMessage(ada, &chatv1.SendMessageRequest{ConversationId: c.GetId(), Content: long(i), ParentId: &parent})
		require.NoError(t, err)
		answers[6] = r.final(ada, sent.GetAssistantMessage().GetId())
	}
	require.Contains(t, told(asked.Load()), "memory 1 of")
	require.NotContains(t, told(asked.Load()), "question 00")
	require.Equal(t, "memory 2 of "+canary, r.context(ada, c, "").GetSummary())
	require.NotContains(t, r.dump(), canary)

	var kept struct {
		Summaries []struct{ UntilMessageID, Content string }
	}
	for name, text := range r.export(ada) {
		if strings.HasSuffix(name, ".json") && strings.HasPrefix(name, "conversations/") {
			require.NoError(t, json.Unmarshal([]byte(text), &kept), text)
		}
	}
	require.Len(t, kept.Summaries, 2, "whoever takes their account along takes these, too")
	require.Equal(t, "memory 1 of "+canary, kept.Summaries[0].Content)
	require.Equal(t, answers[4].GetId(), kept.Summaries[0].UntilMessageID)
}

func TestWithoutASummaryTheOldestAreLeftOutAndThatIsSaid(t *testing.T) {
	h := newHouse(t)
	r, ada := h.replica(chat.Config{}), h.person()
	h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error { v.say("yes"); return v.done() })
	c := r.shortly(ada)
	for i := range 6 {
		require.Empty(t, r.answered(ada, c, long(i)).GetMetadata().AsMap())
	}
	answer := r.answered(ada, c, long(6))
	require.Equal(t, "complete", answer.GetStatus())
	require.InDelta(t, 6, answer.GetMetadata().AsMap()["omittedMessages"], 0)
	prompt := told(h.ai.requests()[6])
	require.NotContains(t, prompt, "question 02")
	require.Contains(t, prompt, "question 03")
	shown := r.context(ada, c, "")
	require.Equal(t, int32(6), shown.GetOmittedMessages())
	require.Empty(t, shown.GetSummary())

	made, _ := h.ai.remembering() // it can be had again
	r.answered(ada, c, "better?")
	require.Equal(t, int32(1), made.Load())
	require.Zero(t, r.context(ada, c, "").GetOmittedMessages())
}

// What the provider counted is more than any estimate.
func TestTheWindowIsMeasuredByTheProvidersCount(t *testing.T) {
	h := newHouse(t)
	r, ada, ben := h.replica(chat.Config{}), h.person(), h.person()
	made, _ := h.ai.remembering()
	count := int32(100)
	h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error {
		v.say("yes")
		v.usage(count, 30, 10) // and 2 from a cache
		return v.done()
	})
	c := r.shortly(ada)
	empty := r.context(ada, c, "")
	require.Equal(t, "short", empty.GetModel())
	require.Less(t, empty.GetUsedTokens(), int32(10))
	r.answered(ada, c, "short question")
	shown := r.context(ada, c, "")
	require.Equal(t, int32(132), shown.GetUsedTokens())
	require.False(t, shown.GetEstimated())
	count = 1800
	r.answered(ada, c, "another short question")
	require.Equal(t, int32(1832), r.context(ada, c, "").GetUsedTokens())
	require.Zero(t, made.Load())
	count = 90
	last := r.answered(ada, c, "a third")
	require.Equal(t, int32(1), made.Load())
	shown = r.context(ada, c, "")
	require.Equal(t, int32(122), shown.GetUsedTokens(), "the answer that the summary was made for was given it")
	require.False(t, shown.GetEstimated())

	bigger, err := r.client.GetContext(ada, &chatv1.GetContextRequest{Id: c.GetId(), Model: "sees"})
	require.NoError(t, err)
	require.Equal(t, "sees", bigger.GetModel())
	require.Zero(t, bigger.GetContextWindow(), "not known")
	_, err = r.client.GetContext(ben, &chatv1.GetContextRequest{Id: c.GetId()})
	require.Equal(t, "CONVERSATION_NOT_FOUND", r.reason(err))
	_, err = r.client.GetContext(ben, &chatv1.GetContextRequest{Id: r.shortly(ben).GetId(), Branch: last.GetId()})
	require.Equal(t, "MESSAGE_NOT_FOUND", r.reason(err))
}

// A question without an answer may be the last that a summary stands for. To be
// answered at last, it must be asked itself.
func TestAQuestionIsNotHiddenInASummary(t *testing.T) {
	h := newHouse(t)
	r, ada := h.replica(chat.Config{}), h.person()
	made, _ := h.ai.remembering()
	c := r.shortly(ada)
	var failed *chatv1.Message
	for i := range 8 {
		h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error {
			if i == 4 {
				return apperr.New(apperr.Unavailable, "PROVIDER_OVERLOADED", "The model's provider is overloaded.")
			}
			v.say("yes")
			return v.done()
		})
		if answer := r.answered(ada, c, long(i)); i == 4 {
			failed = answer
		}
	}
	require.Equal(t, int32(1), made.Load())
	require.Equal(t, failed.GetParentId(), r.context(ada, c, "").GetSummarizedUntilMessageId())
	again, err := r.client.RegenerateMessage(ada, &chatv1.RegenerateMessageRequest{Id: failed.GetId()})
	require.NoError(t, err)
	r.final(ada, again.GetAssistantMessage().GetId())
	requests := h.ai.requests()
	last := requests[len(requests)-1].GetMessages()
	require.Equal(t, long(4), last[len(last)-1].GetContent())
	require.NotContains(t, told(requests[len(requests)-1]), "memory")
}
