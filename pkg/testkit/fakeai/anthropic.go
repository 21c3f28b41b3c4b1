package fakeai

import "net/http"

// anthropicMessages serves POST /v1/messages.
func (s *Server) anthropicMessages(w http.ResponseWriter, r *http.Request) {
	q, call, end, ok := s.anthropicQuestion(w, r)
	defer end()
	if !ok {
		return
	}
	script, err := s.script(q)
	if err != nil {
		anthropicError(w, call, http.StatusBadRequest, Script{ErrorMessage: err.Error()})
		return
	}
	if script.Status >= 300 {
		anthropicError(w, call, script.Status, script)
		return
	}
	a := s.answerTo(q, script)
	call.set(func(c *Call) { c.counts = a.counts })
	if !q.Stream {
		pause(r.Context(), a.First)
		w.Header().Set("request-id", "req_fake")
		call.tell(a.counts, true)
		writeJSON(w, http.StatusOK, anthropicMessage(q, a))
		call.set(func(c *Call) { c.sent = a.text })
		return
	}
	s.anthropicStream(w, r, q, a, call)
}

// anthropicQuestion reads, records and checks a request; it has answered when
// ok is false.
func (s *Server) anthropicQuestion(w http.ResponseWriter, r *http.Request) (q Question, call *Call, end func(), ok bool) {
	body, err := readBody(r)
	call, end = s.record(r, body)
	if err != nil {
		anthropicError(w, call, http.StatusRequestEntityTooLarge, Script{ErrorMessage: err.Error()})
		return q, call, end, false
	}
	if key := r.Header.Get("x-api-key"); s.options.Key != "" && key != s.options.Key {
		// Echoing the key is nastier than the real service: it must not travel on.
		anthropicError(w, call, http.StatusUnauthorized, Script{ErrorMessage: "invalid x-api-key " + key})
		return q, call, end, false
	}
	q, err = parseAnthropic(r.Header, body, r.URL.Path != "/v1/messages")
	if err != nil {
		anthropicError(w, call, http.StatusBadRequest, Script{ErrorMessage: err.Error()})
		return q, call, end, false
	}
	return q, call, end, true
}

// anthropicCountTokens serves POST /v1/messages/count_tokens.
func (s *Server) anthropicCountTokens(w http.ResponseWriter, r *http.Request) {
	q, _, end, ok := s.anthropicQuestion(w, r)
	defer end()
	if ok {
		writeJSON(w, http.StatusOK, map[string]int64{"input_tokens": q.promptTokens()})
	}
}

// anthropicStream sends the events of one answer in the documented order.
func (s *Server) anthropicStream(w http.ResponseWriter, r *http.Request, q Question, a answer, call *Call) {
	w.Header().Set("request-id", "req_fake")
	out := newWire(w, a.WriteSize)
	if a.Raw != nil {
		out.write(a.Raw)
		return
	}
	told := a.counts
	told.Output = 1
	opening := anthropicMessage(q, answer{counts: told})
	call.tell(told, false)
	opening["content"] = []any{}
	opening["stop_reason"] = nil
	out.event("message_start", map[string]any{"type": "message_start", "message": opening})
	if a.text == "" && len(a.ToolUses) > 0 {
		anthropicTools(out, 0, a.ToolUses)
		call.set(func(c *Call) { c.counts = a.counts })
		anthropicEnd(out, q, a, call)
		return
	}
	out.event("content_block_start", map[string]any{"type": "content_block_start", "index": 0, "content_block": emptyBlock(q)})
	out.event("ping", map[string]any{"type": "ping"})

	kind, field := "text_delta", "text"
	if q.Tool != "" {
		kind, field = "input_json_delta", "partial_json"
	}
	delta := func(text string) {
		out.event("content_block_delta", map[string]any{
			"type": "content_block_delta", "index": 0, "delta": map[string]any{"type": kind, field: text},
		})
	}
	fail := func() {
		kind, message := anthropicErrorWords(529, a.Script)
		out.event("error", anthropicErrorBody(kind, message))
	}
	if !a.play(r.Context(), call, delta, fail) {
		return
	}
	call.set(func(c *Call) { c.counts = a.counts })
	out.event("content_block_stop", map[string]any{"type": "content_block_stop", "index": 0})
	anthropicTools(out, 1, a.ToolUses)
	anthropicEnd(out, q, a, call)
}

// anthropicTools sends the blocks of tools' uses from an index on.
func anthropicTools(out *wire, index int, uses []ToolUse) {
	for i, u := range uses {
		out.event("content_block_start", map[string]any{"type": "content_block_start", "index": index + i, "content_block": map[string]any{
			"type": "tool_use", "id": u.ID, "name": u.Name, "input": map[string]any{},
		}})
		for _, piece := range halves(u.Input) {
			out.event("content_block_delta", map[string]any{"type": "content_block_delta", "index": index + i, "delta": map[string]any{
				"type": "input_json_delta", "partial_json": piece,
			}})
		}
		out.event("content_block_stop", map[string]any{"type": "content_block_stop", "index": index + i})
	}
}

func anthropicEnd(out *wire, q Question, a answer, call *Call) {
	call.tell(a.counts, true)
	out.event("message_delta", map[string]any{
		"type":  "message_delta",
		"delta": map[string]any{"stop_reason": anthropicStop(q, a), "stop_sequence": orNil(a.stopSeq)},
		"usage": map[string]any{"output_tokens": a.counts.Output},
	})
	out.event("message_stop", map[string]any{"type": "message_stop"})
}

func emptyBlock(q Question) map[string]any {
	if q.Tool != "" {
		return map[string]any{"type": "tool_use", "id": "toolu_fake", "name": q.Tool, "input": map[string]any{}}
	}
	return map[string]any{"type": "text", "text": ""}
}

func anthropicStop(q Question, a answer) string {
	switch {
	case a.StopReason != "":
		return a.StopReason
	case a.stop == stopMaxTokens:
		return "max_tokens"
	case a.stop == stopSequence:
		return "stop_sequence"
	case q.Tool != "" || len(a.ToolUses) > 0:
		return "tool_use"
	}
	return "end_turn"
}
