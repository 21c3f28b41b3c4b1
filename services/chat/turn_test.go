package chat_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

func TestStoppingKeepsWhatWasWritten(t *testing.T) {
	for name, prepare := range map[string]func(writer, other *replica) *replica{
		"by the writer itself":     func(writer, _ *replica) *replica { return writer },
		"by another replica":       func(_, other *replica) *replica { return other },
		"by another without Redis": func(_, other *replica) *replica { other.redis.setCut(true); return other },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			writer, other, ctx := h.replica(chat.Config{}), h.replica(chat.Config{}), h.person()
			parts := make(chan string)
			h.ai.will(saying(parts))
			id := writer.ask(ctx, "stop me")
			watch := writer.follow(ctx, id, 0)
			parts <- "half "
			watch.hear("half ")
			stopper := prepare(writer, other)
			begin := time.Now()
			m, err := stopper.client.StopMessage(ctx, &chatv1.StopMessageRequest{Id: id})
			require.NoError(t, err)
			require.Less(t, time.Since(begin), 4*time.Second)
			require.Equal(t, "stopped", watch.end().GetDone().GetMessage().GetStatus())
			if m.GetStatus() != "streaming" { // without Redis the answer may come first
				require.Equal(t, "stopped", m.GetStatus())
			}
			m, err = stopper.client.StopMessage(ctx, &chatv1.StopMessageRequest{Id: id}) // twice is no error
			require.NoError(t, err)
			require.Equal(t, "half ", m.GetContent())
			require.Equal(t, "stopped", m.GetStatus())
		})
	}
}

func TestFailuresAreToldAndKept(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{TurnTimeout: 500 * time.Millisecond}), h.person()
	quota := apperr.New(apperr.QuotaExceeded, "QUOTA_EXCEEDED", "This month's AI tokens are used up.").WithMetadata("resetsAt", "2026-12-01T00:00:00Z")
	for _, c := range []struct {
		play   func(*aiv1.GenerateRequest, *voice) error
		code   int32
		reason string
		text   string
	}{
		{func(*aiv1.GenerateRequest, *voice) error { return quota }, 429, "QUOTA_EXCEEDED", ""},
		{func(_ *aiv1.GenerateRequest, v *voice) error { v.say("some"); return nil }, 503, "ANSWER_CUT", "some"},
		{func(_ *aiv1.GenerateRequest, v *voice) error {
			v.say("a bit")
			return apperr.New(apperr.Unavailable, "PROVIDER_OVERLOADED", "The model's provider is overloaded.")
		}, 503, "PROVIDER_OVERLOADED", "a bit"},
		{func(_ *aiv1.GenerateRequest, v *voice) error { v.say("x"); panic("secret detail") }, 500, "INTERNAL", "x"},
		{func(_ *aiv1.GenerateRequest, v *voice) error {
			v.say("slow")
			<-v.Context().Done()
			return v.Context().Err()
		}, 503, "TURN_TIMEOUT", "slow"},
	} {
		h.ai.will(c.play)
		id := r.ask(ctx, "fail")
		watch := r.follow(ctx, id, 0)
		failure := watch.end().GetError()
		require.Equal(t, c.reason, failure.GetReason())
		require.Equal(t, c.code, failure.GetCode())
		require.NotContains(t, failure.GetText(), "secret")
		require.Equal(t, "error", failure.GetMessage().GetStatus())
		require.Equal(t, c.text, failure.GetMessage().GetContent())
		require.Equal(t, c.reason, failure.GetMessage().GetMetadata().AsMap()["errorReason"])
		require.Equal(t, failure.GetText(), failure.GetMessage().GetMetadata().AsMap()["errorMessage"])
		if c.reason == "QUOTA_EXCEEDED" {
			require.Equal(t, "2026-12-01T00:00:00Z", failure.GetMetadata().AsMap()["resetsAt"])
		}
		require.Equal(t, c.text, r.final(ctx, id).GetContent())
	}
}

