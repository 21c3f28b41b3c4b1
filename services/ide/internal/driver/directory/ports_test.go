package directory

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
)

// freePort is one that nothing listens on right now.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (p person) handle(t *testing.T) driver.Handle {
	t.Helper()
	r, found, err := p.driver.saved(p.record.WorkspaceID)
	require.NoError(t, err)
	require.True(t, found)
	h, err := r.handle()
	require.NoError(t, err)
	return h
}

func TestOnlyPortsOfTheSandboxAreReached(t *testing.T) {
	d := needNamespaces(t)
	ada, eve := newPerson(t, d, driver0), newPerson(t, d, driver0)
	node := d.places(*d.found, ada.record).Node()
	for _, address := range []string{"127.0.0.1", "0.0.0.0", "::", "::1"} {
		t.Run(address, func(t *testing.T) {
			port := freePort(t)
			ada.start(t, fmt.Sprintf(`exec %s -e 'require("http").createServer((q, s) => s.end("hello " + q.headers.host)).listen(%d, %q)'`, node, port, address))
			eve.start(t, "sleep 600")
			t.Cleanup(func() {
				require.NoError(t, d.Stop(context.Background(), ada.handle(t)))
				require.NoError(t, d.Stop(context.Background(), eve.handle(t)))
			})
			var ports []driver.Port
			require.Eventually(t, func() bool {
				var err error
				ports, err = d.Ports(t.Context(), ada.handle(t))
				require.NoError(t, err)
				return len(ports) > 0
			}, 30*time.Second, 50*time.Millisecond, "%s", ada.printed)
			require.Equal(t, port, ports[0].Number)
			require.Len(t, ports, 1)

			client := http.Client{Transport: &http.Transport{
				DisableKeepAlives: true,
				DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
					return d.DialPort(ctx, ada.handle(t), port)
				},
			}}
			response, err := client.Get("http://there/")
			require.NoError(t, err)
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.Equal(t, "hello there", string(body))

			others, err := d.Ports(t.Context(), eve.handle(t))
			require.NoError(t, err)
			require.Empty(t, others)
			_, err = d.DialPort(t.Context(), eve.handle(t), port)
			require.ErrorIs(t, err, driver.ErrPortClosed, "a neighbour's port")
		})
	}
	t.Run("the platform's own ports", func(t *testing.T) {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		eve.start(t, "sleep 600")
		_, err = d.DialPort(t.Context(), eve.handle(t), l.Addr().(*net.TCPAddr).Port)
		require.ErrorIs(t, err, driver.ErrPortClosed)
	})
}
