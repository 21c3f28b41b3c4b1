package window

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// Store keeps summaries.
type Store interface {
	// KeepSummary keeps one for all branches through the message it reaches,
	// unless there is one for it.
	KeepSummary(ctx context.Context, a turn.Answer, s turn.Summary) error
	// Summaries gives those of a user's conversation that can be read, oldest
	// first.
	Summaries(ctx context.Context, user, conv uuid.UUID) ([]turn.Summary, error)
	// HistoryOf gives a branch of a user's conversation, with files that have no
	// content; a zero leaf is the conversation's head. It answers
	// conversation.ErrNotFound and conversation.ErrMessageNotFound.
	HistoryOf(ctx context.Context, user, conv, leaf uuid.UUID) (conversation.Conversation, turn.History, error)
}

// Size is a model's context window.
type Size struct {
	// Model is its id, Tokens how many it reads; 0 is unknown.
	Model  string
	Tokens int
}

// Request asks for a summary.
type Request struct {
	// ID is the call's, the same for the same answer, so that it counts once.
	ID           uuid.UUID
	Model        string
	System, Text string
	// MaxTokens bounds the summary.
	MaxTokens int
}

// Model is the AI service, on behalf of the context's caller.
type Model interface {
	// Window gives the size of a model's window; an empty model is the
	// deployment's default.
	Window(ctx context.Context, model string) (Size, error)
	// Summarize gives what a model makes of a text, and what that took.
	Summarize(ctx context.Context, r Request) (string, conversation.Usage, error)
}
