package e2e

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
)

// requireGapless holds the ids of events to 1, 2, 3 … from first on.
func requireGapless(t *testing.T, first int, events []event) {
	t.Helper()
	for i, e := range events {
		require.Equal(t, strconv.Itoa(first+i), e.id, "event %d, %s", i, e.name)
	}
}

func TestAnAnswerStreamsIsSavedAndCanBeResumed(t *testing.T) {
	forEachMode(t, []string{"ATRIUM_AI_DEMO_WORDS_PER_SECOND=200"}, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		id := ada.must("POST", "/api/chat/conversations", object{})["id"].(string)

		events := ada.open("POST", "/api/chat/conversations/"+id+"/messages", object{"content": "Tell me something."}).rest()
		requireGapless(t, 1, events)
		require.Equal(t, "start", events[0].name)
		done := events[len(events)-1]
		require.Equal(t, "done", done.name)
		answer := done.data["message"].(object)
		require.Equal(t, "complete", answer["status"])
		require.Equal(t, text(events), answer["content"])
		require.Contains(t, strings.ToLower(text(events)), "demo", "without a key the answer says what it is")

		again := ada.open("GET", "/api/chat/messages/"+answer["id"].(string)+"/stream", nil, "Last-Event-ID", "3").rest()
		requireGapless(t, 4, again)
		require.Equal(t, text(events[3:]), text(again))

		messages := ada.must("GET", "/api/chat/conversations/"+id+"/messages", nil)["messages"].([]any)
		require.Len(t, messages, 2)
		require.Equal(t, "Tell me something.", messages[0].(object)["content"])
		require.Equal(t, text(events), messages[1].(object)["content"])
		require.NotEmpty(t, ada.must("GET", "/api/chat/conversations/"+id, nil)["title"])

		whole := ada.must("POST", "/api/chat/conversations/"+id+"/messages", object{"content": "And more."})
		require.Equal(t, "complete", whole["assistantMessage"].(object)["status"])
		require.Equal(t, answer["id"], whole["userMessage"].(object)["parentId"])
	})
}

func TestAStoppedAnswerKeepsWhatWasShown(t *testing.T) {
	forEachMode(t, nil, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		stream := ada.open("POST", "/api/chat/conversations/"+ada.conversation()+"/messages", object{"content": "Tell me a long story."})
		start, _ := stream.next()
		shown := []event{start}
		for len(shown) < 5 {
			e, ok := stream.next()
			require.True(t, ok)
			shown = append(shown, e)
		}
		id := start.data["assistantMessage"].(object)["id"].(string)
		ada.must("POST", "/api/chat/messages/"+id+"/stop", object{})
		shown = append(shown, stream.rest()...)
		last := shown[len(shown)-1]
		require.Equal(t, "done", last.name)
		message := last.data["message"].(object)
		require.Equal(t, "stopped", message["status"])
		require.Equal(t, text(shown), message["content"])
	})
}

func TestTheProviderSeesWellFormedCallsAndIsBelieved(t *testing.T) {
	far := fakeai.New(t, fakeai.Options{Key: "sk-test-canary"})
	env := []string{"ANTHROPIC_API_KEY=sk-test-canary", "ANTHROPIC_BASE_URL=" + far.AnthropicURL()}
	forEachMode(t, env, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		models := ada.must("GET", "/api/ai/models", nil)["models"].([]any)
		require.Equal(t, "anthropic", models[0].(object)["provider"])

		const exact = "Grüße, 世界! 👩‍👩‍👧‍👦\n\n```go\nx := \"\\n\"\n```\n"
		events := ada.open("POST", "/api/chat/conversations/"+ada.conversation()+"/messages",
			object{"content": "Say it. [[fake:text=" + exact + "]]"}).rest()
		require.Equal(t, exact, text(events), "byte for byte")

		calls := far.Calls()
		counted := calls[len(calls)-1].Counts()
		usage := events[len(events)-1].data["message"].(object)["usage"].(object)
		require.EqualValues(t, counted.Prompt(), usage["inputTokens"])
		require.EqualValues(t, counted.Output, usage["outputTokens"])
		used := ada.must("GET", "/api/users/me/usage", nil)["aiTokens"].(object)["used"]
		require.EqualValues(t, counted.Prompt()+counted.Output, used, "what is shown is what was counted")
		require.NotContains(t, p.logs.String(), "sk-test-canary")
	})
}

func TestTheSameKeyAsksOnce(t *testing.T) {
	far := fakeai.New(t)
	env := []string{"ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL=" + far.AnthropicURL()}
	p := startPlatform(t, "one process", env...)
	ada := p.browser(t)
	ada.register("ada")
	path := "/api/chat/conversations/" + ada.conversation() + "/messages"
	before := len(far.Calls())

	const rivals = 20
	ids := make([]string, rivals)
	var all sync.WaitGroup
	for i := range rivals {
		all.Go(func() {
			got := ada.must("POST", path, object{"content": "Once, please."}, "Idempotency-Key", "the-key")
			ids[i] = got["assistantMessage"].(object)["id"].(string)
		})
	}
	all.Wait()
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
	require.Len(t, far.Calls(), before+1)
	changed := ada.call("POST", path, object{"content": "Something else."}, "Idempotency-Key", "the-key")
	require.Equal(t, http.StatusConflict, changed.StatusCode)
	require.Equal(t, "IDEMPOTENCY_KEY_REUSED", changed.reason())
}

func TestAProviderThatFailsIsExplained(t *testing.T) {
	far := fakeai.New(t)
	p := startPlatform(t, "one process", "ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL="+far.AnthropicURL())
	ada := p.browser(t)
	ada.register("ada")
	cases := map[string]string{
		"overloaded":     "[[fake:status=529]]",
		"rate limited":   "[[fake:status=429]]",
		"cut mid-stream": "[[fake:cut-after=3]]",
		"error event":    "[[fake:error-after=3]]",
	}
	for name, directive := range cases {
		t.Run(name, func(t *testing.T) {
			events := ada.open("POST", "/api/chat/conversations/"+ada.conversation()+"/messages",
				object{"content": "Hello. " + directive}).rest()
			requireGapless(t, 1, events)
			last := events[len(events)-1]
			require.Equal(t, "error", last.name)
			message := last.data["message"].(object)
			require.Contains(t, []any{"error", "interrupted"}, message["status"])
			require.Equal(t, text(events), message["content"], "what was shown is kept")
			require.NotEmpty(t, last.data["error"].(object)["reason"])
			require.NotEmpty(t, last.data["error"].(object)["message"])
			// Fault 13: what came was counted, once, and nothing where nothing came.
			want := 0
			if text(events) != "" {
				want = 1
			}
			require.Equal(t, want, p.charges(t, message["id"].(string)))
		})
	}
}

// charges is how many entries of the ledger have tokens that a model wrote for
// an answer, once none of them is open any more.
func (p *platform) charges(t *testing.T, answer string) (n int) {
	t.Helper()
	db := p.database(t)
	eventually(t, "every attempt is closed", func() error {
		var open int
		err := db.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE output_tokens > 0), count(*) FILTER (WHERE status = 'reserved')
			FROM ai.ai_usage WHERE request_id = $1`, answer).Scan(&n, &open)
		if err == nil && open > 0 {
			err = fmt.Errorf("%d open", open)
		}
		return err
	})
	return n
}
