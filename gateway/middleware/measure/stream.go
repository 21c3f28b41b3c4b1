package measure

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/felixge/httpsnoop"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"atrium.internal/pkg/semconv"
)

// partLasts is how long a part of a stream's life is told as one span.
const partLasts = time.Minute

// exchange is a request as its trace tells it. The span of one that is answered
// by a stream ends with the answer's head, so that it is seen while the stream
// goes on, for hours perhaps. The stream itself is told in parts of a minute in
// which something was sent, each a span that leads to the one before; the last
// says how long it was open.
type exchange struct {
	tracer trace.Tracer
	ctx    context.Context //nolint:containedctx // the request's, for the spans of its parts
	span   trace.Span
	method string
	route  *route

	mu     sync.Mutex
	opened time.Time // zero: not a stream
	part   trace.Span
	since  time.Time // the part
	before trace.SpanContext
	sends  int64
	bytes  int64
}

type exchangeKey struct{}

// Sent tells that so many bytes were sent on a WebSocket; those of event streams
// are seen without it.
func Sent(ctx context.Context, bytes int) {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		x.sent(bytes)
	}
}

// watch sees when an answer becomes a stream, and what is sent on it.
func (x *exchange) watch(w http.ResponseWriter) http.ResponseWriter {
	return httpsnoop.Wrap(w, httpsnoop.Hooks{
		WriteHeader: func(next httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
			return func(code int) {
				next(code)
				if code == http.StatusSwitchingProtocols || strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream") {
					x.open(code)
				}
			}
		},
		Write: func(next httpsnoop.WriteFunc) httpsnoop.WriteFunc {
			return func(p []byte) (int, error) {
				n, err := next(p)
				x.sent(n)
				return n, err
			}
		},
		Hijack: func(next httpsnoop.HijackFunc) httpsnoop.HijackFunc {
			return func() (net.Conn, *bufio.ReadWriter, error) {
				conn, both, err := next()
				if err == nil {
					x.open(http.StatusSwitchingProtocols)
				}
				return conn, both, err
			}
		},
	})
}

func (x *exchange) open(code int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.opened.IsZero() {
		x.opened, x.before = time.Now(), x.span.SpanContext()
		x.end(x.route.now(), code)
	}
}

// end closes the request's span.
func (x *exchange) end(route string, code int) {
	x.span.SetName(x.method + " " + route)
	x.span.SetAttributes(semconv.Route.String(route), semconv.Status.Int(code))
	if code >= http.StatusInternalServerError {
		x.span.SetStatus(codes.Error, http.StatusText(code))
	}
	x.span.End()
}

func (x *exchange) sent(bytes int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.opened.IsZero() {
		return
	}
	if x.part != nil && time.Since(x.since) > partLasts {
		x.endPart()
	}
	x.beginPart()
	x.sends, x.bytes = x.sends+1, x.bytes+int64(bytes)
}

func (x *exchange) beginPart() {
	if x.part != nil {
		return
	}
	x.since, x.sends, x.bytes = time.Now(), 0, 0
	_, x.part = x.tracer.Start(trace.ContextWithSpan(x.ctx, x.span), x.method+" "+x.route.now()+" stream",
		trace.WithTimestamp(x.since), trace.WithLinks(trace.Link{SpanContext: x.before}))
}

func (x *exchange) endPart(more ...attribute.KeyValue) {
	x.part.SetAttributes(append(more, semconv.StreamSends.Int64(x.sends), semconv.StreamBytes.Int64(x.bytes))...)
	x.part.End()
	x.before, x.part = x.part.SpanContext(), nil
}

// over ends what is left of it.
func (x *exchange) over(route string, code int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.opened.IsZero() {
		x.end(route, code)
		return
	}
	x.beginPart()
	x.endPart(semconv.StreamSeconds.Float64(time.Since(x.opened).Seconds()))
}
