package grpcx

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"atrium.internal/pkg/apperr"
)

// MaxMessageBytes is the largest message that a server or client accepts. It
// is above the gateway's body limit, so that the gateway is who refuses.
const MaxMessageBytes = 40 << 20

// connectionAge is how long a caller keeps one connection.
const connectionAge = 5 * time.Minute

// Access gives the rule of a full method name: the level ("anonymous", "signed_in",
// "user", "admin" or "service"), the scope an API token needs, whether it may be
// limited to a workspace, and the services that may make the call; ok is false
// for an RPC without a rule, which nobody may call.
type Access func(fullMethod string) (level, scope string, workspace bool, callers []string, ok bool)

// ServerOptions is what a service's server needs.
type ServerOptions struct {
	Log      *slog.Logger
	Verifier Verifier
	Access   Access
	// Refusals hears of refused calls, if it is there.
	Refusals Refusals
	// Extra options, such as transport credentials.
	Extra []grpc.ServerOption
}

// Refusals keeps word of calls that were refused, by a rule of this package or
// by their service.
type Refusals interface {
	// Begin gives the context that a call runs in.
	Begin(ctx context.Context) context.Context
	// Refused tells how a call ended. The context is one of Begin's and carries
	// the caller, as far as it was found out; target is the id that the call
	// named, or empty.
	Refused(ctx context.Context, method, target string, err *apperr.Error)
}

// NewServer makes a server on which every call passes, in this order: panic
// guard, log, error mapping, calling service, identity, access, validation,
// idempotency key.
func NewServer(o ServerOptions) (*grpc.Server, error) {
	unary, stream, err := Interceptors(o)
	if err != nil {
		return nil, err
	}
	options := append([]grpc.ServerOption{
		grpc.StatsHandler(ServerStats()),
		grpc.MaxRecvMsgSize(MaxMessageBytes),
		// Callers look again where the service is, so that replicas that are new get
		// their share. Running calls are not cut.
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: connectionAge}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.ChainUnaryInterceptor(unary...),
		grpc.ChainStreamInterceptor(stream...),
	}, o.Extra...)
	return grpc.NewServer(options...), nil
}

// Interceptors are what every call passes, the first outermost.
func Interceptors(o ServerOptions) ([]grpc.UnaryServerInterceptor, []grpc.StreamServerInterceptor, error) {
	validate, err := newValidation()
	if err != nil {
		return nil, nil, err
	}
	guard := guard{log: o.Log, refusals: o.Refusals}
	access := authentication{verifier: o.Verifier, access: o.Access}
	return []grpc.UnaryServerInterceptor{guard.unary, access.unary, validate.unary, idempotencyUnary},
		[]grpc.StreamServerInterceptor{guard.stream, access.stream, validate.stream}, nil
}
