package seal_test

import (
	"bytes"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/seal"
)

// Attack 60: whoever can write to the database flips and swaps what is sealed.
func TestASealedValueBelongsToItsPlace(t *testing.T) {
	h := newHouse(t)
	ada, ben := h.person(), h.person()
	keys := h.keys("chat", h.ring)
	key, err := keys.Of(t.Context(), ada)
	require.NoError(t, err)
	at := seal.Place{Table: "messages", Column: "content", Row: uuid.New()}
	text := []byte("meet me at noon")
	sealed := key.Seal(at, text)
	require.Len(t, sealed, len(text)+seal.Overhead)
	require.NotContains(t, string(sealed), "noon")
	require.NotEqual(t, sealed, key.Seal(at, text), "the same text twice can't be told")

	opened, err := key.Open(at, sealed)
	require.NoError(t, err)
	require.Equal(t, text, opened)
	empty, err := key.Open(at, key.Seal(at, nil))
	require.NoError(t, err)
	require.Empty(t, empty)

	for i := range sealed {
		flipped := bytes.Clone(sealed)
		flipped[i] ^= 1
		opened, err := key.Open(at, flipped)
		require.ErrorIs(t, err, seal.ErrUnreadable, "byte %d", i)
		require.Nil(t, opened)
	}
	for n := range sealed {
		_, err := key.Open(at, sealed[:n])
		require.ErrorIs(t, err, seal.ErrUnreadable, "cut to %d bytes", n)
	}
	for what, other := range map[string]seal.Place{
		"row":    {Table: at.Table, Column: at.Column, Row: uuid.New()},
		"column": {Table: at.Table, Column: "title", Row: at.Row},
		"table":  {Table: "conversations", Column: at.Column, Row: at.Row},
		"border": {Table: "messagesc", Column: "ontent", Row: at.Row},
	} {
		_, err := key.Open(other, sealed)
		require.ErrorIs(t, err, seal.ErrUnreadable, "another %s", what)
	}
	_, err = key.For("logs").Open(at, sealed)
	require.ErrorIs(t, err, seal.ErrUnreadable, "another purpose")
	bens, err := keys.Of(t.Context(), ben)
	require.NoError(t, err)
	_, err = bens.Open(at, sealed)
	require.ErrorIs(t, err, seal.ErrUnreadable, "another user")
	auths, err := h.keys("auth", h.ring).Of(t.Context(), ada)
	require.NoError(t, err)
	_, err = auths.Open(at, sealed)
	require.ErrorIs(t, err, seal.ErrUnreadable, "another service")
}

// Even a key that two users had in common would not open the one's for the other.
func TestASealedValueBelongsToItsUser(t *testing.T) {
	secret := make([]byte, 32)
	sealed := seal.FixedKey(secret, uuid.New()).Seal(at, []byte("text"))
	_, err := seal.FixedKey(secret, uuid.New()).Open(at, sealed)
	require.ErrorIs(t, err, seal.ErrUnreadable)
}

func TestAWrappedKeyBelongsToItsUser(t *testing.T) {
	h := newHouse(t)
	ada, ben := h.person(), h.person()
	keys := h.keys("chat", h.ring)
	for _, user := range []uuid.UUID{ada, ben} {
		_, err := keys.Of(t.Context(), user)
		require.NoError(t, err)
	}
	h.exec(`UPDATE chat_keys.data_keys SET wrapped = (SELECT wrapped FROM chat_keys.data_keys WHERE user_id = $1) WHERE user_id = $2`, ada, ben)
	_, err := h.keys("chat", h.ring).Of(t.Context(), ben)
	require.ErrorIs(t, err, seal.ErrUnreadable)
}

func FuzzOpen(f *testing.F) {
	key := seal.FixedKey(make([]byte, 32), uuid.Nil)
	at := seal.Place{Table: "t", Column: "c"}
	f.Add(key.Seal(at, []byte("text")), []byte("text"))
	f.Add([]byte{1}, []byte{})
	f.Fuzz(func(t *testing.T, sealed, text []byte) {
		opened, err := key.Open(at, sealed)
		if err == nil && !bytes.Equal(opened, text) && !bytes.Equal(opened, []byte("text")) {
			t.Fatalf("opened what was never sealed: %x", opened)
		}
		again, err := key.Open(at, key.Seal(at, text))
		if err != nil || !bytes.Equal(again, text) {
			t.Fatalf("%x, %v", again, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	key := seal.FixedKey(make([]byte, 32), uuid.New())
	at := seal.Place{Table: "chat_messages", Column: "content", Row: uuid.New()}
	for name, size := range map[string]int{"token 8B": 8, "title 60B": 60, "message 4KB": 4 << 10} {
		text := make([]byte, size)
		sealed := key.Seal(at, text)
		b.Run("seal "+name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				key.Seal(at, text)
			}
		})
		b.Run("open "+name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = key.Open(at, sealed)
			}
		})
	}
}
