package fakeai

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// wire writes server-sent events to one client.
type wire struct {
	w     http.ResponseWriter
	flush *http.ResponseController
	size  int // of each write; 0: one per event
}

func newWire(w http.ResponseWriter, size int) *wire {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusOK)
	out := &wire{w: w, flush: http.NewResponseController(w), size: size}
	_ = out.flush.Flush()
	return out
}

// event sends one event; an empty name sends data alone, as OpenAI does.
func (o *wire) event(name string, data any) {
	payload, ok := data.([]byte)
	if !ok {
		payload, _ = json.Marshal(data) // our own types: never fails
	}
	frame := fmt.Appendf(nil, "data: %s\n\n", payload)
	if name != "" {
		frame = append([]byte("event: "+name+"\n"), frame...)
	}
	o.write(frame)
}

// write ignores errors: the context tells when the client has left.
func (o *wire) write(frame []byte) {
	for len(frame) > 0 {
		n := len(frame)
		if o.size > 0 {
			n = min(n, o.size)
		}
		_, _ = o.w.Write(frame[:n])
		_ = o.flush.Flush()
		frame = frame[n:]
	}
}

// play sends an answer's deltas at the script's pace and reports whether the
// stream is to be ended in good order.
func (a answer) play(ctx context.Context, call *Call, delta func(string), fail func()) bool {
	pause(ctx, a.First)
	for i, chunk := range a.chunks {
		if a.End != Finish && i == a.After {
			break
		}
		pause(ctx, a.Delay)
		if ctx.Err() != nil {
			return false
		}
		delta(chunk)
		call.set(func(c *Call) {
			c.sent += chunk
			c.counts.Output = Tokens(c.sent)
		})
	}
	switch a.End {
	case Cut:
		// The server drops the connection without the last chunk.
		panic(http.ErrAbortHandler)
	case Hang:
		<-ctx.Done()
		return false
	case ErrorEvent:
		fail()
		return false
	case Truncate:
		return false
	}
	return true
}

func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
