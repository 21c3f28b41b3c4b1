package identity

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/maypok86/otter/v2"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
)

// Lifetime is how long a token is good for. Leeway is the clock difference
// between machines that is still accepted.
const (
	Lifetime = 60 * time.Second
	Leeway   = 5 * time.Second
	issuer   = "atrium-gateway"
	// maxCached bounds the verified tokens that a service remembers.
	maxCached = 20_000
)

// ErrInvalid refuses a call without a good identity; it never says why.
var ErrInvalid = apperr.New(apperr.Unauthenticated, "IDENTITY_INVALID", "The call carries no valid identity.")

type claims struct {
	jwt.RegisteredClaims
	Kind     principal.Kind `json:"kind"`
	Session  uuid.UUID      `json:"sid,omitzero"`
	Username string         `json:"name,omitempty"`
	Roles    []string       `json:"roles,omitempty"`
	Scopes   []string       `json:"scopes"`
	Plan     *plan          `json:"plan,omitempty"`
	MadeUp   bool           `json:"madeUpPassword,omitempty"`
}

// Signer makes tokens.
type Signer struct {
	keys PrivateKeys
	now  func() time.Time
}

// NewSigner returns a signer with one key for good; now is the clock, nil for
// the real one.
func NewSigner(key ed25519.PrivateKey, now func() time.Time) *Signer {
	return NewRotatingSigner(onePrivate{key: key, id: KeyID(key.Public().(ed25519.PublicKey))}, now)
}

// NewRotatingSigner returns a signer whose key may change.
func NewRotatingSigner(keys PrivateKeys, now func() time.Time) *Signer {
	if now == nil {
		now = time.Now
	}
	return &Signer{keys: keys, now: now}
}

// KeyID names the key that signs now.
func (s *Signer) KeyID() string {
	_, id := s.keys.Signing(s.now())
	return id
}

// Sign makes a token for p that the named services accept. The caller's
// address and agent are not part of it.
func (s *Signer) Sign(p principal.Principal, audience ...string) (string, error) {
	now := s.now()
	c := claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    issuer,
			Audience:  audience,
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(Lifetime)),
		},
		Kind: p.Kind, Session: p.SessionID, Username: p.Username, Roles: p.Roles, Scopes: p.Scopes,
		MadeUp: p.MustChangePassword,
	}
	if p.Kind == principal.User {
		c.Subject = p.UserID.String()
		c.Plan = &plan{p.Plan}
	}
	key, id := s.keys.Signing(now)
	unsigned := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	unsigned.Header["kid"] = id
	token, err := unsigned.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("sign identity: %w", err)
	}
	return token, nil
}

// Verifier checks tokens for one service. Checking a signature costs far more
// than the rest of a small call, so verified tokens are remembered until they
// expire, or until their key stops to count.
type Verifier struct {
	keys     PublicKeys
	audience string
	now      func() time.Time
	verified *otter.Cache[string, verified]
}

type verified struct {
	principal principal.Principal
	expires   time.Time
	key       string
}

// NewVerifier returns the verifier of the named service, with one key for good;
// now is the clock, nil for the real one.
func NewVerifier(key ed25519.PublicKey, audience string, now func() time.Time) *Verifier {
	return NewRotatingVerifier(onePublic{key: key, id: KeyID(key)}, audience, now)
}

// NewRotatingVerifier returns a verifier whose keys may change.
func NewRotatingVerifier(keys PublicKeys, audience string, now func() time.Time) *Verifier {
	if now == nil {
		now = time.Now
	}
	return &Verifier{
		keys: keys, audience: audience, now: now,
		verified: otter.Must(&otter.Options[string, verified]{MaximumSize: maxCached}),
	}
}

// Verify gives the caller that a token stands for, or ErrInvalid.
func (v *Verifier) Verify(token string) (principal.Principal, error) {
	if hit, ok := v.verified.GetIfPresent(token); ok {
		now := v.now()
		if _, counts := v.keys.Public(hit.key, now); counts && now.Before(hit.expires) {
			return hit.principal, nil
		}
		v.verified.Invalidate(token)
		return principal.Principal{}, ErrInvalid
	}
	var c claims
	parsed, err := jwt.ParseWithClaims(token, &c, v.keyOf,
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(issuer), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(Leeway), jwt.WithTimeFunc(v.now))
	if err != nil {
		return principal.Principal{}, ErrInvalid.WithCause(err)
	}
	if !slices.Contains(c.Audience, v.audience) {
		return principal.Principal{}, ErrInvalid.WithCause(fmt.Errorf("audience %v, want %s", c.Audience, v.audience))
	}
	p, err := c.principal()
	if err != nil {
		return principal.Principal{}, ErrInvalid.WithCause(err)
	}
	v.verified.Set(token, verified{principal: p, expires: c.ExpiresAt.Add(Leeway), key: keyID(parsed)})
	return p, nil
}

// keyOf finds the key that a token says it is signed with.
func (v *Verifier) keyOf(token *jwt.Token) (any, error) {
	id := keyID(token)
	key, ok := v.keys.Public(id, v.now())
	if !ok {
		return nil, fmt.Errorf("no key %q", id)
	}
	return key, nil
}

func keyID(token *jwt.Token) string {
	id, _ := token.Header["kid"].(string)
	return id
}

// plan is a principal's, as a token carries it.
type plan struct{ principal.Plan }

// UnmarshalJSON reads a plan. A gateway of a version that knew no budgets holds
// nobody to one.
func (p *plan) UnmarshalJSON(text []byte) error {
	p.AIBudgetMonthly = -1
	return json.Unmarshal(text, &p.Plan)
}

func (c claims) principal() (principal.Principal, error) {
	p := principal.Principal{
		Kind: c.Kind, SessionID: c.Session, Username: c.Username, Roles: c.Roles, Scopes: c.Scopes,
		MustChangePassword: c.MadeUp,
	}
	if c.Kind != principal.User {
		return p, nil
	}
	id, err := uuid.Parse(c.Subject)
	if err != nil {
		return p, fmt.Errorf("subject: %w", err)
	}
	p.UserID = id
	if c.Plan != nil {
		p.Plan = c.Plan.Plan
	}
	return p, nil
}
