package generate

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ai/internal/tariff"
)

// Request is what a caller asks for.
type Request struct {
	// ID names the call in the ledger, once. Nil: one is made.
	ID uuid.UUID
	// Model's id. Empty: the deployment's default.
	Model    string
	System   []Part // texts
	Messages []Message
	Tools    []Tool
	Choice   ToolChoice
	// MaxTokens bounds the answer. 0: the deployment's default.
	MaxTokens     int64
	Temperature   *float64
	TopP          *float64
	TopK          *int64
	StopSequences []string
	Thought       Thought
	// ResponseSchema is the JSON Schema of an object that the answer must be.
	ResponseSchema string
	// Source is what the call is for. Empty: ai.chat.
	Source string
}

// The sources: what calls are for, as the ledger names it.
const (
	SourceChat      = "chat"
	SourceTitle     = "chat.title"
	SourceSummary   = "chat.summary"
	SourceAPI       = "ai.chat"
	SourceComplete  = "ide.complete"
	SourceExplain   = "ide.explain"
	SourceDebug     = "ide.debug"
	SourceRefactor  = "ide.refactor"
	SourceTests     = "ide.tests"
	SourceDocs      = "ide.docs"
	SourceCommit    = "ide.commit"
	SourceAnthropic = "gateway.anthropic"
	SourceOpenAI    = "gateway.openai"
	SourceCheck     = "admin.check"
)

var sources = []string{
	SourceChat, SourceTitle, SourceSummary, SourceAPI, SourceComplete, SourceExplain, SourceDebug, SourceRefactor,
	SourceTests, SourceDocs, SourceCommit, SourceAnthropic, SourceOpenAI, SourceCheck,
}

// messageOverhead is what a message costs besides its text, in tokens.
const messageOverhead = 4

// check refuses what the contract's annotations can't say, and fills in what
// was left out.
func (r *Request) check() error {
	if r.Source == "" {
		r.Source = SourceAPI
	}
	if !slices.Contains(sources, r.Source) {
		return apperr.Invalid("source", "is none of "+strings.Join(sources, ", "))
	}
	if len(r.Messages) == 0 || (r.Messages[len(r.Messages)-1].Role != User && !r.foreign()) {
		return apperr.Invalid("messages", "the last message must be the user's")
	}
	for _, m := range r.Messages {
		if err := m.check(); err != nil {
			return apperr.Invalid("messages", err.Error())
		}
	}
	if err := checkTools(r.Tools, r.Choice); err != nil {
		return apperr.Invalid("tools", err.Error())
	}
	if r.ResponseSchema != "" {
		var object map[string]any
		if err := json.Unmarshal([]byte(r.ResponseSchema), &object); err != nil || object["type"] != "object" {
			return apperr.Invalid("responseSchema", `is not a JSON Schema with "type":"object"`)
		}
	}
	if r.ID == uuid.Nil {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		r.ID = id
	}
	return nil
}

// foreign says that the request came in a provider's own wire format, in which
// the caller may have begun the answer.
func (r *Request) foreign() bool { return r.Source == SourceAnthropic || r.Source == SourceOpenAI }

// continues says that the same beginning is likely to be asked again with more
// after it, as a chat's, or a coding tool's that works with tools.
func (r *Request) continues() bool {
	return r.Source == SourceChat || (r.foreign() && (len(r.Tools) > 0 || len(r.Messages) > 1))
}

// promptEstimate is the prompt in tokens, as far as can be told without the
// provider.
func (r *Request) promptEstimate() int64 {
	total := Estimate(r.System) + estimateTools(r.Tools) + tariff.Estimate(r.ResponseSchema)
	for _, m := range r.Messages {
		total += Estimate(m.Parts) + messageOverhead
	}
	return total
}
