package e2e

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
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

// Fault 23: every program is restarted under load, one after the other. What
// can move moves, what is under way finishes, and nothing that was acknowledged
// is lost.
func TestARollingRestartLosesNothing(t *testing.T) {
	far := fakeai.New(t)
	f := startFleet(t, "ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL="+far.AnthropicURL())
	f.up()
	ada := f.browser(t)
	ada.register("ada")
	workspace := ada.running("restarted")
	shell := ada.terminal(t, workspace, "main")
	pid := shell.pid()
	tab, _, err := ada.live(f.setting("ATRIUM_PUBLIC_URL"))
	require.NoError(t, err)
	defer func() { _ = tab.CloseNow() }()
	ends := make(chan error, 2)
	for _, conn := range []*websocket.Conn{tab, shell.Conn} {
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
		f.restart(r)
	}
	working.end()
	reading.Wait()

	require.Empty(t, long.fault)
	require.Equal(t, "complete", long.status)
	require.Len(t, strings.Fields(long.text.String()), words)
	require.Positive(t, long.moves, "a gateway sent it to the other")
	for range cap(ends) {
		var told websocket.CloseError
		require.ErrorAs(t, <-ends, &told)
		require.Equal(t, websocket.CloseError{Code: websocket.StatusServiceRestart, Reason: "SERVICE_RESTARTING"}, told)
	}
	again := ada.terminal(t, workspace, "main")
	require.True(t, again.resumed)
	require.Equal(t, pid, again.pid(), "the shell lives")

	questions, incomplete, retries := working.requireNothingLost(t)
	require.Greater(t, questions, 20, "there was something to lose")
	require.Zero(t, incomplete, "answers that had begun ended as if nothing had happened")
	requireOneChargeEach(t, f.platform, far)
	t.Logf("%d programs restarted; %d questions acknowledged and answered, a stream moved %d times; requests made again: %q", len(f.replicas), questions, long.moves, retries)
}
