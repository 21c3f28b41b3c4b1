package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
)

// question is a completion whose answer the fake takes from the code itself.
func question(directives string) object {
	return object{"code": "# " + directives + "\nx = ", "cursor": len("# " + directives + "\nx = "), "language": "python"}
}

// TestLeavingEndsTheProvidersStream: who stops waiting is waited for by nobody.
func TestLeavingEndsTheProvidersStream(t *testing.T) {
	far := fakeai.New(t)
	forEachMode(t, []string{"ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL=" + far.AnthropicURL()}, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		for path, body := range map[string]object{
			"/api/ide/ai/complete": question("[[fake:words=50,hang-after=2]]"),
			"/api/ide/ai/explain":  {"code": "[[fake:words=50,hang-after=2]]"},
			"/api/ide/ai/debug":    {"code": "[[fake:words=50,hang-after=2]]", "error": "x"},
			"/api/ide/ai/tests":    {"code": "[[fake:words=50,hang-after=2]]"},
		} {
			n := len(far.Calls())
			encoded, err := json.Marshal(body)
			require.NoError(t, err)
			ctx, leave := context.WithCancel(t.Context())
			r := ada.request("POST", path, strings.NewReader(string(encoded))).WithContext(ctx)
			ended := make(chan error, 1)
			go func() {
				response, err := client.Do(r)
				if err == nil {
					_ = response.Body.Close()
				}
				ended <- err
			}()
			call, err := far.Wait(t.Context(), n)
			require.NoError(t, err)
			eventually(t, "text came", func() error {
				if call.Sent() == "" {
					return context.DeadlineExceeded
				}
				return nil
			})
			leave()
			require.ErrorIs(t, <-ended, context.Canceled)
			<-call.Done()
			require.True(t, call.ClientLeft(), path)
		}

		n := len(far.Calls())
		s := ada.open("POST", "/api/ide/ai/explain", object{"code": "# streamed\n[[fake:words=50,hang-after=2]]"})
		seen := ""
		for seen != "word1 word2 " { // an explanation comes as it is written
			e, ok := s.next()
			require.True(t, ok)
			seen += text([]event{e})
		}
		s.close()
		<-far.Calls()[n].Done()
		require.True(t, far.Calls()[n].ClientLeft())
	})
}

func TestTheSameQuestionAtOnceCostsOnce(t *testing.T) {
	far := fakeai.New(t)
	p := startPlatform(t, "one process", "ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL="+far.AnthropicURL())
	ada, ben := p.browser(t), p.browser(t)
	ada.register("ada")
	ben.register("ben")
	used := func(b *browser) any { return b.must("GET", "/api/users/me/usage", nil)["aiTokens"].(object)["used"] }

	const callers = 100
	asked := question("[[fake:first=2s]][[fake:text=1 + 2]]")
	ids := make([]any, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			got := ada.must("POST", "/api/ide/ai/complete", asked)
			ids[i] = got["requestId"]
			if got["completion"] != "1 + 2" {
				t.Errorf("completion is %v", got["completion"])
			}
		})
	}
	all.Wait()
	require.Len(t, far.Calls(), 1)
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
	counted := far.Calls()[0].Counts()
	require.EqualValues(t, counted.Prompt()+counted.Output, used(ada))

	again := ada.must("POST", "/api/ide/ai/complete", asked)
	require.Equal(t, true, again["cached"])
	require.Len(t, far.Calls(), 1)
	require.EqualValues(t, counted.Prompt()+counted.Output, used(ada), "a hit is free")
	eventually(t, "hits are in the audit log", func() error {
		if len(rows(t, p, `SELECT id::text FROM audit.audit_log WHERE event_type = 'ai.code.complete' AND action = 'repeat' AND status = 'success'`)) == 0 {
			return errors.New("not yet")
		}
		return nil
	})
	require.Equal(t, false, ben.must("POST", "/api/ide/ai/complete", asked)["cached"])
	require.Len(t, far.Calls(), 2, "never another user's")

	explained := object{"code": "x & (x - 1) [[fake:text=A trick.]]"}
	first := ada.open("POST", "/api/ide/ai/explain", explained).rest()
	second := ada.open("POST", "/api/ide/ai/explain", explained).rest()
	require.Equal(t, "A trick.", text(first))
	require.Equal(t, "A trick.", text(second))
	require.Equal(t, false, first[len(first)-1].data["cached"])
	require.Equal(t, true, second[len(second)-1].data["cached"])
	require.NotEmpty(t, first[len(first)-1].data["requestId"])
	require.Equal(t, first[len(first)-1].data["requestId"], second[len(second)-1].data["requestId"])
	require.Len(t, far.Calls(), 3)
}

func TestWithoutTheAnswerCacheAModelIsAskedEachTime(t *testing.T) {
	far := fakeai.New(t)
	p := startPlatform(t, "one process", "ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL="+far.AnthropicURL(), "ATRIUM_IDE_ANSWER_CACHE=0s")
	ada := p.browser(t)
	ada.register("ada")
	for n := range 2 {
		require.Equal(t, false, ada.must("POST", "/api/ide/ai/complete", question("[[fake:text=1]]"))["cached"])
		require.Len(t, far.Calls(), n+1)
	}
}

func TestTheEditorsAIWrites(t *testing.T) {
	far := fakeai.New(t)
	p := startPlatform(t, "one process", "ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL="+far.AnthropicURL())
	ada := p.browser(t)
	ada.register("ada")
	far.Push(fakeai.Script{Text: `{"code":"def test_one(): pass","filePath":"test_one.py","explanation":"e"}`})
	tests := ada.must("POST", "/api/ide/ai/tests", object{"code": "def one(): return 1", "language": "python", "context": object{"filePath": "one.py"}})
	require.Equal(t, "def test_one(): pass\n", tests["code"])
	require.Equal(t, "test_one.py", tests["filePath"])
	require.NotEmpty(t, tests["requestId"])
	far.Push(fakeai.Script{Text: `{"code":"def one():\n    \"\"\"One.\"\"\"\n    return 1"}`})
	docs := ada.must("POST", "/api/ide/ai/docs", object{"code": "    def one():\n        return 1\n", "language": "python"})
	require.Equal(t, "    def one():\n        \"\"\"One.\"\"\"\n        return 1\n", docs["code"])
	far.Push(fakeai.Script{Text: "no JSON"}, fakeai.Script{Text: `{"message":"Say one"}`})
	commit := ada.must("POST", "/api/ide/ai/commit-message", object{"diff": "-0\n+1\n", "recent": []string{"Say nought"}})
	require.Equal(t, "Say one", commit["message"], "a second try, told what was wrong")
	refused := ada.call("POST", "/api/ide/ai/commit-message", object{"diff": ""})
	require.Equal(t, http.StatusBadRequest, refused.StatusCode)
	require.Contains(t, ada.must("GET", "/api/users/me/usage", nil), "aiTokens")
}
