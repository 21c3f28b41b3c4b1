package grpcx

import (
	"context"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
)

// metadataEndless marks a call that has no end of its own.
const metadataEndless = "x-atrium-endless"

// Endless gives the context for a call that goes on for as long as its client
// stays, such as the shell of a terminal. It is neither measured nor a span of its
// own, which would be seen only when it is over; what is done in it belongs to
// the span that it was made in.
func Endless(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, metadataEndless, "1")
}

// ServerStats and ClientStats measure and trace calls.
func ServerStats() stats.Handler {
	return sparing{otelgrpc.NewServerHandler(), otelgrpc.NewServerHandler(nothing), metadata.FromIncomingContext}
}

// ClientStats is for the calling side.
func ClientStats() stats.Handler {
	return sparing{otelgrpc.NewClientHandler(), otelgrpc.NewClientHandler(nothing), metadata.FromOutgoingContext}
}

// nothing is recorded, but traces are carried on.
var nothing = otelgrpc.WithFilter(func(*stats.RPCTagInfo) bool { return false })

// sparing leaves out calls without an end.
type sparing struct {
	stats.Handler
	endless stats.Handler
	of      func(context.Context) (metadata.MD, bool)
}

// TagRPC chooses; what follows goes by what it leaves in the context.
func (s sparing) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	if md, _ := s.of(ctx); len(md.Get(metadataEndless)) > 0 {
		return s.endless.TagRPC(ctx, info)
	}
	return s.Handler.TagRPC(ctx, info)
}
