package keeper

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/procfs"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/cgroup"
	"atrium.internal/services/ide/internal/driver/pod"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// RunPod is the keeper's whole life in a pod, which its driver reaches over the
// network: there, only who has the driver's key is answered. project is the
// folder of the workspace's files.
func RunPod(runDir, project string, c pod.Config) (int, error) {
	settings, err := pod.Server(c.Seed, c.Driver)
	if err != nil {
		return 0, err
	}
	plain, err := net.Listen("tcp", ":"+strconv.Itoa(pod.Port))
	if err != nil {
		return 0, err
	}
	parent, err := os.OpenRoot(filepath.Dir(project))
	if err != nil {
		return 0, err
	}
	k, served := newKeeper(runDir), &served{parent: parent, uid: c.UID, name: func(uuid.UUID) string { return filepath.Base(project) }}
	k.more = func(r request, conn net.Conn, from *bufio.Reader) bool {
		if r.Do == "files" {
			served.serve(r, conn, from)
			return true
		}
		return asPod(runDir, project, r, conn, from)
	}
	if c.Gateway != "" {
		if err := serveGateway(c); err != nil {
			return 0, err
		}
	}
	return k.live(tls.NewListener(plain, settings))
}

// asPod answers what only a keeper that is far from its driver is asked.
func asPod(runDir, project string, r request, conn net.Conn, from *bufio.Reader) bool {
	switch r.Do {
	case "editor":
		to, err := dialer.DialContext(context.Background(), "unix", filepath.Join(runDir, vscode.SocketName))
		if writeLine(conn, failed(err)) != nil || err != nil {
			return true
		}
		_ = conn.SetDeadline(time.Time{})
		join(&buffered{Conn: conn, from: from}, to)
	case "stats":
		s, err := ownStats()
		answer := failed(err)
		answer.Stats = &s
		_ = writeLine(conn, answer)
	case "disk":
		_ = writeLine(conn, measured(project))
	default:
		return false
	}
	return true
}

func measured(project string) reply {
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin/2)
	defer cancel()
	d, err := pod.Measure(ctx, project)
	answer := failed(err)
	answer.Disk = &d
	return answer
}

// ownStats reads the pod's control group. Kernels that show none, such as
// gVisor's, have their processes added up.
func ownStats() (driver.Stats, error) {
	if group, err := cgroup.Of(os.Getpid()); err == nil {
		if s, err := group.Stats(); err == nil && s.MemoryBytes > 0 {
			return s, nil
		}
	}
	s := driver.Stats{At: time.Now()}
	all, err := procfs.AllProcs()
	if err != nil {
		return s, err
	}
	for _, p := range all {
		stat, err := p.Stat()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return s, err
		}
		s.Processes++
		s.CPUTime += time.Duration(stat.CPUTime() * float64(time.Second))
		s.MemoryBytes += int64(stat.ResidentMemory())
	}
	return s, nil
}

// serveGateway leads programs inside to the platform, which they could not
// reach, or only by a detour, at its public address.
func serveGateway(c pod.Config) error {
	public, err := url.Parse(c.Platform)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(ProxyPort)))
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: answerWithin, Handler: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", c.Gateway, public.Host
		},
		FlushInterval: -1, // answers of models come in pieces
	}}
	go func() { _ = server.Serve(l) }()
	return nil
}

// Editor connects to the editor of a pod.
func (c Client) Editor(ctx context.Context) (net.Conn, error) {
	conn, _, err := c.ask(ctx, request{Do: "editor"})
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// Stats is what a pod uses, as it says itself.
func (c Client) Stats(ctx context.Context) (driver.Stats, error) {
	conn, answer, err := c.ask(ctx, request{Do: "stats"})
	if err != nil {
		return driver.Stats{}, err
	}
	conn.Close()
	if answer.Stats == nil {
		return driver.Stats{}, errors.New("the sandbox's keeper answers without figures")
	}
	answer.Stats.At = time.Now()
	return *answer.Stats, nil
}

// Disk is what a workspace's files take, as the pod says itself.
func (c Client) Disk(ctx context.Context, workspace uuid.UUID) (pod.Disk, error) {
	conn, answer, err := c.ask(ctx, request{Do: "disk", Workspace: workspace})
	if err != nil {
		return pod.Disk{}, err
	}
	conn.Close()
	if answer.Disk == nil {
		return pod.Disk{}, errors.New("the sandbox's keeper answers without figures")
	}
	return *answer.Disk, nil
}
