package auth_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth"
)

const publicURL = "https://atrium.example.org"

func openWithMail(t *testing.T) (*house, *mailServer) {
	t.Helper()
	server := newMailServer(t)
	return open(t, auth.Config{PublicURL: publicURL, Mail: auth.Mail{SMTP: server.url(), From: "Atrium <atrium@example.org>"}}), server
}

func (h *house) forgot(email string) error {
	_, err := h.auth.ForgotPassword(h.anonymous(), &authv1.ForgotPasswordRequest{Email: email})
	return err
}

func (h *house) reset(token, password string) error {
	_, err := h.auth.ResetPassword(h.anonymous(), &authv1.ResetPasswordRequest{Token: token, NewPassword: password})
	return err
}

func TestAForgottenPasswordIsReplaced(t *testing.T) {
	h, server := openWithMail(t)
	ada := h.register("ada")
	phone := h.enrolled(ada)
	require.NoError(t, h.forgot(" ADA@example.org"[1:]))
	sent := server.wait(1)[0]
	require.Equal(t, "atrium@example.org", sent.from)
	require.Equal(t, "ada@example.org", sent.to)
	address, token := sent.link(t)
	require.Equal(t, publicURL, address)
	require.Len(t, token, 43)
	for _, text := range query[string](h, `SELECT r::text FROM auth.password_resets r UNION SELECT a::text FROM audit.audit_log a`) {
		require.NotContains(t, text, token)
	}

	require.Equal(t, "PASSWORD_TOO_COMMON", reason(t, h.reset(token, "password123")))
	require.Equal(t, "RESET_TOKEN_INVALID", reason(t, h.reset(token+"x", "a wholly new phrase")))
	require.NoError(t, h.reset(token, "a wholly new phrase"))
	_, err := h.validate(ada.token)
	require.Equal(t, "SESSION_INVALID", reason(t, err), "every session ended")
	require.Equal(t, "RESET_TOKEN_INVALID", reason(t, h.reset(token, "yet another phrase")), "a link is good once")
	_, err = h.auth.Login(h.anonymous(), &authv1.LoginRequest{Login: "ada", Password: goodPassword})
	require.Equal(t, "INVALID_CREDENTIALS", reason(t, err))
	_, err = h.auth.Login(h.anonymous(), &authv1.LoginRequest{Login: "ada", Password: "a wholly new phrase"})
	require.Equal(t, "TOTP_REQUIRED", reason(t, err), "the second factor stays on")
	require.NotEmpty(t, phone.recovery)
	require.Subset(t, query[string](h, `SELECT action || ' ' || status || ' ' || coalesce(host(ip_address), '') FROM audit.audit_log WHERE event_type = 'auth.password'`),
		[]string{"ask success " + testAddress, "send_link success ", "reset_password failure " + testAddress, "reset_password success " + testAddress})
}

func TestAskingTellsNothing(t *testing.T) {
	h, server := openWithMail(t)
	h.register("ada")
	h.register("sso")
	h.register("gone")
	h.exec(`UPDATE auth.users SET password_hash = '' WHERE username = 'sso'`)
	h.exec(`UPDATE auth.users SET is_active = false WHERE username = 'gone'`)
	for _, name := range []string{"nobody", "sso", "gone", "ada"} { // the last one's mail says that the others were looked at
		require.NoError(t, h.forgot(name+"@example.org"))
	}
	require.Equal(t, "ada@example.org", server.wait(1)[0].to)
	require.Equal(t, []string{"ada@example.org"}, query[string](h, `SELECT email FROM auth.password_resets`))
}

