package terminal

import (
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver/frame"
)

// TestWhatTheLastWatcherReadIsShownToTheNext has one come in the instant in which
// the one before has given the terminal back: what he read is then in his record only.
func TestWhatTheLastWatcherReadIsShownToTheNext(t *testing.T) {
	for what, lent := range map[string]bool{"shown": false, "lent": true} {
		t.Run(what, func(t *testing.T) {
			h := &Host{}
			h.Set([]string{"SHELL=/bin/sh", "PS1="}, t.TempDir())
			defer h.Hangup()
			for i := range 20 {
				client, first, record := watcherOf(t, true)
				go func() { _, _ = io.Copy(io.Discard, client) }()
				s, err := h.watch(first, "main", 80, 24, welcome)
				require.NoError(t, err)
				require.NotNil(t, first.loan)
				read := fmt.Sprintf("read in round %d.", i)
				require.NoError(t, record.Add([]byte(read)))

				then, next, _ := watcherOf(t, lent)
				attached := make(chan error, 1)
				s.detach(first)
				go func() { attached <- s.attach(next, true, 80, 24, welcome) }()
				kind, shown, err := frame.Read(then, make([]byte, frame.Longest))
				require.NoError(t, err)
				go func() { _, _ = io.Copy(io.Discard, then) }()
				require.Equal(t, Data, kind)
				require.Contains(t, string(shown), read)
				require.NoError(t, <-attached)
				s.detach(next)
			}
		})
	}
}

func welcome(bool, int) error { return nil }

// watcherOf makes a watcher, and gives the client's end of its connection.
func watcherOf(t *testing.T, borrows bool) (net.Conn, *watcher, *Record) {
	t.Helper()
	client, host := net.Pipe()
	t.Cleanup(func() { client.Close() })
	require.NoError(t, client.SetDeadline(time.Now().Add(10*time.Second)))
	w := &watcher{conn: host}
	if !borrows {
		return client, w, nil
	}
	record, err := NewRecord()
	require.NoError(t, err)
	t.Cleanup(record.Close)
	fd, err := unix.FcntlInt(uintptr(record.FD()), unix.F_DUPFD_CLOEXEC, 0)
	require.NoError(t, err)
	w.record = os.NewFile(uintptr(fd), "record")
	return client, w, record
}
