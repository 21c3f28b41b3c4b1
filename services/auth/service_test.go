package auth_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/structpb"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth"
)

func reason(t *testing.T, err error) string {
	t.Helper()
	var e *apperr.Error
	require.ErrorAs(t, err, &e)
	return e.Reason
}

func TestAccountsFromRegistrationToLogin(t *testing.T) {
	h := open(t, auth.Config{})
	first := h.register("Alice")
	require.Equal(t, "alice@example.org", first.user.GetEmail())
	require.Equal(t, []string{"user"}, first.user.GetRoles())
	require.Equal(t, "free", first.user.GetPlan())
	require.NotNil(t, first.user.GetLastLogin())

	for _, login := range []string{"alice", "ALICE", " Alice@Example.org "} {
		second := h.login(login)
		require.Equal(t, first.user.GetId(), second.user.GetId())
		require.NotEqual(t, first.token, second.token)
	}
	holder, err := h.validate(first.token)
	require.NoError(t, err)
	require.Equal(t, int64(100000), holder.GetPlan().GetAiTokensMonthly())
	require.Equal(t, int64(36000), holder.GetPlan().GetIdeSecondsMonthly())

	stored := query[string](h, `SELECT token FROM auth.sessions UNION SELECT password_hash FROM auth.users`)
	for _, text := range stored {
		require.NotContains(t, text, first.token)
		require.NotContains(t, text, goodPassword)
	}
	require.Subset(t, query[string](h, `SELECT event_type || ' ' || status || ' ' || host(ip_address) FROM audit.audit_log
		WHERE ip_address IS NOT NULL ORDER BY id`),
		[]string{"auth.register success " + testAddress, "auth.login success " + testAddress})
}

func TestRegistrationRefusals(t *testing.T) {
	h := open(t, auth.Config{})
	h.register("bob")
	register := func(email, username, password string) *apperr.Error {
		_, err := h.auth.Register(h.anonymous(), &authv1.RegisterRequest{Email: email, Username: username, Password: password})
		var e *apperr.Error
		require.ErrorAs(t, err, &e)
		return e
	}
	both := register("BOB@example.org", "Bob", goodPassword)
	require.Equal(t, "EMAIL_TAKEN", both.Reason)
	require.Equal(t, apperr.Conflict, both.Kind)
	require.Contains(t, both.Fields, "email")
	require.Contains(t, both.Fields, "username")
	require.Equal(t, "USERNAME_TAKEN", register("new@example.org", "BOB", goodPassword).Reason)
	require.Equal(t, "PASSWORD_TOO_COMMON", register("new@example.org", "new", "Password123").Reason)
	require.Equal(t, "PASSWORD_TOO_COMMON", register("new@example.org", "newcomer-1", "Newcomer-1").Reason)
	require.Equal(t, "INVALID_ARGUMENT", register("new@example.org", "new", "short").Reason)
	require.Equal(t, "INVALID_ARGUMENT", register("not an address", "new", goodPassword).Reason)

	closed := openOn(t, auth.Config{Registration: "closed"}, h.database, "redis://127.0.0.1:1")
	_, err := closed.auth.Register(closed.anonymous(), &authv1.RegisterRequest{Email: "x@example.org", Username: "xavier", Password: goodPassword})
	require.Equal(t, "REGISTRATION_CLOSED", reason(t, err))
}

func TestEveryFailedLoginIsAnsweredAlike(t *testing.T) {
	h := open(t, auth.Config{})
	h.register("carol")
	h.register("dave")
	h.exec(`UPDATE auth.users SET is_active = false WHERE username = 'dave'`)
	var answers []error
	for _, try := range [][2]string{{"carol", "wrong"}, {"nobody", goodPassword}, {"dave", goodPassword}, {"no@body.example", "x"}} {
		_, err := h.auth.Login(h.anonymous(), &authv1.LoginRequest{Login: try[0], Password: try[1]})
		answers = append(answers, err)
	}
	for _, err := range answers {
		require.Equal(t, "INVALID_CREDENTIALS", reason(t, err))
		require.Equal(t, answers[0].Error(), err.Error())
	}
	require.Equal(t, []int64{4}, query[int64](h, `SELECT count(*) FROM audit.audit_log WHERE event_type = 'auth.login' AND status = 'failure'`))
	_, err := h.auth.Login(h.anonymous(), &authv1.LoginRequest{Login: "a\x00b", Password: "x"})
	require.Equal(t, "TEXT_INVALID", reason(t, err))
}

func TestRepeatedRegistrationNeedsThePassword(t *testing.T) {
	h := open(t, auth.Config{})
	ctx := metadata.AppendToOutgoingContext(h.anonymous(), grpcx.MetadataIdempotencyKey, "once")
	request := &authv1.RegisterRequest{Email: "erin@example.org", Username: "erin", Password: goodPassword}

	var mu sync.Mutex
	var done sync.WaitGroup
	ids := map[string]bool{}
	for range 8 {
		done.Go(func() {
			resp, err := h.auth.Register(ctx, request)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				ids[resp.GetUser().GetId()] = true
			}
			require.NoError(t, err)
		})
	}
	done.Wait()
	require.Len(t, ids, 1)

	_, err := h.auth.Register(ctx, &authv1.RegisterRequest{Email: "erin@example.org", Username: "erin", Password: goodPassword + "!"})
	require.Equal(t, "EMAIL_TAKEN", reason(t, err))
	_, err = h.auth.Register(ctx, &authv1.RegisterRequest{Email: "frank@example.org", Username: "frank", Password: goodPassword})
	require.Equal(t, "IDEMPOTENCY_KEY_REUSED", reason(t, err))
}

func TestProfileAndSettings(t *testing.T) {
	h := open(t, auth.Config{})
	d := h.register("grace")
	update := func(settings map[string]any) (*authv1.User, error) {
		s, err := structpb.NewStruct(settings)
		require.NoError(t, err)
		return h.users.UpdateMe(d.ctx, &authv1.UpdateMeRequest{Settings: s})
	}
	_, err := update(map[string]any{"theme": "dark", "size": 14.0})
	require.NoError(t, err)
	user, err := update(map[string]any{"theme": nil, "nested": map[string]any{"a": nil}})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"size": 14.0, "nested": map[string]any{"a": nil}}, user.GetSettings().AsMap())

	_, err = update(map[string]any{"big": strings.Repeat("x", 17<<10)})
	require.Equal(t, "SETTINGS_TOO_LARGE", reason(t, err))
	_, err = update(map[string]any{"bad": "a\x00b"})
	require.Equal(t, "TEXT_INVALID", reason(t, err))
	script := "javascript:alert(1)"
	_, err = h.users.UpdateMe(d.ctx, &authv1.UpdateMeRequest{AvatarUrl: &script})
	require.Equal(t, "INVALID_ARGUMENT", reason(t, err))

	name := "Grace H."
	_, err = h.users.UpdateMe(d.ctx, &authv1.UpdateMeRequest{FullName: &name})
	require.NoError(t, err)
	me, err := h.users.GetMe(d.ctx, &authv1.GetMeRequest{})
	require.NoError(t, err)
	require.Equal(t, name, me.GetFullName())
	require.Equal(t, map[string]any{"size": 14.0, "nested": map[string]any{"a": nil}}, me.GetSettings().AsMap())
}
