package prompt

import (
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// Max is how many prompts one person keeps.
const Max = 500

// Prompt is a text to use again.
type Prompt struct {
	ID        uuid.UUID
	UserID    uuid.UUID
	Title     string
	Content   string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// The refusals of this package.
var (
	ErrNotFound = apperr.New(apperr.NotFound, "PROMPT_NOT_FOUND", "This prompt does not exist.")
	ErrTooMany  = apperr.New(apperr.Conflict, "TOO_MANY_PROMPTS", "There are 500 prompts already; delete one first.")
)
