package redistest_test

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/pkg/testkit/redistest"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestEachTestHasAServerOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 2 {
		options, err := redis.ParseURL(redistest.New(t).Reveal())
		require.NoError(t, err)
		client := redis.NewClient(options)
		t.Cleanup(func() { _ = client.Close() })
		size, err := client.DBSize(t.Context()).Result()
		require.NoError(t, err)
		require.Zero(t, size)
		require.NoError(t, client.Set(t.Context(), "mine", 1, 0).Err())
	}
}
