package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// words is how many tokens the far end's answers have.
const words = 50

// far is a model at the far end of the OpenAI format that answers at once: each
// token is its number, so that a lost or doubled one shows.
type far struct {
	*httptest.Server
	calls atomic.Int64
	// pace is the pause before each token.
	pace atomic.Int64

	mu   sync.Mutex
	left []time.Time // when callers went away in the middle
	// wrote is when the tokens of the last paced answer were written.
	wrote map[int]time.Time
}

func newFar() *far {
	f := &far{wrote: map[int]time.Time{}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.answer))
	return f
}

// chunks are the events of an answer, made once.
var chunks = sync.OnceValue(func() (all [][]byte) {
	const frame = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{%s},"finish_reason":%s}]}` + "\n\n"
	all = append(all, fmt.Appendf(nil, frame, `"role":"assistant","content":""`, "null"))
	for i := range words {
		all = append(all, fmt.Appendf(nil, frame, `"content":"`+strconv.Itoa(i)+` "`, "null"))
	}
	return append(all,
		fmt.Appendf(nil, frame, "", `"stop"`),
		[]byte(`data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":50,"total_tokens":59}}`+"\n\n"),
		[]byte("data: [DONE]\n\n"))
})

// sentence is the text of an answer.
var sentence = sync.OnceValue(func() string {
	var b strings.Builder
	for i := range words {
		b.WriteString(strconv.Itoa(i) + " ")
	}
	return b.String()
})

func (f *far) answer(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/ready" {
		return
	}
	f.calls.Add(1)
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	for i, chunk := range chunks() {
		if pace := time.Duration(f.pace.Load()); pace > 0 {
			select {
			case <-time.After(pace):
			case <-r.Context().Done():
				f.mu.Lock()
				f.left = append(f.left, time.Now())
				f.mu.Unlock()
				return
			}
			f.note(i - 1)
		}
		if _, err := w.Write(chunk); err != nil {
			return
		}
		_ = flush.Flush() // the caller has left
	}
}

// note keeps when a token is written; the chunks around the tokens are none.
func (f *far) note(token int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if token < 0 {
		f.wrote = map[int]time.Time{}
	} else if token < words {
		f.wrote[token] = time.Now()
	}
}

// times gives when each token of the last paced answer was written.
func (f *far) times() map[int]time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.wrote)
}

// leaving gives the times at which callers went away, and forgets them.
func (f *far) leaving() []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.left
	f.left = nil
	return all
}
