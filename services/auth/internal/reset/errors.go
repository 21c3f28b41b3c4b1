package reset

import (
	"errors"

	"atrium.internal/pkg/apperr"
)

// ErrToken answers the token of a link that is unknown, used, too old, or whose
// account has another password since.
var ErrToken = apperr.New(apperr.InvalidArgument, "RESET_TOKEN_INVALID",
	"This link is no longer good. Ask for a new one.").WithField("token", "is no longer good")

// ErrNoneDue is what a store answers when nothing is to be sent now.
var ErrNoneDue = errors.New("no link is to be sent")
