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
	System   string
	Messages []Message
	// MaxTokens bounds the answer. 0: the deployment's default.
	MaxTokens     int64
	Temperature   *float64
	StopSequences []string
	// ResponseSchema is the JSON Schema of an object that the answer must be.
	ResponseSchema string
	// Source is what the call is for. Empty: ai.chat.
	Source string
}

// Message is one turn of a conversation.
type Message struct {
	Role Role
	Text string
}

// Role is who speaks.
type Role string

// The roles.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// The sources: what calls are for, as the ledger names it.
const (
	SourceChat     = "chat"
	SourceAPI      = "ai.chat"
	SourceComplete = "ide.complete"
	SourceExplain  = "ide.explain"
	SourceDebug    = "ide.debug"
	SourceRefactor = "ide.refactor"
)

var sources = []string{SourceChat, SourceAPI, SourceComplete, SourceExplain, SourceDebug, SourceRefactor}

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
	if len(r.Messages) == 0 || r.Messages[len(r.Messages)-1].Role != User {
		return apperr.Invalid("messages", "the last message must be the user's")
	}
	for _, m := range r.Messages {
		if strings.TrimSpace(m.Text) == "" {
			return apperr.Invalid("messages", "a message is empty")
		}
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

// promptEstimate is the prompt in tokens, as far as can be told without the
// provider.
func (r *Request) promptEstimate() int64 {
	total := tariff.Estimate(r.System) + tariff.Estimate(r.ResponseSchema)
	for _, m := range r.Messages {
		total += tariff.Estimate(m.Text) + messageOverhead
	}
	return total
}
