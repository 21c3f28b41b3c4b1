package grpcx

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
)

// guard turns panics and errors into statuses, and logs what a person must
// look at: the detail of an internal error stays here.
type guard struct{ log *slog.Logger }

func (g guard) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	start, holder := time.Now(), &principalHolder{}
	ctx = context.WithValue(ctx, holderKey{}, holder)
	defer func() { err = g.finish(ctx, info.FullMethod, start, holder, recover(), err) }()
	return next(ctx, req)
}

func (g guard) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	start, holder := time.Now(), &principalHolder{}
	ctx := context.WithValue(stream.Context(), holderKey{}, holder)
	defer func() { err = g.finish(ctx, info.FullMethod, start, holder, recover(), err) }()
	return next(srv, withContext(ctx, stream))
}

func (g guard) finish(ctx context.Context, method string, start time.Time, holder *principalHolder, panicked any, err error) error {
	if panicked != nil {
		g.log.ErrorContext(ctx, "panic in a call", "method", method, "panic", panicked, "stack", string(debug.Stack()))
		err = apperr.From(fmt.Errorf("panic: %v", panicked))
	}
	if err == nil {
		return nil
	}
	st := ToStatus(err)
	attrs := []any{
		"method", method, "code", st.Code().String(), "duration", time.Since(start),
		"request_id", holder.principal.Client.RequestID, "user_id", holder.principal.UserID, "error", err,
	}
	if st.Code() == codes.Internal || st.Code() == codes.Unknown {
		g.log.ErrorContext(ctx, "call failed", attrs...)
	} else {
		g.log.DebugContext(ctx, "call refused", attrs...)
	}
	return st.Err()
}

// principalHolder lets the guard, which runs first, log who was found later.
type principalHolder struct{ principal principal.Principal }

type holderKey struct{}

type contextStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s contextStream) Context() context.Context { return s.ctx }

func withContext(ctx context.Context, stream grpc.ServerStream) grpc.ServerStream {
	return contextStream{ServerStream: stream, ctx: ctx}
}