func TestARepeatedSendIsOneMessageAndOneCall(t *testing.T) {
	h := newHouse(t)
	replicas, ctx := []*replica{h.replica(chat.Config{}), h.replica(chat.Config{})}, h.person()
	h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error { v.say("once"); return v.done() })
	c := replicas[0].conversation(ctx)
	keyed := metadata.AppendToOutgoingContext(ctx, grpcx.MetadataIdempotencyKey, "key-1")
	answers := make([]string, 20)
	var done sync.WaitGroup
	for i := range answers {
		done.Go(func() {
			resp, err := replicas[i%2].client.SendMessage(keyed, &chatv1.SendMessageRequest{ConversationId: c.GetId(), Content: "hello"})
			if err == nil {
				answers[i] = resp.GetAssistantMessage().GetId()
			}
		})
	}
	done.Wait()
	require.NotEmpty(t, answers[0])
	for _, id := range answers {
		require.Equal(t, answers[0], id)
	}
	replicas[0].final(ctx, answers[0])
	require.Len(t, h.ai.requests(), 1)
	require.Equal(t, int64(2), query[int64](h, `SELECT count(*) FROM chat.chat_messages`))
	_, err := replicas[0].client.SendMessage(keyed, &chatv1.SendMessageRequest{ConversationId: c.GetId(), Content: "else"})
	require.Equal(t, "IDEMPOTENCY_KEY_REUSED", replicas[0].reason(err))
}

func TestOneAnswerAtATimeOnABranch(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	parts := make(chan string)
	h.ai.will(saying(parts))
	c := r.conversation(ctx)
	first := r.send(ctx, c, "first")
	running := first.GetAssistantMessage().GetId()
	send := func(parent *string) error {
		_, err := r.client.SendMessage(ctx, &chatv1.SendMessageRequest{ConversationId: c.GetId(), Content: "again", ParentId: parent})
		return err
	}
	require.Equal(t, "TURN_RUNNING", r.reason(send(nil)))
	require.Equal(t, "TURN_RUNNING", r.reason(send(&running)))
	_, err := r.client.RegenerateMessage(ctx, &chatv1.RegenerateMessageRequest{Id: running})
	require.Equal(t, "TURN_RUNNING", r.reason(err))
	stranger := uuid.NewString()
	require.Equal(t, "MESSAGE_NOT_FOUND", r.reason(send(&stranger)))

	root := "" // an edited first question begins another branch
	require.NoError(t, send(&root))
	close(parts)
	require.Equal(t, "complete", r.final(ctx, running).GetStatus())

	again, err := r.client.RegenerateMessage(ctx, &chatv1.RegenerateMessageRequest{Id: running, Model: "other"})
	require.NoError(t, err)
	require.Equal(t, first.GetUserMessage().GetId(), again.GetAssistantMessage().GetParentId())
	r.final(ctx, again.GetAssistantMessage().GetId())
	_, err = r.client.RegenerateMessage(ctx, &chatv1.RegenerateMessageRequest{Id: first.GetUserMessage().GetId()})
	require.Equal(t, "NOT_AN_ANSWER", r.reason(err))

	tree, err := r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: c.GetId()})
	require.NoError(t, err)
	require.Len(t, tree.GetMessages(), 5)
	var backwards []*chatv1.Message
	for token := ""; ; {
		page, err := r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: c.GetId(), NewestFirst: true, PageSize: 2, PageToken: token})
		require.NoError(t, err)
		backwards = append(backwards, page.GetMessages()...)
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	require.Len(t, backwards, 5)
	for i, m := range backwards {
		require.Equal(t, tree.GetMessages()[4-i].GetId(), m.GetId())
	}
	_, err = r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: c.GetId(), NewestFirst: true, Branch: running})
	require.Equal(t, "BRANCH_ORDER", r.reason(err))

	path, err := r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: c.GetId(), Branch: again.GetAssistantMessage().GetId(), PageSize: 1})
	require.NoError(t, err)
	require.Equal(t, "first", path.GetMessages()[0].GetContent())
	path, err = r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{
		ConversationId: c.GetId(), Branch: again.GetAssistantMessage().GetId(), PageToken: path.GetNextPageToken(),
	})
	require.NoError(t, err)
	require.Len(t, path.GetMessages(), 1)
	require.Equal(t, again.GetAssistantMessage().GetId(), path.GetMessages()[0].GetId())
}

