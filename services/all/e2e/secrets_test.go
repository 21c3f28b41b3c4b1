package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// secrets are what the platform handed out in confidence, and the passwords
// that it was told. None of it may be found in a log or in the audit log.
type secrets struct {
	mu    sync.Mutex
	known map[string]string // what it is, by the secret
}

// confidential are the fields of answers that hold secrets.
var confidential = map[string]bool{"token": true, "ticket": true, "secret": true, "recoveryCodes": true, "challenge": true}

// shortest keeps the made-up values of tests, such as "x", from counting.
const shortest = 10

func (s *secrets) add(what, secret string) {
	if len(secret) < shortest {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]string{}
	}
	s.known[secret] = what
}

// heed remembers the secrets of an answer.
func (s *secrets) heed(response *http.Response, body []byte) {
	for _, c := range response.Cookies() {
		s.add("the cookie "+c.Name, c.Value)
	}
	var answer any
	if json.Unmarshal(body, &answer) == nil {
		s.walk(answer, "")
	}
}

func (s *secrets) walk(value any, field string) {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if name != "fields" { // a refusal says in words what is wrong with a field
				s.walk(inner, name)
			}
		}
	case []any:
		for _, inner := range value {
			s.walk(inner, field)
		}
	case string:
		if confidential[field] {
			s.add("the field "+field, value)
		}
	}
}

// found names the secrets that a text holds.
func (s *secrets) found(text string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for secret, what := range s.known {
		if strings.Contains(text, secret) {
			all = append(all, what)
		}
	}
	return all
}

// requireDiscretion is attack 18, on whatever the test before it did.
func (p *platform) requireDiscretion() {
	p.t.Helper()
	for _, password := range []string{"a long enough passphrase", p.setting("ATRIUM_ADMIN_PASSWORD")} {
		p.secrets.add("a password", password)
	}
	for _, what := range p.secrets.found(p.logs.String()) {
		p.t.Errorf("attack 18: the log holds %s", what)
	}
	audit, err := p.auditText()
	if err != nil {
		p.t.Errorf("attack 18: the audit log can't be searched: %v", err)
	}
	for _, what := range p.secrets.found(audit) {
		p.t.Errorf("attack 18: the audit log holds %s", what)
	}
}

// auditText is the whole audit log; that of a private database has ended with it.
func (p *platform) auditText() (text string, err error) {
	if p.setting("DATABASE_URL") == "" {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, p.setting("DATABASE_URL"))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	err = conn.QueryRow(ctx, `SELECT coalesce(string_agg(a::text, E'\n'), '') FROM audit.audit_log a`).Scan(&text)
	return text, err
}
