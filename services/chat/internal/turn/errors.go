package turn

import (
	"errors"
	"time"

	"atrium.internal/pkg/apperr"
)

// The refusals and failures of this package.
var (
	ErrRunning = apperr.New(apperr.Conflict, "TURN_RUNNING",
		"The answer before is still being written. Stop it first, or wait.")
	ErrNotAnAnswer = apperr.New(apperr.InvalidArgument, "NOT_AN_ANSWER",
		"Only an answer can be written again.").WithField("id", "is not an answer")
	// ErrInterrupted is the failure of an answer whose process ended.
	ErrInterrupted = apperr.New(apperr.Unavailable, "TURN_INTERRUPTED",
		"The answer was interrupted because the service restarted. What was written until then is kept.")
	errCut = apperr.New(apperr.Unavailable, "ANSWER_CUT",
		"The model's answer ended in the middle. What was written until then is kept.")
	errTooLong = apperr.New(apperr.TooLarge, "ANSWER_TOO_LONG",
		"The answer grew longer than a message may be. What was written until then is kept.")
	errTimeout = apperr.New(apperr.Unavailable, "TURN_TIMEOUT",
		"The answer took too long and was ended. What was written until then is kept.")
	errStopping = apperr.New(apperr.Unavailable, "SHUTTING_DOWN",
		"The service is restarting. Try again in a moment.").WithRetryAfter(time.Second)
	errAway = apperr.New(apperr.Unavailable, "STREAM_AWAY",
		"The answer can't be followed right now. Try again in a moment.").WithRetryAfter(time.Second)
)

// ErrLost is what a store answers when an answer is not this turn's to write
// any more: it was deleted, or another process took it over.
var ErrLost = errors.New("the answer belongs to another turn now")

// ErrGone is what a log answers when its events can't be had: it has expired,
// or was lost, or never was.
var ErrGone = errors.New("the answer's event log is gone")

// errStopped is the cause of a turn's end when a person asked for it.
var errStopped = errors.New("stopped")
