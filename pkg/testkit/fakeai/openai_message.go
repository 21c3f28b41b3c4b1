package fakeai

const openaiCreated = 1735689600

// openaiCompletion is a whole answer, as a non-streaming call gets it.
func openaiCompletion(q Question, a answer) map[string]any {
	message := map[string]any{"role": "assistant", "content": a.text}
	if q.Tool != "" {
		message["content"] = nil
		message["tool_calls"] = []any{toolCall(q, a.text)}
	}
	if len(a.ToolUses) > 0 {
		message["tool_calls"] = openaiCalls(a.ToolUses)
	}
	return map[string]any{
		"id": "chatcmpl-fake", "object": "chat.completion", "created": openaiCreated, "model": q.Model,
		"choices": []any{map[string]any{"index": 0, "message": message, "logprobs": nil, "finish_reason": openaiStop(q, a)}},
		"usage":   openaiUsage(a.counts),
	}
}

// openaiChunk is one event of a stream.
func openaiChunk(q Question, delta map[string]any, finish any) map[string]any {
	chunk := map[string]any{
		"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": openaiCreated, "model": q.Model,
		"choices": []any{map[string]any{"index": 0, "delta": delta, "logprobs": nil, "finish_reason": finish}},
	}
	if q.usage {
		chunk["usage"] = nil
	}
	return chunk
}

func openingDelta(q Question) map[string]any {
	delta := map[string]any{"role": "assistant", "content": ""}
	if q.Tool != "" {
		delta["content"] = nil
		delta["tool_calls"] = []any{toolCall(q, "")}
	}
	return delta
}

func textDelta(q Question, text string) map[string]any {
	if q.Tool != "" {
		return map[string]any{"tool_calls": []any{map[string]any{"index": 0, "function": map[string]any{"arguments": text}}}}
	}
	return map[string]any{"content": text}
}

func toolCall(q Question, arguments string) map[string]any {
	return map[string]any{
		"index": 0, "id": "call_fake", "type": "function",
		"function": map[string]any{"name": q.Tool, "arguments": arguments},
	}
}

// openaiUsage puts counts into OpenAI's words: its prompt includes the cached part.
func openaiUsage(c Counts) map[string]any {
	return map[string]any{
		"prompt_tokens":         c.Prompt(),
		"completion_tokens":     c.Output,
		"total_tokens":          c.Prompt() + c.Output,
		"prompt_tokens_details": map[string]any{"cached_tokens": c.CacheRead},
	}
}
