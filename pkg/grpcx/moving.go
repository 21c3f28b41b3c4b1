package grpcx

import (
	"context"
	"errors"

	"google.golang.org/grpc"

	"atrium.internal/pkg/drain"
)

// Moving ends the streams of movable methods, by their full names, once the
// drain sends away what is open; their callers go on at another replica.
func Moving(d *drain.Drain, movable func(fullMethod string) bool) grpc.ServerOption {
	return grpc.ChainStreamInterceptor(func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		if !movable(info.FullMethod) {
			return next(srv, stream)
		}
		ctx, release := d.Hold(stream.Context())
		defer release()
		err := next(srv, withContext(ctx, stream))
		if err != nil && errors.Is(context.Cause(ctx), drain.ErrRestarting) {
			return drain.ErrRestarting
		}
		return err
	})
}
