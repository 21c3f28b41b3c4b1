package sse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/grpcx"

	"atrium.internal/gateway/problem"
	"atrium.internal/gateway/rest"
)

// heartbeat keeps proxies from closing a silent stream. writeTimeout is how
// long a reader may take to make room for one event before it is cut.
const (
	heartbeat    = 15 * time.Second
	writeTimeout = 30 * time.Second
	// large is from where on an event's data, in bytes, is not copied.
	large = 32 << 10
	// restartRetry is how soon a client that is sent away should connect again.
	restartRetry = 500 * time.Millisecond
)

// wanted reports whether the client asks for an event stream.
func wanted(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// lastEventID gives the sequence number that a resuming client saw last; ok is
// false for something that is none.
func lastEventID(r *http.Request) (seq int64, ok bool) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		return 0, true
	}
	seq, err := strconv.ParseInt(text, 10, 64)
	return seq, err == nil && seq >= 0
}

// writer writes events to one client, each at once.
type writer struct {
	http       http.ResponseWriter
	controller *http.ResponseController
	request    *http.Request
	buffer     bytes.Buffer
}

func start(w http.ResponseWriter, r *http.Request) *writer {
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	out := &writer{http: w, controller: http.NewResponseController(w), request: r}
	_ = out.controller.Flush() // a failure shows at the first event
	return out
}

// event writes one event; seq 0 leaves the id out. The data is JSON.
func (w *writer) event(seq int64, name string, data []byte) error {
	w.buffer.Reset()
	if seq > 0 {
		w.buffer.WriteString("id: ")
		w.buffer.WriteString(strconv.FormatInt(seq, 10))
		w.buffer.WriteByte('\n')
	}
	w.buffer.WriteString("event: ")
	w.buffer.WriteString(name)
	w.buffer.WriteString("\ndata: ")
	if len(data) > large { // a whole message, of which there should be no second copy
		if err := w.write(w.buffer.Bytes()); err != nil {
			return err
		}
		if err := w.write(data); err != nil {
			return err
		}
		w.buffer.Reset()
	} else {
		w.buffer.Write(data)
	}
	w.buffer.WriteString("\n\n")
	return w.flush()
}

func (w *writer) comment() error {
	w.buffer.Reset()
	w.buffer.WriteString(": still here\n\n")
	return w.flush()
}

func (w *writer) flush() error {
	if err := w.write(w.buffer.Bytes()); err != nil {
		return err
	}
	return w.controller.Flush()
}

func (w *writer) write(p []byte) error {
	_ = w.controller.SetWriteDeadline(time.Now().Add(writeTimeout)) // not all writers have one
	_, err := w.http.Write(p)
	return err
}

// failure tells the client why the stream ends.
func (w *writer) failure(err error) {
	data, _ := json.Marshal(problem.Of(w.request, err))
	_ = w.event(0, "error", data) // the reader may be gone
}

// restart tells the client to go on elsewhere, from the last event that it has.
func (w *writer) restart() {
	w.buffer.Reset()
	fmt.Fprintf(&w.buffer, "retry: %d\nevent: restart\ndata: {\"reason\":%q}\n\n", restartRetry.Milliseconds(), drain.ErrRestarting.Reason)
	_ = w.flush() // the reader may be gone
}

// finish tells the client why its stream ends, where the end itself does not.
func (w *writer) finish(ctx context.Context, err error) {
	switch {
	case err == nil, errors.Is(err, io.EOF):
	case errors.Is(context.Cause(ctx), drain.ErrRestarting), errors.Is(grpcx.FromStatus(err), drain.ErrRestarting):
		w.restart()
	case ctx.Err() == nil:
		w.failure(err)
	}
}

// receiver is the receiving half of a streaming call.
type receiver[T any] interface{ Recv() (*T, error) }

// each hands every message of a stream to handle, with heartbeats in between,
// until the stream ends (io.EOF), handle fails, or ctx is over.
func each[T any](ctx context.Context, w *writer, from receiver[T], handle func(*T) error) error {
	type received struct {
		message *T
		err     error
	}
	messages := make(chan received)
	go func() { // ends with ctx, which ends the call too
		for {
			message, err := from.Recv()
			select {
			case messages <- received{message, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			if err := w.comment(); err != nil {
				return err
			}
		case next := <-messages:
			if next.err != nil {
				return next.err
			}
			if err := handle(next.message); err != nil {
				return err
			}
		}
	}
}

// text is the JSON of an event that only carries text.
func text(s string) []byte {
	data, _ := json.Marshal(struct {
		Text string `json:"text"`
	}{s}) // strings always encode
	return data
}

func marshal(message proto.Message) ([]byte, error) { return rest.JSON.Marshal(message) }

// read decodes the request's JSON body into message.
func read(r *http.Request, message proto.Message) error {
	return rest.JSON.NewDecoder(r.Body).Decode(message)
}
