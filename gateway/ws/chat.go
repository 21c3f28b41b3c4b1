package ws

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/principal"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"

	"atrium.internal/gateway/middleware/measure"
	"atrium.internal/gateway/problem"
	"atrium.internal/gateway/session"
)

const (
	// writePatience is how long a frame may take to be taken.
	writePatience = 10 * time.Second
	// pingEvery and pongPatience bound how long a broken line stays unnoticed:
	// less than 45 seconds.
	pingEvery, pongPatience = 20 * time.Second, 15 * time.Second
	// maxRead is the largest frame that a client may send, in bytes.
	maxRead = 4096
	// ahead is how many frames may wait for the client.
	ahead = 64
)

var (
	errUpgrade = apperr.New(apperr.InvalidArgument, "UPGRADE_REQUIRED", "This address speaks WebSocket only.")
	errOrigin  = apperr.New(apperr.PermissionDenied, "CROSS_ORIGIN_REFUSED", "The request comes from another origin.")
	errEnded   = errors.New("the client has closed")
)

// Chat shows a user's conversations as they change.
type Chat struct {
	Client chatv1.ChatServiceClient
	// Origin is the platform's own, the only one whose pages may connect.
	Origin string
	Log    *slog.Logger
}

// ServeHTTP upgrades the connection and serves it to its end.
func (c Chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := admit(r, c.Origin); err != nil {
		problem.Write(w, r, err)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	events, err := c.Client.Watch(grpcx.Endless(ctx), &chatv1.WatchRequest{})
	if err == nil {
		err = opened(events)
	}
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // admit has looked
	if err != nil {
		return // it has answered
	}
	defer func() { _ = conn.CloseNow() }() // it may be closed already
	conn.SetReadLimit(maxRead)
	c.serve(ctx, cancel, r, conn, events)
}

// admit wants somebody signed in, and from a browser a page of the platform.
func admit(r *http.Request, origin string) error {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return errUpgrade
	}
	if !fromHere(r, origin) {
		return errOrigin
	}
	if p, _ := principal.From(r.Context()); p.Kind != principal.User {
		return principal.ErrUnauthenticated
	}
	return nil
}

// fromHere tells requests of the platform's pages, and of programs with a token,
// which have no origin.
func fromHere(r *http.Request, origin string) bool {
	from := r.Header.Get("Origin")
	_, isToken := session.Token(r)
	return from == origin || from == "" && isToken
}

// opened waits until nothing can be missed, or gives the refusal.
func opened(events grpc.ServerStreamingClient[chatv1.WatchResponse]) error {
	md, err := events.Header()
	if err != nil {
		return grpcx.FromStatus(err)
	}
	if md == nil { // a call that is refused has no headers, only a status
		_, err = events.Recv()
	}
	return err
}

// serve passes frames on until somebody ends. A client that is slow to read
// fills its queue, then the service's, and is cut off there or here.
func (c Chat) serve(ctx context.Context, end func(), r *http.Request, conn *websocket.Conn, events grpc.ServerStreamingClient[chatv1.WatchResponse]) {
	frames := make(chan []byte, ahead)
	frames <- []byte(`{"type":"hello"}`)
	// What reads and writes must not end with ctx: that would break the line off
	// before anybody is told why. Closing it ends them.
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return read(ctx, conn, frames) })
	group.Go(func() error { return write(ctx, conn, frames) })
	group.Go(func() error { return ping(ctx, conn) })
	group.Go(func() error {
		for {
			event, err := events.Recv()
			if err != nil {
				return grpcx.FromStatus(err)
			}
			frame, err := encode(r, event)
			if err != nil {
				return err
			}
			select {
			case frames <- frame:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	group.Go(func() error {
		<-ctx.Done()
		closeFor(r, conn, c.Log, context.Cause(ctx))
		end() // the call for what comes, which may not come for long
		return nil
	})
	_ = group.Wait() // close has said why
}

// read answers a browser's signs of life, which it can't send as pings, and
// notices when the client closes.
func read(ctx context.Context, conn *websocket.Conn, frames chan<- []byte) error {
	for {
		_, body, err := conn.Read(context.WithoutCancel(ctx))
		if err != nil {
			return errors.Join(errEnded, err)
		}
		var frame struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(body, &frame) != nil || frame.Type != "ping" {
			continue
		}
		select {
		case frames <- []byte(`{"type":"pong"}`):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func write(ctx context.Context, conn *websocket.Conn, frames <-chan []byte) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case frame := <-frames:
			patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), writePatience)
			err := conn.Write(patient, websocket.MessageText, frame)
			cancel()
			if err != nil {
				return err
			}
			measure.Sent(ctx, len(frame))
		}
	}
}

func ping(ctx context.Context, conn *websocket.Conn) error {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), pongPatience)
		err := conn.Ping(patient)
		cancel()
		if err != nil {
			return err
		}
	}
}