func TestALinkEndsWithThePasswordAndWithTime(t *testing.T) {
	h, server := openWithMail(t)
	ada := h.register("ada")
	tokens := make([]string, 3)
	for i := range tokens {
		require.NoError(t, h.forgot("ada@example.org"))
		_, tokens[i] = server.wait(i + 1)[i].link(t)
	}
	h.exec(`UPDATE auth.password_resets SET expires_at = now() WHERE token = encode(sha256($1), 'hex')`, []byte(tokens[0]))
	require.Equal(t, "RESET_TOKEN_INVALID", reason(t, h.reset(tokens[0], "a wholly new phrase")), "too late")
	_, err := h.auth.ChangePassword(ada.ctx, &authv1.ChangePasswordRequest{CurrentPassword: goodPassword, NewPassword: "violet kettle 1938"})
	require.NoError(t, err)
	require.Equal(t, "RESET_TOKEN_INVALID", reason(t, h.reset(tokens[1], "a wholly new phrase")), "the password is another since")
	h.exec(`UPDATE auth.users SET is_active = false`)
	require.Equal(t, "RESET_TOKEN_INVALID", reason(t, h.reset(tokens[2], "a wholly new phrase")))
}

func TestALinkIsGoodOnceAmongManyAndEndsTheOthers(t *testing.T) {
	h, server := openWithMail(t)
	h.register("ada")
	require.NoError(t, h.forgot("ada@example.org"))
	require.NoError(t, h.forgot("ada@example.org"))
	mails := server.wait(2)
	_, token := mails[0].link(t)
	_, other := mails[1].link(t)
	var successes atomic.Int32
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if h.reset(token, fmt.Sprintf("a wholly new phrase %d", i)) == nil {
				successes.Add(1)
			}
		})
	}
	all.Wait()
	require.Equal(t, int32(1), successes.Load())
	require.Equal(t, "RESET_TOKEN_INVALID", reason(t, h.reset(other, "a wholly new phrase")))
}

func TestAMailboxIsNotFlooded(t *testing.T) {
	h, server := openWithMail(t)
	h.register("ada")
	h.register("eve")
	for i := range 6 {
		ctx := h.from(fmt.Sprintf("198.51.100.%d", i), principal.Principal{Kind: principal.Anonymous})
		_, err := h.auth.ForgotPassword(ctx, &authv1.ForgotPasswordRequest{Email: "ada@example.org"})
		require.NoError(t, err, "no answer tells that there is enough")
	}
	require.NoError(t, h.forgot("eve@example.org"))
	require.Len(t, server.wait(4), 4, "three for ada, one for eve")

	limited := openOn(t, auth.Config{
		PublicURL: publicURL, SignIn: auth.SignInLimits{PerLogin: 2, PerAddress: 3, Window: time.Minute},
	}, h.database, "redis://127.0.0.1:1")
	require.NoError(t, limited.forgot("a@example.org"))
	require.NoError(t, limited.forgot("a@example.org"))
	require.Equal(t, "SIGN_IN_THROTTLED", reason(t, limited.forgot("a@example.org")))
	require.NoError(t, limited.forgot("b@example.org"))
	require.Equal(t, "SIGN_IN_THROTTLED", reason(t, limited.forgot("c@example.org")), "the address has had its share")
	for range 2 {
		require.Equal(t, "SIGN_IN_THROTTLED", reason(t, limited.reset("a guess", "a wholly new phrase")))
	}
}

func TestAWishOutlivesAMailServerThatIsAway(t *testing.T) {
	h, server := openWithMail(t)
	h.register("ada")
	server.setRefuse(true)
	require.NoError(t, h.forgot("ada@example.org"))
	require.Eventually(t, func() bool {
		return query[int](h, `SELECT coalesce(max(attempts), 0) FROM auth.password_resets WHERE token IS NOT NULL`)[0] == 1
	}, time.Minute, 10*time.Millisecond)
	server.setRefuse(false)
	require.Eventually(t, func() bool { // what a restart, or the next look, finds
		h.exec(`UPDATE auth.password_resets SET send_at = now() - interval '1 minute' WHERE send_at IS NOT NULL`)
		require.NoError(t, h.forgot("wake@example.org"))
		return len(query[string](h, `SELECT token FROM auth.password_resets WHERE send_at IS NULL AND token IS NOT NULL`)) == 1
	}, time.Minute, 500*time.Millisecond)
	_, token := server.wait(1)[0].link(t)
	require.NoError(t, h.reset(token, "a wholly new phrase"))
}
