package fakeai

import (
	"net/http"
)

// openaiChat serves POST /v1/chat/completions.
func (s *Server) openaiChat(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	call, end := s.record(r, body)
	defer end()
	if err != nil {
		openaiError(w, call, http.StatusRequestEntityTooLarge, Script{ErrorMessage: err.Error()})
		return
	}
	if key := r.Header.Get("Authorization"); s.options.Key != "" && key != "Bearer "+s.options.Key {
		openaiError(w, call, http.StatusUnauthorized, Script{ErrorMessage: "Incorrect API key provided: " + key})
		return
	}
	q, err := parseOpenAI(r.Header, body)
	if err != nil {
		openaiError(w, call, http.StatusBadRequest, Script{ErrorMessage: err.Error()})
		return
	}
	script, err := s.script(q)
	if err != nil {
		openaiError(w, call, http.StatusBadRequest, Script{ErrorMessage: err.Error()})
		return
	}
	if script.Status >= 300 {
		openaiError(w, call, script.Status, script)
		return
	}
	a := s.answerTo(q, script)
	call.set(func(c *Call) { c.counts = a.counts })
	if !q.Stream {
		pause(r.Context(), a.First)
		call.tell(a.counts, true)
		writeJSON(w, http.StatusOK, openaiCompletion(q, a))
		call.set(func(c *Call) { c.sent = a.text })
		return
	}
	s.openaiStream(w, r, q, a, call)
}

// openaiStream sends the chunks of one answer in the documented order.
func (s *Server) openaiStream(w http.ResponseWriter, r *http.Request, q Question, a answer, call *Call) {
	out := newWire(w, a.WriteSize)
	if a.Raw != nil {
		out.write(a.Raw)
		return
	}
	out.event("", openaiChunk(q, openingDelta(q), nil))
	delta := func(text string) { out.event("", openaiChunk(q, textDelta(q, text), nil)) }
	fail := func() {
		kind, message := openaiErrorWords(http.StatusServiceUnavailable, a.Script)
		out.event("", openaiErrorBody(kind, message))
	}
	if !a.play(r.Context(), call, delta, fail) {
		return
	}
	openaiTools(out, q, a.ToolUses)
	call.set(func(c *Call) { c.counts = a.counts })
	out.event("", openaiChunk(q, map[string]any{}, openaiStop(q, a)))
	if q.usage {
		call.tell(a.counts, true)
		last := openaiChunk(q, nil, nil)
		last["choices"] = []any{}
		last["usage"] = openaiUsage(a.counts)
		out.event("", last)
	}
	out.event("", []byte("[DONE]"))
}

// models serves GET /v1/models in the format that the caller's headers ask for.
func (s *Server) models(w http.ResponseWriter, r *http.Request) {
	_, end := s.record(r, nil)
	defer end()
	ids := s.options.Models
	data := []any{}
	if r.Header.Get("anthropic-version") != "" {
		if len(ids) == 0 {
			ids = []string{"claude-sonnet-4-5-20250929"}
		}
		for _, id := range ids {
			data = append(data, map[string]any{"type": "model", "id": id, "display_name": id, "created_at": "2025-09-29T00:00:00Z"})
		}
		writeJSON(w, http.StatusOK, map[string]any{"data": data, "has_more": false, "first_id": ids[0], "last_id": ids[len(ids)-1]})
		return
	}
	if len(ids) == 0 {
		ids = []string{"fake-model"}
	}
	for _, id := range ids {
		data = append(data, map[string]any{"id": id, "object": "model", "created": 1735689600, "owned_by": "fake"})
	}
	writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": data})
}

func openaiStop(q Question, a answer) string {
	switch {
	case a.StopReason != "":
		return a.StopReason
	case a.stop == stopMaxTokens:
		return "length"
	case q.Tool != "" || len(a.ToolUses) > 0:
		return "tool_calls"
	}
	return "stop"
}

func openaiErrorWords(status int, script Script) (kind, message string) {
	kinds := map[int]string{
		400: "invalid_request_error", 401: "invalid_request_error", 403: "permission_error",
		404: "invalid_request_error", 429: "rate_limit_exceeded",
	}
	kind, message = kinds[status], http.StatusText(status)
	if kind == "" {
		kind = "server_error"
	}
	if message == "" {
		message = "The server is overloaded"
	}
	if script.ErrorType != "" {
		kind = script.ErrorType
	}
	if script.ErrorMessage != "" {
		message = script.ErrorMessage
	}
	return kind, message
}

func openaiErrorBody(kind, message string) map[string]any {
	return map[string]any{"error": map[string]any{"message": message, "type": kind, "param": nil, "code": kind}}
}

func openaiError(w http.ResponseWriter, call *Call, status int, script Script) {
	call.set(func(c *Call) { c.status = status })
	setRetryAfter(w, script)
	kind, message := openaiErrorWords(status, script)
	writeJSON(w, status, openaiErrorBody(kind, message))
}
