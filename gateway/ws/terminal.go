package ws

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"unicode/utf8"

	"github.com/coder/websocket"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/middleware/measure"
	"atrium.internal/gateway/problem"
)

const (
	// maxTyped is the largest frame that a terminal's client may send, in bytes.
	maxTyped = 64 << 10
	// terminalCols and terminalRows are a terminal's size when none is said.
	terminalCols, terminalRows = 80, 24
)

var errFrame = apperr.New(apperr.InvalidArgument, "FRAME_INVALID", `A text frame is {"resize":{"cols":80,"rows":24}}, each from 1 to 1000.`)

// Terminal shows shells of workspaces. Binary frames are bytes, both ways. Text
// frames are {"resize":{"cols","rows"}} from the client; from here, the first
// frame is {"session","resumed"}, and {"exit":{"code"}} tells the end of the shell.
//
// A shell that can't be had is a status and its reason, as of any call; see Refusals.
type Terminal struct {
	Client idev1.TerminalServiceClient
	// Origin is the platform's own, the only one whose pages may connect.
	Origin string
	Log    *slog.Logger
}

// terminal is the service's side of one.
type terminal = grpc.BidiStreamingClient[idev1.AttachRequest, idev1.AttachResponse]

// ServeHTTP upgrades the connection once the shell is there, and serves it to
// its end.
func (t Terminal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := admit(r, t.Origin); err != nil {
		problem.Write(w, r, err)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	shell, attached, refused := t.attach(ctx, r)
	if refused != nil {
		problem.Write(w, r, refused)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // admit has looked
	if err != nil {
		return // it has answered
	}
	defer func() { _ = conn.CloseNow() }() // it may be closed already
	conn.SetReadLimit(maxTyped)
	t.serve(ctx, cancel, r, conn, shell, attached)
}

// attach asks for the shell that the request names.
func (t Terminal) attach(ctx context.Context, r *http.Request) (terminal, *idev1.Attached, error) {
	size, err := sizeOf(r)
	if err != nil {
		return nil, nil, err
	}
	workspace, session := r.PathValue("workspace"), r.URL.Query().Get("session")
	if !utf8.ValidString(workspace) || !utf8.ValidString(session) { // messages hold nothing else
		return nil, nil, apperr.Invalid("session", "is not UTF-8")
	}
	shell, err := t.Client.Attach(grpcx.Endless(ctx))
	if err != nil {
		return nil, nil, err
	}
	err = shell.Send(&idev1.AttachRequest{Head: &idev1.AttachHead{
		WorkspaceId: workspace, Session: session, Size: size,
	}})
	if err != nil && !errors.Is(err, io.EOF) { // EOF: the answer says why
		return nil, nil, err
	}
	first, err := shell.Recv()
	return shell, first.GetAttached(), err
}

func sizeOf(r *http.Request) (*idev1.TerminalSize, error) {
	size := &idev1.TerminalSize{Cols: terminalCols, Rows: terminalRows}
	for name, into := range map[string]*int32{"cols": &size.Cols, "rows": &size.Rows} {
		text := r.URL.Query().Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, apperr.Invalid(name, "is not a number")
		}
		*into = int32(n)
	}
	return size, nil
}

// serve passes frames on until somebody ends.
func (t Terminal) serve(ctx context.Context, end func(), r *http.Request, conn *websocket.Conn, shell terminal, attached *idev1.Attached) {
	greeting, err := json.Marshal(struct {
		Session string `json:"session"`
		Resumed bool   `json:"resumed"`
	}{attached.GetSession(), attached.GetResumed()})
	if err != nil {
		return
	}
	var stuck atomic.Bool
	// As in Chat.serve, closing the connection is what ends its readers and writers.
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return passTyped(ctx, conn, shell, &stuck) })
	group.Go(func() error {
		if err := send(ctx, conn, websocket.MessageText, greeting); err != nil {
			return err
		}
		return show(ctx, conn, shell)
	})
	group.Go(func() error {
		for {
			err := ping(ctx, conn)
			// A client that types what the shell does not take is not read from, and
			// so its signs of life are not seen.
			if ctx.Err() != nil || !stuck.Load() {
				return err
			}
		}
	})
	group.Go(func() error {
		<-ctx.Done()
		closeFor(r, conn, t.Log, context.Cause(ctx))
		end()
		return nil
	})
	_ = group.Wait() // closeFor has said why
}

// send writes one frame, with the patience that a client has.
func send(ctx context.Context, conn *websocket.Conn, kind websocket.MessageType, frame []byte) error {
	patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), writePatience)
	defer cancel()
	measure.Sent(ctx, len(frame))
	return conn.Write(patient, kind, frame)
}

// passTyped passes on what the client sends.
func passTyped(ctx context.Context, conn *websocket.Conn, shell terminal, stuck *atomic.Bool) error {
	for {
		kind, frame, err := conn.Read(context.WithoutCancel(ctx))
		if err != nil {
			return errors.Join(errEnded, err)
		}
		message := &idev1.AttachRequest{Data: frame}
		if kind == websocket.MessageText {
			if message, err = resize(frame); err != nil {
				return err
			}
		}
		stuck.Store(true)
		err = shell.Send(message)
		stuck.Store(false)
		if err != nil { // whoever receives learns why
			<-ctx.Done()
			return err
		}
	}
}

func resize(frame []byte) (*idev1.AttachRequest, error) {
	var text struct {
		Resize *struct {
			Cols int32 `json:"cols"`
			Rows int32 `json:"rows"`
		} `json:"resize"`
	}
	if json.NewDecoder(bytes.NewReader(frame)).Decode(&text) != nil || text.Resize == nil {
		return nil, errFrame
	}
	const most = 1000
	size := &idev1.TerminalSize{Cols: text.Resize.Cols, Rows: text.Resize.Rows}
	if min(size.GetCols(), size.GetRows()) < 1 || max(size.GetCols(), size.GetRows()) > most {
		return nil, errFrame
	}
	return &idev1.AttachRequest{Resize: size}, nil
}

// show passes on what the shell prints, until it ends.
func show(ctx context.Context, conn *websocket.Conn, shell terminal) error {
	return grpcx.EachReply[idev1.AttachRequest](shell, func(m *idev1.AttachResponse) error {
		if ended := m.GetEnded(); ended != nil {
			code, err := json.Marshal(map[string]any{"exit": map[string]any{"code": ended.GetExitCode()}})
			if err != nil {
				return err
			}
			return errors.Join(errEnded, send(ctx, conn, websocket.MessageText, code))
		}
		return send(ctx, conn, websocket.MessageBinary, m.GetData())
	})
}
