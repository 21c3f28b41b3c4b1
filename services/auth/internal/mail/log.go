package mail

import (
	"context"
	"log/slog"
)

// Log shows mail to the operator, who passes it on: what a deployment without
// a mail server does.
type Log struct{ log *slog.Logger }

// NewLog makes it.
func NewLog(log *slog.Logger) *Log { return &Log{log: log} }

// Send writes the whole mail to the log.
func (l *Log) Send(ctx context.Context, to, subject, text string) error {
	l.log.WarnContext(ctx, "mail for the operator to pass on, since ATRIUM_SMTP_URL is not set", "to", to, "subject", subject, "text", text)
	return nil
}
