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
	// PDF is given as the text that was found in it.
	PDF Kind = "pdf"
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
	// TextSize is how much text a model is given of it, in bytes; 0 of an image.
	TextSize  int
	CreatedAt time.Time
}

// The refusals of this package.
var (
	ErrNotFound    = apperr.New(apperr.NotFound, "ATTACHMENT_NOT_FOUND", "This file does not exist.")
	ErrTooLarge    = apperr.New(apperr.TooLarge, "ATTACHMENT_TOO_LARGE", "The file is too large.")
	ErrTextTooLong = ErrTooLarge.WithMessage("A text file may have at most 1 MiB.")
	ErrSentTooMuch = ErrTooLarge.WithMessage("The files of one message may have at most 20 MiB together.")
	ErrType        = apperr.New(apperr.InvalidArgument, "ATTACHMENT_TYPE_UNSUPPORTED",
		"Only texts in UTF-8, PDFs, and PNG, JPEG, GIF and WebP images can be attached.")
	ErrPDFEncrypted = apperr.New(apperr.InvalidArgument, "PDF_ENCRYPTED",
		"This PDF is protected with a password. Save it without one and attach it again.")
	ErrPDFWithoutText = apperr.New(apperr.InvalidArgument, "PDF_WITHOUT_TEXT",
		"This PDF has no text, only pictures of pages. Attach those as images, or a PDF with recognised text.")
	ErrPDFUnreadable = apperr.New(apperr.InvalidArgument, "PDF_UNREADABLE",
		"This PDF can't be read: it is damaged, or reading it takes too much.")
	ErrPDFTooLong = ErrTooLarge.WithMessage("The text of a PDF may have at most 1 MiB.")
	ErrTooMany    = apperr.New(apperr.InvalidArgument, "TOO_MANY_ATTACHMENTS", "A message takes at most 10 files.")
	ErrSent       = apperr.New(apperr.Conflict, "ATTACHMENT_SENT", "This file belongs to a message and goes with it.")
	ErrQuota      = apperr.New(apperr.QuotaExceeded, "ATTACHMENT_QUOTA_EXCEEDED",
		"Your files take all the space that they may. Delete conversations with files first.")
)
