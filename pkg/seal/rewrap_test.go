package seal_test

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/seal"
)

func (h *house) rewrap() (done, failed int) {
	h.t.Helper()
	ring, err := seal.OpenKeyring(quiet, h.file)
	require.NoError(h.t, err)
	done, failed, err = seal.Rewrap(h.t.Context(), h.db, ring, func(string, int) {})
	require.NoError(h.t, err)
	return done, failed
}

// Services that run through a rotation notice the new line by themselves, and
// the old one can go then.
func TestARotationWhileEverythingRuns(t *testing.T) {
	h := newHouse(t)
	chat, auth := h.keys("chat", h.ring), h.keys("auth", h.ring)
	const users = 1100 // several batches
	sealed := map[uuid.UUID][]byte{}
	for range users {
		user := h.person()
		key, err := chat.Of(t.Context(), user)
		require.NoError(t, err)
		sealed[user] = key.Seal(at, user[:])
	}
	chain, err := auth.Service(t.Context(), "chain", nil)
	require.NoError(t, err)
	old := h.ring.Current()

	// Users who come and read during the rotation, on a replica that remembers
	// nothing.
	var working sync.WaitGroup
	var stop atomic.Bool
	working.Go(func() {
		for user, text := range sealed {
			if stop.Load() {
				return
			}
			chat.Forget(user)
			key, err := chat.Of(context.Background(), user)
			if err != nil {
				t.Error(err)
				return
			}
			if opened, err := key.Open(at, text); err != nil || string(opened) != string(user[:]) {
				t.Error("not readable during the rotation", err)
				return
			}
		}
	})
	require.NoError(t, keys.AddDeployment(h.file, keys.NewDeployment()))
	done, failed := h.rewrap()
	require.Equal(t, users+1, done)
	require.Zero(t, failed)
	stop.Store(true)
	working.Wait()

	done, _ = h.rewrap()
	require.Zero(t, done, "again there is nothing to do")
	counts, err := seal.Counts(t.Context(), h.db)
	require.NoError(t, err)
	require.Len(t, counts, 2)
	for _, c := range counts {
		require.NotEqual(t, old, c.KEK)
	}

	// The old line goes, and everything starts anew.
	lines, err := keys.ReadDeployment(h.file)
	require.NoError(t, err)
	ring := seal.NewKeyring(lines[0])
	fresh := h.keys("chat", ring)
	require.NoError(t, fresh.Check(t.Context()))
	for user, text := range sealed {
		key, err := fresh.Of(t.Context(), user)
		require.NoError(t, err)
		opened, err := key.Open(at, text)
		require.NoError(t, err)
		require.Equal(t, user[:], opened)
	}
	same, err := h.keys("auth", ring).Service(t.Context(), "chain", nil)
	require.NoError(t, err)
	require.Equal(t, chain, same)
	_, err = h.keys("chat", seal.NewKeyring(lines[1])).Of(t.Context(), h.anyUser())
	require.ErrorIs(t, err, seal.ErrUnreadable, "the old key opens nothing any more")
}

func (h *house) anyUser() (user uuid.UUID) {
	h.t.Helper()
	require.NoError(h.t, h.db.QueryRow(h.t.Context(), `SELECT user_id FROM chat_keys.data_keys LIMIT 1`).Scan(&user))
	return user
}

func TestAKeyThatCantBeOpenedIsCountedAndLeft(t *testing.T) {
	h := newHouse(t)
	chat := h.keys("chat", h.ring)
	for range 3 {
		_, err := chat.Of(t.Context(), h.person())
		require.NoError(t, err)
	}
	damaged := h.anyUser()
	h.exec(`UPDATE chat_keys.data_keys SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1) WHERE user_id = $1`, damaged)
	require.NoError(t, keys.AddDeployment(h.file, keys.NewDeployment()))
	done, failed := h.rewrap()
	require.Equal(t, 2, done)
	require.Equal(t, 1, failed)
	_, err := os.Stat(h.file)
	require.NoError(t, err)
}
