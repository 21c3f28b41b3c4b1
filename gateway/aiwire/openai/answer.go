package openai

import (
	"strings"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
)

// completion is a whole answer.
type completion struct {
	head
	Choices []choice `json:"choices"`
	Usage   *usage   `json:"usage"`
}

// head is what every object of an answer begins with.
type head struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	Model   string `json:"model"`
}

type choice struct {
	Index        int       `json:"index"`
	Message      replied   `json:"message"`
	FinishReason string    `json:"finish_reason"`
	Logprobs     *struct{} `json:"logprobs"`
}

// replied is the model's message. The reasoning is no part of the format, but
// of what endpoints of open models and their clients use.
type replied struct {
	Role      string  `json:"role"`
	Content   *string `json:"content"`
	Refusal   *string `json:"refusal"`
	Reasoning string  `json:"reasoning_content,omitempty"`
	ToolCalls []call  `json:"tool_calls,omitempty"`
}

type call struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	Function function `json:"function"`
}

type function struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// usage counts a prompt with what came from the cache or went into it.
type usage struct {
	Prompt     int32         `json:"prompt_tokens"`
	Completion int32         `json:"completion_tokens"`
	Total      int32         `json:"total_tokens"`
	Details    promptDetails `json:"prompt_tokens_details"`
}

type promptDetails struct {
	Cached int32 `json:"cached_tokens"`
}

func usageOf(u *aiv1.Usage) *usage {
	prompt := u.GetInputTokens() + u.GetCacheReadTokens() + u.GetCacheWriteTokens()
	return &usage{
		Prompt: prompt, Completion: u.GetOutputTokens(), Total: prompt + u.GetOutputTokens(),
		Details: promptDetails{u.GetCacheReadTokens()},
	}
}

func headOf(started *aiv1.GenerateResponse_Started, object string, created int64) head {
	return head{"chatcmpl-" + strings.ReplaceAll(started.GetRequestId(), "-", ""), object, created, started.GetModel()}
}

// finishReason is why an answer ended, in the format's words.
func finishReason(stop string) string {
	switch stop {
	case "max_tokens":
		return "length"
	case "tool_use":
		return "tool_calls"
	case "refusal":
		return "content_filter"
	}
	return "stop"
}

// whole puts an answer together from its events.
type whole struct {
	completion
	created   int64
	text      strings.Builder
	reasoning strings.Builder
	input     strings.Builder // of the tool last called
	message   replied
}

func (w *whole) add(event *aiv1.GenerateResponse) {
	switch e := event.GetEvent().(type) {
	case *aiv1.GenerateResponse_Started_:
		w.head = headOf(e.Started, "chat.completion", w.created)
	case *aiv1.GenerateResponse_Delta_:
		w.text.WriteString(e.Delta.GetText())
	case *aiv1.GenerateResponse_Thinking:
		w.reasoning.WriteString(e.Thinking.GetText())
	case *aiv1.GenerateResponse_ToolUse:
		w.endCall()
		w.message.ToolCalls = append(w.message.ToolCalls, call{
			ID: e.ToolUse.GetId(), Type: "function", Function: function{Name: e.ToolUse.GetName()},
		})
	case *aiv1.GenerateResponse_ToolInput_:
		w.input.WriteString(e.ToolInput.GetJson())
	case *aiv1.GenerateResponse_Usage:
		w.Usage = usageOf(e.Usage)
	case *aiv1.GenerateResponse_Done_:
		w.done(e.Done)
	}
}

func (w *whole) endCall() {
	if n := len(w.message.ToolCalls); n > 0 {
		w.message.ToolCalls[n-1].Function.Arguments = arguments(w.input.String())
	}
	w.input.Reset()
}

// arguments of a function without parameters are an empty object.
func arguments(text string) string {
	if text == "" {
		return "{}"
	}
	return text
}

func (w *whole) done(done *aiv1.GenerateResponse_Done) {
	w.endCall()
	w.message.Role, w.message.Reasoning = "assistant", w.reasoning.String()
	if text := w.text.String(); text != "" || len(w.message.ToolCalls) == 0 {
		w.message.Content = &text
	}
	w.Choices = []choice{{Message: w.message, FinishReason: finishReason(done.GetStopReason())}}
}
