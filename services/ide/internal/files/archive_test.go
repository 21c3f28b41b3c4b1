package files_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/files"
)

// item is an entry of an archive.
type item struct {
	name, text, target string
	kind               byte // of tar; 0 is a file
	mode               fs.FileMode
}

func tarOf(t testing.TB, items ...item) []byte {
	t.Helper()
	var out bytes.Buffer
	compressed := gzip.NewWriter(&out)
	w := tar.NewWriter(compressed)
	for _, i := range items {
		h := &tar.Header{Name: i.name, Linkname: i.target, Typeflag: i.kind, Mode: int64(i.mode.Perm() | 0o600), Size: int64(len(i.text))}
		if i.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		require.NoError(t, w.WriteHeader(h))
		_, err := io.WriteString(w, i.text)
		require.NoError(t, err)
	}
	require.NoError(t, errors.Join(w.Close(), compressed.Close()))
	return out.Bytes()
}

func zipOf(t testing.TB, items ...item) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, i := range items {
		h := &zip.FileHeader{Name: i.name, Method: zip.Deflate}
		h.SetMode(i.mode | 0o600)
		text := i.text
		if i.target != "" {
			h.SetMode(fs.ModeSymlink | 0o777)
			text = i.target
		}
		if i.mode&fs.ModeNamedPipe != 0 {
			h.SetMode(i.mode)
		}
		f, err := w.CreateHeader(h)
		require.NoError(t, err)
		if !strings.HasSuffix(i.name, "/") {
			_, err = io.WriteString(f, text)
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

func free(int64) error { return nil }

// tree is everything below the place's folder, and what lies beside it.
func (p place) tree(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, filepath.WalkDir(filepath.Dir(p.dir), func(name string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		text := ""
		switch {
		case info.Mode().IsRegular():
			content, err := os.ReadFile(name)
			require.NoError(t, err)
			text = string(content[:min(len(content), 100)])
		case info.Mode()&fs.ModeSymlink != 0:
			text, err = os.Readlink(name)
			require.NoError(t, err)
		}
		fmt.Fprintf(&all, "%s %s %q\n", name, info.Mode(), text)
		return nil
	}))
	return all.String()
}

func TestAnArchiveGoesDownAndUp(t *testing.T) {
	for _, format := range []files.Format{files.TarGz, files.Zip} {
		t.Run(string(format), func(t *testing.T) {
			from, to := newPlace(t), newPlace(t)
			from.write(t, "src/run.sh", "#!/bin/sh")
			require.NoError(t, os.Chmod(filepath.Join(from.dir, "src/run.sh"), 0o755))
			from.write(t, "Größe ☃.txt", strings.Repeat("much ", 100_000))
			require.NoError(t, os.Mkdir(filepath.Join(from.dir, "empty"), 0o755))
			require.NoError(t, os.Symlink("../src/run.sh", filepath.Join(from.dir, "empty/link")))
			require.NoError(t, os.Symlink(from.outside, filepath.Join(from.dir, "src/outside")))
			var out bytes.Buffer
			require.NoError(t, from.Pack("", format, &out))

			_, err := to.Unpack("", bytes.NewReader(out.Bytes()), free)
			require.ErrorIs(t, err, files.ErrArchiveEntry, "a link that leads out")
			require.NoError(t, os.Remove(filepath.Join(from.dir, "src/outside")))
			out.Reset()
			require.NoError(t, from.Pack("", format, &out))
			to.write(t, "src/run.sh", "before")
			to.write(t, "src/kept", "kept")
			done, err := to.Unpack("", bytes.NewReader(out.Bytes()), free)
			require.NoError(t, err)
			require.Equal(t, 3, done.Files)
			require.Equal(t, "#!/bin/sh", to.read(t, "src/run.sh"))
			require.Equal(t, "#!/bin/sh", to.read(t, "empty/link"))
			require.Equal(t, "kept", to.read(t, "src/kept"))
			require.Len(t, to.read(t, "Größe ☃.txt"), 500_000)
			info, err := os.Stat(filepath.Join(to.dir, "src/run.sh"))
			require.NoError(t, err)
			require.Equal(t, fs.FileMode(0o755), info.Mode().Perm())

			out.Reset()
			require.NoError(t, from.Pack("src", format, &out))
			_, err = to.Unpack("a/b", bytes.NewReader(out.Bytes()), free)
			require.NoError(t, err)
			require.Equal(t, "#!/bin/sh", to.read(t, "a/b/run.sh"))
			entries, err := os.ReadDir(to.dir)
			require.NoError(t, err)
			for _, entry := range entries {
				require.NotContains(t, entry.Name(), ".atrium", "nothing is left beside")
			}
		})
	}
	require.ErrorIs(t, newPlace(t).Pack("nowhere", files.Zip, io.Discard), files.ErrNotFound)
	require.ErrorIs(t, newPlace(t).Pack("../outside", files.Zip, io.Discard), files.ErrPath)
}

// Row 47 of the attacks.
func TestHostileArchivesChangeNothing(t *testing.T) {
	good := item{name: "good.txt", text: "good"}
	zeros := strings.Repeat("\x00", 64<<20)
	// Entries that cost nothing, and for the zip one that would be refused for itself,
	// were it looked at.
	many := make([]item, 100_001)
	for i := range many {
		many[i] = item{name: "./", kind: tar.TypeDir}
	}
	manyZipped := append([]item{{name: "../evil"}}, many...)
	for what, c := range map[string]struct {
		archive []byte
		refusal error
	}{
		"slip":                           {tarOf(t, good, item{name: "../outside/planted"}), files.ErrArchiveEntry},
		"slip in a zip":                  {zipOf(t, good, item{name: "../outside/planted"}), files.ErrArchiveEntry},
		"slip inside":                    {tarOf(t, good, item{name: "a/../../outside/planted"}), files.ErrArchiveEntry},
		"an absolute name":               {tarOf(t, good, item{name: "/etc/planted"}), files.ErrArchiveEntry},
		"an absolute name in a zip":      {zipOf(t, good, item{name: "/etc/planted"}), files.ErrArchiveEntry},
		"backslashes":                    {zipOf(t, good, item{name: `..\..\planted`}), files.ErrArchiveEntry},
		"a link out":                     {tarOf(t, good, item{name: "l", kind: tar.TypeSymlink, target: "../../outside"}), files.ErrArchiveEntry},
		"an absolute link":               {zipOf(t, good, item{name: "l", target: "/etc/passwd"}), files.ErrArchiveEntry},
		"a link out by way of another":   {tarOf(t, good, item{name: "a", kind: tar.TypeSymlink, target: "."}, item{name: "l", kind: tar.TypeSymlink, target: "a/../x"}), files.ErrArchiveEntry},
		"a file through a link":          {tarOf(t, good, item{name: "d/e", text: "x"}, item{name: "d", kind: tar.TypeSymlink, target: "good.txt"}), files.ErrArchiveEntry},
		"a link, then a file through it": {tarOf(t, good, item{name: "l", kind: tar.TypeSymlink, target: "sub"}, item{name: "l/x", text: "x"}), files.ErrArchiveEntry},
		"a hard link":                    {tarOf(t, good, item{name: "l", kind: tar.TypeLink, target: "../../outside/secret"}), files.ErrArchiveEntry},
		"a device":                       {tarOf(t, good, item{name: "d", kind: tar.TypeBlock}), files.ErrArchiveEntry},
		"a character device":             {tarOf(t, good, item{name: "d", kind: tar.TypeChar}), files.ErrArchiveEntry},
		"a pipe":                         {tarOf(t, good, item{name: "d", kind: tar.TypeFifo}), files.ErrArchiveEntry},
		"a pipe in a zip":                {zipOf(t, good, item{name: "d", mode: fs.ModeNamedPipe | 0o644}), files.ErrArchiveEntry},
		"the same name twice":            {tarOf(t, good, good), files.ErrArchiveEntry},
		"a file that is a folder too":    {tarOf(t, good, item{name: "good.txt/x"}), files.ErrArchiveEntry},
		"too deep":                       {tarOf(t, good, item{name: strings.Repeat("d/", 70) + "x"}), files.ErrArchiveEntry},
		"too long a name":                {zipOf(t, good, item{name: strings.Repeat("d", 5000)}), files.ErrArchiveEntry},
		"a bomb":                         {tarOf(t, good, item{name: "zeros", text: zeros}), files.ErrArchiveTooLarge},
		"a bomb in a zip":                {zipOf(t, good, item{name: "zeros", text: zeros}), files.ErrArchiveTooLarge},
		"too many":                       {tarOf(t, many...), files.ErrArchiveTooLarge},
		"too many in a zip":              {zipOf(t, manyZipped...), files.ErrArchiveTooLarge},
		"nothing":                        {nil, files.ErrArchive},
		"no archive":                     {[]byte("hello"), files.ErrArchive},
		"a zip that is none":             {[]byte("PK and nothing"), files.ErrArchive},
		"a cut tar":                      {tarOf(t, good, item{name: "x", text: strings.Repeat("abc", 1000)})[:60], files.ErrArchive},
		"a cut zip":                      {zipOf(t, good)[:60], files.ErrArchive},
		"a folder where a file is":       {tarOf(t, item{name: "a.txt", text: "1"}, item{name: "file/x", text: "2"}), files.ErrArchiveConflict},
		"a file where a folder is":       {tarOf(t, item{name: "a.txt", text: "1"}, item{name: "file", text: "new"}, item{name: "folder", text: "2"}), files.ErrArchiveConflict},
		"a folder where a link is":       {zipOf(t, item{name: "a.txt", text: "1"}, item{name: "link/planted", text: "2"}), files.ErrArchiveConflict},
		"a name of the unpacking's own":  {tarOf(t, good, item{name: ".atrium-upload-x/y"}), files.ErrArchiveEntry},
	} {
		t.Run(what, func(t *testing.T) {
			p := newPlace(t)
			p.write(t, "file", "before")
			p.write(t, "folder/inside", "before")
			require.NoError(t, os.Symlink(p.outside, filepath.Join(p.dir, "link")))
			before := p.tree(t)
			_, err := p.Unpack("", bytes.NewReader(c.archive), free)
			require.ErrorIs(t, err, c.refusal)
			require.Equal(t, before, p.tree(t))
		})
	}
}

func TestWhatDoesNotArriveWholeOrHasNoRoomIsTakenBack(t *testing.T) {
	broken := errors.New("the line broke")
	archive := tarOf(t, item{name: "one", text: "1"}, item{name: "two", text: strings.Repeat("2", 100_000)})
	for what, c := range map[string]struct {
		content io.Reader
		take    func(int64) error
		want    error
	}{
		"a broken line": {io.MultiReader(bytes.NewReader(archive[:len(archive)/2]), failing{broken}), free, broken},
		"no room":       {bytes.NewReader(archive), func(int64) error { return files.ErrQuota }, files.ErrQuota},
	} {
		t.Run(what, func(t *testing.T) {
			p := newPlace(t)
			before := p.tree(t)
			_, err := p.Unpack("sub", c.content, c.take)
			require.ErrorIs(t, err, c.want)
			require.Equal(t, before, p.tree(t))
		})
	}
	p := newPlace(t)
	for _, into := range []string{"../outside", "/etc", "a/../b", "."} {
		_, err := p.Unpack(into, bytes.NewReader(archive), free)
		require.ErrorIs(t, err, files.ErrPath, into)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func FuzzUnpack(f *testing.F) {
	f.Add(tarOf(f, item{name: "a/b", text: "x"}, item{name: "l", kind: tar.TypeSymlink, target: "a/b"}))
	f.Add(zipOf(f, item{name: "a/b", text: "x"}, item{name: "l", target: "a"}))
	top := f.TempDir()
	f.Fuzz(func(t *testing.T, archive []byte) {
		dir, err := os.MkdirTemp(top, "")
		require.NoError(t, err)
		defer os.RemoveAll(dir)
		inside := filepath.Join(dir, "inside")
		require.NoError(t, os.Mkdir(inside, 0o755))
		root, err := os.OpenRoot(inside)
		require.NoError(t, err)
		defer root.Close()
		_, _ = files.In(root, noLock{}).Unpack("", bytes.NewReader(archive), free)
		beside, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, beside, 1)
	})
}

type noLock struct{}

func (noLock) Lock()   {}
func (noLock) Unlock() {}
