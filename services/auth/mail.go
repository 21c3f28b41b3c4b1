package auth

import (
	"errors"
	"time"

	"atrium.internal/pkg/config"
	"atrium.internal/services/auth/internal/mail"
	"atrium.internal/services/auth/internal/pgstore"
	"atrium.internal/services/auth/internal/reset"
	"atrium.internal/services/auth/internal/session"
	"atrium.internal/services/auth/internal/throttle"
)

// Mail is how the platform sends mail. Without a server it is the operator who
// passes links on, from the log.
type Mail struct {
	SMTP config.Secret `name:"smtp-url" env:"ATRIUM_SMTP_URL" help:"Mail server: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS); without it links to set a new password are written to the log."`
	From string        `name:"mail-from" env:"ATRIUM_MAIL_FROM" help:"Sender of the platform's mail; needed with ATRIUM_SMTP_URL."`
}

// Validate reports what is wrong or missing.
func (m Mail) Validate() error {
	switch {
	case m.SMTP.IsSet():
		_, err := mail.NewSMTP(m.SMTP, m.From)
		return err
	case m.From != "":
		return errors.New("ATRIUM_MAIL_FROM: set, but without ATRIUM_SMTP_URL no mail is sent")
	}
	return nil
}

// newResets puts the way back in together, and says where links go.
func newResets(s *Service, notifier session.Notifier) (*reset.Resets, error) {
	var mailer reset.Mailer = mail.NewLog(s.deps.Log)
	if s.cfg.Mail.SMTP.IsSet() {
		server, err := mail.NewSMTP(s.cfg.Mail.SMTP, s.cfg.Mail.From)
		if err != nil {
			return nil, err
		}
		mailer = server
	}
	return reset.New(reset.Options{
		Log: s.deps.Log, Store: pgstore.NewResets(s.pool), Accounts: s.accounts, Hasher: s.hasher,
		Throttle: throttle.New(s.deps.Log, s.deps.Redis, "reset", throttle.Limits(s.cfg.SignIn)),
		Notifier: notifier, Mailer: mailer, Mails: s.cfg.Mail.SMTP.IsSet(), PublicURL: s.cfg.PublicURL, Now: time.Now,
	}), nil
}
