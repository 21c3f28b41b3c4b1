package openai

import aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

// chunk is one event of a stream.
type chunk struct {
	head
	Choices []chunkChoice `json:"choices"`
	Usage   *usage        `json:"usage,omitempty"`
}

type chunkChoice struct {
	Index        int     `json:"index"`
	Delta        delta   `json:"delta"`
	FinishReason *string `json:"finish_reason"`
}

// delta has what a chunk adds.
type delta struct {
	Role      string      `json:"role,omitempty"`
	Content   *string     `json:"content,omitempty"`
	Reasoning string      `json:"reasoning_content,omitempty"`
	ToolCalls []deltaCall `json:"tool_calls,omitempty"`
}

type deltaCall struct {
	Index    int           `json:"index"`
	ID       string        `json:"id,omitempty"`
	Type     string        `json:"type,omitempty"`
	Function deltaFunction `json:"function"`
}

type deltaFunction struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

// stream turns an answer's events into the format's. The usage comes last, if
// the client asked for it.
type stream struct {
	send       func(name string, data any) error
	created    int64
	countUsage bool
	head       head
	calls      int
	usage      *usage
}

func (s *stream) add(event *aiv1.GenerateResponse) error {
	switch e := event.GetEvent().(type) {
	case *aiv1.GenerateResponse_Started_:
		s.head = headOf(e.Started, "chat.completion.chunk", s.created)
		empty := ""
		return s.chunk(delta{Role: "assistant", Content: &empty}, nil)
	case *aiv1.GenerateResponse_Delta_:
		text := e.Delta.GetText()
		return s.chunk(delta{Content: &text}, nil)
	case *aiv1.GenerateResponse_Thinking:
		if e.Thinking.GetText() == "" {
			return nil // a signature, which the format has no place for
		}
		return s.chunk(delta{Reasoning: e.Thinking.GetText()}, nil)
	case *aiv1.GenerateResponse_ToolUse:
		s.calls++
		return s.call(deltaCall{ID: e.ToolUse.GetId(), Type: "function", Function: deltaFunction{Name: e.ToolUse.GetName()}})
	case *aiv1.GenerateResponse_ToolInput_:
		return s.call(deltaCall{Function: deltaFunction{Arguments: e.ToolInput.GetJson()}})
	case *aiv1.GenerateResponse_Usage:
		s.usage = usageOf(e.Usage)
	case *aiv1.GenerateResponse_Done_:
		reason := finishReason(e.Done.GetStopReason())
		if err := s.chunk(delta{}, &reason); err != nil || !s.countUsage {
			return err
		}
		return s.send("", chunk{s.head, []chunkChoice{}, s.usage})
	}
	return nil
}

func (s *stream) call(c deltaCall) error {
	c.Index = s.calls - 1
	return s.chunk(delta{ToolCalls: []deltaCall{c}}, nil)
}

func (s *stream) chunk(d delta, finish *string) error {
	return s.send("", chunk{head: s.head, Choices: []chunkChoice{{Delta: d, FinishReason: finish}}})
}
