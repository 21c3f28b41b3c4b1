package measure_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"atrium.internal/gateway/middleware/measure"
	"atrium.internal/pkg/semconv"
)

// traced serves a mux with measuring around it, and gives what was told.
func traced(t *testing.T, mux *http.ServeMux) (*httptest.Server, *tracetest.InMemoryExporter) {
	t.Helper()
	spans := tracetest.NewInMemoryExporter()
	before := otel.GetTracerProvider()
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithSyncer(spans)))
	t.Cleanup(func() { otel.SetTracerProvider(before) })
	middleware, err := measure.Middleware()
	require.NoError(t, err)
	server := httptest.NewServer(middleware(measure.Mux(mux)))
	t.Cleanup(server.Close)
	return server, spans
}

// await waits until so many spans have been told.
func await(t *testing.T, spans *tracetest.InMemoryExporter, n int) tracetest.SpanStubs {
	t.Helper()
	require.Eventually(t, func() bool { return len(spans.GetSpans()) == n }, 10*time.Second, time.Millisecond, "%v", spans.GetSpans())
	return spans.GetSpans()
}

func value(s tracetest.SpanStub, key attribute.Key) attribute.Value {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value
		}
	}
	return attribute.Value{}
}

func requireStream(t *testing.T, spans tracetest.SpanStubs, route string, status, sends, bytes int64) {
	t.Helper()
	opening, part := spans[0], spans[1]
	require.Equal(t, "GET "+route, opening.Name)
	require.Equal(t, status, value(opening, semconv.Status).AsInt64())
	require.Equal(t, "GET "+route+" stream", part.Name)
	require.Equal(t, opening.SpanContext.SpanID(), part.Parent.SpanID())
	require.Equal(t, opening.SpanContext.SpanID(), part.Links[0].SpanContext.SpanID())
	require.Equal(t, sends, value(part, semconv.StreamSends).AsInt64())
	require.Equal(t, bytes, value(part, semconv.StreamBytes).AsInt64())
	require.Positive(t, value(part, semconv.StreamSeconds).AsFloat64())
}

func TestAStreamIsSeenWhileItIsOpen(t *testing.T) {
	mux, goOn := http.NewServeMux(), make(chan struct{})
	mux.HandleFunc("GET /events/{id}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-goOn
		for range 2 {
			_, _ = fmt.Fprint(w, "data: 1\n\n")
		}
	})
	server, spans := traced(t, mux)
	response, err := http.Get(server.URL + "/events/7")
	require.NoError(t, err)
	defer response.Body.Close()
	await(t, spans, 1)
	close(goOn)
	requireStream(t, await(t, spans, 2), "/events/{id}", 200, 2, 18)
}

func TestAWebSocketIsSeenWhileItIsOpen(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /socket", func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		_, text, err := conn.Read(r.Context())
		if err == nil && conn.Write(r.Context(), websocket.MessageText, text) == nil {
			measure.Sent(r.Context(), len(text))
		}
		_ = conn.Close(websocket.StatusNormalClosure, "")
	})
	server, spans := traced(t, mux)
	conn, _, err := websocket.Dial(t.Context(), server.URL+"/socket", nil)
	require.NoError(t, err)
	await(t, spans, 1)
	require.NoError(t, conn.Write(t.Context(), websocket.MessageText, []byte("hello")))
	_, _, err = conn.Read(t.Context())
	require.NoError(t, err)
	requireStream(t, await(t, spans, 2), "/socket", 101, 1, 5)
}

func TestAnAnswerIsOneSpan(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /short", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "all of it") })
	server, spans := traced(t, mux)
	response, err := http.Get(server.URL + "/short")
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, "GET /short", await(t, spans, 1)[0].Name)
}

func TestATraceFromOutsideIsLedToAndNotTakenOver(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /short", func(http.ResponseWriter, *http.Request) {})
	server, spans := traced(t, mux)
	const theirs = "11111111111111111111111111111111"
	for header, linked := range map[string]bool{
		"00-" + theirs + "-2222222222222222-01": true,
		"00-" + theirs + "-2222222222222222-00": true,
		"nonsense":                              false,
		strings.Repeat("0", 4000):               false,
		"":                                      false,
	} {
		spans.Reset()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/short", http.NoBody)
		require.NoError(t, err)
		if header != "" {
			request.Header.Set("Traceparent", header)
		}
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		told := await(t, spans, 1)[0]
		require.NotEqual(t, theirs, told.SpanContext.TraceID().String())
		require.False(t, told.Parent.IsValid())
		require.Len(t, told.Links, map[bool]int{true: 1, false: 0}[linked], header)
		if linked {
			require.Equal(t, theirs, told.Links[0].SpanContext.TraceID().String())
			require.Equal(t, theirs, value(told, semconv.ClientTrace).AsString())
		}
	}
}
