package chat_test

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"atrium.internal/pkg/apperr"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
)

func (r *replica) conversation(ctx context.Context) *chatv1.Conversation {
	r.t.Helper()
	c, err := r.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{})
	require.NoError(r.t, err)
	return c
}

func (r *replica) send(ctx context.Context, c *chatv1.Conversation, text string) *chatv1.SendMessageResponse {
	r.t.Helper()
	resp, err := r.client.SendMessage(ctx, &chatv1.SendMessageRequest{ConversationId: c.GetId(), Content: text})
	require.NoError(r.t, err)
	return resp
}

// ask begins a conversation with one question and gives the answer's id.
func (r *replica) ask(ctx context.Context, text string) string {
	r.t.Helper()
	return r.send(ctx, r.conversation(ctx), text).GetAssistantMessage().GetId()
}

// tape is a follower's record of a stream; it checks that no number is missing.
type tape struct {
	r      *replica
	stream grpc.ServerStreamingClient[chatv1.StreamMessageResponse]
	seq    int64
	text   strings.Builder
	events []*chatv1.StreamMessageResponse
}

func (r *replica) follow(ctx context.Context, id string, after int64) *tape {
	r.t.Helper()
	stream, err := r.client.StreamMessage(ctx, &chatv1.StreamMessageRequest{Id: id, After: after})
	require.NoError(r.t, err)
	return &tape{r: r, stream: stream, seq: after}
}

// next gives the next event, or nil at the end of the stream.
func (t *tape) next() *chatv1.StreamMessageResponse {
	t.r.t.Helper()
	e, err := t.stream.Recv()
	if errors.Is(err, io.EOF) {
		return nil
	}
	require.NoError(t.r.t, err)
	require.Equal(t.r.t, t.seq+1, e.GetSeq(), "a gap")
	t.seq = e.GetSeq()
	t.text.WriteString(e.GetDelta().GetText())
	t.events = append(t.events, e)
	return e
}

// hear reads until the text so far ends with what is wanted.
func (t *tape) hear(suffix string) {
	t.r.t.Helper()
	for !strings.HasSuffix(t.text.String(), suffix) {
		require.NotNil(t.r.t, t.next(), "ended after %q", t.text.String())
	}
}

// end reads to the end and gives the last event.
func (t *tape) end() *chatv1.StreamMessageResponse {
	t.r.t.Helper()
	for more := true; more; {
		more = t.next() != nil
	}
	require.NotEmpty(t.r.t, t.events)
	return t.events[len(t.events)-1]
}

// final reads an answer to its end and gives it as it ended.
func (r *replica) final(ctx context.Context, id string) *chatv1.Message {
	r.t.Helper()
	last := r.follow(ctx, id, 0).end()
	if m := last.GetError().GetMessage(); m != nil {
		return m
	}
	require.NotNil(r.t, last.GetDone())
	return last.GetDone().GetMessage()
}

func (r *replica) reason(err error) string {
	r.t.Helper()
	var e *apperr.Error
	require.ErrorAs(r.t, err, &e)
	return e.Reason
}
