package sse_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/drain"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"

	"atrium.internal/gateway/sse"
)

// replicas are chat services; each gives events until it restarts.
type replicas struct {
	chatv1.ChatServiceClient
	asked []int64
	// each gives what the n-th call receives.
	each []func() (*chatv1.StreamMessageResponse, error)
}

func (r *replicas) StreamMessage(_ context.Context, in *chatv1.StreamMessageRequest, _ ...grpc.CallOption) (grpc.ServerStreamingClient[chatv1.StreamMessageResponse], error) {
	r.asked = append(r.asked, in.GetAfter())
	return &replica{next: r.each[len(r.asked)-1]}, nil
}

type replica struct {
	grpc.ServerStreamingClient[chatv1.StreamMessageResponse]
	next func() (*chatv1.StreamMessageResponse, error)
}

func (r *replica) Header() (metadata.MD, error)                 { return metadata.MD{}, nil }
func (r *replica) Recv() (*chatv1.StreamMessageResponse, error) { return r.next() }

// deltas gives events with the numbers from first to last, and then the error.
func deltas(first, last int64, end error) func() (*chatv1.StreamMessageResponse, error) {
	return func() (*chatv1.StreamMessageResponse, error) {
		if first > last {
			return nil, end
		}
		first++
		return &chatv1.StreamMessageResponse{Seq: first - 1, Event: &chatv1.StreamMessageResponse_Delta_{
			Delta: &chatv1.StreamMessageResponse_Delta{Text: "la"},
		}}, nil
	}
}

func TestAnAnswerGoesOnAtAnotherChatService(t *testing.T) {
	services := &replicas{each: []func() (*chatv1.StreamMessageResponse, error){
		deltas(1, 2, drain.ErrRestarting),
		deltas(1, 0, drain.ErrRestarting.WithMessage("it stops too")),
		deltas(3, 3, io.EOF),
	}}
	w := httptest.NewRecorder()
	sse.Chat{Client: services}.Resume(w, httptest.NewRequest(http.MethodGet, "/", nil))
	const delta = "event: delta\ndata: {\"text\":\"la\"}\n\n"
	require.Equal(t, "id: 1\n"+delta+"id: 2\n"+delta+"id: 3\n"+delta, w.Body.String(), "its reader notices nothing")
	require.Equal(t, []int64{0, 2, 2}, services.asked)
}

func TestAStoppingGatewaySendsReadersAway(t *testing.T) {
	leaving := &drain.Drain{}
	waits := make(chan struct{})
	defer close(waits)
	first := deltas(1, 1, nil)
	services := &replicas{each: []func() (*chatv1.StreamMessageResponse, error){func() (*chatv1.StreamMessageResponse, error) {
		if event, _ := first(); event != nil {
			return event, nil
		}
		leaving.Leave()
		<-waits
		return nil, io.EOF
	}}}
	w := httptest.NewRecorder()
	sse.Chat{Client: services, Drain: leaving}.Resume(w, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, "id: 1\nevent: delta\ndata: {\"text\":\"la\"}\n\n"+
		"retry: 500\nevent: restart\ndata: {\"reason\":\"SERVICE_RESTARTING\"}\n\n", w.Body.String())
	require.Zero(t, leaving.Wait(t.Context()))
}
