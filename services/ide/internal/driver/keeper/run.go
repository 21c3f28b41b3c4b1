package keeper

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/listening"
	"atrium.internal/services/ide/internal/driver/pod"
	"atrium.internal/services/ide/internal/driver/terminal"
)

// startWithin is how long a keeper waits to be told what to run. One whose
// driver has ended meanwhile must not stay.
const startWithin = time.Minute

// keeper is the state of the first process.
type keeper struct {
	mu      sync.Mutex
	editor  int // its pid; 0 before it is started
	started chan struct{}
	// env and dir are the editor's.
	env []string
	dir string
	// programs are those that run beside it, each with who waits for its end.
	programs map[int]chan int
	// unclaimed says that the sandbox has no user yet.
	unclaimed bool
	runDir    string
	// shells live as long as the sandbox does.
	shells *terminal.Host
	// more answers requests that not every keeper knows; it may be nil.
	more func(r request, conn net.Conn, from *bufio.Reader) bool
}

func newKeeper(runDir string) *keeper {
	return &keeper{runDir: runDir, started: make(chan struct{}), programs: map[int]chan int{}, shells: &terminal.Host{}}
}

// Run is the keeper's whole life. It serves on a socket in the given folder and
// returns the exit code of what it was told to start, once no process is left.
func Run(runDir string) (int, error) {
	control, err := listen(runDir)
	if err != nil {
		return 0, err
	}
	out, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(ProxyPort)))
	if err != nil {
		return 0, err
	}
	go accept(out, forward)
	return newKeeper(runDir).live(control)
}

// live serves until no process is left.
func (k *keeper) live(control net.Listener) (int, error) {
	children, end := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(children, unix.SIGCHLD)
	signal.Notify(end, unix.SIGTERM, unix.SIGINT)

	go accept(control, k.serve)

	waiting := time.NewTimer(startWithin)
	defer waiting.Stop()
	started := k.started
	code, ending := 0, false
	for {
		select {
		case <-started:
			waiting.Stop()
			started = nil
		case <-waiting.C:
			return 0, errors.New("nobody said what to run")
		case <-end:
			ending = true
			k.endAll()
		case <-children:
		}
		status, ended, none := k.reap()
		if ended && !ending {
			code, ending = status, true
			k.endAll()
		} else if ended {
			code = status
		}
		if ending && none {
			return code, nil
		}
	}
}

// endAll asks every process to end but this one. Shells that somebody types into
// mind only that their terminal is closed.
func (k *keeper) endAll() {
	k.shells.Hangup()
	_ = unix.Kill(-1, unix.SIGTERM)
}

// listen opens the keeper's socket.
func listen(runDir string) (net.Listener, error) {
	path := filepath.Join(runDir, SocketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return net.Listen("unix", path)
}

// reap waits for whatever has ended. It tells whether the editor was among them,
// with its exit code, and whether no process is left.
func (k *keeper) reap() (code int, editor, none bool) {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return code, editor, true // ECHILD
		}
		if pid == 0 {
			return code, editor, false
		}
		ended := status.ExitStatus()
		if status.Signaled() {
			ended = 128 + int(status.Signal())
		}
		k.mu.Lock()
		if pid == k.editor {
			editor, code = true, ended
		}
		if waits, ok := k.programs[pid]; ok {
			waits <- ended
			delete(k.programs, pid)
		}
		k.mu.Unlock()
		k.shells.Ended(pid, ended)
	}
}

// accept serves connections for as long as the process lives.
func accept(l net.Listener, serve func(net.Conn)) {
	for {
		conn, err := l.Accept()
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of descriptors, say
			continue
		}
		go serve(conn)
	}
}

// show answers one request for a terminal, a program or a claim, and no other.
func (k *keeper) show(conn net.Conn) {
	k.answer(conn, func(r request) bool { return r.Do == "terminal" || r.Do == "run" || r.Do == "claim" })
}

// serve answers one request.
func (k *keeper) serve(conn net.Conn) { k.answer(conn, func(request) bool { return true }) }

