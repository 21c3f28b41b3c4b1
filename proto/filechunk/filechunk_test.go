package filechunk_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/proto/filechunk"
	commonv1 "atrium.internal/proto/gen/atrium/common/v1"
)

func TestAWriterCutsFilesIntoChunks(t *testing.T) {
	var chunks []*commonv1.FileChunk
	w := filechunk.NewWriter(func(c *commonv1.FileChunk) error { chunks = append(chunks, c); return nil })
	long := bytes.Repeat([]byte("0123456789"), 20_000)
	require.NoError(t, w.Begin("empty"))
	require.NoError(t, w.Begin("a/long"))
	for _, part := range [][]byte{long[:1], long[1:70_000], long[70_000:]} {
		n, err := w.Write(part)
		require.NoError(t, err)
		require.Len(t, part, n)
	}
	require.NoError(t, w.List("list.json"))
	require.NoError(t, w.Item(1))
	require.NoError(t, w.Item(&commonv1.FileChunk{Path: "x"}))
	require.NoError(t, w.EndList())
	require.NoError(t, w.Flush())

	files, last := map[string]string{}, ""
	for _, c := range chunks {
		require.LessOrEqual(t, len(c.GetData()), filechunk.MaxData)
		if c.GetPath() != "" {
			last = c.GetPath()
		}
		files[last] += string(c.GetData())
	}
	require.Empty(t, files["empty"])
	require.Equal(t, string(long), files["a/long"])
	require.JSONEq(t, `[1, {"path": "x", "data": ""}]`, files["list.json"])
	require.Len(t, files, 3)
	require.Error(t, w.Begin("../out"))
}

func TestOnlyPlainRelativePathsAreValid(t *testing.T) {
	for _, good := range []string{"a", "a/b.txt", "ü/日本", "a..b/...", "-x", "a b"} {
		require.True(t, filechunk.Valid(good), good)
	}
	for _, bad := range []string{
		"", ".", "..", "/a", "a/", "a//b", "./a", "a/.", "a/../b", "../a", `a\b`, `..\a`, "a\x00b", "a\nb", "\xff", strings.Repeat("a/", 3000) + "a",
	} {
		require.False(t, filechunk.Valid(bad), "%q", bad)
	}
}

func TestAnyNameCanBeMadeValid(t *testing.T) {
	for name, want := range map[string]string{
		"plain.txt": "plain.txt", "100%": "100%", "ü": "ü", "a\\b": "a%5Cb", "a\nb": "a%0Ab", "caf\xe9": "caf%E9", "\ufffd": "\ufffd",
	} {
		require.Equal(t, want, filechunk.Name(name))
		require.True(t, filechunk.Valid(filechunk.Name(name)))
	}
	require.Equal(t, "tell-me-a-story", filechunk.Slug("  Tell me: a story! "))
	require.Empty(t, filechunk.Slug("日本"))
}
