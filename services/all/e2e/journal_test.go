package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// journal is what one client knows of its own operations: what it sent, and
// what of it the platform has acknowledged.
type journal struct {
	mu sync.Mutex
	// conversations by title; the id is empty until it is acknowledged.
	conversations map[string]string
	// questions by content, which no two have the same.
	questions map[string]*asked
	// faults are answers that no failure excuses.
	faults []string
}

// asked is a question with what its answer has shown so far.
type asked struct {
	conversation, key, content string
	expected                   string // the whole answer
	question, answer           string // ids, once acknowledged
	seq                        int
	shown                      strings.Builder
	status                     string // the answer's, once its end was shown
	why                        any    // and what it said then, where it failed
}

func newJournal() *journal {
	return &journal{conversations: map[string]string{}, questions: map[string]*asked{}}
}

func (j *journal) fault(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.faults = append(j.faults, fmt.Sprintf(format, args...))
}

func (j *journal) acknowledged() (conversations, questions int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, id := range j.conversations {
		if id != "" {
			conversations++
		}
	}
	for _, q := range j.questions {
		if q.question != "" {
			questions++
		}
	}
	return conversations, questions
}

// writer is a client that writes down everything, and tries again until it has
// an answer to everything it asked.
type writer struct {
	*browser
	journal *journal
	name    string
	// over is closed when nothing new is to be begun; patience ends what is left.
	over     <-chan struct{}
	deadline time.Time
	n        int
	// retries tell why requests had to be made again.
	retries []string
}

// try makes a request; ok is false when it is to be made again. What an outage
// can't excuse goes into the journal.
func (w *writer) try(method, path string, body any, headers ...string) (response *http.Response, ok bool) {
	var reader io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		require.NoError(w.t, err)
		reader = bytes.NewReader(encoded)
	}
	response, err := client.Do(w.request(method, path, reader, headers...))
	if err != nil {
		w.retries = append(w.retries, err.Error())
		time.Sleep(20 * time.Millisecond)
		return nil, false
	}
	if response.StatusCode == http.StatusOK {
		return response, true
	}
	text, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	w.retries = append(w.retries, fmt.Sprintf("%s %s: %s: %s", method, path, response.Status, text))
	switch {
	case response.StatusCode == http.StatusServiceUnavailable, response.StatusCode == http.StatusBadGateway:
	case response.StatusCode == http.StatusConflict && strings.Contains(string(text), "TURN_RUNNING"):
		// The answer before is orphaned and not closed yet.
	default:
		w.journal.fault("%s %s: %s: %s", method, path, response.Status, text)
	}
	time.Sleep(50 * time.Millisecond)
	return nil, false
}

// patient says that there is time to try again.
func (w *writer) patient() bool { return time.Now().Before(w.deadline) }

func (w *writer) begun() bool {
	select {
	case <-w.over:
		return false
	default:
		return w.patient()
	}
}

// write makes conversations and asks in them until it is over.
func (w *writer) write() {
	for conversation := ""; w.begun(); w.n++ {
		if w.n%5 == 0 {
			conversation = w.converse()
		}
		if conversation != "" {
			w.ask(conversation)
		}
	}
}

func (w *writer) converse() (id string) {
	title, key := fmt.Sprintf("%s, conversation %d", w.name, w.n), uuid.NewString()
	w.journal.mu.Lock()
	w.journal.conversations[title] = ""
	w.journal.mu.Unlock()
	for w.patient() {
		response, ok := w.try("POST", "/api/chat/conversations", object{"title": title}, "Idempotency-Key", key)
		if !ok {
			continue
		}
		made := decoded(response)
		if made == nil {
			continue
		}
		id = made["id"].(string)
		w.journal.mu.Lock()
		w.journal.conversations[title] = id
		w.journal.mu.Unlock()
		return id
	}
	return ""
}

// decoded reads an answer; one that was cut off is nil, and not acknowledged.
func decoded(response *http.Response) (o object) {
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&o); err != nil {
		return nil
	}
	return o
}

// ask sends a question and follows its answer to the end, whatever happens in
// between. Some of the time it leaves in the middle by itself.
func (w *writer) ask(conversation string) {
	q := &asked{conversation: conversation, key: uuid.NewString()}
	q.expected = fmt.Sprintf("Answer %d for %s. ", w.n, w.name) + strings.Repeat("la ", 5+w.n%40)
	q.content = fmt.Sprintf("%s, question %d [[fake:text=%s]][[fake:slow=10ms]]", w.name, w.n, q.expected)
	w.journal.mu.Lock()
	w.journal.questions[q.content] = q
	w.journal.mu.Unlock()
	for q.status == "" && w.patient() {
		var response *http.Response
		var ok bool
		if q.answer == "" {
			response, ok = w.try("POST", "/api/chat/conversations/"+conversation+"/messages", object{"content": q.content},
				"Idempotency-Key", q.key, "Accept", "text/event-stream")
		} else {
			response, ok = w.try("GET", "/api/chat/messages/"+q.answer+"/stream", nil, "Last-Event-ID", strconv.Itoa(q.seq), "Accept", "text/event-stream")
		}
		if ok {
			w.follow(q, response)
		}
	}
}

