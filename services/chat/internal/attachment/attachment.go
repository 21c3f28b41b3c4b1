package attachment

import (
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// Kind is how a model is given a file.
type Kind string

// The kinds.
const (
	Text  Kind = "text"
	Image Kind = "image"
)

const (
	// MaxPerMessage is how many files go with one message.
	MaxPerMessage = 10
	// MaxText is how large a text may be, in bytes: about what any model reads.
	MaxText = 1 << 20
	// MaxSent is how much the files of one message have together.
	MaxSent = 20 << 20
	// KeepUnsent is how long a file waits for its message.
	KeepUnsent = 24 * time.Hour
)

// Attachment is a file without its content.
type Attachment struct {
	ID        uuid.UUID
	UserID    uuid.UUID
	Name      string
	MediaType string
	Kind      Kind
	Size      int
	CreatedAt time.Time
}

// The refusals of this package.
var (
	ErrNotFound    = apperr.New(apperr.NotFound, "ATTACHMENT_NOT_FOUND", "This file does not exist.")
	ErrTooLarge    = apperr.New(apperr.TooLarge, "ATTACHMENT_TOO_LARGE", "The file is too large.")
	ErrTextTooLong = ErrTooLarge.WithMessage("A text file may have at most 1 MiB.")
	ErrSentTooMuch = ErrTooLarge.WithMessage("The files of one message may have at most 20 MiB together.")
	ErrType        = apperr.New(apperr.InvalidArgument, "ATTACHMENT_TYPE_UNSUPPORTED",
		"Only texts in UTF-8 and PNG, JPEG, GIF and WebP images can be attached.")
	ErrTooMany = apperr.New(apperr.InvalidArgument, "TOO_MANY_ATTACHMENTS", "A message takes at most 10 files.")
	ErrSent    = apperr.New(apperr.Conflict, "ATTACHMENT_SENT", "This file belongs to a message and goes with it.")
	ErrQuota   = apperr.New(apperr.QuotaExceeded, "ATTACHMENT_QUOTA_EXCEEDED",
		"Your files take all the space that they may. Delete conversations with files first.")
)
