package grpcx

import (
	"context"
	"fmt"
	"net"
	"slices"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/semconv"
)

// Verifier tells who a signed identity stands for, or answers an Unauthenticated error.
type Verifier interface {
	Verify(token string) (principal.Principal, error)
}

var (
	errNoRule    = apperr.New(apperr.PermissionDenied, "ACCESS_UNDECLARED", "Nobody may make this call.")
	errCaller    = apperr.New(apperr.PermissionDenied, "CALLER_NOT_ALLOWED", "This service may not make this call.")
	errForbidden = apperr.New(apperr.PermissionDenied, "PERMISSION_DENIED", "You may not do this.")
	errScope     = apperr.New(apperr.PermissionDenied, "SCOPE_MISSING", "This API token lacks the scope for this call.")
)

// authentication holds the calling service and the caller to the RPC's rule,
// and puts the caller in the context.
type authentication struct {
	verifier Verifier
	access   Access
}

func (a authentication) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	ctx, err := a.authenticate(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	return next(ctx, req)
}

func (a authentication) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	ctx, err := a.authenticate(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	return next(srv, withContext(ctx, stream))
}

func (a authentication) authenticate(ctx context.Context, method string) (context.Context, error) {
	holder, held := ctx.Value(holderKey{}).(*principalHolder)
	if held { // all that is known of one without an identity
		holder.principal.Client.Address = peerAddress(ctx)
	}
	level, scope, workspace, callers, declared := a.access(method)
	name, known := callingService(ctx)
	if known && !slices.Contains(callers, name) {
		return nil, errCaller.WithCause(fmt.Errorf("%s called by %q", method, name))
	}
	md, _ := metadata.FromIncomingContext(ctx)
	caller, err := a.caller(first(md, MetadataIdentity), level, known && name != signer)
	if err != nil {
		return nil, err
	}
	caller.Client = principal.Client{
		Address:   first(md, MetadataClientAddress),
		UserAgent: first(md, MetadataUserAgent),
		RequestID: first(md, MetadataRequestID),
	}
	if held {
		holder.principal = caller
	}
	trace.SpanFromContext(ctx).SetAttributes(semconv.RequestID.String(caller.Client.RequestID), semconv.UserID.String(caller.UserID.String()))
	if !declared {
		return nil, errNoRule
	}
	if err := allow(caller, level, scope, workspace); err != nil {
		return nil, err
	}
	return principal.With(ctx, caller), nil
}

// signer is the service that makes identities, and so never comes without one.
const signer = "gateway"

// caller is who a call is made for. A service that speaks for nobody, and can
// make no identity, needs none where its connection proves that it is among the
// callers.
func (a authentication) caller(identity, level string, proven bool) (principal.Principal, error) {
	if identity == "" && level == "service" && proven {
		return principal.Principal{Kind: principal.Service}, nil
	}
	return a.verifier.Verify(identity)
}

// peerAddress is where the connection comes from, if from a network.
func peerAddress(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok || p.Addr == nil {
		return ""
	}
	host, _, err := net.SplitHostPort(p.Addr.String())
	if err != nil {
		return ""
	}
	return host
}

func allow(caller principal.Principal, level, scope string, workspace bool) error {
	switch level {
	case "anonymous":
		return nil
	case "service":
		if caller.Kind != principal.Service {
			return errForbidden
		}
		return nil
	case "signed_in", "user", "admin":
		if caller.Kind != principal.User {
			return principal.ErrUnauthenticated
		}
		if level != "signed_in" && caller.MustChangePassword {
			return principal.ErrMadeUpPassword
		}
		if level == "admin" && !caller.HasRole(principal.RoleAdmin) {
			return errForbidden
		}
		_, limited := caller.Within(scope)
		if open := caller.HasScope(scope) || (workspace && limited); !open {
			return errScope.WithMetadata("scope", scope)
		}
		return nil
	}
	return errNoRule
}
