package auth_test

import (
	"crypto/sha256"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// migrationsBefore are those of a version that knew fewer.
func migrationsBefore(t *testing.T, number int) fs.FS {
	t.Helper()
	all := os.DirFS("internal/pgstore/migrations")
	names, err := fs.Glob(all, "*.sql")
	require.NoError(t, err)
	some := fstest.MapFS{}
	for _, name := range names {
		if n, err := strconv.Atoi(name[:5]); err == nil && n < number {
			text, err := fs.ReadFile(all, name)
			require.NoError(t, err)
			some[name] = &fstest.MapFile{Data: text}
		}
	}
	return some
}

func (h *house) validateToken(token string) error {
	hash := sha256.Sum256([]byte(token))
	_, err := h.auth.ValidateAPIToken(h.gateway(), &authv1.ValidateAPITokenRequest{TokenHash: hash[:]})
	return err
}

// statements are those of a text, one by one.
func statements(text string) iter.Seq[string] { return strings.SplitSeq(text, ";") }
