package session_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/proto/cachekey"
)

func TestAChangedHolderIsAskedForAgain(t *testing.T) {
	store, auth, client := newStore(t)
	_, err := resolve(t, store)
	require.NoError(t, err)
	require.NoError(t, client.Set(t.Context(), key(), cachekey.Stale, time.Minute).Err())
	for range 3 {
		_, err = resolve(t, store)
		require.NoError(t, err, "nobody is logged out by a change")
	}
	require.Equal(t, 4, auth.asked, "as long as the mark stands")
	require.NoError(t, client.Del(t.Context(), key()).Err()) // as if it had expired
	for range 2 {
		_, err = resolve(t, store)
		require.NoError(t, err)
	}
	require.Equal(t, 5, auth.asked)
}

func TestALateAnswerDoesNotBringAHolderBack(t *testing.T) {
	store, auth, client := newStore(t)
	auth.meanwhile = func() { // changed after auth looked, before the cache is filled
		require.NoError(t, client.Set(t.Context(), key(), cachekey.Stale, time.Minute).Err())
	}
	_, err := resolve(t, store)
	require.NoError(t, err)
	require.Equal(t, cachekey.Stale, client.Get(t.Context(), key()).Val())
	require.Less(t, 2*cachekey.FreshFor, cachekey.StaleFor, "an answer is too old long before the mark is")
}
