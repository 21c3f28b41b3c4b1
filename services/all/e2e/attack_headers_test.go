package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"atrium.internal/pkg/principal"
)

// recorder stands where chat would and keeps what it is told.
type recorder struct {
	mu   sync.Mutex
	seen []metadata.MD
}

func record(t *testing.T, p *platform) (*recorder, string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	rec := &recorder{}
	server := grpc.NewServer(append(p.endpoint(t, "chat").ServerOptions(), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		md, _ := metadata.FromIncomingContext(stream.Context())
		rec.mu.Lock()
		defer rec.mu.Unlock()
		rec.seen = append(rec.seen, md)
		return status.Error(codes.NotFound, "recorded")
	}))...)
	go server.Serve(listener) //nolint:errcheck // ended by Stop
	t.Cleanup(server.Stop)
	return rec, listener.Addr().String()
}

// secondGateway starts one more gateway of the platform, with other settings.
func (p *platform) secondGateway(t *testing.T, env ...string) *platform {
	t.Helper()
	second := *p
	second.t, second.port, second.started = t, freePort(t), map[string]*process{}
	second.env = append(slices.Clone(p.env), append(env, fmt.Sprintf("ATRIUM_LISTEN=127.0.0.1:%d", second.port),
		fmt.Sprintf("ATRIUM_PUBLIC_URL=http://atrium.localhost:%d", second.port))...)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(p.bin, "gatewayd"))
	cmd.Env, cmd.Stdout, cmd.Stderr = second.envOf("gatewayd"), second.logs, second.logs
	require.NoError(t, cmd.Start())
	running := &process{Cmd: cmd, ended: make(chan struct{})}
	go func() { running.err = cmd.Wait(); close(running.ended) }()
	second.started["gatewayd"] = running
	t.Cleanup(second.stop)
	eventually(t, "the gateway listens", func() error {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", second.port)) // it may speak TLS
		if err == nil {
			err = c.Close()
		}
		return err
	}, second.logs)
	return &second
}

func TestAttack12InternalHeadersAreStripped(t *testing.T) {
	p := attacked(t)
	ada := p.browser(t)
	ada.register("ada12")
	boss := rows(t, p, `SELECT id::text FROM auth.users WHERE 'admin' = ANY (roles)`)[0]
	stolen := signed(t, p, boss, []string{"auth", "chat", "ide", "ai"}, principal.RoleAdmin)
	var forged []string
	for _, prefix := range []string{"", "Grpc-Metadata-", "Grpc-Metadata-X-", "Grpcgateway-"} {
		for name, value := range map[string]string{
			"X-Atrium-Identity": stolen, "X_Atrium_Identity": stolen, "x-atrium_identity": stolen, "X-Atrium-Identity-Bin": stolen,
			"X-Atrium-Client-Address": "6.6.6.6", "X_Atrium_Client_Address": "6.6.6.6", "X-Atrium-User-Agent": "forged-agent",
			"X-Atrium-Session-Token": "forged-token", "X-Forwarded-For": "6.6.6.6", "X-Real-Ip": "6.6.6.6", "Forwarded": "for=6.6.6.6",
		} {
			forged = append(forged, prefix+name, value)
		}
	}
	require.Equal(t, "ada12", ada.must("GET", "/api/users/me", nil, forged...)["username"], "a good identity of somebody else's changes nothing")
	require.Equal(t, http.StatusUnauthorized, p.browser(t).call("GET", "/api/users/me", nil, forged...).StatusCode)
	phone := p.browser(t)
	phone.must("POST", "/api/auth/login", object{"login": "ada12", "password": "a long enough passphrase"}, forged...)
	require.NotContains(t, string(phone.call("GET", "/api/auth/sessions", nil).body), "6.6.6.6")
	require.Empty(t, rows(t, p, `SELECT id::text FROM audit.audit_log WHERE host(ip_address) = '6.6.6.6' OR user_agent = 'forged-agent'`))

	rec, address := record(t, p)
	second := p.secondGateway(t, "ATRIUM_CHAT_ADDR="+address).browser(t)
	second.cookie = ada.cookie
	require.Equal(t, http.StatusNotFound, second.call("GET", "/api/chat/conversations", nil, forged...).StatusCode)
	token := ada.must("POST", "/api/auth/tokens", object{"name": "mine", "scopes": []string{"chat"}})["token"].(string)
	require.Equal(t, http.StatusNotFound, second.call("GET", "/api/chat/conversations", nil, "Authorization", "Bearer "+token).StatusCode)
	rec.mu.Lock()
	defer rec.mu.Unlock()
	require.Len(t, rec.seen, 2)
	for _, md := range rec.seen {
		require.Len(t, md.Get("x-atrium-identity"), 1)
		for name, values := range md {
			for _, value := range values {
				for _, planted := range []string{stolen, token, "6.6.6.6", "forged"} {
					require.NotContains(t, value, planted, name)
				}
			}
		}
	}
}
