package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"atrium.internal/pkg/config"
)

// patience bounds one delivery to the server.
const patience = 30 * time.Second

// SMTP sends by a mail server.
type SMTP struct {
	host    string
	from    string
	options []gomail.Option
}

// NewSMTP reads the server's address: smtps://user:password@host:port speaks
// TLS from the start, smtp:// by STARTTLS. That may be left out only on this
// machine, or where the address says ?starttls=off. An error never holds the
// address, which has a password in it.
func NewSMTP(address config.Secret, from string) (*SMTP, error) {
	if parsed, err := mail.ParseAddress(from); err != nil || parsed.Address == "" {
		return nil, errors.New("ATRIUM_MAIL_FROM: want an e-mail address, such as atrium@example.org or Atrium <atrium@example.org>")
	}
	u, err := url.Parse(address.Reveal())
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return nil, errors.New("ATRIUM_SMTP_URL: want smtp://user:password@host:port or smtps://…")
	}
	s := &SMTP{host: u.Hostname(), from: from, options: []gomail.Option{gomail.WithTimeout(patience)}}
	port := 587
	off := u.Query().Get("starttls") == "off"
	switch {
	case u.Scheme == "smtps":
		port = 465
		s.options = append(s.options, gomail.WithSSL())
	case off:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.NoTLS))
	case isLoopback(s.host):
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil || port < 1 || port > 65535 {
			return nil, errors.New("ATRIUM_SMTP_URL: the port is no number")
		}
	}
	s.options = append(s.options, gomail.WithPort(port))
	if password, ok := u.User.Password(); ok {
		if off && !isLoopback(s.host) {
			return nil, errors.New("ATRIUM_SMTP_URL: a password must not travel without TLS; leave ?starttls=off out")
		}
		mechanism := gomail.SMTPAuthAutoDiscover
		if u.Scheme == "smtp" && isLoopback(s.host) {
			mechanism = gomail.SMTPAuthPlainNoEnc // nobody listens on the way
		}
		s.options = append(s.options, gomail.WithSMTPAuth(mechanism),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	return s, nil
}

// Send delivers a plain text to the server.
func (s *SMTP) Send(ctx context.Context, to, subject, text string) error {
	message := gomail.NewMsg()
	if err := errors.Join(message.From(s.from), message.To(to)); err != nil {
		return fmt.Errorf("address mail: %w", err)
	}
	message.Subject(subject)
	message.SetMessageID()
	message.SetDate()
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(gomail.TypeTextPlain, text)
	client, err := gomail.NewClient(s.host, s.options...)
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return fmt.Errorf("send mail: %w", err)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
