package auth

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/admin"
	"atrium.internal/services/auth/internal/mail"
	"atrium.internal/services/auth/internal/notice"
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

// mailServer is what mail goes through; nil without one.
func (s *Service) mailServer() (*mail.SMTP, error) {
	if !s.cfg.Mail.SMTP.IsSet() {
		return nil, nil
	}
	return mail.NewSMTP(s.cfg.Mail.SMTP, s.cfg.Mail.From)
}

// newNotices puts together what tells people of what happens elsewhere.
func newNotices(s *Service) (notice.Notices, error) {
	n := notice.Notices{Log: s.deps.Log, Accounts: noticed{s.accounts, pgstore.NewAdmin(s.pool)}, PublicURL: s.cfg.PublicURL}
	server, err := s.mailServer()
	if server != nil {
		n.Mailer = server
	}
	return n, err
}

// noticed finds whom notices are for.
type noticed struct {
	*pgstore.Accounts
	admin *pgstore.Admin
}

// Administrators gives the active ones; a deployment with more than a page of
// them tells the newest.
func (n noticed) Administrators(ctx context.Context) ([]account.User, error) {
	active := true
	return n.admin.List(ctx, admin.Filter{Role: principal.RoleAdmin, Active: &active}, uuid.Nil, page.MaxSize)
}

// newResets puts the way back in together, and says where links go.
func newResets(s *Service, notifier session.Notifier) (*reset.Resets, error) {
	var mailer reset.Mailer = mail.NewLog(s.deps.Log)
	server, err := s.mailServer()
	if err != nil {
		return nil, err
	}
	if server != nil {
		mailer = server
	}
	return reset.New(reset.Options{
		Log: s.deps.Log, Store: pgstore.NewResets(s.pool), Accounts: s.accounts, Hasher: s.hasher,
		Throttle: throttle.New(s.deps.Log, s.deps.Redis, "reset", throttle.Limits(s.cfg.SignIn)),
		Notifier: notifier, Mailer: mailer, Mails: server != nil, PublicURL: s.cfg.PublicURL, Now: time.Now,
	}), nil
}
