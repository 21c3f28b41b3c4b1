// Package caller makes service calls on behalf of a request's caller: it signs
// the caller's identity for the called services and adds where it came from.
package caller

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/maypok86/otter/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/principal"
)

// reuse is how long a signed identity is used again: signing costs more than
// the rest of a small call, and services remember tokens that they have seen.
const reuse = identity.Lifetime / 2

// maxTokens bounds the identities that are kept for use again.
const maxTokens = 50_000

// Signer signs identities and keeps them for a while.
type Signer struct {
	signer *identity.Signer
	tokens *otter.Cache[tokenKey, string]
}

// tokenKey is everything that an identity says, and the key that signs it: one
// that is replaced must not live on in remembered identities.
type tokenKey struct {
	kind          principal.Kind
	session, user uuid.UUID
	roles, scopes string
	plan          principal.Plan
	audience      string
	signedWith    string
	madeUp        bool
}

// NewSigner wraps the key's signer.
func NewSigner(signer *identity.Signer) *Signer {
	return &Signer{signer: signer, tokens: otter.Must(&otter.Options[tokenKey, string]{
		MaximumSize:      maxTokens,
		ExpiryCalculator: otter.ExpiryWriting[tokenKey, string](reuse),
	})}
}

// Token gives the caller's identity for the named services.
func (s *Signer) Token(p principal.Principal, audience ...string) (string, error) {
	key := tokenKey{
		kind: p.Kind, session: p.SessionID, user: p.UserID, plan: p.Plan,
		roles: strings.Join(p.Roles, " "), audience: strings.Join(audience, " "),
		scopes: fmt.Sprint(p.Scopes == nil, p.Scopes), signedWith: s.signer.KeyID(),
		madeUp: p.MustChangePassword,
	}
	if token, ok := s.tokens.GetIfPresent(key); ok {
		return token, nil
	}
	token, err := s.signer.Sign(p, audience...)
	if err == nil {
		s.tokens.Set(key, token)
	}
	return token, err
}

// Conn is a connection to one service whose calls carry the caller of their
// context, an anonymous one if it has none.
type Conn struct {
	conn     grpc.ClientConnInterface
	signer   *Signer
	audience []string
}

// NewConn wraps a connection. The audience is the service itself and those
// that it calls on the caller's behalf.
func NewConn(conn grpc.ClientConnInterface, signer *Signer, audience ...string) *Conn {
	return &Conn{conn: conn, signer: signer, audience: audience}
}

// Invoke makes a unary call.
func (c *Conn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	ctx, err := c.outgoing(ctx)
	if err != nil {
		return err
	}
	return c.conn.Invoke(ctx, method, args, reply, opts...)
}

// NewStream opens a streaming call.
func (c *Conn) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	ctx, err := c.outgoing(ctx)
	if err != nil {
		return nil, err
	}
	return c.conn.NewStream(ctx, desc, method, opts...)
}

func (c *Conn) outgoing(ctx context.Context) (context.Context, error) {
	p, ok := principal.From(ctx)
	if !ok {
		p = principal.Principal{Kind: principal.Anonymous}
	}
	token, err := c.signer.Token(p, c.audience...)
	if err != nil {
		return nil, err
	}
	// The REST layer passes Authorization and X-Forwarded-For on by itself. An
	// API token is none of the services' business, and the address is said below.
	before, _ := metadata.FromOutgoingContext(ctx)
	md := metadata.MD{}
	if key := before.Get(grpcx.MetadataIdempotencyKey); len(key) > 0 {
		md.Set(grpcx.MetadataIdempotencyKey, key[0])
	}
	md.Set(grpcx.MetadataIdentity, token)
	md.Set(grpcx.MetadataClientAddress, p.Client.Address)
	md.Set(grpcx.MetadataUserAgent, printable(p.Client.UserAgent))
	md.Set(grpcx.MetadataRequestID, p.Client.RequestID)
	return metadata.NewOutgoingContext(ctx, md), nil
}

// printable keeps what call metadata may hold.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
}
