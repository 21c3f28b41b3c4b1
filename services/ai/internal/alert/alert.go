package alert

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Thresholds are the parts of a limit, in per cent, at which an alert is raised.
var Thresholds = []int64{50, 80, 100}

// Kind is what runs out.
type Kind string

// The kinds.
const (
	Tokens Kind = "tokens"
	Budget Kind = "budget"
)

// Alert says that a part of a month's limit is used.
type Alert struct {
	ID uuid.UUID
	// UserID is nil for the whole deployment's budget. Username is as of the
	// account's last call.
	UserID   *uuid.UUID
	Username string
	Kind     Kind
	// Month is its first instant, in UTC.
	Month   time.Time
	Percent int64
	// Used and Limit are tokens or micro-dollars.
	Used, Limit int64
	RaisedAt    time.Time
}

// ResetsAt is when the count starts again.
func (a Alert) ResetsAt() time.Time { return a.Month.AddDate(0, 1, 0) }

// Channel is a way to the outside.
type Channel string

// The channels.
const (
	Webhook Channel = "webhook"
	Mail    Channel = "mail"
)

// Status is how a delivery stands.
type Status string

// The statuses. Off says that there is nothing to send with.
const (
	Pending   Status = "pending"
	Delivered Status = "delivered"
	Failed    Status = "failed"
	Off       Status = "off"
)

// Delivery is an alert on its way by one channel.
type Delivery struct {
	Alert
	Channel Channel
	Status  Status
	// Attempts is how often it was tried, a running attempt included.
	Attempts int
	// Reason says in a word why the last attempt failed.
	Reason string
}

// What a sender may answer besides that it worked.
var (
	// ErrOff says that this deployment sends nothing by the channel.
	ErrOff = errors.New("there is nothing to send with")
	// ErrNoneDue is a store's answer when nothing is to be sent now.
	ErrNoneDue = errors.New("no delivery is due")
)

// SendError is a failed attempt; Reason is a word for the administrators' page,
// such as HTTP_503, and never holds a secret.
type SendError struct {
	Reason string
	Cause  error
}

func (e *SendError) Error() string {
	if e.Cause == nil {
		return e.Reason
	}
	return e.Reason + ": " + e.Cause.Error()
}

// Unwrap gives the cause.
func (e *SendError) Unwrap() error { return e.Cause }

// Sender takes an alert to the outside. The same alert may come again when it
// is not known whether it arrived; its ID is then the same.
type Sender interface {
	Send(ctx context.Context, a Alert) error
}

// Store keeps alerts and what of them is still to be sent.
type Store interface {
	// Raise enters the alerts of a month whose thresholds are come to and that
	// are not there yet, each with its audit row and its deliveries, and gives
	// them. budget is the deployment's; below 0 is none.
	Raise(ctx context.Context, month time.Time, budget int64, thresholds []int64, at time.Time, channels []Channel) ([]Alert, error)
	// RaiseOne enters an alert likewise, and says whether it was not there yet.
	RaiseOne(ctx context.Context, a Alert, channels []Channel) (bool, error)
	// Due takes a delivery whose time has come and puts it off until retry, so
	// that nobody else takes it meanwhile; or answers ErrNoneDue.
	Due(ctx context.Context, now time.Time, retry func(attempts int) time.Time) (Delivery, error)
	// Note enters how an attempt went.
	Note(ctx context.Context, d Delivery) error
	// List gives the alerts of a month with their deliveries, newest first.
	List(ctx context.Context, month time.Time) ([]Listed, error)
}

// Listed is an alert with what became of it.
type Listed struct {
	Alert
	Deliveries []Delivery
}