// follow takes events down. The numbers go on where they were.
func (w *writer) follow(q *asked, response *http.Response) {
	s := streamOf(w.t, response)
	defer s.close()
	leaveAfter := 1 << 30
	if w.n%3 == 0 {
		leaveAfter = 4
	}
	for range leaveAfter {
		e, ok := s.next()
		if !ok || e.id == "" { // cut, or told that the stream is
			return
		}
		if e.id != strconv.Itoa(q.seq+1) && e.name != "done" && e.name != "error" {
			w.journal.fault("%s: event %s after %d", q.content, e.id, q.seq)
		}
		w.take(q, e)
	}
}

func (w *writer) take(q *asked, e event) {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	q.seq, _ = strconv.Atoi(e.id)
	switch e.name {
	case "start":
		q.question = e.data["userMessage"].(object)["id"].(string)
		q.answer = e.data["assistantMessage"].(object)["id"].(string)
	case "delta":
		q.shown.WriteString(e.data["text"].(string))
	case "done", "error":
		q.status = e.data["message"].(object)["status"].(string)
		q.why = e.data["error"]
	}
}

// verdict counts what is not as the journal has it.
type verdict struct{ lost, doubled, phantoms, wrong []string }

// judge compares a journal with all that its client finds afterwards.
func (w *writer) judge(t *testing.T) (v verdict) {
	t.Helper()
	messages := map[string][]object{} // by content
	titles := map[string]int{}
	answers := map[string][]object{} // by the question's id
	for token := ""; ; {
		page := w.must("GET", "/api/chat/conversations?pageSize=200&pageToken="+token, nil)
		for _, c := range page["conversations"].([]any) {
			c := c.(object)
			titles[c["title"].(string)]++
			if id, known := w.journal.conversations[c["title"].(string)]; !known || (id != "" && id != c["id"]) {
				v.phantoms = append(v.phantoms, c["title"].(string))
			}
			for _, m := range w.all("/api/chat/conversations/" + c["id"].(string) + "/messages") {
				if m["role"] == "user" {
					messages[m["content"].(string)] = append(messages[m["content"].(string)], m)
				} else {
					answers[m["parentId"].(string)] = append(answers[m["parentId"].(string)], m)
				}
			}
		}
		if token, _ = page["nextPageToken"].(string); token == "" {
			break
		}
	}
	for title, id := range w.journal.conversations {
		if titles[title] == 0 && id != "" {
			v.lost = append(v.lost, title)
		}
		if titles[title] > 1 {
			v.doubled = append(v.doubled, title)
		}
	}
	for content, found := range messages {
		if w.journal.questions[content] == nil {
			v.phantoms = append(v.phantoms, content)
		}
		if len(found) > 1 || len(answers[found[0]["id"].(string)]) > 1 {
			v.doubled = append(v.doubled, content)
		}
	}
	for content, q := range w.journal.questions {
		if q.question == "" {
			continue
		}
		found := messages[content]
		if len(found) == 0 || found[0]["id"] != q.question || len(answers[q.question]) == 0 {
			v.lost = append(v.lost, content)
			continue
		}
		if fault := q.against(answers[q.question][0]); fault != "" {
			v.wrong = append(v.wrong, content+": "+fault)
		}
	}
	return v
}

// against compares what was shown of an answer with what is kept of it.
func (q *asked) against(kept object) string {
	content, _ := kept["content"].(string)
	switch status := kept["status"]; {
	case kept["id"] != q.answer:
		return "another answer"
	case status == "streaming":
		return "still being written"
	case !strings.HasPrefix(content, q.shown.String()):
		return fmt.Sprintf("%q was shown and %q is kept", q.shown.String(), content)
	case !strings.HasPrefix(q.expected, content):
		return fmt.Sprintf("%q is kept, which is not how %q begins", content, q.expected)
	case status == "complete" && content != q.expected:
		return fmt.Sprintf("called complete, with %q", content)
	case q.status != "" && q.status != status:
		return fmt.Sprintf("its end was shown as %s and is %v", q.status, status)
	}
	return ""
}

// all reads a list of messages to its end.
func (b *browser) all(path string) (list []object) {
	b.t.Helper()
	for token := ""; ; {
		page := b.must("GET", path+"?pageSize=200&pageToken="+token, nil)
		for _, m := range page["messages"].([]any) {
			list = append(list, m.(object))
		}
		if token, _ = page["nextPageToken"].(string); token == "" {
			return list
		}
	}
}
