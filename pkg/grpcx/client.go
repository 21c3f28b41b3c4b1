package grpcx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/dns"
	"google.golang.org/grpc/resolver/manual"
)

// What a caller takes of a stream, or of a connection, before it reads it, in
// bytes. Left to itself gRPC lets a stream whose reader waits for somebody slow
// pile up 16 MB.
const (
	streamWindow     = 64 << 10
	connectionWindow = 4 << 20
)

// lookAgain is how soon after a name was looked up it may be again, when an
// address does not answer any more. Of gRPC it is half a minute, within which all
// replicas may have been replaced by others.
var lookAgain = sync.OnceFunc(func() { dns.SetMinResolutionInterval(time.Second) })

// Dial makes a connection whose errors are the platform's own. It does no I/O;
// a peer that is away is tried again in the background, at most 0.3 s later:
// in a rolling restart the next replica may go as soon as this one is back.
// The target is host:port, or several with commas between them; calls go by
// turns to all of these that answer, and to all addresses that a name has.
// Transport credentials, and for in-process connections the dialer, are extra.
func Dial(target string, extra ...grpc.DialOption) (*grpc.ClientConn, error) {
	lookAgain()
	dialled := target
	if strings.Contains(target, ",") {
		list := manual.NewBuilderWithScheme("list")
		state := resolver.State{}
		for address := range strings.SplitSeq(target, ",") {
			state.Endpoints = append(state.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{{Addr: strings.TrimSpace(address)}}})
		}
		list.InitialState(state)
		dialled, extra = "list:///replicas", append(extra, grpc.WithResolvers(list))
	}
	options := append([]grpc.DialOption{
		grpc.WithStatsHandler(ClientStats()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(MaxMessageBytes)),
		grpc.WithStaticStreamWindowSize(streamWindow),
		grpc.WithStaticConnWindowSize(connectionWindow),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 250 * time.Millisecond},
			MinConnectTimeout: 5 * time.Second,
		}),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		grpc.WithChainUnaryInterceptor(fromStatusUnary),
		grpc.WithChainStreamInterceptor(fromStatusStream),
	}, extra...)
	conn, err := grpc.NewClient(dialled, options...)
	if err != nil {
		return nil, fmt.Errorf("connection to %s: %w", target, err)
	}
	return conn, nil
}

func fromStatusUnary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return FromStatus(invoke(ctx, method, req, reply, cc, opts...))
}

func fromStatusStream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := open(ctx, desc, cc, method, opts...)
	if err != nil {
		return nil, FromStatus(err)
	}
	return errorStream{stream}, nil
}

type errorStream struct{ grpc.ClientStream }

func (s errorStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return FromStatus(err)
}
