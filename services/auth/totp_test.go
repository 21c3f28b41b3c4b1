package auth_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth"
)

// authenticator is a phone that shows codes.
type authenticator struct {
	h        *house
	secret   string
	user     string
	recovery []string
	// first is the code that turned two factors on.
	first string
}

// enrolled turns two factors on for somebody.
func (h *house) enrolled(d device) *authenticator {
	h.t.Helper()
	enrolment, err := h.auth.EnrollTOTP(d.ctx, &authv1.EnrollTOTPRequest{})
	require.NoError(h.t, err)
	a := &authenticator{h: h, secret: enrolment.GetSecret(), user: d.user.GetId()}
	a.first = a.code(0)
	confirmed, err := h.auth.ConfirmTOTP(d.ctx, &authv1.ConfirmTOTPRequest{Code: a.first})
	require.NoError(h.t, err)
	a.recovery = confirmed.GetRecoveryCodes()
	return a
}

// code is what the phone shows some steps from now. A moment later it may be
// another one: whoever gives a code twice keeps it.
func (a *authenticator) code(steps int) string {
	a.h.t.Helper()
	code, err := totp.GenerateCode(a.secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	require.NoError(a.h.t, err)
	return code
}

// later forgets the last used step, as waiting for the next one would.
func (a *authenticator) later() {
	a.h.exec(`UPDATE auth.totp SET last_step = 0 WHERE user_id = $1`, a.user)
}

// challenge does the first step of a login.
func (h *house) challenge(login string) string {
	h.t.Helper()
	var header metadata.MD
	_, err := h.auth.Login(h.anonymous(), &authv1.LoginRequest{Login: login, Password: goodPassword}, grpc.Header(&header))
	var refusal *apperr.Error
	require.ErrorAs(h.t, err, &refusal)
	require.Equal(h.t, "TOTP_REQUIRED", refusal.Reason)
	require.Equal(h.t, apperr.Unauthenticated, refusal.Kind)
	require.Empty(h.t, header.Get(grpcx.MetadataSessionToken), "no session before the code")
	require.Len(h.t, refusal.Metadata["challenge"], 43)
	return refusal.Metadata["challenge"]
}

func (h *house) second(challenge, code string) (token string, err error) {
	var header metadata.MD
	_, err = h.auth.LoginTOTP(h.anonymous(), &authv1.LoginTOTPRequest{Challenge: challenge, Code: code}, grpc.Header(&header))
	if tokens := header.Get(grpcx.MetadataSessionToken); len(tokens) > 0 {
		token = tokens[0]
	}
	return token, err
}

func TestTwoFactorsFromEnrolmentToLogin(t *testing.T) {
	h := open(t, auth.Config{})
	ada := h.register("ada")
	require.True(t, ada.user.GetHasPassword())
	require.False(t, ada.user.GetTotpEnabled())
	enrolment, err := h.auth.EnrollTOTP(ada.ctx, &authv1.EnrollTOTPRequest{})
	require.NoError(t, err)
	uri, err := url.Parse(enrolment.GetUri())
	require.NoError(t, err)
	require.Equal(t, "otpauth://totp/Atrium:ada@example.org", uri.Scheme+"://"+uri.Host+uri.Path)
	require.Equal(t, enrolment.GetSecret(), uri.Query().Get("secret"))
	h.login("ada") // not asked for before a code was seen

	_, err = h.auth.ConfirmTOTP(ada.ctx, &authv1.ConfirmTOTPRequest{Code: "000000"})
	require.Equal(t, "TOTP_CODE_WRONG", reason(t, err))
	phone := h.enrolled(ada) // begins anew
	require.Len(t, phone.recovery, 10)
	_, err = h.auth.EnrollTOTP(ada.ctx, &authv1.EnrollTOTPRequest{})
	require.Equal(t, "TOTP_ENABLED", reason(t, err))
	me, err := h.users.GetMe(ada.ctx, &authv1.GetMeRequest{})
	require.NoError(t, err)
	require.True(t, me.GetTotpEnabled())
	require.Equal(t, int32(10), me.GetRecoveryCodesLeft())

	challenge := h.challenge("ada")
	token, err := h.second(challenge, phone.first)
	require.Equal(t, "TOTP_CODE_WRONG", reason(t, err), "the code that confirmed is used up")
	require.Empty(t, token)
	ahead := phone.code(1)
	token, err = h.second(challenge, ahead)
	require.NoError(t, err, "a clock may be a step ahead")
	holder, err := h.validate(token)
	require.NoError(t, err)
	require.Equal(t, ada.user.GetId(), holder.GetUserId())
	_, err = h.second(challenge, phone.recovery[0])
	require.Equal(t, "TOTP_CHALLENGE_INVALID", reason(t, err), "a challenge is good once")
	_, err = h.second(h.challenge("ada"), ahead)
	require.Equal(t, "TOTP_CODE_WRONG", reason(t, err), "a code is good once")
	phone.later()
	for _, far := range []int{-3, 3} {
		_, err = h.second(h.challenge("ada"), phone.code(far))
		require.Equal(t, "TOTP_CODE_WRONG", reason(t, err), "%d steps off", far)
	}
	h.storesNone(phone.secret, challenge, phone.recovery[0])
	require.Subset(t, query[string](h, `SELECT event_type || ' ' || action || ' ' || status FROM audit.audit_log`), []string{
		"auth.totp enroll success", "auth.totp enable success", "auth.totp enable failure",
		"auth.challenge login success", "auth.login login failure",
	})
}

// storesNone looks for secrets in what the second factor writes.
func (h *house) storesNone(secrets ...string) {
	h.t.Helper()
	for _, text := range query[string](h, `SELECT encode(secret, 'escape') FROM auth.totp UNION SELECT hash FROM auth.recovery_codes
		UNION SELECT hash FROM auth.login_challenges UNION SELECT metadata::text || coalesce(error, '') FROM audit.audit_log`) {
		for _, secret := range secrets {
			require.NotContains(h.t, text, secret)
		}
	}
}

func TestAChallengeIsShortAndForFewAttempts(t *testing.T) {
	h := open(t, auth.Config{})
	ada, eve := h.register("ada"), h.register("eve")
	phone, other := h.enrolled(ada), h.enrolled(eve)
	challenge := h.challenge("ada")
	for range 4 {
		_, err := h.second(challenge, "abcd-efgh-ijkl-mnop")
		require.Equal(t, "TOTP_CODE_WRONG", reason(t, err))
	}
	_, err := h.second(challenge, other.recovery[0])
	require.Equal(t, "TOTP_CODE_WRONG", reason(t, err), "somebody else's code")
	_, err = h.second(challenge, phone.recovery[0])
	require.Equal(t, "TOTP_CHALLENGE_INVALID", reason(t, err), "no attempt is left")

	challenge = h.challenge("ada")
	h.exec(`UPDATE auth.login_challenges SET expires_at = now()`)
	_, err = h.second(challenge, phone.recovery[0])
	require.Equal(t, "TOTP_CHALLENGE_INVALID", reason(t, err), "too late")
	_, err = h.second("an invented challenge", phone.recovery[0])
	require.Equal(t, "TOTP_CHALLENGE_INVALID", reason(t, err))

	challenge = h.challenge("ada")
	require.NoError(t, h.redis.FlushDB(t.Context()).Err())
	_, err = h.second(challenge, "abcd-efgh-ijkl-mnop")
	require.Equal(t, "TOTP_CODE_WRONG", reason(t, err), "an empty cache lets nobody in")
	_, err = h.second(challenge, strings.ToUpper(strings.ReplaceAll(phone.recovery[0], "-", " ")))
	require.NoError(t, err)
}

func TestACodeIsGoodOnceAmongMany(t *testing.T) {
	h := open(t, auth.Config{})
	phone := h.enrolled(h.register("ada"))
	for name, code := range map[string]func() string{
		"recovery": func() string { return phone.recovery[3] }, "authenticator": func() string { return phone.code(1) },
	} {
		challenges := make([]string, 50)
		for i := range challenges {
			challenges[i] = h.challenge("ada")
		}
		code := code() // fifty sign-ins may take longer than a code is good for
		var sessions atomic.Int32
		var all sync.WaitGroup
		for _, challenge := range challenges {
			all.Go(func() {
				if token, err := h.second(challenge, code); err == nil && token != "" {
					sessions.Add(1)
				}
			})
		}
		all.Wait()
		require.Equal(t, int32(1), sessions.Load(), name)
	}
	require.Equal(t, []int{9}, query[int](h, `SELECT count(*) FROM auth.recovery_codes`))
}

func TestGuessingCodesIsBoundedFromEverywhere(t *testing.T) {
	h := open(t, auth.Config{SignIn: auth.SignInLimits{PerLogin: 3, PerAddress: 100, Window: time.Minute}})
	phone := h.enrolled(h.register("ada"))
	challenge := h.challenge("ada")
	for range 3 {
		_, err := h.second(challenge, "000000")
		require.Equal(t, "TOTP_CODE_WRONG", reason(t, err))
	}
	_, err := h.second(challenge, phone.recovery[0])
	require.Equal(t, "SIGN_IN_THROTTLED", reason(t, err))
	elsewhere := func(code string, host int) error {
		ctx := h.from(fmt.Sprintf("198.51.100.%d", host), principal.Principal{Kind: principal.Anonymous})
		_, err := h.auth.LoginTOTP(ctx, &authv1.LoginTOTPRequest{Challenge: challenge, Code: code})
		return err
	}
	require.Equal(t, "TOTP_CODE_WRONG", reason(t, elsewhere("000000", 1)), "others aren't held up, and the challenge has attempts left")

	refused := 0
	for i := range 110 { // as somebody has who knows the password and commands many machines
		h.exec(`UPDATE auth.login_challenges SET attempts = 0`)
		if reason(t, elsewhere("000000", 11+i/2)) == "SIGN_IN_THROTTLED" {
			refused++
		}
	}
	require.GreaterOrEqual(t, refused, 10)
	h.exec(`UPDATE auth.login_challenges SET attempts = 0`)
	require.NoError(t, elsewhere(phone.recovery[0], 99), "the holder has recovery codes")
}

func TestChangingTheSecondFactor(t *testing.T) {
	h := open(t, auth.Config{})
	ada := h.register("ada")
	_, err := h.auth.RenewRecoveryCodes(ada.ctx, &authv1.RenewRecoveryCodesRequest{Code: "123456"})
	require.Equal(t, "TOTP_NOT_ENABLED", reason(t, err))
	_, err = h.auth.DisableTOTP(ada.ctx, &authv1.DisableTOTPRequest{})
	require.Equal(t, "TOTP_NOT_ENABLED", reason(t, err))
	_, err = h.auth.ConfirmTOTP(ada.ctx, &authv1.ConfirmTOTPRequest{Code: "123456"})
	require.Equal(t, "TOTP_NOT_ENROLLED", reason(t, err))
	phone := h.enrolled(ada)
	phone.later()
	renewed, err := h.auth.RenewRecoveryCodes(ada.ctx, &authv1.RenewRecoveryCodesRequest{Code: phone.code(0)})
	require.NoError(t, err)
	_, err = h.second(h.challenge("ada"), phone.recovery[0])
	require.Equal(t, "TOTP_CODE_WRONG", reason(t, err), "the old codes ended")
	_, err = h.second(h.challenge("ada"), renewed.GetRecoveryCodes()[0])
	require.NoError(t, err)

	disable := func(password, code string) error {
		h.exec(`UPDATE auth.sessions SET created_at = now() - interval '11 minutes'`)
		_, err := h.auth.DisableTOTP(ada.ctx, &authv1.DisableTOTPRequest{Password: password, Code: code})
		return err
	}
	require.Equal(t, "REAUTHENTICATION_REQUIRED", reason(t, disable("", "")))
	require.Equal(t, "PASSWORD_WRONG", reason(t, disable("not the password", "")))
	require.Equal(t, "TOTP_CODE_WRONG", reason(t, disable("", "000000")))
	require.NoError(t, disable(goodPassword, ""))
	h.login("ada") // asks for no code

	phone = h.enrolled(ada)
	require.NoError(t, disable("", phone.recovery[0]))
	phone = h.enrolled(ada)
	phone.later()
	require.NoError(t, disable("", phone.code(0)))
	h.enrolled(ada)
	h.exec(`UPDATE auth.sessions SET created_at = now()`)
	_, err = h.auth.DisableTOTP(ada.ctx, &authv1.DisableTOTPRequest{})
	require.NoError(t, err, "who signed in just now is enough")
	require.Empty(t, query[string](h, `SELECT hash FROM auth.recovery_codes UNION SELECT hash FROM auth.login_challenges`))
}

func TestAnAPITokenChangesNoFactor(t *testing.T) {
	h := open(t, auth.Config{})
	ada := h.register("ada")
	phone := h.enrolled(ada)
	phone.later()
	token := h.as(principal.Principal{
		Kind: principal.User, UserID: uuid.MustParse(ada.user.GetId()), SessionID: uuid.New(), Scopes: []string{"account"},
	})
	_, enroll := h.auth.EnrollTOTP(token, &authv1.EnrollTOTPRequest{})
	_, renew := h.auth.RenewRecoveryCodes(token, &authv1.RenewRecoveryCodesRequest{Code: phone.code(0)})
	_, disable := h.auth.DisableTOTP(token, &authv1.DisableTOTPRequest{Password: goodPassword, Code: phone.code(0)})
	_, change := h.auth.ChangePassword(token, &authv1.ChangePasswordRequest{CurrentPassword: goodPassword, NewPassword: "another long passphrase"})
	for _, err := range []error{enroll, renew, disable, change} {
		require.Equal(t, "SESSION_REQUIRED", reason(t, err))
	}
	h.exec(`UPDATE auth.totp SET confirmed_at = NULL`)
	_, err := h.auth.ConfirmTOTP(token, &authv1.ConfirmTOTPRequest{Code: phone.code(0)})
	require.Equal(t, "SESSION_REQUIRED", reason(t, err))
}
