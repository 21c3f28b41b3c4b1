package grpcx

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
)

// Reachable makes a check that the connection's peer answers.
func Reachable(conn *grpc.ClientConn) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			state := conn.GetState()
			switch state {
			case connectivity.Ready:
				return nil
			case connectivity.TransientFailure, connectivity.Shutdown:
				return errors.New("not reachable")
			}
			conn.Connect()
			if !conn.WaitForStateChange(ctx, state) {
				return errors.New("not reachable")
			}
		}
	}
}
