package pgstore

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/services/auth/internal/account"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestOneOfManyCreatesTheFirstAdministrator(t *testing.T) {
	url := pgtest.New(t)
	log := slog.New(slog.DiscardHandler)
	require.NoError(t, pgdb.Migrate(t.Context(), url, Schema, Migrations(), log))
	pool, err := pgdb.Open(url, Schema)
	require.NoError(t, err)
	defer pool.Close()
	store := NewAccounts(pool)
	var created atomic.Int32
	var done sync.WaitGroup
	for i := range 8 {
		done.Go(func() {
			ok, err := store.CreateFirst(t.Context(), account.Credentials{PasswordHash: "x", User: account.User{
				ID: uuid.New(), Email: fmt.Sprintf("a%d@example.org", i), Username: fmt.Sprintf("admin%d", i),
				Roles: []string{"user", "admin"},
			}})
			if err == nil && ok {
				created.Add(1)
			}
		})
	}
	done.Wait()
	require.Equal(t, int32(1), created.Load())
}
