package alert

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"atrium.internal/services/ai/internal/ledger"
)

const (
	// lookEvery is how often the sums are looked at.
	lookEvery = 30 * time.Second
	// firstRetry doubles with every attempt up to longestRetry; after MaxAttempts,
	// about a day, a delivery has failed.
	firstRetry   = 30 * time.Second
	longestRetry = time.Hour
	// MaxAttempts are made to deliver an alert by one channel.
	MaxAttempts = 30
	// fullFrom is the part, in per cent, from which a refusal means that the
	// limit is used up: less may be left than any call needs.
	fullFrom = 80
	// sendTimeout bounds one attempt.
	sendTimeout = 20 * time.Second
)

// Options are what a watch stands on.
type Options struct {
	Log   *slog.Logger
	Store Store
	// Senders by channel; an alert takes each of them.
	Senders map[Channel]Sender
	// Budget is the deployment's, in micro-dollars; below 0 is none.
	Budget int64
	Now    func() time.Time
}

// Watch raises alerts and sends them.
type Watch struct {
	Options
	wake chan struct{}
}

// New makes a watch; it works while Run runs.
func New(o Options) *Watch { return &Watch{Options: o, wake: make(chan struct{}, 1)} }

// Run looks and sends until ctx ends. What is not sent by then is kept, and
// sent by whoever runs next.
func (w *Watch) Run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		w.Look(ctx)
		for w.sendNext(ctx) {
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-w.wake:
		}
	}
}

// Look raises what is due.
func (w *Watch) Look(ctx context.Context) {
	now := w.Now()
	raised, err := w.Store.Raise(ctx, ledger.MonthOf(now), w.Budget, Thresholds, now, w.channels())
	if err != nil && ctx.Err() == nil {
		w.Log.WarnContext(ctx, "budgets not looked at", "error", err)
	}
	for _, a := range raised {
		w.tell(ctx, a)
	}
}

// Full is told of refused calls: where most of a limit is used, it is used up
// for whoever needs more than what is left.
func (w *Watch) Full(ctx context.Context, f ledger.Full) {
	if f.Limit <= 0 || f.Used*100 < f.Limit*fullFrom {
		return
	}
	now := w.Now()
	a := Alert{UserID: f.User, Username: f.Username, Kind: Tokens, Month: ledger.MonthOf(now), Percent: 100, Used: f.Used, Limit: f.Limit, RaisedAt: now}
	if f.Money {
		a.Kind = Budget
	}
	raised, err := w.Store.RaiseOne(ctx, a, w.channels())
	if err != nil {
		w.Log.WarnContext(ctx, "budget alert not raised", "error", err)
	}
	if raised {
		w.tell(ctx, a)
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

func (w *Watch) channels() []Channel {
	channels := []Channel{}
	for _, c := range []Channel{Webhook, Mail} {
		if w.Senders[c] != nil {
			channels = append(channels, c)
		}
	}
	return channels
}

func (w *Watch) tell(ctx context.Context, a Alert) {
	whose := "deployment"
	if a.UserID != nil {
		whose = a.UserID.String()
	}
	w.Log.WarnContext(ctx, "AI allowance used", "of", whose, "kind", a.Kind, "percent", a.Percent,
		"used", a.Used, "limit", a.Limit, "month", a.Month.Format("2006-01"))
}

// sendNext reports whether there may be more to send.
func (w *Watch) sendNext(ctx context.Context) bool {
	d, err := w.Store.Due(ctx, w.Now(), w.retryAt)
	if errors.Is(err, ErrNoneDue) || ctx.Err() != nil {
		return false
	}
	if err != nil { // the database may be away
		w.Log.WarnContext(ctx, "outbox of budget alerts not read", "error", err)
		return false
	}
	if err := w.Store.Note(ctx, w.send(ctx, d)); err != nil && ctx.Err() == nil {
		w.Log.WarnContext(ctx, "delivery of a budget alert not noted", "alert", d.ID, "error", err)
	}
	return ctx.Err() == nil
}

// send makes one attempt and gives how it went.
func (w *Watch) send(ctx context.Context, d Delivery) Delivery {
	sender := w.Senders[d.Channel]
	if sender == nil { // it was there when the alert was raised
		d.Status = Off
		return d
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	err := sender.Send(ctx, d.Alert)
	var failure *SendError
	switch {
	case err == nil:
		d.Status, d.Reason = Delivered, ""
		return d
	case errors.Is(err, ErrOff):
		d.Status, d.Reason = Off, ""
		return d
	case errors.As(err, &failure):
		d.Reason = failure.Reason
	default:
		d.Reason = "FAILED"
	}
	if d.Attempts >= MaxAttempts {
		d.Status = Failed
	}
	w.Log.WarnContext(ctx, "budget alert not delivered", "alert", d.ID, "channel", d.Channel, "attempt", d.Attempts, "error", err)
	return d
}

// retryAt is when a delivery is tried again that was tried so often before.
func (w *Watch) retryAt(attempts int) time.Time {
	pause := longestRetry
	if attempts < 8 { // beyond, the doubled pause is the longest
		pause = min(firstRetry<<attempts, longestRetry)
	}
	return w.Now().Add(pause)
}
