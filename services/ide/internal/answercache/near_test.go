package answercache_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/answercache"
)

func TestAProcessRemembersForATimeWhatItGave(t *testing.T) {
	const lives = 200 * time.Millisecond
	shared := &memory{kept: map[answercache.Key]answercache.Entry{}}
	store := answercache.NewNear(shared, lives)
	t.Cleanup(store.Close)
	key := answercache.Key{User: uuid.New(), Digest: sha256.Sum256([]byte("x"))}
	other := key
	other.User = uuid.New()
	store.Put(t.Context(), key, answercache.Entry{Text: "y"})
	began := time.Now()
	got, ok := store.Get(t.Context(), key)
	require.True(t, ok)
	require.Equal(t, answercache.Entry{Text: "y"}, got)
	delete(shared.kept, key)
	_, ok = store.Get(t.Context(), key)
	require.True(t, ok || time.Since(began) > lives, "without the store")
	_, ok = store.Get(t.Context(), other)
	require.False(t, ok, "somebody else's question")
	require.Eventually(t, func() bool { _, ok := store.Get(t.Context(), key); return !ok }, 10*time.Second, 10*time.Millisecond)
	require.GreaterOrEqual(t, time.Since(began), lives)
}
