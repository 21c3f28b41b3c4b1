package keeper

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/pod"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/files/remote"
)

// Plant is what a workspace without files begins with.
type Plant struct {
	// Seed is an archive of folders and files; empty for none.
	Seed []byte `json:"seed,omitempty"`
}

// Errors of files in a pod.
var (
	// ErrMissing: the workspace has no files yet.
	ErrMissing = errors.New("the workspace has no files yet")
	// ErrUnknown: the pod's keeper is of a version that does not know what it was asked.
	ErrUnknown = errors.New("the sandbox's keeper does not know what it was asked")
)

// served are files that a keeper serves, and who uses them.
type served struct {
	parent *os.Root
	uid    int
	// name is that of a workspace's folder in the parent.
	name func(workspace uuid.UUID) string

	mu sync.Mutex
	// commits are the locks of changes, by workspace.
	commits map[uuid.UUID]*sync.Mutex
	users   int
	last    time.Time // when the last one left
}

func (s *served) begin(workspace uuid.UUID) *sync.Mutex {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users++
	if s.commits == nil {
		s.commits = map[uuid.UUID]*sync.Mutex{}
	}
	if s.commits[workspace] == nil {
		s.commits[workspace] = &sync.Mutex{}
	}
	return s.commits[workspace]
}

func (s *served) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users--
	s.last = time.Now()
}

// idle is for how long nobody has used the files.
func (s *served) idle() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users > 0 {
		return 0
	}
	return time.Since(s.last)
}

// serve answers a request for a workspace's files, and then works on them until
// the other end goes.
func (s *served) serve(r request, conn net.Conn, from *bufio.Reader) {
	commit := s.begin(r.Workspace)
	defer s.end()
	name := s.name(r.Workspace)
	if r.Plant != nil {
		commit.Lock()
		err := pod.Plant(s.parent, r.Workspace, s.uid, bytes.NewReader(r.Plant.Seed))
		commit.Unlock()
		if err != nil {
			_ = writeLine(conn, failed(err))
			return
		}
	}
	root, err := userdata.Enter(s.parent, name)
	answer := failed(err)
	answer.Missing = errors.Is(err, fs.ErrNotExist)
	if writeLine(conn, answer) != nil || err != nil {
		return
	}
	defer root.Close()
	_ = conn.SetDeadline(time.Time{})
	_ = remote.Server{Root: root, Commit: commit, Export: func(ctx context.Context, visit driver.Visitor) error {
		return userdata.Walk(ctx, s.parent, name, s.uid, visit)
	}}.Serve(context.Background(), &buffered{Conn: conn, from: from})
}

// aloneFor is how long a pod for files stays that nobody uses: its driver, which
// would end it sooner, may have ended for good.
const aloneFor = 15 * time.Minute

// RunFiles is a keeper's whole life in a pod where nothing of its user's runs: it
// serves the files of all of the user's workspaces, in the volume at the given
// place, to whoever has the driver's key.
func RunFiles(volume string, c pod.Config) error {
	settings, err := pod.Server(c.Seed, c.Driver)
	if err != nil {
		return err
	}
	parent, err := os.OpenRoot(volume)
	if err != nil {
		return err
	}
	defer parent.Close()
	l, err := net.Listen("tcp", ":"+strconv.Itoa(pod.Port))
	if err != nil {
		return err
	}
	end := make(chan os.Signal, 1)
	signal.Notify(end, unix.SIGTERM, unix.SIGINT)
	s := &served{parent: parent, uid: c.UID, name: userdata.Project, last: time.Now()}
	k := newKeeper("") // it runs no sandbox
	k.more = func(r request, conn net.Conn, from *bufio.Reader) bool { return s.asFiles(volume, r, conn, from) }
	go accept(tls.NewListener(l, settings), func(conn net.Conn) {
		k.answer(conn, func(r request) bool { return r.Do == "files" || r.Do == "disk" || r.Do == "erase" || r.Do == "idle" })
	})
	look := time.NewTicker(aloneFor / 10)
	defer look.Stop()
	for {
		select {
		case <-end:
			return nil
		case <-look.C:
			if s.idle() > aloneFor {
				return nil
			}
		}
	}
}

// asFiles answers what a pod for files is asked; the size of no workspace's files is
// that of all.
func (s *served) asFiles(volume string, r request, conn net.Conn, from *bufio.Reader) bool {
	switch r.Do {
	case "files":
		s.serve(r, conn, from)
	case "disk":
		if r.Workspace == uuid.Nil {
			d, err := pod.Whole(volume)
			answer := failed(err)
			answer.Disk = &d
			_ = writeLine(conn, answer)
			return true
		}
		_ = writeLine(conn, measured(filepath.Join(volume, userdata.Project(r.Workspace))))
	case "erase":
		s.begin(r.Workspace)
		defer s.end()
		_ = conn.SetDeadline(time.Time{})
		_ = writeLine(conn, failed(pod.Erase(s.parent, r.Workspace)))
	case "idle":
		_ = writeLine(conn, reply{Idle: s.idle()})
	default:
		return false
	}
	return true
}

// Files connects to a server of package remote over a workspace's files. One that
// has none yet gets them with plant; without, that is ErrMissing.
func (c Client) Files(ctx context.Context, workspace uuid.UUID, plant *Plant) (net.Conn, error) {
	conn, answer, err := c.ask(ctx, request{Do: "files", Workspace: workspace, Plant: plant})
	switch {
	case answer.Missing:
		return nil, ErrMissing
	case answer.Unknown || answer.Error == unknownRequest:
		return nil, ErrUnknown
	case err != nil:
		return nil, err
	}
	return conn, nil
}

// eraseWithin is how long it may take to delete a workspace's files.
const eraseWithin = 10 * time.Minute

// Erase removes a workspace's files.
func (c Client) Erase(ctx context.Context, workspace uuid.UUID) error {
	c.patience = eraseWithin
	conn, _, err := c.ask(ctx, request{Do: "erase", Workspace: workspace})
	if err != nil {
		return err
	}
	return conn.Close()
}

// Idle is for how long nobody has used a pod for files.
func (c Client) Idle(ctx context.Context) (time.Duration, error) {
	conn, answer, err := c.ask(ctx, request{Do: "idle"})
	if err != nil {
		return 0, err
	}
	return answer.Idle, conn.Close()
}
