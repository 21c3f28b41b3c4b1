// Package pace cuts clients that are slower than anybody's line: a body that
// trickles in, or an answer that nobody takes, would hold its place for as long
// as the other side likes.
package pace

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/felixge/httpsnoop"

	"atrium.internal/pkg/apperr"
)

const (
	// writeStep is how much of an answer is written at once.
	writeStep = 64 << 10
	// room is how long a client may take to make room for it.
	room = 30 * time.Second
)

// ErrSlow is what reading a body gives once it is too slow.
var ErrSlow = apperr.New(apperr.InvalidArgument, "BODY_TOO_SLOW", "The request's body arrived too slowly.")

// Rate is the least that a body must come at.
type Rate struct {
	BytesPerSecond int64
	// Grace is for the beginning, and for pauses that the rate makes up for.
	Grace time.Duration
	// Room is how long a client may take to make room for a step of an answer,
	// half a minute without.
	Room time.Duration
}

// Middleware holds bodies to the rate, and answers to one step at a time.
func Middleware(rate Rate) func(http.Handler) http.Handler {
	patience := cmp.Or(rate.Room, room)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			control := http.NewResponseController(w)
			if r.Body != nil && r.Body != http.NoBody {
				body := &body{ReadCloser: r.Body, control: control, rate: rate, due: time.Now().Add(rate.Grace)}
				// Set before anything is read: net/http itself reads on when an answer comes early.
				_ = control.SetReadDeadline(body.due) // a writer without deadlines has no slow client
				r.Body = body
			}
			next.ServeHTTP(steps(w, control, patience), r)
		})
	}
}

// body moves its deadline with what has come.
type body struct {
	io.ReadCloser
	control *http.ResponseController
	rate    Rate
	due     time.Time
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == nil:
		b.earn(n)
		_ = b.control.SetReadDeadline(b.due) // as above
	case errors.Is(err, io.EOF):
		_ = b.control.SetReadDeadline(time.Time{}) // as above
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = ErrSlow.WithCause(err)
	}
	return n, err
}

// earn moves the deadline by what n bytes are worth, never further away than
// the grace: who was fast at first may not be silent for long later.
func (b *body) earn(n int) {
	b.due = b.due.Add(time.Duration(n) * time.Second / time.Duration(b.rate.BytesPerSecond))
	if latest := time.Now().Add(b.rate.Grace); b.due.After(latest) {
		b.due = latest
	}
}

// steps gives each step of an answer a deadline of its own.
func steps(w http.ResponseWriter, control *http.ResponseController, patience time.Duration) http.ResponseWriter {
	write := func(write httpsnoop.WriteFunc, p []byte) (written int, err error) {
		for {
			_ = control.SetWriteDeadline(time.Now().Add(patience)) // as above
			n, err := write(p[:min(len(p), writeStep)])
			written += n
			if p = p[n:]; err != nil || len(p) == 0 {
				return written, err
			}
		}
	}
	return httpsnoop.Wrap(w, httpsnoop.Hooks{
		Write: func(next httpsnoop.WriteFunc) httpsnoop.WriteFunc {
			return func(p []byte) (int, error) { return write(next, p) }
		},
	})
}
