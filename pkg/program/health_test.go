package program_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/program"
)

// slow is a service that starts and stops when it is told to.
type slow struct{ start, stop chan struct{} }

func (s slow) Start(context.Context) error  { <-s.start; return nil }
func (s slow) Stop(context.Context) error   { <-s.stop; return nil }
func (slow) Ready(context.Context) error    { return nil }
func (slow) Register(grpc.ServiceRegistrar) {}
func (slow) Refusals() grpcx.Refusals       { return nil }

// A service that listens does not serve yet: it may be migrating its database.
// One that stops still ends what runs.
func TestAServiceIsReadyFromItsStartToItsStop(t *testing.T) {
	var cli struct {
		program.Settings `embed:""`
	}
	dir := t.TempDir()
	require.NoError(t, keys.EnsureIdentity(filepath.Join(dir, "identity.pem"), filepath.Join(dir, "identity.pub.pem")))
	for name, value := range map[string]string{
		"DATABASE_URL": "postgres://nowhere/atrium", "REDIS_URL": "redis://127.0.0.1:1/0", "ATRIUM_KEY_FILE": filepath.Join(dir, "deployment.key"),
		"ATRIUM_IDENTITY_PUBLIC_KEY": filepath.Join(dir, "identity.pub.pem"), "ATRIUM_CONFIG": "", "ATRIUM_LOG_LEVEL": "error",
	} {
		t.Setenv(name, value)
	}
	_, err := config.Parse(&cli, "test", "", nil)
	require.NoError(t, err)
	service := slow{start: make(chan struct{}), stop: make(chan struct{})}
	at := freeAddress(t)
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- program.Serve(ctx, cli.Settings, "test", program.Addresses{GRPC: "127.0.0.1:0", Metrics: at},
			program.Contract{Access: func(string) (string, string, bool, []string, bool) { return "", "", false, nil, false }},
			func(program.Base) (program.Service, error) { return service, nil })
	}()
	becomes := func(path string, status int) {
		t.Helper()
		require.Eventually(t, func() bool {
			response, err := http.Get("http://" + at + path)
			if err != nil {
				return false
			}
			defer response.Body.Close()
			_, _ = io.Copy(io.Discard, response.Body)
			return response.StatusCode == status
		}, 20*time.Second, 10*time.Millisecond, path)
	}
	becomes("/healthz", http.StatusOK)
	becomes("/readyz", http.StatusServiceUnavailable)
	close(service.start)
	becomes("/readyz", http.StatusOK)
	end()
	becomes("/readyz", http.StatusServiceUnavailable)
	becomes("/healthz", http.StatusOK)
	close(service.stop)
	require.NoError(t, <-ended)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}
