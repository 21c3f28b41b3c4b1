package anthropic

import (
	"encoding/json"
	"strings"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
)

// answer is a whole message. Content's blocks are of different kinds.
type answer struct {
	ID           string  `json:"id"`
	Type         string  `json:"type"`
	Role         string  `json:"role"`
	Model        string  `json:"model"`
	Content      []any   `json:"content"`
	StopReason   *string `json:"stop_reason"`
	StopSequence *string `json:"stop_sequence"`
	Usage        usage   `json:"usage"`
}

type usage struct {
	Input      int32 `json:"input_tokens"`
	CacheWrite int32 `json:"cache_creation_input_tokens"`
	CacheRead  int32 `json:"cache_read_input_tokens"`
	Output     int32 `json:"output_tokens"`
}

type textBlock struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type thinkingBlock struct {
	Type      string `json:"type"`
	Thinking  string `json:"thinking"`
	Signature string `json:"signature"`
}

type redactedBlock struct {
	Type string `json:"type"`
	Data string `json:"data"`
}

type toolBlock struct {
	Type  string          `json:"type"`
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input"`
}

func usageOf(u *aiv1.Usage) usage {
	return usage{
		Input: u.GetInputTokens(), CacheWrite: u.GetCacheWriteTokens(), CacheRead: u.GetCacheReadTokens(), Output: u.GetOutputTokens(),
	}
}

// opening is the message before it has content.
func opening(started *aiv1.GenerateResponse_Started) *answer {
	return &answer{
		ID: "msg_" + strings.ReplaceAll(started.GetRequestId(), "-", ""), Type: "message", Role: "assistant",
		Model: started.GetModel(), Content: []any{}, Usage: usageOf(started.GetPrompt()),
	}
}

// end says why the message ended.
func (a *answer) end(done *aiv1.GenerateResponse_Done) {
	reason := done.GetStopReason()
	a.StopReason = &reason
	if sequence := done.GetStopSequence(); sequence != "" {
		a.StopSequence = &sequence
	}
}

// whole puts an answer together from its events.
type whole struct {
	*answer
	text strings.Builder // of the block being written
}

func (w *whole) add(event *aiv1.GenerateResponse) {
	switch e := event.GetEvent().(type) {
	case *aiv1.GenerateResponse_Started_:
		w.answer = opening(e.Started)
	case *aiv1.GenerateResponse_Delta_:
		if _, ok := w.last().(*textBlock); !ok {
			w.begin(&textBlock{Type: "text"})
		}
		w.text.WriteString(e.Delta.GetText())
	case *aiv1.GenerateResponse_ToolUse:
		w.begin(&toolBlock{Type: "tool_use", ID: e.ToolUse.GetId(), Name: e.ToolUse.GetName()})
	case *aiv1.GenerateResponse_ToolInput_:
		w.text.WriteString(e.ToolInput.GetJson())
	case *aiv1.GenerateResponse_Thinking:
		w.think(e.Thinking)
	case *aiv1.GenerateResponse_Usage:
		w.Usage = usageOf(e.Usage)
	case *aiv1.GenerateResponse_Done_:
		w.finish()
		w.end(e.Done)
	}
}

func (w *whole) think(t *aiv1.Thinking) {
	if t.GetRedacted() != "" {
		w.begin(&redactedBlock{"redacted_thinking", t.GetRedacted()})
		return
	}
	block, ok := w.last().(*thinkingBlock)
	if !ok || block.Signature != "" {
		block = &thinkingBlock{Type: "thinking"}
		w.begin(block)
	}
	w.text.WriteString(t.GetText())
	block.Signature += t.GetSignature()
}

func (w *whole) last() any {
	if len(w.Content) == 0 {
		return nil
	}
	return w.Content[len(w.Content)-1]
}

func (w *whole) begin(block any) {
	w.finish()
	w.Content = append(w.Content, block)
}

// finish puts what was written into the block being written.
func (w *whole) finish() {
	switch block := w.last().(type) {
	case *textBlock:
		block.Text = w.text.String()
	case *thinkingBlock:
		block.Thinking = w.text.String()
	case *toolBlock:
		block.Input = inputOf(w.text.String())
	}
	w.text.Reset()
}

// inputOf is a tool's input; a tool without parameters has an empty one, and an
// answer that its bound cut short an incomplete one, which JSON can't hold.
func inputOf(text string) json.RawMessage {
	if !json.Valid([]byte(text)) {
		return json.RawMessage("{}")
	}
	return json.RawMessage(text)
}
