package account_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/pkg/testkit/redistest"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/password"
	"atrium.internal/services/auth/internal/pgstore"
	"atrium.internal/services/auth/internal/revocation"
	"atrium.internal/services/auth/internal/session"
	"atrium.internal/services/auth/internal/throttle"
)

func TestMain(m *testing.M) { leak.Main(m) }

const right = "violet kettle 1937"

// rules are the domains on their real stores, with a clock to turn.
type rules struct {
	pool     *pgxpool.Pool
	accounts *account.Accounts
	sessions *session.Manager
	now      time.Time
}

func newRules(t *testing.T) *rules {
	t.Helper()
	url, log := pgtest.New(t), slog.New(slog.DiscardHandler)
	require.NoError(t, pgdb.Migrate(t.Context(), url, pgstore.Schema, pgstore.Migrations(), log))
	pool, err := pgdb.Open(url, pgstore.Schema)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	redis, err := redisdb.Open(redistest.New(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = redis.Close() })
	hasher, err := password.New(0)
	require.NoError(t, err)
	r := &rules{pool: pool, now: time.Now()}
	attempts := throttle.New(log, redis, "sign-in", throttle.Limits{PerLogin: 3, PerAddress: 100, Window: time.Minute})
	notifier := revocation.New(log, redis)
	r.accounts = account.New(pgstore.NewAccounts(pool), hasher, attempts, notifier, true)
	store := pgstore.NewSessions(pool)
	r.sessions = session.NewManager(log, store, store, notifier, func() time.Time { return r.now })
	return r
}

// signedIn registers somebody and gives them as a caller.
func (r *rules) signedIn(t *testing.T, name string) principal.Principal {
	t.Helper()
	user, err := r.accounts.Register(t.Context(), account.Registration{Email: name + "@example.org", Username: name, Password: right})
	require.NoError(t, err)
	started, _, err := r.sessions.Start(t.Context(), user.ID, user.PasswordMark())
	require.NoError(t, err)
	return principal.Principal{
		Kind: principal.User, UserID: user.ID, SessionID: started.ID, Username: name,
		Client: principal.Client{Address: "192.0.2.7"},
	}
}

func TestSensitiveCallsTakeARecentSignInOrThePassword(t *testing.T) {
	r := newRules(t)
	rule := account.NewReauthentication(r.accounts, r.sessions, func() time.Time { return r.now })
	ada := r.signedIn(t, "ada")
	ctx := principal.With(t.Context(), ada)
	require.NoError(t, rule.Require(ctx, ada, ""), "just signed in")

	token := ada
	token.SessionID, token.Scopes = uuid.New(), []string{"account"}
	require.ErrorIs(t, rule.Require(ctx, token, ""), account.ErrReauthenticationRequired, "a token never signs in")
	token.SessionID = ada.SessionID
	require.ErrorIs(t, rule.Require(ctx, token, ""), account.ErrReauthenticationRequired, "whatever its id")
	require.NoError(t, rule.Require(ctx, token, right))
	require.ErrorIs(t, account.RequireSession(token), account.ErrSessionRequired)

	r.now = r.now.Add(account.RecentSignIn)
	require.ErrorIs(t, rule.Require(ctx, ada, ""), account.ErrReauthenticationRequired)
	require.NoError(t, rule.Require(ctx, ada, right))
	for range 3 {
		require.ErrorIs(t, rule.Require(ctx, ada, "a wrong guess"), account.ErrPassword)
	}
	require.ErrorIs(t, rule.Require(ctx, ada, right), account.ErrThrottled, "guessing is bounded")
	var failures int
	require.NoError(t, r.pool.QueryRow(t.Context(), `SELECT count(*) FROM audit.audit_log
		WHERE event_type = 'auth.reauthenticate' AND status = 'failure' AND user_id = $1 AND host(ip_address) = '192.0.2.7'`, ada.UserID).Scan(&failures))
	require.Equal(t, 3, failures)
}

func TestAnEndedSessionIsNotARecentSignIn(t *testing.T) {
	r := newRules(t)
	rule := account.NewReauthentication(r.accounts, r.sessions, func() time.Time { return r.now })
	ada, eve := r.signedIn(t, "ada"), r.signedIn(t, "eve")
	borrowed := eve
	borrowed.SessionID = ada.SessionID
	require.ErrorIs(t, rule.Require(t.Context(), borrowed, ""), session.ErrInvalid, "somebody else's session")
	require.NoError(t, r.sessions.Logout(t.Context(), ada.UserID, ada.SessionID))
	require.ErrorIs(t, rule.Require(t.Context(), ada, right), session.ErrInvalid)
}
