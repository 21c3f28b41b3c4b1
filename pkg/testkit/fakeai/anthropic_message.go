package fakeai

import (
	"encoding/json"
	"net/http"
)

// anthropicMessage is a whole answer, as a non-streaming call gets it.
func anthropicMessage(q Question, a answer) map[string]any {
	block := map[string]any{"type": "text", "text": a.text}
	if q.Tool != "" {
		block = emptyBlock(q)
		block["input"] = json.RawMessage(orEmptyObject(a.text))
	}
	blocks := []any{block}
	if a.text == "" && len(a.ToolUses) > 0 {
		blocks = nil
	}
	for _, u := range a.ToolUses {
		blocks = append(blocks, map[string]any{"type": "tool_use", "id": u.ID, "name": u.Name, "input": json.RawMessage(u.Input)})
	}
	return map[string]any{
		"id": "msg_fake", "type": "message", "role": "assistant", "model": q.Model,
		"content":       blocks,
		"stop_reason":   anthropicStop(q, a),
		"stop_sequence": orNil(a.stopSeq),
		"usage": map[string]any{
			"input_tokens":                a.counts.Input,
			"cache_creation_input_tokens": a.counts.CacheWrite,
			"cache_read_input_tokens":     a.counts.CacheRead,
			"output_tokens":               a.counts.Output,
			"service_tier":                "standard",
		},
	}
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func orEmptyObject(s string) string {
	if !json.Valid([]byte(s)) {
		return "{}"
	}
	return s
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has left
}
