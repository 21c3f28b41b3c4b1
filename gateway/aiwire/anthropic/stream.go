package anthropic

import (
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
)

// The events of a stream, in the order in which they come: message_start, then
// for each block its start, deltas and stop, then message_delta and
// message_stop.
type (
	messageStart struct {
		Type    string  `json:"type"`
		Message *answer `json:"message"`
	}
	blockStart struct {
		Type  string `json:"type"`
		Index int    `json:"index"`
		Block any    `json:"content_block"`
	}
	blockDelta struct {
		Type  string `json:"type"`
		Index int    `json:"index"`
		Delta any    `json:"delta"`
	}
	blockStop struct {
		Type  string `json:"type"`
		Index int    `json:"index"`
	}
	messageDelta struct {
		Type  string `json:"type"`
		Delta ending `json:"delta"`
		Usage usage  `json:"usage"`
	}
	ending struct {
		StopReason   *string `json:"stop_reason"`
		StopSequence *string `json:"stop_sequence"`
	}
	bare struct {
		Type string `json:"type"`
	}
	textDelta struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	inputDelta struct {
		Type string `json:"type"`
		JSON string `json:"partial_json"`
	}
	thinkingDelta struct {
		Type     string `json:"type"`
		Thinking string `json:"thinking"`
	}
	signatureDelta struct {
		Type      string `json:"type"`
		Signature string `json:"signature"`
	}
)

// stream turns an answer's events into the format's.
type stream struct {
	send    func(name string, data any) error
	message *answer
	open    string // kind of the block being written
	index   int    // of that block, or of the next one
}

func (s *stream) add(event *aiv1.GenerateResponse) error {
	switch e := event.GetEvent().(type) {
	case *aiv1.GenerateResponse_Started_:
		s.message = opening(e.Started)
		return s.send("message_start", messageStart{"message_start", s.message})
	case *aiv1.GenerateResponse_Delta_:
		if err := s.within("text", &textBlock{Type: "text"}); err != nil {
			return err
		}
		return s.delta(textDelta{"text_delta", e.Delta.GetText()})
	case *aiv1.GenerateResponse_ToolUse:
		return s.begin("tool_use", &toolBlock{"tool_use", e.ToolUse.GetId(), e.ToolUse.GetName(), []byte("{}")})
	case *aiv1.GenerateResponse_ToolInput_:
		return s.delta(inputDelta{"input_json_delta", e.ToolInput.GetJson()})
	case *aiv1.GenerateResponse_Thinking:
		return s.think(e.Thinking)
	case *aiv1.GenerateResponse_Usage:
		s.message.Usage = usageOf(e.Usage)
	case *aiv1.GenerateResponse_Done_:
		return s.done(e.Done)
	}
	return nil
}

func (s *stream) think(t *aiv1.Thinking) error {
	if t.GetRedacted() != "" {
		return s.begin("redacted_thinking", redactedBlock{"redacted_thinking", t.GetRedacted()})
	}
	if err := s.within("thinking", &thinkingBlock{Type: "thinking"}); err != nil {
		return err
	}
	if t.GetText() != "" {
		if err := s.delta(thinkingDelta{"thinking_delta", t.GetText()}); err != nil {
			return err
		}
	}
	if t.GetSignature() == "" {
		return nil
	}
	// The signature is a thinking's last word; further thinking is a new block.
	if err := s.delta(signatureDelta{"signature_delta", t.GetSignature()}); err != nil {
		return err
	}
	return s.end()
}

// within begins a block unless one of its kind is open.
func (s *stream) within(kind string, block any) error {
	if s.open == kind {
		return nil
	}
	return s.begin(kind, block)
}

func (s *stream) begin(kind string, block any) error {
	if err := s.end(); err != nil {
		return err
	}
	s.open = kind
	return s.send("content_block_start", blockStart{"content_block_start", s.index, block})
}

func (s *stream) delta(delta any) error {
	return s.send("content_block_delta", blockDelta{"content_block_delta", s.index, delta})
}

func (s *stream) end() error {
	if s.open == "" {
		return nil
	}
	stop := blockStop{"content_block_stop", s.index}
	s.open = ""
	s.index++
	return s.send("content_block_stop", stop)
}

func (s *stream) done(done *aiv1.GenerateResponse_Done) error {
	if err := s.end(); err != nil {
		return err
	}
	s.message.end(done)
	if err := s.send("message_delta", messageDelta{
		"message_delta", ending{s.message.StopReason, s.message.StopSequence}, s.message.Usage,
	}); err != nil {
		return err
	}
	return s.send("message_stop", bare{"message_stop"})
}
