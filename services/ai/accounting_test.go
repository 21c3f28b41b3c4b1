package ai_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
)

func TestTheLedgerAgreesWithTheProvider(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	const calls, atOnce = 300, 10
	// Three of ten streams break, each in its own way.
	for i := range calls {
		script := fakeai.Script{Text: "one two three four five six seven"}
		switch i % 10 {
		case 2:
			script.End, script.After = fakeai.Cut, 3
		case 5:
			script.End, script.After = fakeai.Truncate, 2
		case 8:
			script.End, script.After = fakeai.ErrorEvent, 4
		}
		h.far.Push(script)
	}
	var wait sync.WaitGroup
	for range atOnce {
		wait.Go(func() {
			for range calls / atOnce {
				h.ask(h.as(unlimited), question(prompt))
			}
		})
	}
	wait.Wait()
	var whole, tokens int64
	for _, call := range h.far.Calls() {
		if call.Sent() == "one two three four five six seven" {
			whole++
			tokens += call.Counts().Prompt() + call.Counts().Output
		}
	}
	require.Equal(t, int64(calls*7/10), whole)
	require.Len(t, h.far.Calls(), calls)
	require.Equal(t, int64(calls), h.rows("settled"))
	require.Zero(t, h.rows("reserved"))
	require.Equal(t, whole, h.db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE counted_by = 'provider'`))
	require.Equal(t, tokens, h.db.Count(t, `SELECT sum(charged_tokens)::bigint FROM ai.ai_usage WHERE counted_by = 'provider'`))
	require.Equal(t, h.used(), h.db.Count(t, `SELECT sum(charged_tokens)::bigint FROM ai.ai_usage`))
	require.Equal(t, int64(calls), h.db.Count(t, `SELECT count(*) FROM audit.audit_log`))
}
