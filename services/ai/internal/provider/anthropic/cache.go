package anthropic

import (
	"slices"

	"atrium.internal/services/ai/internal/generate"
)

// cached gives a call whose prompt is marked for the cache. Marks that the
// caller set stand alone: it knows its prompts, and only four are allowed.
// Otherwise the end of what comes before the conversation is marked, which
// costs nothing while it is short; and when the conversation is likely to go
// on, its last message, so that the next turn reads all of it from the cache.
// The user's message before that one is marked too: a cached beginning is only
// looked for twenty blocks back. For a single question the marks would only
// cost.
func cached(call generate.Call) generate.Call {
	if marked(call) {
		return call
	}
	if n := len(call.System); n > 0 {
		call.System = withMark(call.System)
	} else if n := len(call.Tools); n > 0 {
		call.Tools = slices.Clone(call.Tools)
		call.Tools[n-1].Cache = true
	}
	if !call.Continues {
		return call
	}
	call.Messages = slices.Clone(call.Messages)
	marks := 2
	for i := len(call.Messages) - 1; i >= 0 && marks > 0; i-- {
		if m := &call.Messages[i]; m.Role == generate.User {
			m.Parts = withMark(m.Parts)
			marks--
		}
	}
	return call
}

func withMark(parts []generate.Part) []generate.Part {
	parts = slices.Clone(parts)
	parts[len(parts)-1].Cache = true
	return parts
}

// marked reports whether the caller marked anything itself.
func marked(call generate.Call) bool {
	set := func(p generate.Part) bool { return p.Cache }
	return slices.ContainsFunc(call.System, set) ||
		slices.ContainsFunc(call.Tools, func(t generate.Tool) bool { return t.Cache }) ||
		slices.ContainsFunc(call.Messages, func(m generate.Message) bool { return slices.ContainsFunc(m.Parts, set) })
}
