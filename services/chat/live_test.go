package chat_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

// screen is somebody who watches; it notes what it is shown.
type screen struct {
	t    *testing.T
	seen chan string
}

func (r *replica) watch(ctx context.Context) *screen {
	r.t.Helper()
	s := &screen{t: r.t, seen: make(chan string, 1000)}
	stream, err := r.client.Watch(ctx, &chatv1.WatchRequest{})
	require.NoError(r.t, err)
	_, err = stream.Header()
	require.NoError(r.t, err)
	go func() {
		for {
			event, err := stream.Recv()
			if err != nil {
				return
			}
			answer := event.GetAnswer()
			switch {
			case event.GetConversation() != nil:
				s.seen <- "conversation " + event.GetConversation().GetTitle()
			case answer == nil:
				s.seen <- "deleted " + event.GetDeletedConversationId()
			case answer.GetEvent().GetDelta() != nil:
				s.seen <- fmt.Sprint(answer.GetEvent().GetSeq(), " ", answer.GetEvent().GetDelta().GetText())
			case answer.GetEvent().GetDone() != nil:
				s.seen <- "done " + answer.GetEvent().GetDone().GetMessage().GetContent()
			}
		}
	}()
	return s
}

// sees waits for all of these, in this order, whatever comes between.
func (s *screen) sees(wanted ...string) {
	s.t.Helper()
	deadline := time.After(time.Minute)
	for len(wanted) > 0 {
		select {
		case got := <-s.seen:
			if got == wanted[0] {
				wanted = wanted[1:]
			}
		case <-deadline:
			s.t.Fatalf("not seen: %q", wanted)
		}
	}
}

func TestEveryTabIsLiveOnEveryReplica(t *testing.T) {
	h := newHouse(t)
	here, there, ctx := h.replica(chat.Config{}), h.replica(chat.Config{}), h.person()
	screens := []*screen{here.watch(ctx), there.watch(ctx)}
	stranger := there.watch(h.person())
	all := func(wanted ...string) {
		t.Helper()
		for _, s := range screens {
			s.sees(wanted...)
		}
	}
	parts := make(chan string)
	h.ai.will(saying(parts))
	c, err := here.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{Title: "first"})
	require.NoError(t, err)
	all("conversation first")
	here.send(ctx, c, "go on")
	parts <- "one "
	all("2 one ")

	late := there.watch(ctx)
	late.sees("2 one ")
	screens = append(screens, late)
	parts <- "two"
	close(parts)
	all("3 two", "done one two")

	renamed := "second"
	_, err = there.client.UpdateConversation(ctx, &chatv1.UpdateConversationRequest{Id: c.GetId(), Title: &renamed})
	require.NoError(t, err)
	all("conversation second")
	_, err = there.client.DeleteConversation(ctx, &chatv1.DeleteConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	all("deleted " + c.GetId())
	require.Empty(t, stranger.seen, "nothing for anybody else")
}

func TestALinkShowsInEveryTab(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	h.ai.will(echo)
	c, err := r.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{Title: "shared"})
	require.NoError(t, err)
	r.answered(ctx, c, "question")
	stream, err := r.client.Watch(ctx, &chatv1.WatchRequest{})
	require.NoError(t, err)
	_, err = stream.Header()
	require.NoError(t, err)
	seen := make(chan bool, 1000)
	go func() {
		for event, err := stream.Recv(); err == nil; event, err = stream.Recv() {
			if event.GetConversation() != nil {
				seen <- event.GetConversation().GetShare() != nil
			}
		}
	}()
	sees := func(shared bool) {
		t.Helper()
		require.Eventually(t, func() bool {
			select {
			case got := <-seen:
				return got == shared
			default:
				return false
			}
		}, time.Minute, 10*time.Millisecond)
	}
	_, err = r.client.ShareConversation(ctx, &chatv1.ShareConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	sees(true)
	_, err = r.client.UnshareConversation(ctx, &chatv1.UnshareConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	sees(false)
}
