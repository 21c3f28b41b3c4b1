package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// onPlan registers a user who is held to a plan of these figures.
func onPlan(t *testing.T, p *platform, name string, tokens, workspaces int) *browser {
	t.Helper()
	b := p.browser(t)
	b.register(name)
	db := p.database(t)
	_, err := db.Exec(t.Context(), `INSERT INTO auth.plans (name, storage_bytes, cpu_millis, memory_bytes, ai_tokens_monthly, ide_seconds_monthly, workspaces)
		SELECT $1, storage_bytes, cpu_millis, memory_bytes, $2, ide_seconds_monthly, $3 FROM auth.plans WHERE name = 'free'`, name, tokens, workspaces)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), `UPDATE auth.users SET plan = $1 WHERE username = $1`, name)
	require.NoError(t, err)
	b.must("POST", "/api/auth/login", object{"login": name, "password": "a long enough passphrase"})
	return b
}

// crowd makes 100 requests at once and counts those that were let through.
// Nobody can write to the table until so many of them wait in the database, so
// that they do meet there.
func (b *browser) crowd(t *testing.T, table string, meet int, request func(i int) *http.Request) int {
	db := b.p.database(t)
	held, err := db.Begin(t.Context())
	require.NoError(t, err)
	_, err = held.Exec(t.Context(), "LOCK TABLE "+table+" IN SHARE MODE")
	require.NoError(t, err)
	statuses := make([]int, 100)
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() {
			response, err := client.Do(request(i))
			if err != nil {
				b.t.Error(err)
				return
			}
			statuses[i] = response.StatusCode
			_ = response.Body.Close()
		})
	}
	watch := b.p.database(t)
	eventually(t, "requests wait for each other", func() error {
		var waiting int
		err := watch.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting)
		if err == nil && waiting < meet {
			err = fmt.Errorf("%d wait", waiting)
		}
		return err
	})
	require.NoError(t, held.Commit(t.Context()))
	all.Wait()
	let := 0
	for _, status := range statuses {
		if status == http.StatusOK {
			let++
		} else {
			require.Contains(b.t, []int{http.StatusTooManyRequests, http.StatusForbidden}, status)
		}
	}
	return let
}

func TestAttack25ACrowdAtAQuotaOfOne(t *testing.T) {
	p := attacked(t)
	const ask = `{"messages":[{"role":"user","content":"Hello."}],"maxTokens":16}`
	rich := onPlan(t, p, "rich25", -1, -1)
	require.Equal(t, http.StatusOK, rich.do(rich.request("POST", "/api/ai/chat", strings.NewReader(ask))).StatusCode)
	var one int
	require.NoError(t, p.database(t).QueryRow(t.Context(), `SELECT estimated_input_tokens + estimated_output_tokens
		FROM ai.ai_usage JOIN auth.users ON users.id = user_id WHERE username = 'rich25'`).Scan(&one))

	poor := onPlan(t, p, "poor25", one, 1)
	// Behind the reservation that waits, the others wait in their process.
	require.Equal(t, 1, poor.crowd(t, "ai.ai_usage", 1, func(int) *http.Request { return poor.request("POST", "/api/ai/chat", strings.NewReader(ask)) }))
	require.Equal(t, 1, poor.crowd(t, "ide.ide_workspaces", 2, func(i int) *http.Request {
		return poor.request("POST", "/api/ide/workspaces", strings.NewReader(fmt.Sprintf(`{"name":"w%d"}`, i)))
	}))
	for _, amount := range []string{"-1", "-2147483648", "2147483648", "9223372036854775808", "1e300", `"-1"`} {
		got := rich.do(rich.request("POST", "/api/ai/chat", strings.NewReader(strings.Replace(ask, "16", amount, 1))))
		require.Equal(t, http.StatusBadRequest, got.StatusCode, "%s: %s", amount, got.body)
	}
	require.Empty(t, rows(t, p, `SELECT id::text FROM ai.ai_usage WHERE charged_tokens < 0`))
}
