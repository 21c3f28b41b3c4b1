package grpcx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
)

// guard turns panics and errors into statuses, and logs what a person must
// look at: the detail of an internal error stays here. Refusals it passes on.
type guard struct {
	log      *slog.Logger
	refusals Refusals
}

func (g guard) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	start, holder := time.Now(), &principalHolder{}
	ctx = g.begin(ctx, holder)
	defer func() { err = g.finish(ctx, info.FullMethod, req, start, holder, recover(), err) }()
	return next(ctx, req)
}

func (g guard) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	start, holder := time.Now(), &principalHolder{}
	ctx := g.begin(stream.Context(), holder)
	defer func() { err = g.finish(ctx, info.FullMethod, nil, start, holder, recover(), err) }()
	return next(srv, withContext(ctx, stream))
}

func (g guard) begin(ctx context.Context, holder *principalHolder) context.Context {
	ctx = context.WithValue(ctx, holderKey{}, holder)
	if g.refusals == nil {
		return ctx
	}
	return g.refusals.Begin(ctx)
}

func (g guard) finish(ctx context.Context, method string, req any, start time.Time, holder *principalHolder, panicked any, err error) error {
	if panicked != nil {
		g.log.ErrorContext(ctx, "panic in a call", "method", method, "panic", panicked, "stack", string(debug.Stack()))
		err = apperr.From(fmt.Errorf("panic: %v", panicked))
	}
	if err == nil {
		return nil
	}
	var refusal *apperr.Error
	if g.refusals != nil && errors.As(err, &refusal) {
		g.refusals.Refused(principal.With(ctx, holder.principal), method, target(req), refusal)
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
	if over := ctx.Err(); errors.Is(over, context.DeadlineExceeded) { // as the caller hears from its own clock, whichever is first
		return status.FromContextError(over).Err()
	}
	return st.Err()
}

// target is the id that a request names, if it names one.
func target(req any) string {
	named, ok := req.(interface{ GetId() string })
	if !ok {
		return ""
	}
	id, err := uuid.Parse(named.GetId())
	if err != nil {
		return "" // any text could be there
	}
	return id.String()
}

// principalHolder lets the guard, which runs first, log who was found later.
type principalHolder struct{ principal principal.Principal }

type holderKey struct{}

type contextStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s contextStream) Context() context.Context { return s.ctx }

func (s contextStream) unwrap() grpc.ServerStream { return s.ServerStream }

func withContext(ctx context.Context, stream grpc.ServerStream) grpc.ServerStream {
	return contextStream{ServerStream: stream, ctx: ctx}
}
