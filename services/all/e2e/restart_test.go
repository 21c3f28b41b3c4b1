package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
)

// writers are people who write down what is acknowledged to them while others
// do something to the platform.
type writers struct {
	all     []*writer
	over    chan struct{}
	writing sync.WaitGroup
}

func (p *platform) writers(t *testing.T, n int, atMost time.Duration) *writers {
	w := &writers{over: make(chan struct{})}
	for i := range n {
		b := p.browser(t)
		b.register(fmt.Sprintf("writer%d", i))
		w.all = append(w.all, &writer{
			browser: b, journal: newJournal(), name: fmt.Sprintf("writer %d", i), over: w.over, deadline: time.Now().Add(atMost),
		})
		w.writing.Go(w.all[i].write)
	}
	return w
}

// end lets them finish what they have begun.
func (w *writers) end() {
	close(w.over)
	w.writing.Wait()
}

// requireNothingLost holds the platform to what the writers wrote down, and
// tells how many questions that were, how many answers are not complete, and why
// requests had to be made again.
func (w *writers) requireNothingLost(t *testing.T) (questions, incomplete int, retries []string) {
	t.Helper()
	for _, w := range w.all {
		require.Empty(t, w.journal.faults, "nothing excuses these")
		eventually(t, "every answer is settled", func() error { return w.unsettled() })
		v := w.judge(t)
		require.Empty(t, v.lost, "lost")
		require.Empty(t, v.doubled, "doubled")
		require.Empty(t, v.phantoms, "nobody sent these")
		require.Empty(t, v.wrong, "answers")
		_, n := w.journal.acknowledged()
		questions, retries = questions+n, append(retries, w.retries...)
		for _, asked := range w.journal.questions {
			require.NotEmpty(t, asked.status, "%s: its end was never seen", asked.content)
			if asked.status != "complete" {
				t.Logf("%s: %s %v", asked.content, asked.status, asked.why)
				incomplete++
			}
		}
	}
	return questions, incomplete, retries
}

// follower reads one answer, going on wherever it is sent away from.
type follower struct {
	*browser
	answer string
	seq    int
	text   strings.Builder
	// moves counts how often a gateway sent it away.
	moves  int
	status string
	fault  string
}

func (f *follower) read(s *stream) {
	for {
		e, ok := s.next()
		switch {
		case !ok && f.moves == 0:
			f.fault = "cut off without a word"
			return
		case !ok || e.name == "restart":
			if ok {
				f.moves++
			}
			s.close()
			time.Sleep(50 * time.Millisecond)
			response, err := client.Do(f.request("GET", "/api/chat/messages/"+f.answer+"/stream", nil, "Last-Event-ID", strconv.Itoa(f.seq), "Accept", "text/event-stream"))
			if err != nil || response.StatusCode != http.StatusOK {
				f.fault = fmt.Sprint("can't go on: ", err, response)
				return
			}
			s = streamOf(f.t, response)
			continue
		}
		if e.id != strconv.Itoa(f.seq+1) {
			f.fault = fmt.Sprintf("%s %s after %d", e.name, e.id, f.seq)
			return
		}
		f.seq++
		switch e.name {
		case "start":
			f.answer = e.data["assistantMessage"].(object)["id"].(string)
		case "delta":
			f.text.WriteString(e.data["text"].(string))
		case "done", "error":
			f.status = e.data["message"].(object)["status"].(string)
			return
		}
	}
}

// shells are terminals of somebody's workspaces, with the process of each.
type shells struct {
	*browser
	pids map[[2]string]string
}

// open has n shells in the workspaces, and leaves them open.
func (s *shells) open(t *testing.T, n int, workspaces []string) (open []*screen) {
	t.Helper()
	s.pids = map[[2]string]string{}
	for i := range n {
		workspace, name := workspaces[i%len(workspaces)], fmt.Sprint("shell", i)
		shell := s.terminal(t, workspace, name)
		s.pids[[2]string{workspace, name}] = shell.pid()
		open = append(open, shell)
	}
	return open
}

// requireAlive holds each to be the same process still, with what it showed.
func (s *shells) requireAlive(t *testing.T) {
	t.Helper()
	for at, pid := range s.pids {
		again := s.terminal(t, at[0], at[1])
		require.True(t, again.resumed, "%v", at)
		again.sees("pid is " + pid)
		require.Equal(t, pid, again.pid(), "%v", at)
		require.NoError(t, again.CloseNow())
	}
}

// sandboxes counts those that a workspace has on this machine.
func sandboxes(t *testing.T, workspace string) int {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	own, err := os.Readlink("/proc/self/ns/pid")
	require.NoError(t, err)
	spaces := map[string]bool{}
	for _, dir := range all {
		environ, err := os.ReadFile(filepath.Join(dir, "environ"))
		if err == nil && bytes.Contains(environ, []byte("ATRIUM_WORKSPACE_ID="+workspace+"\x00")) {
			space, _ := os.Readlink(filepath.Join(dir, "ns/pid")) // it may have ended
			spaces[space] = true
		}
	}
	delete(spaces, "")
	delete(spaces, own) // what started it
	return len(spaces)
}

