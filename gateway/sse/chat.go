package sse

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/grpcx"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"

	"atrium.internal/gateway/middleware/requestid"
	"atrium.internal/gateway/problem"
)

var errLastEventID = apperr.New(apperr.InvalidArgument, "LAST_EVENT_ID_INVALID",
	"Last-Event-ID is not a sequence number of this stream.").WithField("Last-Event-ID", "must be a whole number from 0")

// Chat serves the calls that start an answer or follow one.
type Chat struct {
	Client chatv1.ChatServiceClient
	// Drain sends streams away when the gateway stops.
	Drain *drain.Drain
}

// Send stores a message and answers it.
func (c Chat) Send(w http.ResponseWriter, r *http.Request) {
	var in chatv1.SendMessageRequest
	if err := read(r, &in); err != nil {
		problem.Write(w, r, unreadable(err))
		return
	}
	in.ConversationId = r.PathValue("conversation")
	pair, err := c.Client.SendMessage(withKey(r), &in)
	c.answer(w, r, pair, err)
}

// Regenerate answers a question once more.
func (c Chat) Regenerate(w http.ResponseWriter, r *http.Request) {
	var in chatv1.RegenerateMessageRequest
	if err := read(r, &in); err != nil && !errors.Is(err, io.EOF) { // the body is optional
		problem.Write(w, r, unreadable(err))
		return
	}
	in.Id = r.PathValue("message")
	pair, err := c.Client.RegenerateMessage(withKey(r), &in)
	c.answer(w, r, pair, err)
}

// Resume follows an answer from the event after Last-Event-ID.
func (c Chat) Resume(w http.ResponseWriter, r *http.Request) {
	after, ok := lastEventID(r)
	if !ok {
		problem.Write(w, r, errLastEventID)
		return
	}
	c.stream(w, r, r.PathValue("message"), after)
}

func (c Chat) answer(w http.ResponseWriter, r *http.Request, pair *chatv1.SendMessageResponse, err error) {
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	if wanted(r) {
		c.stream(w, r, pair.GetAssistantMessage().GetId(), 0)
		return
	}
	if pair.AssistantMessage, err = c.wait(r.Context(), pair.GetAssistantMessage().GetId()); err != nil {
		problem.Write(w, r, err)
		return
	}
	body, err := marshal(pair)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // the reader may be gone
}

// wait gives the message that the answer ends as.
func (c Chat) wait(ctx context.Context, message string) (*chatv1.Message, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, err := c.Client.StreamMessage(ctx, &chatv1.StreamMessageRequest{Id: message})
	if err != nil {
		return nil, err
	}
	following := &answerEvents{client: c.Client, message: message, stream: events}
	for {
		event, err := following.next(ctx)
		if err != nil {
			return nil, err
		}
		if done := event.GetDone(); done != nil {
			return done.GetMessage(), nil
		}
		if failed := event.GetError(); failed != nil {
			return failed.GetMessage(), nil
		}
	}
}

func (c Chat) stream(w http.ResponseWriter, r *http.Request, message string, after int64) {
	ctx, release := c.Drain.Hold(r.Context())
	defer release()
	events, err := c.Client.StreamMessage(ctx, &chatv1.StreamMessageRequest{Id: message, After: after})
	if err == nil {
		err = opened(events)
	}
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	out := start(w, r)
	following := &answerEvents{client: c.Client, message: message, after: after, stream: events}
	err = each(ctx, out, following.in(ctx), func(event *chatv1.StreamMessageResponse) error {
		name, data, err := ChatEvent(r, event)
		if err != nil {
			return err
		}
		return out.event(event.GetSeq(), name, data)
	})
	out.finish(ctx, err)
}

// ChatEvent gives an event of an answer its name and its data as JSON.
func ChatEvent(r *http.Request, event *chatv1.StreamMessageResponse) (name string, data []byte, err error) {
	switch e := event.GetEvent().(type) {
	case *chatv1.StreamMessageResponse_Delta_:
		return "delta", text(e.Delta.GetText()), nil
	case *chatv1.StreamMessageResponse_Start_:
		data, err = marshal(e.Start)
		return "start", data, err
	case *chatv1.StreamMessageResponse_Usage:
		data, err = marshal(e.Usage)
		return "usage", data, err
	case *chatv1.StreamMessageResponse_Done_:
		data, err = marshal(e.Done)
		return "done", data, err
	case *chatv1.StreamMessageResponse_Error:
		data, err = encodeFailure(r, e.Error)
		return "error", data, err
	}
	return "", nil, errors.New("unknown chat event")
}

// encodeFailure writes the error shape with the message beside it.
func encodeFailure(r *http.Request, f *chatv1.StreamMessageResponse_Failure) ([]byte, error) {
	message, err := marshal(f.GetMessage())
	if err != nil {
		return nil, err
	}
	metadata := map[string]string{}
	for key, value := range f.GetMetadata().GetFields() {
		metadata[key] = value.GetStringValue()
	}
	return json.Marshal(struct {
		Error   problem.Detail  `json:"error"`
		Message json.RawMessage `json:"message"`
	}{
		Error: problem.Detail{
			Code: int(f.GetCode()), Status: f.GetStatus(), Reason: f.GetReason(), Message: f.GetText(),
			RequestID: requestid.From(r.Context()), Metadata: metadata,
		},
		Message: message,
	})
}

// opened waits for the server's headers, so that a refusal is still answered
// with its own status and not inside a stream.
func opened(stream interface {
	Header() (metadata.MD, error)
	Recv() (*chatv1.StreamMessageResponse, error)
},
) error {
	md, err := stream.Header()
	if err != nil {
		return grpcx.FromStatus(err)
	}
	if md != nil {
		return nil
	}
	_, err = stream.Recv() // a call that is refused has no headers, only a status
	return err
}

func unreadable(err error) error {
	return status.Error(codes.InvalidArgument, err.Error())
}

// withKey hands the request's idempotency key on, as grpc-gateway does for the
// routes that it serves.
func withKey(r *http.Request) context.Context {
	key := r.Header.Get(grpcx.MetadataIdempotencyKey)
	if key == "" {
		return r.Context()
	}
	return metadata.AppendToOutgoingContext(r.Context(), grpcx.MetadataIdempotencyKey, key)
}
