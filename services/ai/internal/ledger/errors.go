package ledger

import (
	"fmt"
	"strconv"
	"time"

	"atrium.internal/pkg/apperr"
)

// What the ledger refuses.
var (
	ErrQuotaExceeded = apperr.New(apperr.QuotaExceeded, "QUOTA_EXCEEDED", "Your plan's AI tokens for this month are used up.")
	ErrRequestReused = apperr.New(apperr.Conflict, "REQUEST_ID_REUSED", "A request with this id was already made.")
	ErrUserGone      = apperr.New(apperr.Unauthenticated, "UNAUTHENTICATED", "This account no longer exists.")
	// ErrAlreadySettled is a fault of the program; no caller sees it.
	ErrAlreadySettled = apperr.New(apperr.Internal, "ALREADY_SETTLED", "This usage was already entered.")
)

// quotaExceeded says how much is used and when the plan's tokens come back.
func quotaExceeded(used, limit, wanted int64, resets time.Time) error {
	message := fmt.Sprintf("This request may need up to %d AI tokens, and %d of your plan's %d for this month are used or held "+
		"by answers being written. The count starts again on %s (UTC).", wanted, used, limit, resets.Format("2 January 2006"))
	return ErrQuotaExceeded.WithMessage(message).
		WithMetadata("resetsAt", resets.Format(time.RFC3339)).
		WithMetadata("limit", strconv.FormatInt(limit, 10)).
		WithMetadata("used", strconv.FormatInt(used, 10))
}
