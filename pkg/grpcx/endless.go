package grpcx

import (
	"context"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
)

// metadataEndless marks a call that has no end of its own.
const metadataEndless = "x-atrium-endless"

type endlessKey struct{}

// Endless gives the context for a call that goes on for as long as its client
// stays, such as the shell of a terminal. It is neither measured nor a span of its
// own, which would be seen only when it is over; what is done in it belongs to
// the span that it was made in.
func Endless(ctx context.Context) context.Context { return context.WithValue(ctx, endlessKey{}, true) }

// ServerStats and ClientStats measure and trace calls.
func ServerStats() stats.Handler {
	return serverStats{sparing{otelgrpc.NewServerHandler(), otelgrpc.NewServerHandler(nothing)}}
}

// ClientStats is for the calling side.
func ClientStats() stats.Handler {
	return clientStats{sparing{otelgrpc.NewClientHandler(), otelgrpc.NewClientHandler(nothing)}}
}

// nothing is recorded, but traces are carried on.
var nothing = otelgrpc.WithFilter(func(*stats.RPCTagInfo) bool { return false })

// sparing has a handler for calls without an end: it is chosen when a call
// begins, and what follows goes by what it leaves in the call's context.
type sparing struct {
	stats.Handler
	endless stats.Handler
}

type clientStats struct{ sparing }

// TagRPC also tells the server.
func (s clientStats) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	if ctx.Value(endlessKey{}) != nil {
		return s.endless.TagRPC(metadata.AppendToOutgoingContext(ctx, metadataEndless, "1"), info)
	}
	return s.Handler.TagRPC(ctx, info)
}

type serverStats struct{ sparing }

// TagRPC believes the client.
func (s serverStats) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	if md, _ := metadata.FromIncomingContext(ctx); len(md.Get(metadataEndless)) > 0 {
		return s.endless.TagRPC(ctx, info)
	}
	return s.Handler.TagRPC(ctx, info)
}
