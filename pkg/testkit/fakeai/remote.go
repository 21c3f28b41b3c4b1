package fakeai

import (
	"encoding/json"
	"net/http"
	"time"
)

// remoteCall is a Call as GET /fake/calls tells it.
type remoteCall struct {
	Path string `json:"path"`
	Body string `json:"body"`
	Sent string `json:"sent"`
	// Done is whether the answer has ended, Left whether the client did not
	// wait for that.
	Done bool `json:"done"`
	Left bool `json:"left"`
	// Ended is when it did, in milliseconds since 1970; 0 before.
	Ended int64 `json:"ended"`
}

// remoteCalls serves every call so far to tests outside of this process.
func (s *Server) remoteCalls(w http.ResponseWriter, _ *http.Request) {
	calls := []remoteCall{}
	for _, c := range s.Calls() {
		told := remoteCall{Path: c.Path, Body: string(c.Body), Sent: c.Sent(), Left: c.ClientLeft()}
		select {
		case <-c.Done():
			told.Done, told.Ended = true, c.Ended().UnixMilli()
		default:
		}
		calls = append(calls, told)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(calls) // the test has gone
}

// remoteScript queues what directives in the body say, for tests outside of
// this process; it needs no prompt that carries them.
func (s *Server) remoteScript(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err == nil {
		var script Script
		if script, err = ParseDirectives(string(body)); err == nil {
			s.Push(script)
			return
		}
	}
	http.Error(w, err.Error(), http.StatusBadRequest)
}

// Ended is when the call was over; the zero time before that.
func (c *Call) Ended() (at time.Time) {
	c.set(func(c *Call) { at = c.ended })
	return at
}
