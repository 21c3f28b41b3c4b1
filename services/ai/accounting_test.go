package ai_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/ai/internal/dbtest"
	"atrium.internal/services/ai/internal/tariff"
)

// streams is how many answers the accounting runs over: few for every day, as
// many as ATRIUM_ACCOUNTING_STREAMS says for a proof.
func streams(t *testing.T) int {
	t.Helper()
	text := os.Getenv("ATRIUM_ACCOUNTING_STREAMS")
	if text == "" {
		return 300
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "ATRIUM_ACCOUNTING_STREAMS")
	return n
}

// fate is what becomes of a stream.
type fate struct {
	name string
	// far is what the far end is told to do, as a directive of a prompt.
	far string
	// leaveAfter so many words the caller goes away; 0 never.
	leaveAfter int
	// racing says that the far end writes on while the caller leaves, so that
	// only bounds can be given for what came through.
	racing bool
}

var (
	unbroken = fate{name: "unbroken"}
	broken   = []fate{
		{name: "cut", far: "cut-after=3"},
		{name: "cut before any text", far: "cut-after=0"},
		{name: "truncated", far: "truncate-after=2"},
		{name: "error after the status 200", far: "error-after=4"},
		{name: "overloaded for good", far: "status=529"},
		{name: "overloaded once", far: "status=529,times=1"},
		{name: "limited once", far: "status=429,times=1"},
		{name: "abandoned", far: "hang-after=2", leaveAfter: 2},
		{name: "stopped as it is written", far: "slow=3ms", leaveAfter: 3, racing: true},
		{name: "idle", far: "hang-after=2"},
		{name: "silent from the start", far: "first=1h"},
	}
)

// run is one stream with what its caller got of it.
type run struct {
	id   uuid.UUID
	fate fate
	text string
	err  error
}

// Three of ten streams break, in every way that the far end knows, over both
// wire formats and with a provider that takes over.
func TestTheLedgerHasWhatTheFarEndCounted(t *testing.T) {
	t.Parallel()
	const atOnce = 32
	far := fakeai.New(t, fakeai.Options{Key: key})
	cfg := providersFile(t, fmt.Sprintf(`
providers:
  - {name: first, type: anthropic, apiKeyFile: the.key, baseUrl: %q}
  - {name: spare, type: openai, apiKeyFile: the.key, baseUrl: %q}
models:
  - {id: claude, routes: [{provider: first, prices: [{price: 3/15/0.30/3.75}]}]}
  - {id: local, routes: [{provider: spare, prices: [{price: 1/2}]}]}
  - {id: either, routes: [{provider: first, prices: [{price: 3/15/0.30/3.75}]}, {provider: spare, prices: [{price: 1/2}]}]}
`, far.AnthropicURL(), far.OpenAIURL()))
	cfg.FirstTokenTimeout, cfg.IdleTimeout, cfg.DemoWords = 3*time.Second, 3*time.Second, 0
	h := openHouse(t, cfg, far, dbtest.Bare(t))

	runs := make([]*run, streams(t))
	dice := rand.New(rand.NewPCG(7, uint64(len(runs))))
	work := make(chan func(), len(runs))
	breaks := 0
	for i := range runs {
		r := &run{id: uuid.New(), fate: unbroken}
		if i%10 == 2 || i%10 == 5 || i%10 == 8 {
			r.fate = broken[breaks%len(broken)]
			breaks++
		}
		runs[i] = r
		model := []string{"claude", "local", "either"}[dice.IntN(3)]
		words := 10 + dice.IntN(40)
		work <- func() { h.meet(r, model, words) }
	}
	close(work)
	start := time.Now()
	var wait sync.WaitGroup
	for range atOnce {
		wait.Go(func() {
			for do := range work {
				do()
			}
		})
	}
	wait.Wait()
	require.Eventually(t, func() bool { return h.rows("reserved") == 0 }, time.Minute, 50*time.Millisecond)

	books := h.reconcile(runs)
	t.Logf("%d streams in %s, %d of them broken: %s", len(runs), time.Since(start).Round(time.Second), breaks, books)
	require.Equal(t, h.used(), h.db.Count(t, `SELECT sum(charged_tokens)::bigint FROM ai.ai_usage`), "what is shown is the ledger's sum")
	require.Equal(t, h.rows("settled"), h.db.Count(t, `SELECT count(*) FROM audit.audit_log a JOIN ai.ai_usage u
		ON a.resource_id = u.request_id::text AND (a.metadata->>'attempt')::int = u.attempt
		AND (a.metadata->>'outputTokens')::bigint = u.output_tokens WHERE u.status = 'settled'`), "each is in the audit log, once")
}

