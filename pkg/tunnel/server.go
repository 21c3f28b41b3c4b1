package tunnel

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/drain"
)

// Open connects to what a target names as host:port, for whoever holds the token. Errors of
// package apperr are told to the client, by their kind.
type Open func(ctx context.Context, token, target string) (net.Conn, error)

// openTimeout bounds how long a target may take to answer.
const openTimeout = 15 * time.Second

// Handler serves CONNECT requests. Tunnels that are open when the process leaves
// are closed, each when nothing passes in it.
func Handler(open Open, leaving *drain.Drain, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, err := net.SplitHostPort(r.Host); r.Method != http.MethodConnect || err != nil {
			http.Error(w, "want CONNECT target:port", http.StatusBadRequest)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), openTimeout)
		defer cancel()
		token := strings.TrimPrefix(r.Header.Get("Proxy-Authorization"), "Bearer ")
		far, err := open(ctx, token, r.Host)
		if err != nil {
			refuse(w, err)
			return
		}
		defer far.Close()
		near, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			log.ErrorContext(ctx, "tunnel can't be taken over", "error", err)
			return
		}
		defer near.Close()
		_ = near.SetDeadline(time.Time{}) // the server's own timeouts end here
		if _, err := near.Write([]byte("HTTP/1.1 200 OK\r\n\r\n")); err != nil {
			return
		}
		if n := buffered.Reader.Buffered(); n > 0 {
			if _, err := io.CopyN(far, buffered, int64(n)); err != nil {
				return
			}
		}
		passed := &atomic.Int64{}
		passed.Store(time.Now().UnixNano())
		held, release := leaving.Hold(context.WithoutCancel(r.Context()))
		defer release()
		defer context.AfterFunc(held, func() { leave(passed, near, far) })()
		Join(watched{near, passed}, watched{far, passed})
	})
}

// headerReason and headerKind carry a refusal to the client.
const (
	headerReason = "X-Tunnel-Reason"
	headerKind   = "X-Tunnel-Kind"
)

var kindNames = map[apperr.Kind]string{
	apperr.Unauthenticated: "unauthenticated", apperr.NotFound: "not-found",
	apperr.Conflict: "conflict", apperr.Unavailable: "unavailable", apperr.PermissionDenied: "permission-denied",
}

func refuse(w http.ResponseWriter, err error) {
	e := &apperr.Error{Kind: apperr.Unavailable, Reason: "TARGET_UNREACHABLE", Message: "The target does not answer."}
	errors.As(err, &e)
	name, ok := kindNames[e.Kind]
	if !ok {
		name = kindNames[apperr.Unavailable]
	}
	w.Header().Set(headerReason, e.Reason)
	w.Header().Set(headerKind, name)
	http.Error(w, e.Message, http.StatusBadGateway)
}

// Join copies both ways until either end is done, and then closes both.
func Join(a, b net.Conn) {
	var copies sync.WaitGroup
	copies.Go(func() { pump(a, b) })
	pump(b, a)
	copies.Wait()
}

func pump(to, from net.Conn) {
	_, _ = io.Copy(to, from) // either end may break at any time; both are closed then
	_ = to.Close()
	_ = from.Close()
}
