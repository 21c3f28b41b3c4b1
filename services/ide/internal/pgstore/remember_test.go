package pgstore_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ide/internal/entry"
	"atrium.internal/services/ide/internal/pgstore"
	"atrium.internal/services/ide/internal/testdb"
	"atrium.internal/services/ide/internal/workspace"
)

func TestMain(m *testing.M) { leak.Main(m) }

// replica is one service's memory of the database.
func replica(t *testing.T, database config.Secret) *pgstore.Memory {
	t.Helper()
	pool, err := pgdb.Open(database, pgstore.Schema)
	require.NoError(t, err)
	m := pgstore.NewMemory(pgstore.New(pool), slog.New(slog.NewTextHandler(t.Output(), nil)))
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); m.Listen(ctx) }()
	t.Cleanup(func() { end(); <-done; m.Close(); pool.Close() })
	return m
}

func database(t *testing.T) (config.Secret, uuid.UUID) {
	t.Helper()
	url := testdb.New(t)
	require.NoError(t, pgstore.Migrate(t.Context(), url, slog.New(slog.DiscardHandler)))
	return url, testdb.AddUser(t, url)
}

func keep(t *testing.T, m *pgstore.Memory, owner uuid.UUID, name string) workspace.Workspace {
	t.Helper()
	w, err := m.Create(t.Context(), workspace.Workspace{
		ID: uuid.New(), UserID: owner, Name: name, Path: "/workspaces/one", CreatedAt: time.Now(), LastAccessed: time.Now(),
		Status: workspace.Stopped, Desired: workspace.WantStopped, Metadata: map[string]any{}, Template: "blank", Isolation: "fake", Label: name,
	}, -1, workspace.Audit{})
	require.NoError(t, err)
	return w
}

// remembered waits until a reading no longer reaches the database.
func remembered(t *testing.T, m *pgstore.Memory, id uuid.UUID) {
	t.Helper()
	reads := func() int {
		_, err := m.Recent(t.Context(), id)
		require.NoError(t, err)
		return int(m.Reads())
	}
	require.Eventually(t, func() bool { before := reads(); return reads() == before }, 10*time.Second, 20*time.Millisecond)
}

func TestARowIsReadOnceUntilItChanges(t *testing.T) {
	url, owner := database(t)
	one, two := replica(t, url), replica(t, url)
	w := keep(t, one, owner, "one")
	for _, m := range []*pgstore.Memory{one, two} {
		remembered(t, m, w.ID)
	}
	name := func(m *pgstore.Memory) string {
		w, err := m.Recent(t.Context(), w.ID)
		require.NoError(t, err)
		return w.Name
	}
	_, err := one.Update(t.Context(), w.ID, func(w *workspace.Workspace) (workspace.Change, error) {
		w.Name = "two"
		return workspace.Change{}, nil
	})
	require.NoError(t, err)
	require.Equal(t, "two", name(one), "who wrote reads what was written")
	require.Eventually(t, func() bool { return name(two) == "two" }, 10*time.Second, time.Millisecond, "another replica hears of it")

	// A change that no service made.
	remembered(t, two, w.ID)
	testdb.Exec(t, url, `UPDATE ide.ide_workspaces SET name = 'three'`)
	require.Eventually(t, func() bool { return name(one) == "three" && name(two) == "three" }, 10*time.Second, time.Millisecond)

	testdb.Exec(t, url, `DELETE FROM auth.users WHERE id = $1`, owner)
	require.Eventually(t, func() bool {
		_, err := two.Recent(t.Context(), w.ID)
		return err != nil
	}, 10*time.Second, time.Millisecond, "a cascade is a change too")
}

func TestWithoutAnEarNothingIsRemembered(t *testing.T) {
	url, owner := database(t)
	m := replica(t, url)
	w := keep(t, m, owner, "one")
	remembered(t, m, w.ID)
	// The listening connection is cut, and a change is made while it is.
	testdb.Exec(t, url, `WITH cut AS (SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN ide_changes' AND datname = current_database())
		UPDATE ide.ide_workspaces SET name = 'two' WHERE (SELECT count(*) FROM cut) > 0`)
	require.Eventually(t, func() bool {
		w, err := m.Recent(t.Context(), w.ID)
		return err == nil && w.Name == "two"
	}, 10*time.Second, time.Millisecond)
	remembered(t, m, w.ID) // it listens again
}

func TestASessionIsForgottenWhenItEnds(t *testing.T) {
	url, owner := database(t)
	m := replica(t, url)
	w := keep(t, m, owner, "one")
	remembered(t, m, w.ID)
	var hash entry.Hash
	hash[0] = 7
	now := time.Now()
	require.NoError(t, m.OpenSession(t.Context(), hash, entry.Session{
		ID: uuid.New(), WorkspaceID: w.ID, UserID: owner, SessionID: uuid.New(), Host: "one.ide.example.com", CreatedAt: now, ExpiresAt: now.Add(time.Hour),
	}))
	before := m.Reads()
	for range 3 {
		_, err := m.FindSession(t.Context(), hash)
		require.NoError(t, err)
	}
	require.Equal(t, before, m.Reads(), "who opened it knows it")
	testdb.Exec(t, url, `DELETE FROM ide.ide_sessions`)
	require.Eventually(t, func() bool {
		_, err := m.FindSession(t.Context(), hash)
		return err != nil
	}, 10*time.Second, time.Millisecond)
}
