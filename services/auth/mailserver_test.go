package auth_test

import (
	"errors"
	"io"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
)

// mailServer is a server that keeps what it is given.
type mailServer struct {
	t       *testing.T
	address string
	mu      sync.Mutex
	mails   []letter
	refuse  bool
}

type letter struct{ from, to, subject, text string }

func newMailServer(t *testing.T) *mailServer {
	t.Helper()
	m := &mailServer{t: t}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{server: m}, nil }))
	server.Domain, server.AllowInsecureAuth = "mail.example.org", true
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	m.address = listener.Addr().String()
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return m
}

func (m *mailServer) url() config.Secret {
	return config.Secret("smtp://atrium:" + goodPassword[:6] + "@" + m.address)
}

func (m *mailServer) setRefuse(refuse bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuse = refuse
}

// wait gives the mails once there are n, and fails when there are more.
func (m *mailServer) wait(n int) []letter {
	m.t.Helper()
	var mails []letter
	require.Eventually(m.t, func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		mails = append([]letter(nil), m.mails...)
		return len(mails) >= n
	}, 20*time.Second, 10*time.Millisecond)
	require.Len(m.t, mails, n)
	return mails
}

// delivery is one conversation with the server.
type delivery struct {
	server *mailServer
	letter letter
	known  bool
}

func (d *delivery) AuthMechanisms() []string { return []string{sasl.Plain} }

func (d *delivery) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if d.known = username == "atrium" && password == goodPassword[:6]; !d.known {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (d *delivery) Mail(from string, _ *smtp.MailOptions) error {
	d.server.mu.Lock()
	defer d.server.mu.Unlock()
	if !d.known {
		return smtp.ErrAuthRequired
	}
	if d.server.refuse {
		return errors.New("out of order")
	}
	d.letter.from = from
	return nil
}

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error { d.letter.to = to; return nil }
func (d *delivery) Reset()                                    { d.letter = letter{} }
func (d *delivery) Logout() error                             { return nil }

func (d *delivery) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	d.letter.subject = message.Header.Get("Subject")
	body := message.Body
	if strings.EqualFold(message.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	d.letter.text = strings.ReplaceAll(string(text), "\r\n", "\n")
	d.server.mu.Lock()
	defer d.server.mu.Unlock()
	d.server.mails = append(d.server.mails, d.letter)
	return nil
}

var resetLink = regexp.MustCompile(`(\S+)/reset#token=(\S+)`)

// link gives where a mail's link leads, and its token.
func (l letter) link(t *testing.T) (address, token string) {
	t.Helper()
	found := resetLink.FindStringSubmatch(l.text)
	require.Len(t, found, 3, l.text)
	return found[1], found[2]
}
