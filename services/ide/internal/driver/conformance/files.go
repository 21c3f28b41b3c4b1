package conformance

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/files"
	"atrium.internal/services/ide/internal/files/remote"
)

// worksFiles works on a workspace's files from outside: before its first start,
// while it runs, and afterwards.
func worksFiles(t *testing.T, s Subject) {
	require.True(t, remote.Can(s.Volumes), "files can be worked on without a sandbox")
	ctx := t.Context()
	spec := driver.VolumeSpec{
		WorkspaceID: uuid.New(), Owner: uuid.New(), Seed: fstest.MapFS{"src/main.txt": {Data: []byte("seeded"), Mode: 0o644}},
	}
	v, err := s.Volumes.Ensure(ctx, spec)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Volumes.DeleteUser(context.WithoutCancel(ctx), v.Owner)) })
	open := func(do func(f files.Tree)) {
		t.Helper()
		require.NoError(t, remote.Open(ctx, s.Volumes, v, func(f files.Tree) error { do(f); return nil }))
	}
	read := func(f files.Tree, name string) string {
		t.Helper()
		content, _, err := f.Open(name)
		require.NoError(t, err)
		text, err := io.ReadAll(content)
		require.NoError(t, errors.Join(err, content.Close()))
		return string(text)
	}
	began := time.Now()
	open(func(f files.Tree) {
		require.Equal(t, "seeded", read(f, "src/main.txt"))
		t.Logf("files of a workspace that never ran: %s", time.Since(began).Round(time.Millisecond))
		first, err := f.Write("note", files.Condition{IfAbsent: true}, strings.NewReader("from outside"))
		require.NoError(t, err)
		_, err = f.Write("note", files.Condition{IfAbsent: true}, strings.NewReader("again"))
		require.ErrorIs(t, err, files.ErrChanged)
		_, err = f.Write("note", files.Condition{IfMatch: []string{first.Tag}}, strings.NewReader("changed outside"))
		require.NoError(t, err)
		_, err = f.Move("note", "src/note", false)
		require.NoError(t, err)
		var archive bytes.Buffer
		require.NoError(t, f.Pack("src", files.TarGz, &archive))
		done, err := f.Unpack("copy", &archive, func(int64) error { return nil })
		require.NoError(t, err)
		require.Equal(t, 2, done.Files)
		require.NoError(t, f.Delete("src/main.txt", false, files.Condition{}))
	})

	h, end := s.Begin(t, spec, driver.Limits{CPUMillis: 1000, MemoryBytes: 256 << 20, Processes: 100}, `cd /workspaces/project 2>/dev/null || cd "$HOME"/../../workspaces/* # without a file system of its own
		cat src/note > said; ls src copy >> said; stat -c %u copy/note > uid; id -u >> uid
		ln -s /etc/passwd door; ln -s . here
		until [ -e go ]; do sleep 0.05; done; mv go went; exec sleep 1000`)
	require.True(t, h.Running)
	open(func(f files.Tree) {
		_, err := f.Write("go", files.Condition{}, strings.NewReader("now"))
		require.NoError(t, err)
	})
	require.Eventually(t, func() (went bool) {
		open(func(f files.Tree) {
			found, _, err := f.Search(ctx, []string{"went"}, 5)
			require.NoError(t, err)
			went = len(found) == 1
		})
		return went
	}, 20*time.Second, 50*time.Millisecond, "what runs sees what is written outside, and the other way round")
	end()

	open(func(f files.Tree) {
		require.Equal(t, "changed outsidecopy:\nmain.txt\nnote\n\nsrc:\nnote\n", read(f, "said"))
		uids := strings.Fields(read(f, "uid"))
		require.Len(t, uids, 2)
		require.Equal(t, uids[0], uids[1], "what is made outside is the user's")
		_, _, err := f.Open("door")
		require.ErrorIs(t, err, files.ErrPath, "a link leads nowhere else")
		require.Equal(t, "now", read(f, "here/went"))
	})
	exporter, can := s.Volumes.(driver.Exporter)
	require.True(t, can)
	seen := &seen{}
	require.NoError(t, exporter.Export(ctx, v, seen))
	slices.Sort(seen.names)
	require.Equal(t, []string{"copy/main.txt=seeded", "copy/note=changed outside", "door->/etc/passwd", "here->.", "said", "src/note=changed outside", "uid", "went=now"}, seen.names)
	seen.names = nil
	require.NoError(t, exporter.Export(ctx, driver.Volume{WorkspaceID: uuid.New(), Owner: v.Owner}, seen))
	require.Empty(t, seen.names, "what is not there is empty")
}

// seen is a visitor that remembers.
type seen struct{ names []string }

func (s *seen) File(name string, _ int64, content io.Reader) error {
	if name == "said" || name == "uid" { // unread, as what is too large is
		s.names = append(s.names, name)
		return nil
	}
	text, err := io.ReadAll(content)
	s.names = append(s.names, name+"="+string(text))
	return err
}

func (s *seen) Link(name, target string) error {
	s.names = append(s.names, name+"->"+target)
	return nil
}

func (s *seen) Skipped(name, reason string) error {
	s.names = append(s.names, name+" skipped: "+reason)
	return nil
}
