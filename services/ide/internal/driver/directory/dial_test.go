package directory

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/unixsock"
	"atrium.internal/services/ide/internal/driver/vscode"
)

var driver0 driver.Limits

// TestHostileSockets puts in the editor's place what a workspace could.
func TestHostileSockets(t *testing.T) {
	d := needNamespaces(t)
	p := newPerson(t, d, driver0)
	platform := filepath.Join(dataDir(t), "platform.sock")
	listener, err := net.Listen("unix", platform)
	require.NoError(t, err)
	defer listener.Close()
	inside := filepath.Join(p.record.SocketDir, vscode.SocketName)
	uid := p.record.UID

	for name, plant := range map[string]func() error{
		"a link to a socket of the platform": func() error { return os.Symlink(platform, inside) },
		"a file":                             func() error { return os.WriteFile(inside, nil, 0o600) },
		"a folder":                           func() error { return os.Mkdir(inside, 0o700) },
		"a socket of another uid":            func() error { return os.Link(platform, inside) },
		"a socket of another uid, given to this one": func() error {
			if err := os.Link(platform, inside); err != nil {
				return err
			}
			return os.Chown(inside, uid, uid)
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, plant())
			defer os.RemoveAll(inside)
			r := p.start(t, `sleep 1000`)
			h, err := r.handle()
			require.NoError(t, err)
			_, err = d.Dial(t.Context(), h)
			require.ErrorIs(t, err, unixsock.ErrHostile)
			require.NoError(t, d.Stop(t.Context(), h))
		})
	}
}

// TestALinkIsNotFollowedEvenToASocketOfTheSameUser: what lies behind a link can
// change between any two looks at it.
func TestALinkIsNotFollowedEvenToASocketOfTheSameUser(t *testing.T) {
	d := needNamespaces(t)
	p := newPerson(t, d, driver0)
	r := p.start(t, `/opt/vscode/node/bin/node -e 'require("net").createServer().listen("/run/atrium/other.sock", () => console.log("up"))'`)
	require.Eventually(t, func() bool { return p.printed(t) == "up\n" }, 10*time.Second, 10*time.Millisecond)
	h, err := r.handle()
	require.NoError(t, err)
	inside := filepath.Join(p.record.SocketDir, vscode.SocketName)

	require.NoError(t, os.Symlink("other.sock", inside))
	_, err = d.Dial(t.Context(), h)
	require.ErrorIs(t, err, unixsock.ErrHostile)

	require.NoError(t, os.Remove(inside))
	require.NoError(t, os.Link(filepath.Join(p.record.SocketDir, "other.sock"), inside))
	conn, err := d.Dial(t.Context(), h)
	require.NoError(t, err, "the same socket itself is good")
	require.NoError(t, conn.Close())
}