func TestAnotherPersonFindsNothing(t *testing.T) {
	h := newHouse(t)
	r, owner, other := h.replica(chat.Config{}), h.person(), h.person()
	h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error { v.say("mine"); return v.done() })
	c := r.conversation(owner)
	pair := r.send(owner, c, "private")
	answer := pair.GetAssistantMessage().GetId()
	r.final(owner, answer)
	title := "taken"
	for name, call := range map[string]func(ctx context.Context) error{
		"get": func(ctx context.Context) error {
			_, err := r.client.GetConversation(ctx, &chatv1.GetConversationRequest{Id: c.GetId()})
			return err
		},
		"update": func(ctx context.Context) error {
			_, err := r.client.UpdateConversation(ctx, &chatv1.UpdateConversationRequest{Id: c.GetId(), Title: &title})
			return err
		},
		"messages": func(ctx context.Context) error {
			_, err := r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: c.GetId()})
			return err
		},
		"branch": func(ctx context.Context) error {
			_, err := r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: r.conversation(other).GetId(), Branch: answer})
			return err
		},
		"send": func(ctx context.Context) error {
			_, err := r.client.SendMessage(ctx, &chatv1.SendMessageRequest{ConversationId: c.GetId(), Content: "x"})
			return err
		},
		"regenerate": func(ctx context.Context) error {
			_, err := r.client.RegenerateMessage(ctx, &chatv1.RegenerateMessageRequest{Id: answer})
			return err
		},
		"stop": func(ctx context.Context) error {
			_, err := r.client.StopMessage(ctx, &chatv1.StopMessageRequest{Id: answer})
			return err
		},
		"stream": func(ctx context.Context) error {
			stream, err := r.client.StreamMessage(ctx, &chatv1.StreamMessageRequest{Id: answer})
			if err == nil {
				_, err = stream.Recv()
			}
			return err
		},
		"head": func(ctx context.Context) error {
			_, err := r.client.UpdateConversation(ctx, &chatv1.UpdateConversationRequest{Id: r.conversation(other).GetId(), HeadMessageId: &answer})
			return err
		},
		"parent": func(ctx context.Context) error {
			_, err := r.client.SendMessage(ctx, &chatv1.SendMessageRequest{ConversationId: r.conversation(other).GetId(), Content: "x", ParentId: &answer})
			return err
		},
		"delete": func(ctx context.Context) error {
			_, err := r.client.DeleteConversation(ctx, &chatv1.DeleteConversationRequest{Id: c.GetId()})
			return err
		},
	} {
		var e *apperr.Error
		require.ErrorAs(t, call(other), &e, name)
		require.Equal(t, apperr.NotFound, e.Kind, name)
	}
	require.Len(t, h.ai.requests(), 1)
	require.Equal(t, "mine", r.final(owner, answer).GetContent())
}

func TestDeletingAConversationEndsItsTurns(t *testing.T) {
	h := newHouse(t)
	r, other, ctx := h.replica(chat.Config{}), h.replica(chat.Config{}), h.person()
	ended := make(chan struct{})
	h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error {
		v.say("begun")
		<-v.Context().Done()
		close(ended)
		return v.Context().Err()
	})
	c := r.conversation(ctx)
	watch := r.follow(ctx, r.send(ctx, c, "delete me").GetAssistantMessage().GetId(), 0)
	watch.hear("begun")
	_, err := other.client.DeleteConversation(ctx, &chatv1.DeleteConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	<-ended
	_, err = watch.stream.Recv()
	require.Equal(t, "MESSAGE_NOT_FOUND", r.reason(err))
	require.Equal(t, int64(1), query[int64](h, `SELECT count(*) FROM audit.audit_log WHERE event_type = 'chat.conversation.delete'`))
}

func TestShutdownDrainsThenInterrupts(t *testing.T) {
	h := newHouse(t)
	r, after, ctx := h.replica(chat.Config{Drain: 300 * time.Millisecond}), h.replica(chat.Config{}), h.person()
	endless, short := make(chan string), make(chan string)
	h.ai.will(saying(endless))
	long := r.ask(ctx, "long")
	watch := r.follow(ctx, long, 0)
	endless <- "written "
	watch.hear("written ")
	h.ai.will(saying(short))
	brief := r.ask(ctx, "brief")
	elsewhere := after.follow(ctx, long, 0)
	stopped := make(chan error)
	go func() { stopped <- r.service.Stop(context.Background()) }()
	short <- "finished"
	close(short)
	require.NoError(t, <-stopped)

	require.Equal(t, "complete", after.final(ctx, brief).GetStatus())
	for _, follower := range []*tape{watch, elsewhere} {
		failure := follower.end().GetError()
		require.Equal(t, "TURN_INTERRUPTED", failure.GetReason())
		require.Equal(t, "interrupted", failure.GetMessage().GetStatus())
		require.Equal(t, "written ", failure.GetMessage().GetContent())
	}
	_, err := r.client.SendMessage(ctx, &chatv1.SendMessageRequest{ConversationId: uuid.NewString(), Content: "x"})
	require.Equal(t, "SHUTTING_DOWN", r.reason(err))
}
