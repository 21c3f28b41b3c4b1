// Package bodylimit bounds request bodies. It reads them whole before anything
// else works on them, so that an endless body costs no more than the limit, and
// no answer starts while a body is still arriving. It stands after the session:
// a stranger has little to say, and all bodies together have a bound too. Files
// are not its business: they pass through, and their handler bounds them.
package bodylimit

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"

	"atrium.internal/gateway/middleware/upload"
	"atrium.internal/gateway/problem"
)

var (
	errTooLarge = apperr.New(apperr.TooLarge, "BODY_TOO_LARGE", "The request's body is too large.")
	// errFileTooLarge is how chat refuses a file.
	errFileTooLarge = apperr.New(apperr.TooLarge, "ATTACHMENT_TOO_LARGE", "The file is too large.")
	errRead         = apperr.New(apperr.InvalidArgument, "BODY_INCOMPLETE", "The request's body did not arrive whole.")
	errBusy         = apperr.New(apperr.Unavailable, "SERVER_BUSY", "The server is busy. Try again soon.")
)

// Limits are in bytes.
type Limits struct {
	// Each is for one body, Anonymous for one of a caller who is not signed in.
	Each, Anonymous int64
	// Larger is for one body of the paths for which IsLarger holds, which may be
	// nil for none.
	Larger   int64
	IsLarger func(path string) bool
	// All is what bodies may take at once; 0 is no limit.
	All int64
}

// Middleware refuses what is over the limits.
func Middleware(limits Limits) func(http.Handler) http.Handler {
	var held atomic.Int64
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Body == nil || r.Body == http.NoBody || upload.IsStreamed(r) {
				next.ServeHTTP(w, r)
				return
			}
			limit := limits.of(r)
			if r.ContentLength > limit {
				w.Header().Set("Connection", "close")
				problem.Write(w, r, tooLarge(r, limit))
				return
			}
			share := &share{held: &held, all: limits.All}
			defer share.release()
			body, err := share.read(http.MaxBytesReader(w, r.Body, limit))
			if err != nil {
				w.Header().Set("Connection", "close")
				problem.Write(w, r, explain(err, r, limit))
				return
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			next.ServeHTTP(w, r)
		})
	}
}

func (l Limits) of(r *http.Request) int64 {
	if p, _ := principal.From(r.Context()); p.Kind != principal.User {
		return min(l.Anonymous, l.Each)
	}
	if l.IsLarger != nil && l.IsLarger(r.URL.Path) {
		return l.Larger
	}
	return l.Each
}

// tooLarge says in the words of the request what is: that a file is too large
// is the same to a person whether this limit or the one for files is lower.
func tooLarge(r *http.Request, limit int64) error {
	if upload.IsAttachment(r) {
		return errFileTooLarge.WithMetadata("limit", strconv.FormatInt(limit, 10))
	}
	return errTooLarge
}

func explain(err error, r *http.Request, limit int64) error {
	var over *http.MaxBytesError
	var known *apperr.Error
	switch {
	case errors.As(err, &over):
		return tooLarge(r, limit)
	case errors.As(err, &known):
		return known
	}
	return errRead.WithCause(err)
}

// share is what one body takes of the memory for all.
type share struct {
	held  *atomic.Int64
	all   int64
	taken int64
}

// read reads to the end, as long as there is memory for it.
func (s *share) read(from io.Reader) ([]byte, error) {
	const step = 32 << 10
	var body bytes.Buffer
	for {
		if !s.take(step) {
			return nil, errBusy
		}
		n, err := io.CopyN(&body, from, step)
		if errors.Is(err, io.EOF) {
			return body.Bytes(), nil
		}
		if err != nil || n < step {
			return nil, err
		}
	}
}

func (s *share) take(n int64) bool {
	s.taken += n
	return s.held.Add(n) <= s.all || s.all == 0
}

func (s *share) release() { s.held.Add(-s.taken) }
