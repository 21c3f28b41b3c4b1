package conversation

import (
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/chat/internal/attachment"
)

// Role says who wrote a message.
type Role string

// The roles.
const (
	User      Role = "user"
	Assistant Role = "assistant"
	System    Role = "system"
)

// Status is how far a message has come.
type Status string

// The statuses. A message leaves Streaming once and never comes back.
const (
	Streaming   Status = "streaming"
	Complete    Status = "complete"
	Stopped     Status = "stopped"
	Interrupted Status = "interrupted"
	Failed      Status = "error"
)

// Message is one node of a conversation's tree.
type Message struct {
	ID             uuid.UUID
	ConversationID uuid.UUID
	// ParentID is zero for the first message of a branch from the root.
	ParentID  uuid.UUID
	Role      Role
	Content   string
	Status    Status
	Model     string
	CreatedAt time.Time
	// Usage is nil until the provider has counted.
	Usage    *Usage
	Metadata map[string]any
	// Failure is set when the status is Failed or Interrupted.
	Failure *Failure
	// Position grows with creation within a conversation.
	Position int64
	// Unreadable is as in Conversation.
	Unreadable bool
	// Attachments are files of a user's message.
	Attachments []attachment.Attachment
}

// Usage is what an answer took.
type Usage struct {
	// InputTokens counts the whole prompt, cached parts included.
	InputTokens  int32
	OutputTokens int32
	CostMicroUSD int64
}

// Failure is why an answer did not complete, for programs and for people.
type Failure struct {
	Kind     apperr.Kind
	Reason   string
	Message  string
	Metadata map[string]string
}

// FailureOf keeps of an error what its owner may see.
func FailureOf(err error) *Failure {
	e := apperr.From(err)
	return &Failure{Kind: e.Kind, Reason: e.Reason, Message: e.Message, Metadata: e.Metadata}
}
