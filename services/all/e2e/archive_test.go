package e2e

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// zipped makes an archive of files, each a name and what it holds.
func zipped(t testing.TB, namesAndTexts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i+1 < len(namesAndTexts); i += 2 {
		f, err := w.Create(namesAndTexts[i])
		require.NoError(t, err)
		_, err = io.WriteString(f, namesAndTexts[i+1])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// Row 47 of the attacks, at the door; package files has every kind of them.
func TestAttack47ArchivesDownAndUp(t *testing.T) {
	p := attacked(t)
	ada, eve := p.browser(t), p.browser(t)
	ada.register("adaarchive")
	eve.register("evearchive")
	files := ada.shelf(ada.must("POST", "/api/ide/workspaces", object{"name": "project"})["id"].(string))
	put := func(b *browser, query string, body []byte) answer {
		return b.do(b.request("PUT", files.base+"/archive"+query, bytes.NewReader(body), "Content-Type", "application/zip"))
	}
	before := files.names("")
	done := put(ada, "?path=in/here", zipped(t, "a.txt", "one", "b/größe.txt", "two"))
	require.Equal(t, http.StatusOK, done.StatusCode, "%s", done.body)
	require.EqualValues(t, 2, done.object(t)["files"])
	require.Equal(t, "two", string(files.get("in/here/b/größe.txt").body))

	down := files.call("GET", files.base+"/archive?path=in", nil)
	require.Equal(t, http.StatusOK, down.StatusCode)
	require.Equal(t, "application/gzip", down.Header.Get("Content-Type"))
	require.Equal(t, `attachment; filename=in.tar.gz`, down.Header.Get("Content-Disposition"))
	plain, err := gzip.NewReader(bytes.NewReader(down.body))
	require.NoError(t, err)
	var names []string
	for r := tar.NewReader(plain); ; {
		header, err := r.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		require.Zero(t, header.Uid, "nothing of who owns it on the machine")
		names = append(names, header.Name)
	}
	require.Equal(t, []string{"here/", "here/a.txt", "here/b/", "here/b/größe.txt"}, names)
	down = files.call("GET", files.base+"/archive?format=zip", nil)
	_, err = zip.NewReader(bytes.NewReader(down.body), int64(len(down.body)))
	require.NoError(t, err)

	files.must("DELETE", files.content("in")+"&recursive=true", nil)
	for what, c := range map[string]struct {
		by     *browser
		query  string
		body   []byte
		status int
		reason string
	}{
		"slip":            {ada, "", zipped(t, "good", "x", "../../evil", "x"), 400, "ARCHIVE_ENTRY_REFUSED"},
		"no archive":      {ada, "", []byte("hello"), 400, "ARCHIVE_INVALID"},
		"nothing":         {ada, "", nil, 400, "ARCHIVE_INVALID"},
		"a bomb":          {ada, "", zipped(t, "good", "x", "zeros", string(make([]byte, 32<<20))), 413, "ARCHIVE_TOO_LARGE"},
		"in the way":      {ada, "", zipped(t, "a", "x", "README.md/x", "x"), 409, "ARCHIVE_CONFLICT"},
		"a path out":      {ada, "?path=../x", zipped(t, "a", "x"), 400, "PATH_INVALID"},
		"a path of bytes": {ada, "?path=%ff", zipped(t, "a", "x"), 400, "PATH_INVALID"},
		"somebody else":   {eve, "", zipped(t, "a", "x"), 404, "WORKSPACE_NOT_FOUND"},
		"nobody":          {p.browser(t), "", zipped(t, "a", "x"), 401, ""},
	} {
		got := put(c.by, c.query, c.body)
		require.Equal(t, c.status, got.StatusCode, "%s: %s", what, got.body)
		requireShape(t, got)
		if c.reason != "" {
			require.Equal(t, c.reason, got.reason(), what)
		}
		require.Equal(t, before, files.names(""), what)
	}
	require.Equal(t, http.StatusBadRequest, files.call("GET", files.base+"/archive?format=rar", nil).StatusCode)
	require.Equal(t, http.StatusNotFound, files.call("GET", files.base+"/archive?path=nowhere", nil).StatusCode)
	require.Equal(t, http.StatusNotFound, eve.call("GET", files.base+"/archive", nil).StatusCode)
}
