package grpcx_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/grpcx/inproc"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/testkit/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// verifier knows callers by name.
type verifier map[string]principal.Principal

func (v verifier) Verify(token string) (principal.Principal, error) {
	if p, ok := v[token]; ok {
		return p, nil
	}
	return principal.Principal{}, identity.ErrInvalid
}

var callers = verifier{
	"nobody":  {Kind: principal.Anonymous},
	"ada":     {Kind: principal.User, Username: "ada"},
	"root":    {Kind: principal.User, Username: "root", Roles: []string{"admin"}},
	"fresh":   {Kind: principal.User, Username: "root", Roles: []string{"admin"}, MustChangePassword: true},
	"script":  {Kind: principal.User, Username: "ada", Scopes: []string{"ai"}},
	"gateway": {Kind: principal.Service},
}

// service is a server whose one call does what the test says.
type service struct {
	grpc_health_v1.UnimplementedHealthServer
	check func(context.Context) error
}

func (s service) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	return &grpc_health_v1.HealthCheckResponse{}, s.check(ctx)
}

// start serves check under the given access rule, and gives a caller of it.
func start(t *testing.T, log *slog.Logger, access grpcx.Access, check func(context.Context) error) func(as string, md ...string) error {
	t.Helper()
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	server, err := grpcx.NewServer(grpcx.ServerOptions{Log: log, Verifier: callers, Access: access})
	require.NoError(t, err)
	grpc_health_v1.RegisterHealthServer(server, service{check: check})
	listener := inproc.Listen()
	go server.Serve(listener) //nolint:errcheck // ended by Stop
	t.Cleanup(server.Stop)
	conn, err := listener.Connect()
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	client := grpc_health_v1.NewHealthClient(conn)
	return func(as string, md ...string) error {
		ctx := metadata.AppendToOutgoingContext(t.Context(), append([]string{grpcx.MetadataIdentity, as}, md...)...)
		_, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
		return err
	}
}

func rule(level, scope string) grpcx.Access {
	return func(string) (string, string, bool, []string, bool) {
		return level, scope, false, []string{"gateway"}, true
	}
}

func nothing(context.Context) error { return nil }

func TestAccessFollowsTheContract(t *testing.T) {
	cases := []struct {
		level, scope string
		allowed      []string
	}{
		{"anonymous", "", []string{"nobody", "ada", "root", "fresh", "script", "gateway"}},
		{"signed_in", "", []string{"ada", "root", "fresh", "script"}},
		{"user", "", []string{"ada", "root", "script"}},
		{"user", "ai", []string{"ada", "root", "script"}},
		{"user", "chat", []string{"ada", "root"}},
		{"admin", "", []string{"root"}},
		{"service", "", []string{"gateway"}},
		{"a level nobody knows", "", nil},
	}
	for _, tc := range cases {
		t.Run(tc.level+" "+tc.scope, func(t *testing.T) {
			call := start(t, nil, rule(tc.level, tc.scope), nothing)
			var allowed []string
			for _, name := range []string{"nobody", "ada", "root", "fresh", "script", "gateway"} {
				if call(name) == nil {
					allowed = append(allowed, name)
				}
			}
			require.Equal(t, tc.allowed, allowed)
		})
	}
}

func TestWithoutARuleOrAnIdentityNobodyMayCall(t *testing.T) {
	undeclared := start(t, nil, func(string) (string, string, bool, []string, bool) { return "", "", false, nil, false }, nothing)
	require.Equal(t, "ACCESS_UNDECLARED", apperr.From(undeclared("root")).Reason)
	open := start(t, nil, rule("anonymous", ""), nothing)
	require.ErrorIs(t, open(""), identity.ErrInvalid)
	require.ErrorIs(t, open("made up"), identity.ErrInvalid)
}

func TestErrorsCrossWithAllTheySay(t *testing.T) {
	for _, kind := range []apperr.Kind{
		apperr.InvalidArgument, apperr.Unauthenticated, apperr.PermissionDenied, apperr.NotFound, apperr.Conflict,
		apperr.PreconditionFailed, apperr.TooLarge, apperr.RateLimited, apperr.QuotaExceeded, apperr.Unavailable, apperr.Internal,
	} {
		want := apperr.New(kind, "SOME_REASON", "A sentence.").WithField("email", "is taken").
			WithMetadata("resetsAt", "tomorrow").WithRetryAfter(7 * time.Second)
		got := apperr.From(start(t, nil, rule("user", ""), func(context.Context) error {
			return want.WithCause(errors.New("a detail"))
		})("ada"))
		require.Equal(t, want, got, "a kind, its words and details, but not its cause")
	}
}

func TestWhatWentWrongInsideStaysInside(t *testing.T) {
	for name, check := range map[string]func(context.Context) error{
		"error": func(context.Context) error { return errors.New("password hunter2 for db") },
		"panic": func(context.Context) error { panic("password hunter2 for db") },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			call := start(t, slog.New(slog.NewTextHandler(&log, nil)), rule("user", ""), check)
			err := call("ada")
			require.Equal(t, apperr.Internal, apperr.From(err).Kind)
			require.NotContains(t, err.Error(), "hunter2")
			require.Contains(t, log.String(), "hunter2", "the log is where the detail is")
		})
	}
}

func TestTheStoreGetsTheIdempotencyKey(t *testing.T) {
	var got idempotency.Key
	call := start(t, nil, rule("user", ""), func(ctx context.Context) error {
		got, _ = idempotency.From(ctx)
		return nil
	})
	require.NoError(t, call("ada", grpcx.MetadataIdempotencyKey, "k1"))
	require.Equal(t, "k1", got.Value)
	require.Len(t, got.RequestHash, 32)
}
