package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collector takes traces as an OpenTelemetry collector does.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	keys  []string
	spans []span
}

// span is a span with the program that it came from.
type span struct {
	*tracepb.Span
	program string
}

func newCollector(t *testing.T) *collector {
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(c.take))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) take(w http.ResponseWriter, r *http.Request) {
	var sent collectorpb.ExportTraceServiceRequest
	body, err := io.ReadAll(r.Body)
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys = append(c.keys, r.Header.Get("X-Collector-Key"))
	for _, from := range sent.GetResourceSpans() {
		program := ""
		for _, a := range from.GetResource().GetAttributes() {
			if a.GetKey() == "service.name" {
				program = a.GetValue().GetStringValue()
			}
		}
		for _, scope := range from.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				c.spans = append(c.spans, span{s, program})
			}
		}
	}
}

// trace gives the spans of the trace that has one of this name, by their names.
func (c *collector) trace(name string) map[string]span {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[string]span{}
	for _, root := range c.spans {
		if root.GetName() != name {
			continue
		}
		for _, s := range c.spans {
			if string(s.GetTraceId()) == string(root.GetTraceId()) {
				found[s.GetName()] = s
			}
		}
	}
	return found
}

// text is everything that was sent, for looking for what must not be there.
func (c *collector) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprint(c.spans)
}

// requireSpans waits for a trace with all these spans.
func (c *collector) requireSpans(t *testing.T, root string, names ...string) map[string]span {
	t.Helper()
	var found map[string]span
	eventually(t, "the trace of "+root+" is whole", func() error {
		found = c.trace(root)
		for _, name := range names {
			if _, ok := found[name]; !ok {
				return fmt.Errorf("no %s among %d spans", name, len(found))
			}
		}
		return nil
	})
	require.NotEmpty(t, found)
	return found
}
