package e2e

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
)

// Fault 15: one key, twenty times, and the chat service dies in between.
func TestTheSameKeyAsksOnceAcrossACrash(t *testing.T) {
	far := fakeai.New(t)
	p := startPlatform(t, "services", "ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL="+far.AnthropicURL(), "ATRIUM_CHAT_INSTANCE=chat")
	ada := p.browser(t)
	ada.register("ada")
	path := "/api/chat/conversations/" + ada.conversation() + "/messages"
	const rivals, question = 20, "Once, please. [[fake:words=200]][[fake:slow=10ms]]"
	key := uuid.NewString()
	pairs := make([]object, rivals)
	var all sync.WaitGroup
	for i := range rivals {
		w := &writer{browser: ada, journal: newJournal(), deadline: time.Now().Add(patience)}
		all.Go(func() {
			for pairs[i] == nil && w.patient() {
				if response, ok := w.try("POST", path, object{"content": question}, "Idempotency-Key", key); ok {
					pairs[i] = decoded(response)
				}
			}
		})
	}
	call, err := far.Wait(t.Context(), 0)
	require.NoError(t, err)
	require.Contains(t, string(call.Body), "Once, please.")
	p.kill("chatd")
	p.start()
	all.Wait()
	for _, pair := range pairs {
		require.NotNil(t, pair, "every call is answered in the end")
		require.Equal(t, pairs[0]["userMessage"].(object)["id"], pair["userMessage"].(object)["id"])
		require.Equal(t, pairs[0]["assistantMessage"].(object)["id"], pair["assistantMessage"].(object)["id"])
	}
	require.Len(t, ada.all(path), 2)
	require.Len(t, far.Calls(), 1)
	changed := ada.call("POST", path, object{"content": "Something else."}, "Idempotency-Key", key)
	require.Equal(t, "IDEMPOTENCY_KEY_REUSED", changed.reason())
}
