package eventlog

import (
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/redistest"
	"atrium.internal/services/chat/internal/turn"
)

func TestWhoIsBehindAnAnswerThatHasEndedIsStillCounted(t *testing.T) {
	client, err := redisdb.Open(redistest.New(t))
	require.NoError(t, err)
	defer client.Close()
	hub := New(slog.New(slog.DiscardHandler), client, nil, nil)
	defer func() { require.NoError(t, hub.Stop()) }()
	answer := turn.Answer{ID: uuid.New(), Owner: uuid.New()}
	writer := hub.Create(answer)
	reader, err := hub.Open(t.Context(), answer, true)
	require.NoError(t, err)
	require.Equal(t, 1, hub.Readers())
	writer.Close()
	require.Equal(t, 1, hub.Readers())
	reader.Close()
	reader.Close()
	require.Zero(t, hub.Readers())
}
