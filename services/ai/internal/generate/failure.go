package generate

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"atrium.internal/pkg/apperr"
)

// How attempts fail. Messages are for the person who asked, so they name no
// key, address or account.
var (
	ErrRateLimited   = apperr.New(apperr.Unavailable, "PROVIDER_RATE_LIMITED", "The AI provider is limiting our requests right now. Try again shortly.")
	ErrOverloaded    = apperr.New(apperr.Unavailable, "PROVIDER_OVERLOADED", "The AI provider is overloaded right now. Try again shortly.")
	ErrFailed        = apperr.New(apperr.Unavailable, "PROVIDER_FAILED", "The AI provider failed to answer. Try again shortly.")
	ErrUnreachable   = apperr.New(apperr.Unavailable, "PROVIDER_UNREACHABLE", "The AI provider can't be reached right now. Try again shortly.")
	ErrResting       = apperr.New(apperr.Unavailable, "PROVIDER_RESTING", "The AI provider has kept failing and is left alone for a moment. Try again shortly.")
	ErrMisconfigured = apperr.New(apperr.Unavailable, "PROVIDER_MISCONFIGURED", "The AI provider refuses this deployment. Its administrator needs to check the key and the models.")
	ErrStreamCut     = apperr.New(apperr.Unavailable, "PROVIDER_STREAM_CUT", "The AI provider broke off in the middle of the answer.")
	ErrTimeout       = apperr.New(apperr.Unavailable, "PROVIDER_TIMEOUT", "The AI provider took too long to answer.")
	ErrRejected      = apperr.New(apperr.InvalidArgument, "PROVIDER_REJECTED", "The AI provider can't work with this request.")
	ErrPromptTooLong = apperr.New(apperr.TooLarge, "PROMPT_TOO_LONG", "The conversation is too long for this model.")
	ErrCanceled      = apperr.New(apperr.Canceled, "CANCELED", "The answer was stopped.")
	ErrShuttingDown  = apperr.New(apperr.Unavailable, "SHUTTING_DOWN", "This part of the platform is restarting. Try again shortly.").WithRetryAfter(time.Second)
)

// statusOverloaded is Anthropic's own HTTP status.
const statusOverloaded = 529

// FarEndError is a request refused by the far end, in what the wire formats
// share.
type FarEndError struct {
	// Status is HTTP's; 200 for an error inside a stream.
	Status int
	// Type and Message are the provider's words. Message may hold anything.
	Type, Message string
	// RetryAfter is the wait that the provider asked for; 0 if it did not.
	RetryAfter time.Duration
}

// AppError puts the far end's words into ours. The provider's message reaches
// the caller only where it is about the caller's own request.
func (e FarEndError) AppError() error {
	cause := fmt.Errorf("status %d, type %q", e.Status, e.Type)
	retry := func(err *apperr.Error) error { return err.WithCause(cause).WithRetryAfter(e.RetryAfter) }
	switch {
	case e.Status == statusOverloaded || e.Type == "overloaded_error":
		return retry(ErrOverloaded)
	case e.Status == 429 && e.Type == "insufficient_quota": // OpenAI: the account is out of money
		return ErrMisconfigured.WithCause(cause)
	case e.Status == 429 || e.Type == "rate_limit_error":
		return retry(ErrRateLimited)
	case e.Status == 401 || e.Status == 402 || e.Status == 403 || e.Status == 404:
		return ErrMisconfigured.WithCause(cause)
	case e.Status == 413 || e.tooLong():
		return ErrPromptTooLong.WithCause(cause)
	case e.Status == 400 || e.Status == 422 || (e.Status == 200 && e.Type == "invalid_request_error"):
		return ErrRejected.WithCause(cause).WithMetadata("provider", shorten(e.Message))
	}
	return retry(ErrFailed)
}

func (e FarEndError) tooLong() bool {
	return e.Type == "context_length_exceeded" ||
		(e.Status == 400 && strings.Contains(e.Message, "prompt is too long"))
}

// shorten keeps a provider's message to a line.
func shorten(message string) string {
	const most = 300
	message = strings.Join(strings.Fields(message), " ")
	if len(message) > most {
		message = strings.ToValidUTF8(message[:most], "") + "…"
	}
	return message
}

// retryable says that the same call may succeed a moment later.
func retryable(err error) bool {
	for _, target := range []error{ErrRateLimited, ErrOverloaded, ErrFailed, ErrUnreachable, ErrResting} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// reason is an error's machine-readable name, for the ledger.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return apperr.From(err).Reason
}
