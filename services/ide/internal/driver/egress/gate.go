package egress

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/netutil"
)

// mostConnections bounds how many connections one sandbox has outwards.
const mostConnections = 256

// Platform is what every sandbox may reach.
type Platform struct {
	// URL is the public one.
	URL *url.URL
	// Address is the host:port to connect to for it, where the URL's own leads
	// elsewhere from here; empty takes the URL's.
	Address string
}

// Gate serves a proxy for each sandbox.
type Gate struct {
	policy   Policy
	platform Platform
	log      *slog.Logger

	mu     sync.Mutex
	closed bool
	doors  map[uuid.UUID]*door
}

// door is one sandbox's.
type door struct {
	path   string
	server *http.Server
	proxy  *proxy
	done   chan struct{}
}

// NewGate makes a gate that serves nobody yet.
func NewGate(policy Policy, platform Platform, log *slog.Logger) *Gate {
	return &Gate{policy: policy, platform: platform, log: log, doors: map[uuid.UUID]*door{}}
}

// Open serves a sandbox on a socket that its uid alone can use. It is no error
// when it is open already.
func (g *Gate) Open(workspace uuid.UUID, path string, uid int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if d, ok := g.doors[workspace]; ok && d.path == path && isSocket(path) {
		return nil
	} else if ok {
		d.close()
		delete(g.doors, workspace)
	}
	if g.closed {
		return errors.New("the way out of workspaces is closed")
	}
	listener, err := listen(path, uid)
	if err != nil {
		return fmt.Errorf("the way out of the workspace: %w", err)
	}
	p := newProxy(g.policy, g.platform, g.log.With("workspace_id", workspace))
	d := &door{path: path, proxy: p, done: make(chan struct{}), server: &http.Server{
		Handler: p, ReadHeaderTimeout: dialWithin, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(g.log.Handler(), slog.LevelDebug),
	}}
	g.doors[workspace] = d
	go func() {
		defer close(d.done)
		_ = d.server.Serve(netutil.LimitListener(listener, mostConnections)) // until it is closed
	}()
	return nil
}

// isSocket reports whether a door's socket is still there: a sandbox's run
// folder is made anew with each start.
func isSocket(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&os.ModeSocket != 0
}

// listen makes the socket, in place of what an earlier process left.
func listen(path string, uid int) (*net.UnixListener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false) // the name may be another process's by then
	if err := errors.Join(os.Chown(path, uid, uid), os.Chmod(path, 0o600)); err != nil {
		listener.Close()
		return nil, err
	}
	return listener, nil
}

// Shut ends a sandbox's way out and its connections.
func (g *Gate) Shut(workspace uuid.UUID) {
	g.mu.Lock()
	d, ok := g.doors[workspace]
	delete(g.doors, workspace)
	g.mu.Unlock()
	if ok {
		d.close()
	}
}

// Close shuts every door and opens none any more.
func (g *Gate) Close() error {
	g.mu.Lock()
	g.closed = true
	doors := g.doors
	g.doors = map[uuid.UUID]*door{}
	g.mu.Unlock()
	for _, d := range doors {
		d.close()
	}
	return nil
}

func (d *door) close() {
	_ = d.server.Close()
	<-d.done
	d.proxy.tunnels.close()
	d.proxy.web.Transport.(*http.Transport).CloseIdleConnections()
}
