package identity_test

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/principal"
)

// clock is a time that tests move by hand.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func someone() principal.Principal {
	return principal.Principal{
		Kind: principal.User, UserID: uuid.New(), SessionID: uuid.New(), Username: "ada",
		Roles: []string{"user", "admin"}, Plan: principal.Plan{Name: "pro", AITokensMonthly: 1000, Workspaces: -1},
	}
}

func TestVerifierGivesBackWhoWasSigned(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	c := &clock{at: time.Now()}
	want := someone()
	token, err := identity.NewSigner(private, c.now).Sign(want, "chat", "ai")
	require.NoError(t, err)

	for _, audience := range []string{"chat", "ai"} {
		verifier := identity.NewVerifier(public, audience, c.now)
		for range 2 { // the second time it comes from memory
			got, err := verifier.Verify(token)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
}

func TestVerifierRefuses(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	_, other, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	c := &clock{at: time.Now()}
	good, err := identity.NewSigner(private, c.now).Sign(someone(), "chat")
	require.NoError(t, err)
	forged, err := identity.NewSigner(other, c.now).Sign(someone(), "chat")
	require.NoError(t, err)
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{
		"iss": "atrium-gateway", "aud": "chat", "kind": "user", "exp": c.at.Add(time.Minute).Unix(),
	}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	require.NoError(t, err)
	parts := strings.Split(good, ".")

	cases := map[string]struct{ token, audience string }{
		"nothing":            {"", "chat"},
		"another audience":   {good, "ide"},
		"another key":        {forged, "chat"},
		"no signature":       {unsigned, "chat"},
		"somebody's payload": {parts[0] + "." + strings.Split(forged, ".")[1] + "." + parts[2], "chat"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := identity.NewVerifier(public, tc.audience, c.now).Verify(tc.token)
			require.ErrorIs(t, err, identity.ErrInvalid)
			require.NotContains(t, identity.ErrInvalid.Message, "audience", "the answer must not help a forger")
		})
	}
}

func TestTokenEndsAfterItsLifetimeAlsoWhenRemembered(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	c := &clock{at: time.Now()}
	token, err := identity.NewSigner(private, c.now).Sign(someone(), "chat")
	require.NoError(t, err)
	remembering := identity.NewVerifier(public, "chat", c.now)
	_, err = remembering.Verify(token)
	require.NoError(t, err)

	c.at = c.at.Add(identity.Lifetime + identity.Leeway + time.Second)

	_, err = remembering.Verify(token)
	require.ErrorIs(t, err, identity.ErrInvalid)
	_, err = identity.NewVerifier(public, "chat", c.now).Verify(token)
	require.ErrorIs(t, err, identity.ErrInvalid)
}

func TestAGatewayThatKnowsNoBudgetsHoldsNobodyToOne(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	unsigned := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"iss": "atrium-gateway", "aud": "ai", "kind": "user", "sub": uuid.NewString(), "sid": uuid.NewString(),
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(), "plan": map[string]any{"Name": "pro", "AITokensMonthly": 1000},
	})
	unsigned.Header["kid"] = identity.NewSigner(private, nil).KeyID()
	token, err := unsigned.SignedString(private)
	require.NoError(t, err)
	got, err := identity.NewVerifier(public, "ai", nil).Verify(token)
	require.NoError(t, err)
	require.Equal(t, principal.Plan{Name: "pro", AITokensMonthly: 1000, AIBudgetMonthly: -1}, got.Plan)
}
