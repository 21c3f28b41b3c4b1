package password

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMatches(t *testing.T) {
	h, err := New(1)
	require.NoError(t, err)
	hash, err := h.Hash(t.Context(), "violet kettle 1937")
	require.NoError(t, err)
	require.Contains(t, hash, "$argon2id$v=19$m=19456,t=2,p=1$")
	for _, c := range []struct {
		password, hash string
		want           bool
	}{
		{"violet kettle 1937", hash, true},
		{"violet kettle 1938", hash, false},
		{"violet kettle 1937", "", false},
		{"", "", false},
	} {
		ok, err := h.Matches(t.Context(), c.password, c.hash)
		require.NoError(t, err)
		require.Equal(t, c.want, ok)
	}
}

func TestNoMoreThanTheSlotsWorkAtOnce(t *testing.T) {
	h, err := New(1)
	require.NoError(t, err)
	require.NoError(t, h.acquire(t.Context()))
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err = h.Hash(gone, "violet kettle 1937")
	require.ErrorIs(t, err, context.Canceled)
	_, err = h.Matches(gone, "violet kettle 1937", "")
	require.ErrorIs(t, err, context.Canceled)
	h.release()
	_, err = h.Hash(t.Context(), "violet kettle 1937")
	require.NoError(t, err)
}
