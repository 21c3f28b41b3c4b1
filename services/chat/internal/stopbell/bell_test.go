package stopbell

import (
	"context"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/pkg/testkit/redistest"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestEveryListenerHearsTheBell(t *testing.T) {
	client, err := redisdb.Open(redistest.New(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, client.Close()) }()
	bell := New(slog.New(slog.DiscardHandler), client)
	ctx, stop := context.WithCancel(t.Context())
	heard, ended := make(chan uuid.UUID), make(chan struct{})
	for range 2 {
		go func() {
			bell.Listen(ctx, func(id uuid.UUID) bool { heard <- id; return true })
			ended <- struct{}{}
		}()
	}
	for client.PubSubNumSub(ctx, channel).Val()[channel] < 2 {
		require.NoError(t, ctx.Err())
	}
	id := uuid.New()
	bell.Ring(ctx, []uuid.UUID{id})
	require.Equal(t, id, <-heard)
	require.Equal(t, id, <-heard)
	stop()
	<-ended
	<-ended
}