// startTwice asks both ide services at once to start each workspace.
func (b *browser) startTwice(t *testing.T, n int) (workspaces []string) {
	t.Helper()
	for i := range n {
		id := b.must("POST", "/api/ide/workspaces", object{"name": fmt.Sprint("workspace ", i)})["id"].(string)
		t.Cleanup(func() { b.delete(id) })
		workspaces = append(workspaces, id)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { b.must("POST", "/api/ide/workspaces/"+id+"/start", object{}) })
		}
		both.Wait()
	}
	for _, id := range workspaces {
		b.waitStatus(id, "running")
		steps := map[string]int{}
		for _, e := range b.must("GET", "/api/ide/workspaces/"+id+"/events", nil)["events"].([]any) {
			steps[e.(object)["step"].(string)]++
		}
		require.Equal(t, 1, steps["sandbox"], "%v", steps)
		require.Equal(t, 1, steps["ready"], "%v", steps)
	}
	return workspaces
}

// holders gives the workspaces on which each ide service acts.
func (f *fleet) holders(t *testing.T) map[string][]string {
	t.Helper()
	rows, err := f.database(t).Query(t.Context(), `SELECT holder::text, workspace_id::text FROM ide.workspace_leases WHERE expires_at > now()`)
	require.NoError(t, err)
	held := map[string][]string{}
	var holder, workspace string
	_, err = pgx.ForEachRow(rows, []any{&holder, &workspace}, func() error {
		held[holder] = append(held[holder], workspace)
		return nil
	})
	require.NoError(t, err)
	return held
}

// Faults 5 and 23: one of two ide services is killed, and the other acts for it;
// then every program is restarted, one after the other, under load and with 100
// terminals. What can move moves, what is under way finishes, and nothing that was
// acknowledged is lost.
func TestARollingRestartLosesNothing(t *testing.T) {
	needVSCode(t)
	far := fakeai.New(t)
	f := newFleet(t, 2, "ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL="+far.AnthropicURL())
	f.up()
	_, err := f.database(t).Exec(t.Context(), `UPDATE auth.plans SET workspaces = 9 WHERE name = 'free'`)
	require.NoError(t, err)
	ada := f.browser(t)
	ada.register("ada")
	workspaces := ada.startTwice(t, 9)
	for _, id := range workspaces {
		require.Equal(t, 1, sandboxes(t, id), "one start, whoever was asked")
	}
	ada.shelf(workspaces[0]).race(t)
	held := f.holders(t)
	require.Len(t, held, 2, "both act on workspaces, each for itself")
	const killed = "ided 0"
	f.kill(killed)
	// Of each a workspace is to stop. The other service reaches what the killed one
	// started, and acts for it when its leases have ended.
	var stopped []string
	for _, mine := range held {
		eventually(t, "the service that is left is asked", func() error {
			if got := ada.call("POST", "/api/ide/workspaces/"+mine[0]+"/stop", object{}); got.StatusCode != http.StatusOK {
				return fmt.Errorf("%s: %s", got.Status, got.body)
			}
			return nil
		})
		stopped = append(stopped, mine[0])
		require.Less(t, ada.enter(mine[1]).get("/").StatusCode, 400)
	}
	workspaces = slices.DeleteFunc(workspaces, func(id string) bool { return slices.Contains(stopped, id) })
	all := shells{browser: ada}
	open := all.open(t, 100, workspaces)

	tab, _, err := ada.live(f.setting("ATRIUM_PUBLIC_URL"))
	require.NoError(t, err)
	defer func() { _ = tab.CloseNow() }()
	watched := []*websocket.Conn{tab}
	for _, shell := range open {
		watched = append(watched, shell.Conn)
	}
	ends := make(chan error, len(watched))
	for _, conn := range watched {
		go func() {
			for {
				if _, _, err := conn.Read(t.Context()); err != nil {
					ends <- err
					return
				}
			}
		}()
	}

	working := f.writers(t, 2, 3*time.Minute)
	const words = 200
	long := &follower{browser: ada}
	var reading sync.WaitGroup
	stream := ada.open("POST", "/api/chat/conversations/"+ada.conversation()+"/messages", object{"content": fmt.Sprintf("Go on. [[fake:words=%d,slow=25ms]]", words)})
	reading.Go(func() { long.read(stream) })
	for _, r := range f.replicas {
		if r.name != killed {
			f.restart(r)
		}
	}
	for _, id := range stopped {
		ada.waitStatus(id, "stopped")
		require.Zero(t, sandboxes(t, id))
	}
	for _, r := range f.replicas {
		if r.name == killed {
			f.startReplica(r.name, r.program, r.env...)
			f.serves(r)
		}
	}
	working.end()
	reading.Wait()

	require.Empty(t, long.fault)
	require.Equal(t, "complete", long.status)
	require.Len(t, strings.Fields(long.text.String()), words)
	require.Positive(t, long.moves, "a gateway sent it to the other")
	for range watched {
		var told websocket.CloseError
		require.ErrorAs(t, <-ends, &told)
		require.Equal(t, websocket.CloseError{Code: websocket.StatusServiceRestart, Reason: "SERVICE_RESTARTING"}, told)
	}
	all.requireAlive(t)

	questions, incomplete, retries := working.requireNothingLost(t)
	require.Greater(t, questions, 20, "there was something to lose")
	require.Zero(t, incomplete, "answers that had begun ended as if nothing had happened")
	requireOneChargeEach(t, f.platform, far)
	t.Logf("%d programs restarted; %d questions acknowledged and answered, a stream moved %d times; requests made again: %q", len(f.replicas)-1, questions, long.moves, retries)
}
