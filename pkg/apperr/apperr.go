package apperr

import (
	"errors"
	"maps"
	"time"
)

// Kind is what sort of failure an error is, independent of any transport.
type Kind uint8

// The kinds, with the HTTP status each becomes at the gateway.
const (
	Internal           Kind = iota // 500
	InvalidArgument                // 400
	Unauthenticated                // 401
	PermissionDenied               // 403
	NotFound                       // 404, also for what is somebody else's
	Conflict                       // 409
	PreconditionFailed             // 412
	TooLarge                       // 413
	RateLimited                    // 429 with Retry-After
	QuotaExceeded                  // 429 with reason QUOTA_EXCEEDED
	Unavailable                    // 503
	Canceled                       // the caller went away
)

// Error is a failure that may be shown to the caller. As a package variable it
// is a sentinel: errors.Is matches any error with the same Reason, so that the
// With methods can add detail to a copy.
type Error struct {
	Kind Kind
	// Reason is UPPER_SNAKE and part of the API.
	Reason string
	// Message is a sentence for a person; it never holds a secret.
	Message string
	// Fields names the bad inputs, as they are called in the JSON.
	Fields map[string]string
	// Metadata is for programs, such as resetsAt of a quota.
	Metadata map[string]string
	// RetryAfter is how long the caller should wait; 0 says nothing.
	RetryAfter time.Duration
	// Cause is for the log only.
	Cause error
}

// New returns an error that can serve as a sentinel.
func New(kind Kind, reason, message string) *Error {
	return &Error{Kind: kind, Reason: reason, Message: message}
}

// Invalid is a refusal of one named input.
func Invalid(field, problem string) *Error {
	return New(InvalidArgument, "INVALID_ARGUMENT", field+": "+problem).WithField(field, problem)
}

// Error gives the message and, for the log, the cause.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is an *Error of the same reason.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Reason == e.Reason
}

// WithCause returns a copy that keeps err for the log.
func (e *Error) WithCause(err error) *Error {
	c := *e
	c.Cause = err
	return &c
}

// WithMessage returns a copy that says something else.
func (e *Error) WithMessage(message string) *Error {
	c := *e
	c.Message = message
	return &c
}

// WithField returns a copy that also blames the named input.
func (e *Error) WithField(name, problem string) *Error {
	c := *e
	c.Fields = maps.Clone(e.Fields)
	if c.Fields == nil {
		c.Fields = map[string]string{}
	}
	c.Fields[name] = problem
	return &c
}

// WithMetadata returns a copy that also carries a value for programs.
func (e *Error) WithMetadata(key, value string) *Error {
	c := *e
	c.Metadata = maps.Clone(e.Metadata)
	if c.Metadata == nil {
		c.Metadata = map[string]string{}
	}
	c.Metadata[key] = value
	return &c
}

// WithRetryAfter returns a copy that says how long to wait.
func (e *Error) WithRetryAfter(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// From finds the *Error in err's chain, or wraps err as an internal error
// whose message gives nothing away.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return New(Internal, "INTERNAL", "Something went wrong on our side.").WithCause(err)
}