func (k *keeper) answer(conn net.Conn, known func(request) bool) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(answerWithin))
	handed := newHanding(conn, terminal.NotLent)
	defer handed.drop()
	from := bufio.NewReader(handed)
	var r request
	if readLine(from, &r) != nil {
		return
	}
	if !known(r) {
		r.Do = ""
	}
	switch r.Do {
	case "start":
		_ = writeLine(conn, failed(k.start(r.Start)))
	case "ports":
		sockets, err := sockets()
		answer := failed(err)
		answer.Ports = listening.Ports(sockets)
		_ = writeLine(conn, answer)
	case "dial":
		to, answer := dial(r.Port)
		if err := writeLine(conn, answer); err != nil || to == nil {
			return
		}
		_ = conn.SetDeadline(time.Time{})
		join(&buffered{Conn: conn, from: from}, to)
	case "claim":
		_ = writeLine(conn, k.claim(r.Claim))
	case "run":
		_ = conn.SetDeadline(time.Time{})
		k.run(conn, from, r.Run)
	case "terminal":
		k.terminal(handed, from, r.Terminal)
	default:
		if k.more == nil || !k.more(r, conn, from) {
			_ = writeLine(conn, reply{Error: unknownRequest, Unknown: true})
		}
	}
}

// unknownRequest is what keepers always said to what they do not know.
const unknownRequest = "unknown request"

// terminal shows a shell until its watcher goes, and lends it to one that gave
// the file of a record.
func (k *keeper) terminal(conn *handing, from *bufio.Reader, t *driver.Terminal) {
	if t == nil {
		_ = writeLine(conn, reply{Error: "no terminal named"})
		return
	}
	var record *os.File
	if fd, ok := conn.take(); ok {
		record = os.NewFile(uintptr(fd), "record")
	}
	err := k.shells.Attach(conn.Conn, from, t.Session, t.Cols, t.Rows, record, func(resumed bool, master int) error {
		conn.give = master
		return writeLine(conn, reply{Resumed: resumed, Lent: master != terminal.NotLent})
	})
	if err != nil {
		_ = writeLine(conn, reply{Error: err.Error(), Many: errors.Is(err, terminal.ErrMany)})
	}
}

func failed(err error) reply {
	if err != nil {
		return reply{Error: err.Error()}
	}
	return reply{}
}

// start runs the command, whose output is the sandbox's.
func (k *keeper) start(s *Start) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.editor != 0 {
		return errors.New("it was started before")
	}
	if s == nil || len(s.Command) == 0 {
		return errors.New("no command")
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	child, err := os.StartProcess(s.Command[0], s.Command, &os.ProcAttr{
		Dir: s.Dir, Env: s.Env, Files: []*os.File{null, os.Stdout, os.Stderr},
	})
	if err != nil {
		return err
	}
	k.editor = child.Pid
	k.env, k.dir = s.Env, s.Dir
	k.shells.Set(s.Env, s.Dir)
	if s.Warm {
		k.unclaimed = true
		time.AfterFunc(unclaimedFor, k.giveUp)
	}
	close(k.started)
	return child.Release() // reap waits for it
}

// sockets are those of the sandbox that listen, but for the keeper's own.
func sockets() ([]listening.Socket, error) {
	found, err := listening.Sockets(os.Getpid(), processes())
	if err != nil {
		return nil, err
	}
	var others []listening.Socket
	for _, s := range found {
		if s.Port != ProxyPort && s.Port != pod.Port {
			others = append(others, s)
		}
	}
	return others, nil
}

// processes are all that this process can see, which is the sandbox's.
func processes() []int {
	entries, _ := os.ReadDir("/proc") // without it, ports have no names
	var pids []int
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

func dial(port int) (net.Conn, reply) {
	found, err := sockets()
	if err != nil {
		return nil, failed(err)
	}
	for _, s := range found {
		if s.Port != port {
			continue
		}
		if conn, err := dialer.DialContext(context.Background(), "tcp", s.Reachable()); err == nil {
			return conn, reply{}
		}
	}
	return nil, reply{Error: fmt.Sprintf("nothing listens on port %d", port), Closed: true}
}
