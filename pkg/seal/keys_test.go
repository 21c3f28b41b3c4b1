package seal_test

import (
	"log/slog"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/pkg/testkit/pgtest"
)

func TestMain(m *testing.M) { leak.Main(m) }

var quiet = slog.New(slog.DiscardHandler)

// house is a deployment: a database with accounts, two services' keys and a
// key file.
type house struct {
	t    *testing.T
	url  config.Secret
	file string
	ring *seal.Keyring
	db   *pgxpool.Pool
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, url: pgtest.New(t), file: filepath.Join(t.TempDir(), "deployment.key")}
	_, _, err := keys.LoadOrCreate(h.file)
	require.NoError(t, err)
	h.ring, err = seal.OpenKeyring(quiet, h.file)
	require.NoError(t, err)
	h.db, err = pgxpool.New(t.Context(), h.url.Reveal())
	require.NoError(t, err)
	t.Cleanup(h.db.Close)
	h.exec(`CREATE SCHEMA auth`)
	h.exec(`CREATE TABLE auth.users (id UUID PRIMARY KEY)`)
	for _, service := range []string{"chat", "auth"} {
		require.NoError(t, seal.Migrate(t.Context(), h.url, service, quiet))
	}
	return h
}

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	_, err := h.db.Exec(h.t.Context(), sql, args...)
	require.NoError(h.t, err)
}

func (h *house) person() uuid.UUID {
	h.t.Helper()
	id := uuid.New()
	h.exec(`INSERT INTO auth.users VALUES ($1)`, id)
	return id
}

// keys are those of a replica of a service, which acts as the service's role.
func (h *house) keys(service string, ring *seal.Keyring) *seal.Keys {
	h.t.Helper()
	pool, err := pgdb.Open(h.url, service)
	require.NoError(h.t, err)
	h.t.Cleanup(pool.Close)
	keys := seal.New(pool, service, ring)
	h.t.Cleanup(keys.Close)
	return keys
}

var at = seal.Place{Table: "t", Column: "c"}

func TestReplicasAgreeOnAFirstKey(t *testing.T) {
	h := newHouse(t)
	replicas := []*seal.Keys{h.keys("chat", h.ring), h.keys("chat", h.ring), h.keys("chat", h.ring)}
	for range 20 {
		user := h.person()
		const callers = 9
		opened := make([]*seal.Key, callers)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				var err error
				if opened[i], err = replicas[i%len(replicas)].Of(t.Context(), user); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		sealed := opened[0].Seal(at, []byte("text"))
		for _, key := range opened {
			text, err := key.Open(at, sealed)
			require.NoError(t, err)
			require.Equal(t, "text", string(text))
		}
	}
}

func TestAServicesOwnKeyStays(t *testing.T) {
	h := newHouse(t)
	initial := keys.NewDeployment()
	first, err := h.keys("auth", h.ring).Service(t.Context(), "chain", initial)
	require.NoError(t, err)
	require.Equal(t, initial, first)
	again, err := h.keys("auth", h.ring).Service(t.Context(), "chain", keys.NewDeployment())
	require.NoError(t, err)
	require.Equal(t, initial, again)
	random, err := h.keys("auth", h.ring).Service(t.Context(), "other", nil)
	require.NoError(t, err)
	require.Len(t, random, keys.Size)
	require.NotEqual(t, initial, random)
}

func TestADeletedUserHasNoKey(t *testing.T) {
	h := newHouse(t)
	ada, ben := h.person(), h.person()
	chat := h.keys("chat", h.ring)
	for _, user := range []uuid.UUID{ada, ben} {
		_, err := chat.Of(t.Context(), user)
		require.NoError(t, err)
	}
	h.exec(`DELETE FROM auth.users WHERE id = $1`, ada)
	var left []uuid.UUID
	require.NoError(t, h.db.QueryRow(t.Context(), `SELECT array_agg(user_id) FROM chat_keys.data_keys`).Scan(&left))
	require.Equal(t, []uuid.UUID{ben}, left)
	chat.Forget(ada)
	_, err := chat.Of(t.Context(), ada)
	require.ErrorIs(t, err, seal.ErrNoUser)
}

func TestAServiceReachesNoOthersKeys(t *testing.T) {
	h := newHouse(t)
	pool, err := pgdb.Open(h.url, "chat")
	require.NoError(t, err)
	defer pool.Close()
	_, err = pool.Exec(t.Context(), `SELECT * FROM auth_keys.data_keys`)
	require.ErrorContains(t, err, "permission denied")
	_, err = pool.Exec(t.Context(), `SELECT * FROM chat_keys.data_keys`)
	require.NoError(t, err)
}

func TestAnotherDeploymentKeyIsNoticed(t *testing.T) {
	h := newHouse(t)
	require.NoError(t, h.keys("chat", h.ring).Check(t.Context()), "nothing is sealed yet")
	user := h.person()
	key, err := h.keys("chat", h.ring).Of(t.Context(), user)
	require.NoError(t, err)
	sealed := key.Seal(at, []byte("text"))

	other := h.keys("chat", seal.NewKeyring(keys.NewDeployment()))
	require.ErrorContains(t, other.Check(t.Context()), "ATRIUM_KEY_FILE")
	_, err = other.Of(t.Context(), user)
	require.ErrorIs(t, err, seal.ErrUnreadable)

	right := h.keys("chat", h.ring)
	require.NoError(t, right.Check(t.Context()), "nothing was lost")
	key, err = right.Of(t.Context(), user)
	require.NoError(t, err)
	_, err = key.Open(at, sealed)
	require.NoError(t, err)
}
