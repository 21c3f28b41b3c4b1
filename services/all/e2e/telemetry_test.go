package e2e

import (
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// programsOfMetrics are the settings of where each program serves them.
var programsOfMetrics = map[string][]string{
	"one process": {"ATRIUM_METRICS_LISTEN"},
	"services": {
		"ATRIUM_METRICS_LISTEN", "ATRIUM_AUTH_METRICS_LISTEN", "ATRIUM_CHAT_METRICS_LISTEN",
		"ATRIUM_IDE_METRICS_LISTEN", "ATRIUM_AI_METRICS_LISTEN",
	},
}

// withMetrics are settings that serve metrics on ports that a test knows.
func withMetrics(t *testing.T) (env []string) {
	for _, setting := range programsOfMetrics["services"] {
		env = append(env, fmt.Sprintf("%s=127.0.0.1:%d", setting, freePort(t)))
	}
	return env
}

// metric sums the samples of a family over all programs whose labels include
// these, name and value by turns; of a histogram it is the number of observations.
func (p *platform) metric(name string, labels ...string) (sum float64) {
	p.t.Helper()
	for _, setting := range programsOfMetrics[p.mode] {
		response, err := http.Get("http://" + p.setting(setting) + "/metrics")
		require.NoError(p.t, err)
		parser := expfmt.NewTextParser(model.LegacyValidation)
		families, err := parser.TextToMetricFamilies(response.Body)
		require.NoError(p.t, err)
		require.NoError(p.t, response.Body.Close())
		for _, m := range families[name].GetMetric() {
			all := map[string]string{}
			for _, l := range m.GetLabel() {
				all[l.GetName()] = l.GetValue()
			}
			matches := true
			for i := 0; i+1 < len(labels); i += 2 {
				matches = matches && all[labels[i]] == labels[i+1]
			}
			if matches {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}

// requireMoves holds a metric to growing by at least one when something happens.
func (p *platform) requireMoves(happen func(), name string, labels ...string) {
	p.t.Helper()
	before := p.metric(name, labels...)
	happen()
	eventually(p.t, name+" moves", func() error {
		if after := p.metric(name, labels...); after < before+1 {
			return fmt.Errorf("%v before, %v after", before, after)
		}
		return nil
	})
}

func TestMetricsMoveWhenTheThingHappens(t *testing.T) {
	forEachMode(t, append(withMetrics(t), "ATRIUM_AI_DEMO_WORDS_PER_SECOND=50"), func(t *testing.T, p *platform) {
		ada, grace := p.browser(t), p.browser(t)
		p.requireMoves(func() { grace.register("grace") }, "user_registrations_total", "kind", "password")
		p.requireMoves(func() { p.browser(t).register("alan") }, "active_users_total")
		p.requireMoves(func() { ada.register("ada") }, "http_requests_total", "method", "POST", "route", "/api/auth/register", "status", "200")
		p.requireMoves(func() { ada.call("GET", "/api/chat/conversations/none", nil) }, "http_errors_total", "route", "/api/chat/conversations/{id}")
		p.requireMoves(func() { ada.call("GET", "/nowhere/"+strings.Repeat("x", 40), nil) }, "http_requests_total", "route", "/")
		p.requireMoves(func() { ada.call("BREW", "/", nil) }, "http_requests_total", "method", "OTHER")
		p.requireMoves(func() { ada.conversation() }, "http_request_duration_seconds", "route", "/api/chat/conversations")
		p.requireMoves(func() { ada.conversation() }, "database_query_duration_seconds", "service", "chat")
		p.requireMoves(func() { ada.conversation() }, "rpc_server_call_duration_seconds")

		ask := func() {
			ada.must("POST", "/api/ai/chat", object{"messages": []object{{"role": "user", "content": "Hello."}}})
		}
		p.requireMoves(ask, "ai_request_duration_seconds", "provider", "demo", "source", "ai.chat", "outcome", "ok")
		p.requireMoves(ask, "ai_first_token_seconds", "provider", "demo")
		p.requireMoves(ask, "ai_tokens_total", "kind", "output")
		for _, outcome := range []string{"miss", "hit"} {
			p.requireMoves(func() { ada.must("POST", "/api/ide/ai/complete", question("again")) },
				"ai_answer_cache_total", "source", "ide.complete", "outcome", outcome)
		}

		say := func() {
			ada.open("POST", "/api/chat/conversations/"+ada.conversation()+"/messages", object{"content": strings.Repeat("and ", 200)})
		}
		p.requireMoves(say, "chat_conversations_active")
		require.GreaterOrEqual(t, p.metric("chat_stream_readers"), 1.0)
		eventually(t, "the answer ends", func() error {
			if writing, reading := p.metric("chat_conversations_active"), p.metric("chat_stream_readers"); writing+reading > 0 {
				return fmt.Errorf("%v written, %v read", writing, reading)
			}
			return nil
		})
		p.requireMoves(say, "chat_messages_total", "role", "user")
		p.requireMoves(say, "chat_messages_total", "role", "assistant")

		var workspace string
		p.requireMoves(func() { workspace = ada.running("measured") }, "ide_container_startup_seconds", "isolation", "directory", "outcome", "ok")
		p.requireMoves(func() { ada.enter(workspace).get("/") }, "ide_sessions_active")
		ada.terminal(t, workspace, "busy").types("timeout 60 sh -c 'while :; do :; done'")
		eventually(t, "the workspace's memory and work are measured", func() error {
			if bytes, hundredths := p.metric("ide_memory_usage_bytes"), p.metric("ide_cpu_usage_percent"); bytes < 10<<20 || hundredths < 10 {
				return fmt.Errorf("%v bytes, %v hundredths of a core", bytes, hundredths)
			}
			return nil
		})
		require.InDelta(t, 1, p.metric("ide_workspaces_running"), 0)
		// As the extension tells it; tools/journey.sh editor has VS Code open one.
		p.requireMoves(func() {
			ada.must("POST", "/api/ide/workspaces/"+workspace+"/windows/files", object{"count": 2})
		}, "ide_files_open_total")
		require.Equal(t, 400, ada.call("POST", "/api/ide/workspaces/"+workspace+"/windows/files", object{"count": 1001}).StatusCode)
		require.Equal(t, 404, grace.call("POST", "/api/ide/workspaces/"+workspace+"/windows/files", object{"count": 1}).StatusCode)

		response, err := http.Get("http://" + p.setting("ATRIUM_METRICS_LISTEN") + "/metrics")
		require.NoError(t, err)
		defer response.Body.Close()
		all, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NotContains(t, string(all), "xxxx", "no label says what a client made up")
		require.NotContains(t, string(all), "BREW")
	})
}

// numberOf is an attribute's value.
func numberOf(s span, key string) float64 {
	for _, a := range s.GetAttributes() {
		if a.GetKey() == key {
			return float64(a.GetValue().GetIntValue()) + a.GetValue().GetDoubleValue()
		}
	}
	return 0
}

func TestATraceSpansTheWholeWayOfAnAnswer(t *testing.T) {
	c := newCollector(t)
	forEachMode(t, []string{
		"ATRIUM_AI_DEMO_WORDS_PER_SECOND=0", "ATRIUM_LOG_LEVEL=debug", "ATRIUM_LOG_FORMAT=json",
		"ATRIUM_OTLP_ENDPOINT=" + c.URL, "ATRIUM_OTLP_HEADERS=X-Collector-Key=canary-collector-key",
	}, func(t *testing.T, p *platform) {
		c.mu.Lock()
		c.spans, c.keys = nil, nil
		c.mu.Unlock()
		ada := p.browser(t)
		ada.register("ada")
		const said = "The canary sings of quince."
		events := ada.open("POST", "/api/chat/conversations/"+ada.conversation()+"/messages", object{"content": said},
			"traceparent", "00-11111111111111111111111111111111-2222222222222222-01").rest()
		require.Equal(t, "done", events[len(events)-1].name)

		const root = "POST /api/chat/conversations/{conversation}/messages"
		spans := c.requireSpans(t, root, root, "atrium.chat.v1.ChatService/SendMessage", "atrium.ai.v1.AIService/Generate", "ai.attempt")
		if p.mode == "services" {
			require.Equal(t, "gateway", spans[root].program)
		}
		trace := hex.EncodeToString(spans[root].GetTraceId())
		require.NotEqual(t, strings.Repeat("1", 32), trace, "a client chooses no trace id")
		eventually(t, "the log names the trace", func() error {
			if !strings.Contains(p.logs.String(), `"trace_id":"`+trace+`"`) {
				return fmt.Errorf("no line with %s", trace)
			}
			return nil
		})
		// The page's own trace is led to, and the stream is told when it is over.
		require.Equal(t, strings.Repeat("1", 32), hex.EncodeToString(spans[root].GetLinks()[0].GetTraceId()))
		streamed := c.requireSpans(t, root, root+" stream", "atrium.chat.v1.ChatService/StreamMessage", "atrium.chat.v1.ChatService/SendMessage")[root+" stream"]
		require.Equal(t, spans[root].GetSpanId(), streamed.GetParentSpanId())
		require.Greater(t, numberOf(streamed, "atrium.stream.sends"), 3.0)
		found := false
		for name := range c.trace(root) {
			found = found || strings.HasPrefix(name, "INSERT") || strings.HasPrefix(name, "query ")
		}
		require.True(t, found, "SQL is in it: %v", slices.Collect(maps.Keys(c.trace(root))))

		// A WebSocket is seen while it is open; so is what its service asks of the
		// database, but no call that lasts as long as it.
		const live = "GET /chat/ws"
		tab, _, err := ada.live(p.setting("ATRIUM_PUBLIC_URL"))
		require.NoError(t, err)
		defer func() { _ = tab.CloseNow() }()
		c.requireSpans(t, live, live)
		require.NotContains(t, c.trace(live), live+" stream", "it is open")
		require.NoError(t, tab.Close(websocket.StatusNormalClosure, ""))
		ended := c.requireSpans(t, live, live+" stream")
		require.Positive(t, numberOf(ended[live+" stream"], "atrium.stream.seconds"))
		for name := range ended {
			require.NotContains(t, name, "ChatService/Watch")
		}

		require.Contains(t, c.keys, "canary-collector-key")
		require.NotContains(t, p.logs.String(), "canary-collector-key")
		sent := c.text()
		require.NotContains(t, sent, "quince", "what people write is in no span")
		require.NotContains(t, sent, "a long enough passphrase")
		require.NotContains(t, sent, strings.Split(ada.cookie, "=")[1])
	})
}
