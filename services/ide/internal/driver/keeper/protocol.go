package keeper

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/pod"
)

// Names inside the sandbox.
const (
	// SocketName is the keeper's socket in the folder of sockets.
	SocketName = "keeper.sock"
	// ProxyPort is where programs inside find the way out, on 127.0.0.1.
	ProxyPort = 3128
	// EgressDir holds the socket of the way out, EgressSocket. Without that
	// there is none.
	EgressDir    = "/run/atrium-egress"
	EgressSocket = "proxy.sock"
)

// request is the one line that opens a connection to the keeper.
type request struct {
	Do string `json:"do"` // start, ports, dial, terminal, run or claim; in a pod also editor, stats, disk or files; in one for files alone disk, files, erase or idle

	// Start is what to run, for "start".
	Start *Start `json:"start,omitempty"`
	// Port is where to connect to, for "dial".
	Port int `json:"port,omitempty"`
	// Run is what to run beside the editor, for "run".
	Run *driver.Command `json:"run,omitempty"`
	// Claim is whose the sandbox is, for "claim".
	Claim *Claim `json:"claim,omitempty"`
	// Terminal is which shell to show, for "terminal".
	Terminal *driver.Terminal `json:"terminal,omitempty"`
	// Workspace is whose files are meant, in a pod that has those of several.
	Workspace uuid.UUID `json:"workspace,omitzero"`
	// Plant is for "files" of a workspace that has none yet.
	Plant *Plant `json:"plant,omitempty"`
}

// Start is what the keeper runs, once. It comes over the socket because the
// environment holds secrets: nothing of it may stand in an argument or in what
// the container's engine keeps.
type Start struct {
	Command []string `json:"command"`
	Env     []string `json:"env"`
	Dir     string   `json:"dir"`
	// Warm says that the sandbox waits for its claim.
	Warm bool `json:"warm,omitempty"`
}

// reply is the one line that the keeper answers. After that of a "dial" without
// an error the connection is the port's; after that of a "terminal" or a "run", it
// carries package terminal's frames; after that of "files", package remote's.
type reply struct {
	Error   string        `json:"error,omitempty"`
	Closed  bool          `json:"closed,omitempty"` // nothing listens on the port
	Many    bool          `json:"many,omitempty"`   // there are as many terminals as there may be
	Resumed bool          `json:"resumed,omitempty"`
	Lent    bool          `json:"lent,omitempty"` // the terminal comes with this line
	Ports   []driver.Port `json:"ports,omitempty"`
	Stats   *driver.Stats `json:"stats,omitempty"`
	Disk    *pod.Disk     `json:"disk,omitempty"`
	Missing bool          `json:"missing,omitempty"` // there are no files yet
	Unknown bool          `json:"unknown,omitempty"` // what was asked
	Idle    time.Duration `json:"idle,omitempty"`
	// Folders is what a claimed editor sees.
	Folders map[string]Folder `json:"folders,omitempty"`
}

const (
	// longestLine bounds what either side reads of a line.
	longestLine = 1 << 20
	// answerWithin bounds how long an answer may take.
	answerWithin = 10 * time.Second
	// mostPorts bounds how many ports a sandbox is believed to have.
	mostPorts = 1000
)

// Client speaks with a keeper over connections that Dial makes.
type Client struct {
	Dial func(ctx context.Context) (net.Conn, error)
	// Lends says that terminals can be handed over, because the sandbox has this
	// system's kernel.
	Lends bool
	// patience is how long an answer may take; 0 is answerWithin.
	patience time.Duration
}

// Start tells the keeper what to run. A second time is refused.
func (c Client) Start(ctx context.Context, s Start) error {
	conn, _, err := c.ask(ctx, request{Do: "start", Start: &s})
	if err != nil {
		return err
	}
	return conn.Close()
}

// Ports gives the ports on which something inside listens, by number.
func (c Client) Ports(ctx context.Context) ([]driver.Port, error) {
	conn, answer, err := c.ask(ctx, request{Do: "ports"})
	if err != nil {
		return nil, err
	}
	if len(answer.Ports) > mostPorts {
		answer.Ports = answer.Ports[:mostPorts]
	}
	return answer.Ports, conn.Close()
}

// DialPort connects to a port inside, or answers driver.ErrPortClosed.
func (c Client) DialPort(ctx context.Context, port int) (net.Conn, error) {
	conn, answer, err := c.ask(ctx, request{Do: "dial", Port: port})
	if answer.Closed {
		return nil, driver.ErrPortClosed
	}
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// ask sends a request and reads the answer. The connection is closed on errors.
func (c Client) ask(ctx context.Context, r request) (net.Conn, reply, error) {
	plain, err := c.Dial(ctx)
	if err != nil {
		return nil, reply{}, err
	}
	release := context.AfterFunc(ctx, func() { plain.Close() })
	conn := &buffered{Conn: plain, from: bufio.NewReader(plain)}
	answer, err := conn.exchange(r, cmp.Or(c.patience, answerWithin))
	if !release() && err == nil {
		err = context.Cause(ctx)
	}
	if err == nil && answer.Error != "" {
		err = errors.New(answer.Error)
	}
	if err != nil {
		plain.Close()
		return nil, answer, fmt.Errorf("the sandbox's keeper: %w", err)
	}
	return conn, answer, nil
}

// buffered is a connection of whose bytes some were read ahead.
type buffered struct {
	net.Conn
	from *bufio.Reader
}

func (b *buffered) Read(p []byte) (int, error) { return b.from.Read(p) }

func (b *buffered) CloseWrite() error { return closeWrite(b.Conn) }

func (b *buffered) exchange(r request, patience time.Duration) (reply, error) {
	if err := b.SetDeadline(time.Now().Add(patience)); err != nil {
		return reply{}, err
	}
	if err := writeLine(b, r); err != nil {
		return reply{}, err
	}
	var answer reply
	if err := readLine(b.from, &answer); err != nil {
		return reply{}, err
	}
	return answer, b.SetDeadline(time.Time{})
}

func writeLine(w io.Writer, value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// readLine reads one line of JSON, and leaves what follows it unread.
func readLine(r *bufio.Reader, into any) error {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if line = append(line, part...); len(line) > longestLine {
			return errors.New("the line is too long")
		}
		if err == nil {
			return json.Unmarshal(line, into)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

func closeWrite(conn net.Conn) error {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
