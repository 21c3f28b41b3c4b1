package e2e

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/emptypb"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/access"
	_ "atrium.internal/proto/gen/atrium/ai/v1"   // their RPCs are found
	_ "atrium.internal/proto/gen/atrium/auth/v1" // by reflection
	_ "atrium.internal/proto/gen/atrium/chat/v1"
	_ "atrium.internal/proto/gen/atrium/ide/v1"
)

// rpc is one of the contracts', and the service that serves it.
type rpc struct{ name, service string }

func rpcs(t *testing.T) []rpc {
	t.Helper()
	var all []rpc
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		inside, ok := strings.CutPrefix(string(file.Package()), "atrium.")
		if !ok {
			return true
		}
		service, _, _ := strings.Cut(inside, ".")
		for i := range file.Services().Len() {
			s := file.Services().Get(i)
			for j := range s.Methods().Len() {
				all = append(all, rpc{fmt.Sprintf("/%s/%s", s.FullName(), s.Methods().Get(j).Name()), service})
			}
		}
		return true
	})
	require.Greater(t, len(all), 40)
	return all
}

// signedBy makes an identity; now is the signer's clock, nil for the real one.
func signedBy(t *testing.T, key ed25519.PrivateKey, now func() time.Time, user string, audience []string, roles ...string) string {
	t.Helper()
	token, err := identity.NewSigner(key, now).Sign(principal.Principal{
		Kind: principal.User, UserID: uuid.MustParse(user), SessionID: uuid.New(), Username: "forger", Roles: roles,
	}, audience...)
	require.NoError(t, err)
	return token
}

func TestAttack57EveryRPCNeedsAnIdentity(t *testing.T) {
	p := attacked(t)
	all := []string{"auth", "chat", "ide", "ai"}
	user := rows(t, p, `SELECT id::text FROM auth.users WHERE 'admin' = ANY (roles)`)[0]
	good := signed(t, p, user, all)
	_, foreign, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	header, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	key := identityKey(t, p)
	long := func() time.Time { return time.Now().Add(-time.Hour) }

	for _, call := range rpcs(t) {
		level, _, _, callers, _ := access.Of(call.name)
		conn := p.dial(t, call.service, p.endpoint(t, callers[0]).Dial(call.service))
		ask := func(md ...string) error {
			// Watching has no end of its own.
			ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), md...), 15*time.Second)
			defer cancel()
			return conn.Invoke(ctx, call.name, &emptypb.Empty{}, &emptypb.Empty{})
		}
		byItself := speaksForNobody(call.name, callers[0])
		if !byItself {
			require.Equal(t, codes.Unauthenticated, status.Code(ask()), "%s without an identity", call.name)
		}
		var others []string
		for _, name := range all {
			if name != call.service {
				others = append(others, name)
			}
		}
		for what, token := range map[string]string{
			"empty": "", "made up": "x.y.z", "wrong audience": signed(t, p, user, others),
			"no audience": signed(t, p, user, nil), "expired": signedBy(t, key, long, user, all),
			"forged": signedBy(t, foreign, nil, user, all), "no signature": header + "." + payload + ".",
			"alg none": "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + payload + ".",
			"HMAC":     "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + payload + "." + signature,
		} {
			if token == "" && byItself {
				continue
			}
			require.Equal(t, codes.Unauthenticated, status.Code(ask(grpcx.MetadataIdentity, token)), "%s, %s", call.name, what)
		}
		if level == "service" || level == "admin" {
			require.Equal(t, codes.PermissionDenied, status.Code(ask(grpcx.MetadataIdentity, good)), "%s as an ordinary user", call.name)
		} else {
			reason := apperr.From(grpcx.FromStatus(ask(grpcx.MetadataIdentity, good))).Reason
			require.NotContains(t, []string{"IDENTITY_INVALID", "UNAUTHENTICATED", "CALLER_NOT_ALLOWED"}, reason, "%s as a user", call.name)
		}
		require.NoError(t, conn.Close())
	}
}

func TestAttack57EveryRPCHasAnAccessRule(t *testing.T) {
	levels := []string{"anonymous", "signed_in", "user", "admin", "service"}
	for _, call := range rpcs(t) {
		level, scope, _, _, ok := access.Of(call.name)
		require.True(t, ok, "%s: nobody may call it", call.name)
		require.Contains(t, levels, level, call.name)
		require.Equal(t, level == "signed_in" || level == "user" || level == "admin", scope != "", "%s: users' RPCs, and only they, name a scope", call.name)
	}
}

// dial connects to a service past the gateway.
func (p *platform) dial(t *testing.T, service string, option grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(p.setting("ATRIUM_"+strings.ToUpper(service)+"_ADDR"), option)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// identityKey is the gateway's own.
func identityKey(t *testing.T, p *platform) ed25519.PrivateKey {
	t.Helper()
	private, err := keys.OpenPrivate(slog.New(slog.DiscardHandler), p.setting("ATRIUM_IDENTITY_KEY"))
	require.NoError(t, err)
	key, _ := private.Signing(time.Now())
	return key
}

// signed is an identity by the platform's own key.
func signed(t *testing.T, p *platform, user string, audience []string, roles ...string) string {
	t.Helper()
	return signedBy(t, identityKey(t, p), nil, user, audience, roles...)
}
