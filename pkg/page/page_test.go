package page_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/page"
)

type cursor struct{ After string }

func TestTokenIsGoodForItsOwnerAndListOnly(t *testing.T) {
	codec := page.New([]byte("0123456789abcdef"))
	owner := uuid.New()
	token := codec.Encode(owner, "conversations", cursor{After: "x"})

	var got cursor
	require.NoError(t, codec.Decode(token, owner, "conversations", &got))
	require.Equal(t, "x", got.After)

	require.ErrorIs(t, codec.Decode(token, uuid.New(), "conversations", &got), page.ErrToken, "somebody else's")
	require.ErrorIs(t, codec.Decode(token, owner, "workspaces", &got), page.ErrToken, "another list's")
	other := page.New([]byte("fedcba9876543210"))
	require.ErrorIs(t, other.Decode(token, owner, "conversations", &got), page.ErrToken, "another deployment's")
}

func TestNoTokenIsTheFirstPage(t *testing.T) {
	got := cursor{After: "unchanged"}
	require.NoError(t, page.New([]byte("0123456789abcdef")).Decode("", uuid.New(), "x", &got))
	require.Equal(t, "unchanged", got.After)
}

func FuzzDecode(f *testing.F) {
	codec := page.New([]byte("0123456789abcdef"))
	owner := uuid.New()
	f.Add("")
	f.Add("!!!")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		var got cursor
		if err := codec.Decode(token, owner, "list", &got); err == nil && token != "" {
			t.Fatalf("made-up token %q was taken", token)
		}
	})
}

func TestSize(t *testing.T) {
	require.Equal(t, 50, page.Size(0))
	require.Equal(t, 7, page.Size(7))
	require.Equal(t, 200, page.Size(9999))
	require.Equal(t, 50, page.Size(-1))
}
