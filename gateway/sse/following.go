package sse

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/grpcx"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
)

const (
	// moveEvery and movePatience are how often, and for how long, another chat
	// service is asked for after one has said that it stops.
	moveEvery, movePatience = 100 * time.Millisecond, 10 * time.Second
)

// answerEvents reads the events of an answer, from another chat service when the
// one that gave them stops.
type answerEvents struct {
	client  chatv1.ChatServiceClient
	message string
	after   int64
	stream  grpc.ServerStreamingClient[chatv1.StreamMessageResponse]
}

// in makes a receiver of them.
func (a *answerEvents) in(ctx context.Context) receiver[chatv1.StreamMessageResponse] {
	return receiving{a, ctx}
}

type receiving struct {
	*answerEvents
	ctx context.Context //nolint:containedctx // of the call that receives
}

// Recv gives the next event.
func (r receiving) Recv() (*chatv1.StreamMessageResponse, error) { return r.next(r.ctx) }

func (a *answerEvents) next(ctx context.Context) (*chatv1.StreamMessageResponse, error) {
	event, err := a.stream.Recv()
	if err != nil && errors.Is(grpcx.FromStatus(err), drain.ErrRestarting) && ctx.Err() == nil {
		event, err = a.move(ctx)
	}
	if err == nil {
		a.after = max(a.after, event.GetSeq())
	}
	return event, err
}

// move goes on elsewhere, as soon as somebody is there.
func (a *answerEvents) move(ctx context.Context) (event *chatv1.StreamMessageResponse, err error) {
	patient, cancel := context.WithTimeout(ctx, movePatience)
	defer cancel()
	for {
		// The stream outlives this function, so it has the caller's context.
		a.stream, err = a.client.StreamMessage(ctx, &chatv1.StreamMessageRequest{Id: a.message, After: a.after})
		if err == nil {
			event, err = a.stream.Recv()
		}
		if err == nil || apperr.From(grpcx.FromStatus(err)).Kind != apperr.Unavailable {
			return event, err
		}
		select {
		case <-patient.Done():
			return nil, drain.ErrRestarting // a client may have more patience
		case <-time.After(moveEvery):
		}
	}
}
