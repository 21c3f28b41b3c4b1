package notice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/auth/internal/account"
)

// ErrMailOff says that this deployment sends no mail.
var ErrMailOff = apperr.New(apperr.PreconditionFailed, "MAIL_OFF", "This platform has no mail server.")

// Accounts finds whom a notice is for.
type Accounts interface {
	// Get gives an account, or account.ErrNotFound.
	Get(ctx context.Context, id uuid.UUID) (account.User, error)
	// Administrators gives the active ones.
	Administrators(ctx context.Context) ([]account.User, error)
}

// Mailer sends mail.
type Mailer interface {
	// Send delivers a plain text to an address.
	Send(ctx context.Context, to, subject, text string) error
}

// Notices sends them. Without a Mailer every one is ErrMailOff.
type Notices struct {
	Log      *slog.Logger
	Accounts Accounts
	Mailer   Mailer
	// PublicURL is where browsers reach the platform.
	PublicURL string
}

// Budget is a part of a month's allowance that is used.
type Budget struct {
	// User is zero for the whole deployment's.
	User uuid.UUID
	// Money says that the figures are micro-dollars; else they are tokens.
	Money       bool
	Percent     int32
	Used, Limit int64
	ResetsAt    time.Time
}

// Budget tells the account, or the administrators when it is the whole
// deployment's. An account that is gone or switched off has nobody to tell.
// Of several administrators one that was reached is enough.
func (n Notices) Budget(ctx context.Context, b Budget) error {
	return n.tell(ctx, b.User, b.subject(), b.text)
}

// tell mails the same to all whom it concerns.
func (n Notices) tell(ctx context.Context, user uuid.UUID, subject string, text func(name, url string) string) error {
	if n.Mailer == nil {
		return ErrMailOff
	}
	readers, err := n.readers(ctx, user)
	if err != nil {
		return err
	}
	var failures []error
	for _, reader := range readers {
		if err := n.Mailer.Send(ctx, reader.Email, subject, text(reader.Username, strings.TrimRight(n.PublicURL, "/"))); err != nil {
			failures = append(failures, err)
			n.Log.WarnContext(ctx, "notice not mailed", "user", reader.ID, "error", err)
		}
	}
	if len(failures) > 0 && len(failures) == len(readers) {
		return apperr.New(apperr.Unavailable, "MAIL_FAILED", "The mail server did not take the mail.").WithCause(errors.Join(failures...))
	}
	return nil
}

func (n Notices) readers(ctx context.Context, user uuid.UUID) ([]account.User, error) {
	if user == uuid.Nil {
		return n.Accounts.Administrators(ctx)
	}
	found, err := n.Accounts.Get(ctx, user)
	if errors.Is(err, account.ErrNotFound) || err == nil && !found.Active {
		return nil, nil
	}
	return []account.User{found}, err
}

func (b Budget) what() string {
	switch {
	case b.User == uuid.Nil:
		return "Atrium's AI budget"
	case b.Money:
		return "your AI budget"
	}
	return "your AI tokens"
}

func (b Budget) subject() string { return fmt.Sprintf("%d %% of %s is used", b.Percent, b.what()) }

func (b Budget) text(name, url string) string {
	used, limit, page := grouped(b.Used), grouped(b.Limit), url+"/settings#usage"
	if b.Money {
		used, limit = dollars(b.Used), dollars(b.Limit)
	}
	if b.User == uuid.Nil {
		page = url + "/admin/usage"
	}
	end := "The count starts again on " + b.ResetsAt.UTC().Format("2 January 2006") + " (UTC)."
	if b.Percent >= 100 {
		end = "Requests that need more than what is left are refused until it starts again on " + b.ResetsAt.UTC().Format("2 January 2006") + " (UTC)."
	}
	return fmt.Sprintf(`Hello %s,

%d %% of %s for this month is used: %s of %s.
%s

What it was used for: %s
`, name, b.Percent, b.what(), used, limit, end, page)
}

func dollars(micro int64) string { return fmt.Sprintf("$%.2f", float64(micro)/1e6) }

// grouped writes thousands apart.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
