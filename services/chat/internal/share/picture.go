package share

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/conversation"
)

// MaxSize is how much text one picture may have, in bytes, and MaxMessages how
// many messages: what one answer can carry.
const (
	MaxSize     = 8 << 20
	MaxMessages = 10_000
)

// The refusals of this package.
var (
	// ErrNotFound answers a link that never was, or is not any more.
	ErrNotFound = apperr.New(apperr.NotFound, "SHARE_NOT_FOUND", "This link leads to nothing: it was taken back, or its conversation deleted.")
	ErrTooLarge = apperr.New(apperr.TooLarge, "SHARE_TOO_LARGE", "This conversation is too long to be shared.")
	ErrNothing  = apperr.New(apperr.Conflict, "SHARE_EMPTY", "There is nothing to share yet.")
)

// Picture is what a link shows. It is kept as JSON.
type Picture struct {
	Title     string    `json:"title"`
	CreatedAt time.Time `json:"createdAt"`
	Messages  []Message `json:"messages"`
	// Owner is whose conversation it shows; it is not kept in the picture.
	Owner uuid.UUID `json:"-"`
}

// Message is one of a picture: no ids, no costs, nothing of its branches, and of
// its files only what kinds they are.
type Message struct {
	Role      conversation.Role `json:"role"`
	Content   string            `json:"content"`
	Model     string            `json:"model,omitempty"`
	CreatedAt time.Time         `json:"createdAt"`
	Files     []attachment.Kind `json:"files,omitempty"`
}

// Take makes the picture of a branch. What was told to the model alone, what is
// still being written and what has no text are not part of it. It answers
// ErrNothing.
func Take(title string, branch []conversation.Message, at time.Time) (Picture, error) {
	p := Picture{Title: title, CreatedAt: at}
	for _, m := range branch {
		if m.Role == conversation.System || m.Status == conversation.Streaming || strings.TrimSpace(m.Content) == "" {
			continue
		}
		shown := Message{Role: m.Role, Content: m.Content, Model: m.Model, CreatedAt: m.CreatedAt}
		for _, a := range m.Attachments {
			shown.Files = append(shown.Files, a.Kind)
		}
		p.Messages = append(p.Messages, shown)
	}
	if len(p.Messages) == 0 {
		return Picture{}, ErrNothing
	}
	return p, nil
}
