package grpcx

import (
	"context"

	"google.golang.org/grpc/metadata"
)

// Names of the call metadata that the gateway sets. It drops whatever a client
// sends under these names.
const (
	MetadataIdentity       = "x-atrium-identity"
	MetadataClientAddress  = "x-atrium-client-address"
	MetadataUserAgent      = "x-atrium-user-agent"
	MetadataRequestID      = "x-request-id"
	MetadataIdempotencyKey = "idempotency-key"
	// MetadataSessionToken is the header in which auth answers a new session's
	// token, for the gateway to make the cookie from.
	MetadataSessionToken = "x-atrium-session-token"
	// MetadataOIDCBinding is the header in which auth answers what the browser
	// must bring back from an OpenID Connect provider, likewise.
	MetadataOIDCBinding = "x-atrium-oidc-binding"
	// MetadataOwner is the header in which chat answers whose a shared
	// conversation is, for the gateway to ask how its owner stands.
	MetadataOwner = "x-atrium-owner"
)

// ForwardIdentity gives a context for calling another service on behalf of the
// caller of this one. It is good for as long as the identity is.
func ForwardIdentity(ctx context.Context) context.Context {
	incoming, _ := metadata.FromIncomingContext(ctx)
	outgoing := metadata.MD{}
	for _, name := range []string{MetadataIdentity, MetadataClientAddress, MetadataUserAgent, MetadataRequestID} {
		if values := incoming.Get(name); len(values) > 0 {
			outgoing.Set(name, values[0])
		}
	}
	return metadata.NewOutgoingContext(ctx, outgoing)
}

func first(md metadata.MD, name string) string {
	if values := md.Get(name); len(values) > 0 {
		return values[0]
	}
	return ""
}
