package generate

import (
	"context"

	"atrium.internal/services/ai/internal/tariff"
)

// Provider runs attempts with one far end.
type Provider interface {
	// Stream runs one attempt: it passes the answer's pieces to emit in order,
	// as it comes, and stops at emit's error or the end of ctx. The report
	// holds what was learned also when there is an error. It never tries
	// again. Errors of the far end are this package's Err values; an error
	// of ctx or emit is returned as it is.
	Stream(ctx context.Context, call Call, emit Emit) (Report, error)
}

// Call is one attempt's request.
type Call struct {
	Model         string
	System        []Part // texts
	Messages      []Message
	Tools         []Tool
	Choice        ToolChoice
	MaxTokens     int64
	Temperature   *float64
	TopP          *float64
	TopK          *int64
	StopSequences []string
	Thought       Thought
	// Schema of the JSON object that the answer must be; nil is free text.
	Schema map[string]any
	// Continues says that the conversation is likely to go on from this
	// prompt, so that caching it pays.
	Continues bool
	// Source is what the call is for; only the demo needs to know.
	Source string
}

// Report is what an attempt learned from the provider.
type Report struct {
	// Accepted says that the provider began to answer.
	Accepted bool
	// Tokens as far as the provider has counted them.
	Tokens tariff.Tokens
	// Final says that the provider has counted all of them.
	Final      bool
	StopReason StopReason
	// StopSequence is the one that ended the answer, where the provider says.
	StopSequence string
}

// StopReason is why an answer ended.
type StopReason string

// The stop reasons.
const (
	EndTurn      StopReason = "end_turn"
	MaxTokens    StopReason = "max_tokens"
	StopSequence StopReason = "stop_sequence"
	ToolCalls    StopReason = "tool_use"
	Refusal      StopReason = "refusal"
)
