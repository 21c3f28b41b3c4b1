package reload_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/reload"
)

// join is a value that shows every file; "bad" is unusable.
func join(files []reload.File) (string, error) {
	var parts []string
	for _, file := range files {
		if string(file.Content) == "bad" {
			return "", errors.New("it is bad")
		}
		parts = append(parts, filepath.Base(file.Path)+"="+string(file.Content))
	}
	return strings.Join(parts, " "), nil
}

func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path+".new", []byte(content), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
}

func eventually(t *testing.T, want string, value *reload.Value[string]) {
	t.Helper()
	require.Eventually(t, func() bool { return value.Get() == want }, time.Minute, 10*time.Millisecond)
}

func TestAChangeIsSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	write(t, path, "one")
	value, err := reload.Open(slog.New(slog.DiscardHandler), join, path)
	require.NoError(t, err)
	require.Equal(t, "a=one", value.Get())
	write(t, path, "two")
	eventually(t, "a=two", value)
}

func TestAFolderIsItsPEMFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "b.pem"), "2")
	write(t, filepath.Join(dir, "notes.txt"), "x")
	value, err := reload.Open(slog.New(slog.DiscardHandler), join, dir)
	require.NoError(t, err)
	require.Equal(t, "b.pem=2", value.Get())
	write(t, filepath.Join(dir, "a.pem"), "1")
	eventually(t, "a.pem=1 b.pem=2", value)
	require.NoError(t, os.Remove(filepath.Join(dir, "b.pem")))
	eventually(t, "a.pem=1", value)
}

func TestWhatCanNotBeUsedChangesNothing(t *testing.T) {
	var log bytes.Buffer
	path := filepath.Join(t.TempDir(), "a")
	write(t, path, "one")
	value, err := reload.Open(slog.New(slog.NewTextHandler(&log, nil)), join, path)
	require.NoError(t, err)

	write(t, path, "bad")
	require.Eventually(t, func() bool { value.Get(); return strings.Contains(log.String(), "it is bad") }, time.Minute, 10*time.Millisecond)
	require.Equal(t, "a=one", value.Get())
	require.NoError(t, os.Remove(path))
	require.Eventually(t, func() bool { value.Get(); return strings.Contains(log.String(), "no such file") }, time.Minute, 10*time.Millisecond)
	require.Equal(t, "a=one", value.Get())
	write(t, path, "two")
	eventually(t, "a=two", value)
	require.Equal(t, 1, strings.Count(log.String(), "it is bad"), "what is wrong is said once")
}

func TestRefreshLooksSooner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	write(t, path, "one")
	value, err := reload.Open(slog.New(slog.DiscardHandler), join, path)
	require.NoError(t, err)
	time.Sleep(reload.Soonest) // its own subject
	write(t, path, "two")
	require.Equal(t, "a=two", value.Refresh())
}

func TestManyMayAskAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	write(t, path, "one")
	value, err := reload.Open(slog.New(slog.DiscardHandler), join, path)
	require.NoError(t, err)
	var askers sync.WaitGroup
	for range 8 {
		askers.Go(func() {
			for range 1000 {
				value.Get()
			}
			value.Refresh()
		})
	}
	write(t, path, "two")
	askers.Wait()
	eventually(t, "a=two", value)
}

func TestTheFirstReadMustSucceed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	_, err := reload.Open(slog.New(slog.DiscardHandler), join, path)
	require.ErrorContains(t, err, path)
	write(t, path, "bad")
	_, err = reload.Open(slog.New(slog.DiscardHandler), join, path)
	require.ErrorContains(t, err, "it is bad")
}
