package grpcx

import (
	"context"

	"google.golang.org/grpc/peer"
)

// CallerInfo is what a connection's credentials know of the service at its
// other end. Credentials whose AuthInfo does not implement it know no caller,
// and then the contract's list of callers is not asked.
type CallerInfo interface {
	// CallingService is the proven name; an empty one may make no call.
	CallingService() string
}

// callingService gives the name of the service that makes the call; known is
// false on a connection without credentials.
func callingService(ctx context.Context) (name string, known bool) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return "", false
	}
	info, ok := p.AuthInfo.(CallerInfo)
	if !ok {
		return "", false
	}
	return info.CallingService(), true
}
