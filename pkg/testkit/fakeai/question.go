package fakeai

import (
	"encoding/json"
	"strings"
)

// Question is a request as both wire formats mean it.
type Question struct {
	Model     string
	System    string
	Messages  []Message
	MaxTokens int64
	Stop      []string
	Stream    bool
	// Schema of the answer, when structured output is asked for.
	Schema json.RawMessage
	// Tools are the names of the functions on offer, in their order.
	Tools []string
	// Tool is the function that the answer must call, if any.
	Tool string

	cachePrefix string // the prompt up to its last cache breakpoint
	usage       bool   // OpenAI: include_usage
}

// Message is one turn of the conversation.
type Message struct {
	Role, Text  string
	Images      []Image
	ToolUses    []ToolUse
	ToolResults []ToolResult
}

// Last is the text of the user's newest message, where directives are looked for.
func (q Question) Last() string {
	for i := len(q.Messages) - 1; i >= 0; i-- {
		if q.Messages[i].Role == "user" {
			return q.Messages[i].Text
		}
	}
	return ""
}

// promptTokens counts the whole prompt, with some for the format around it.
func (q Question) promptTokens() int64 {
	total := Tokens(q.System)
	for _, m := range q.Messages {
		total += Tokens(m.Text) + 4 + called(m.ToolUses) + imageTokens*int64(len(m.Images))
		for _, r := range m.ToolResults {
			total += Tokens(r.Text) + imageTokens*int64(len(r.Images))
		}
	}
	return total
}

// answer is a script applied to a question.
type answer struct {
	Script
	text    string
	chunks  []string
	counts  Counts
	stop    stop
	stopSeq string
}

// stop is why an answer ended, in no format's words.
type stop int

const (
	stopEnd stop = iota
	stopMaxTokens
	stopSequence
)

// answerTo applies a script: the request's own limits hold for it, as they do
// for a model.
func (s *Server) answerTo(q Question, script Script) answer {
	a := answer{Script: script}
	a.text = script.text(func() string {
		if len(script.ToolUses) > 0 {
			return ""
		}
		if q.Schema != nil {
			return sample(q.Schema)
		}
		return "You said: " + directivePattern.ReplaceAllString(q.Last(), "")
	})
	for _, sequence := range q.Stop {
		if before, _, found := strings.Cut(a.text, sequence); found {
			a.text, a.stop, a.stopSeq = before, stopSequence, sequence
		}
	}
	if clipped, cut := clip(a.text, q.MaxTokens); cut && q.MaxTokens > 0 {
		a.text, a.stop = clipped, stopMaxTokens
	}
	if a.stop == stopEnd {
		a.chunks = script.chunks(a.text)
	} else {
		a.chunks = splitWords(a.text)
	}
	a.counts = s.count(q)
	a.counts.Output = Tokens(a.text) + called(script.ToolUses)
	if script.Counts != nil {
		a.counts = *script.Counts
	}
	return a
}

// cacheMinimum is the shortest prefix that is cached, in tokens.
const cacheMinimum = 1024

// count counts a prompt and keeps the cache as the real one: a prefix is
// written once and read from then on.
func (s *Server) count(q Question) Counts {
	total := q.promptTokens()
	prefix := Tokens(q.cachePrefix)
	if q.cachePrefix == "" || prefix < cacheMinimum {
		return Counts{Input: total}
	}
	prefix = min(prefix, total)
	s.mu.Lock()
	defer s.mu.Unlock()
	key := q.Model + "\x00" + q.cachePrefix
	if s.cached[key] {
		return Counts{Input: total - prefix, CacheRead: prefix}
	}
	s.cached[key] = true
	return Counts{Input: total - prefix, CacheWrite: prefix}
}
