package logx_test

import (
	"bytes"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"atrium.internal/pkg/logx"
	"atrium.internal/pkg/principal"
)

func TestALineOfACallSaysWhoseItIs(t *testing.T) {
	var out bytes.Buffer
	log, err := logx.New(&out, logx.Settings{Format: "json"})
	require.NoError(t, err)
	ada := uuid.New()
	ctx := principal.With(t.Context(), principal.Principal{Kind: principal.User, UserID: ada, Client: principal.Client{RequestID: "r1"}})
	ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}}))

	log.With("service", "ai").InfoContext(ctx, "done")
	require.Contains(t, out.String(), `"trace_id":"01000000000000000000000000000000","request_id":"r1","user_id":"`+ada.String()+`"`)
	out.Reset()
	log.InfoContext(ctx, "done", "request_id", "r2")
	require.Contains(t, out.String(), `"request_id":"r2"`)
	require.NotContains(t, out.String(), `"r1"`, "what a line says itself is said once")
}
