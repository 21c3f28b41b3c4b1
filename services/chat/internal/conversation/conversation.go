package conversation

import (
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// MaxMetadata is how large a conversation's metadata may be as JSON, in bytes.
const MaxMetadata = 16 << 10

// Conversation is a tree of messages with one owner.
type Conversation struct {
	ID        uuid.UUID
	UserID    uuid.UUID
	Title     string
	CreatedAt time.Time
	UpdatedAt time.Time
	Metadata  map[string]any
	Pinned    bool
	Archived  bool
	// Model is empty for the deployment's default.
	Model string
	// WorkspaceID is zero when the conversation belongs to none.
	WorkspaceID uuid.UUID
	// HeadMessageID is the newest message of the branch last shown, or zero.
	HeadMessageID uuid.UUID
	// SystemPrompt is what every answer in it is told first.
	SystemPrompt string
	TitleBy      Author
	// Usage is the sum over its answers.
	Usage Total
	// Link is how it is shared, or nil.
	Link *Link
	// Unreadable says that something of it was changed outside of the platform,
	// or that its key is gone; what can't be read is empty.
	Unreadable bool
}

// The refusals of this package. What is somebody else's is answered like what
// is not there.
var (
	ErrNotFound    = apperr.New(apperr.NotFound, "CONVERSATION_NOT_FOUND", "This conversation does not exist.")
	ErrBranchOrder = apperr.New(apperr.InvalidArgument, "BRANCH_ORDER", "A branch is listed from its root; leave out newestFirst.")
	// ErrMessageNotFound also answers a message of another conversation.
	ErrMessageNotFound  = apperr.New(apperr.NotFound, "MESSAGE_NOT_FOUND", "This message does not exist.")
	ErrMetadataTooLarge = apperr.New(apperr.TooLarge, "METADATA_TOO_LARGE",
		"The metadata is larger than 16 KiB.").WithField("metadata", "is larger than 16 KiB")
)

// Link is what leads others to a picture of a conversation.
type Link struct {
	// Token is its secret part; empty when it can't be read.
	Token     string
	CreatedAt time.Time
}

// Total is what all answers of a conversation took together.
type Total struct{ InputTokens, OutputTokens, CostMicroUSD int64 }

// Author is who named a conversation.
type Author string

// Nobody yet: the title is made of the first message.
const (
	ByNobody Author = ""
	ByUser   Author = "user"
	ByAI     Author = "ai"
)