// meet makes a stream meet its fate.
func (h *house) meet(r *run, model string, words int) {
	ctx, cancel := context.WithCancel(h.as(unlimited))
	defer cancel()
	directive := fmt.Sprintf("words=%d", words)
	if r.fate.far != "" {
		directive += "," + r.fate.far
	}
	stream, err := h.client.Generate(ctx, &aiv1.GenerateRequest{
		RequestId: r.id.String(), Model: model, Source: "ai.chat",
		Messages: []*aiv1.ChatMessage{{Role: "user", Content: fmt.Sprintf("%s [[fake:%s]]", r.id, directive)}},
	})
	for read := 0; err == nil; {
		var m *aiv1.GenerateResponse
		if m, err = stream.Recv(); err != nil {
			break
		}
		if text := m.GetDelta().GetText(); text != "" {
			r.text += text
			if read++; read == r.fate.leaveAfter {
				cancel()
			}
		}
	}
	r.err = err
}

// entry is a row of the ledger.
type entry struct {
	Attempt                     int
	Provider, Status, CountedBy string
	fakeai.Counts
	EstimatedInput, Charged int64
}

// entries are the ledger's rows by request, in the order of the attempts.
func (h *house) entries() map[string][]entry {
	h.t.Helper()
	rows, err := h.db.Admin.Query(h.t.Context(), `SELECT request_id::text, attempt, provider, status, counted_by, input_tokens,
		cache_read_tokens, cache_write_tokens, output_tokens, estimated_input_tokens, charged_tokens FROM ai.ai_usage ORDER BY 1, 2`)
	require.NoError(h.t, err)
	defer rows.Close()
	found := map[string][]entry{}
	for rows.Next() {
		var id string
		var e entry
		require.NoError(h.t, rows.Scan(&id, &e.Attempt, &e.Provider, &e.Status, &e.CountedBy, &e.Input,
			&e.CacheRead, &e.CacheWrite, &e.Output, &e.EstimatedInput, &e.Charged))
		found[id] = append(found[id], e)
	}
	require.NoError(h.t, rows.Err())
	return found
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// callsByID are the far end's calls by the request that asked for them.
func (h *house) callsByID() map[string][]*fakeai.Call {
	calls := map[string][]*fakeai.Call{}
	for _, c := range h.far.Calls() {
		<-c.Done()
		id := uuids.FindString(string(c.Body))
		calls[id] = append(calls[id], c)
	}
	return calls
}

// figures sum up an accounting.
type figures struct {
	attempts, exact, flagged, free int
	tokens, flaggedTokens          int64
}

func (f figures) String() string {
	return fmt.Sprintf("%d attempts, of which %d settled with the provider's own %d tokens, %d flagged with %d, %d free",
		f.attempts, f.exact, f.tokens, f.flagged, f.flaggedTokens, f.free)
}

// reconcile holds each attempt in the ledger against the far end's call: what
// the far end counted to the end is there to the token, what it refused is
// free, and the rest is flagged, with as much of the count as was told.
func (h *house) reconcile(runs []*run) (sum figures) {
	h.t.Helper()
	calls, entries := h.callsByID(), h.entries()
	for _, r := range runs {
		require.Len(h.t, entries[r.id.String()], len(calls[r.id.String()]), "%s: a row for each call", r.fate.name)
		for i, call := range calls[r.id.String()] {
			e := entries[r.id.String()][i]
			sum.attempts++
			what := fmt.Sprintf("%s: %+v", r.fate.name, e)
			require.Equal(h.t, i+1, e.Attempt, what)
			told, final := call.Told()
			switch {
			case call.Status() >= 300:
				require.Equal(h.t, "released", e.Status, what)
				require.Zero(h.t, e.Charged, what)
				sum.free++
			case final && (e.CountedBy == "provider" || !r.fate.racing):
				require.Equal(h.t, "settled provider", e.Status+" "+e.CountedBy, what)
				require.Equal(h.t, told, e.Counts, what)
				require.Equal(h.t, told.Prompt()+told.Output, e.Charged, what)
				sum.exact++
				sum.tokens += e.Charged
			default:
				requireFlagged(h.t, r, call, e, what)
				sum.flagged++
				sum.flaggedTokens += e.Charged
			}
		}
	}
	return sum
}

// requireFlagged wants the prompt as it was told, or else as it was estimated
// before, and the estimate of the text that came.
func requireFlagged(t *testing.T, r *run, call *fakeai.Call, e entry, what string) {
	t.Helper()
	require.Equal(t, "settled estimated", e.Status+" "+e.CountedBy, what)
	told, final := call.Told()
	if final && e.Provider == "spare" { // this format counts at the end, when the caller was gone
		told = fakeai.Counts{Output: told.Output}
	}
	if told.Prompt() == 0 {
		told.Input = e.EstimatedInput
	}
	sent := max(tariff.Estimate(call.Sent()), told.Output)
	if r.fate.racing {
		require.LessOrEqual(t, e.Output, sent, what)
		require.GreaterOrEqual(t, e.Output, tariff.Estimate(r.text), what)
	} else {
		require.Equal(t, sent, e.Output, what)
	}
	told.Output = e.Output
	require.Equal(t, told, e.Counts, what)
}
