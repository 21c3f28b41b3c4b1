package keeper

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver"
)

// shells serves terminals in this process, and gives a client of them.
func shells(t *testing.T) Client {
	t.Helper()
	dir := t.TempDir()
	k := newKeeper(dir)
	k.shells.Set([]string{"PATH=/usr/bin:/bin", "SHELL=/bin/sh", "PS1=$ "}, dir)
	control, err := listen(dir)
	require.NoError(t, err)
	go accept(control, k.show)
	children := make(chan os.Signal, 1)
	signal.Notify(children, unix.SIGCHLD)
	go func() {
		for range children {
			k.reap()
		}
	}()
	t.Cleanup(func() { k.shells.Hangup(); signal.Stop(children) })
	return Client{Lends: true, Dial: func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, SocketName))
	}}
}

// seen is a shell and what it has printed.
type seen struct {
	driver.Shell
	t     *testing.T
	shown bytes.Buffer
}

func open(t *testing.T, c Client, session string) *seen {
	t.Helper()
	s, err := c.Terminal(t.Context(), driver.Terminal{Session: session, Cols: 80, Rows: 24})
	require.NoError(t, err)
	late := time.AfterFunc(20*time.Second, func() { _ = s.Close() }) // what is awaited won't come
	t.Cleanup(func() { late.Stop(); _ = s.Close() })
	return &seen{Shell: s, t: t}
}

func (s *seen) types(line string) {
	s.t.Helper()
	require.NoError(s.t, s.Send([]byte(line+"\n")))
}

// sees reads until a word is shown, or gives why it was not.
func (s *seen) sees(word string) error {
	for !strings.Contains(s.shown.String(), word) {
		p, err := s.Receive()
		if err != nil {
			return err
		}
		s.shown.Write(p)
	}
	return nil
}

func TestALentTerminalIsWhole(t *testing.T) {
	for what, lends := range map[string]struct{ first, then bool }{
		"lent": {true, true}, "shown": {false, false}, "lent, then shown": {true, false}, "shown, then lent": {false, true},
	} {
		t.Run(what, func(t *testing.T) {
			c := shells(t)
			c.Lends = lends.first
			first := open(t, c, "main")
			require.Equal(t, lends.first, func() bool { _, ok := first.Shell.(*lentShell); return ok }())
			first.types(`stty -echo; PS1=; i=0; while [ $i -lt 20000 ]; do echo "line $i."; i=$((i+1)); done; echo en""d`)
			require.NoError(t, first.sees("line 5000.\r\n"))
			// The one who reads is gone without a word, and another comes: nothing of the
			// last 64 KiB is missing, and nothing is there twice.
			require.NoError(t, first.Close())
			c.Lends = lends.then
			second := open(t, c, "main")
			require.True(t, second.Resumed())
			require.NoError(t, second.sees("end\r\n"))
			lines := strings.Split(second.shown.String(), "\r\n")
			at := 0
			for i, line := range lines[1 : len(lines)-2] {
				var n int
				line = line[max(0, strings.Index(line, "line")):] // a prompt may be before it
				_, err := fmt.Sscanf(line, "line %d.", &n)
				require.NoError(t, err, line)
				if i > 0 {
					require.Equal(t, at+1, n)
				}
				at = n
			}
			require.Equal(t, 19999, at)

			third := open(t, c, "main")
			require.ErrorIs(t, second.sees("never"), driver.ErrTaken)
			require.NoError(t, third.sees("end\r\n"))
			third.types("exit 7")
			var exit driver.ExitError
			require.ErrorAs(t, third.sees("never"), &exit)
			require.Equal(t, 7, exit.Code)
			require.False(t, open(t, c, "main").Resumed())

			// A program that is left behind keeps the terminal open.
			left := open(t, c, "left")
			left.types("trap '' HUP; (sleep 3; echo late) & exit 5")
			began := time.Now()
			require.ErrorAs(t, left.sees("never"), &exit)
			require.Equal(t, 5, exit.Code)
			require.Less(t, time.Since(began), 2*time.Second)
		})
	}
}

func TestWhatIsNoTerminalIsNotRead(t *testing.T) {
	for what, hand := range map[string]func(*testing.T) int{
		"nothing":  func(*testing.T) int { return -1 },
		"a file":   func(t *testing.T) int { return opened(t, filepath.Join(t.TempDir(), "file"), unix.O_CREAT|unix.O_RDWR) },
		"a device": func(t *testing.T) int { return opened(t, "/dev/zero", unix.O_RDWR) },
		"a pipe": func(t *testing.T) int {
			var ends [2]int
			require.NoError(t, unix.Pipe2(ends[:], unix.O_CLOEXEC))
			t.Cleanup(func() { _ = unix.Close(ends[0]); _ = unix.Close(ends[1]) })
			return ends[0]
		},
		"a name only": func(t *testing.T) int { return opened(t, "/dev/ptmx", unix.O_PATH) },
	} {
		t.Run(what, func(t *testing.T) {
			listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
			require.NoError(t, err)
			defer listener.Close()
			go func() {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				_ = writeLine(newHanding(conn, hand(t)), reply{Lent: true}) // the test sees what it makes of it
			}()
			allReturned(t)
			_, err = Client{Lends: true, Dial: func(ctx context.Context) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "unix", listener.Addr().String())
			}}.Terminal(t.Context(), driver.Terminal{Session: "main", Cols: 80, Rows: 24})
			require.Error(t, err)
			require.Zero(t, lentNow.Load())
		})
	}
}

func TestWhatIsPastedWaitsUntilItIsRead(t *testing.T) {
	s := open(t, shells(t), "main")
	require.IsType(t, &lentShell{}, s.Shell)
	s.types(`stty raw -echo; echo rea""dy; sleep 0.3; head -c 500000 | md5sum`)
	require.NoError(t, s.sees("ready"))
	text := bytes.Repeat([]byte("pasted "), 100000)[:500000]
	require.NoError(t, s.Send(text))
	require.NoError(t, s.sees(fmt.Sprintf("%x", md5.Sum(text))))
}

func TestClosingEndsAPasteThatNobodyReads(t *testing.T) {
	s := open(t, shells(t), "main")
	s.types(`stty raw -echo; echo rea""dy; sleep 30`)
	require.NoError(t, s.sees("ready"))
	sent := make(chan error, 1)
	go func() { sent <- s.Send(make([]byte, 1<<20)) }()
	select {
	case err := <-sent:
		require.Fail(t, "nobody has read", err)
	case <-time.After(300 * time.Millisecond):
	}
	require.NoError(t, s.Close())
	select {
	case err := <-sent:
		require.Error(t, err)
	case <-time.After(10 * time.Second):
		require.Fail(t, "it still waits")
	}
	allReturned(t)
}

// allReturned waits for the terminals of other tests, which are closed in the
// background.
func allReturned(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return lentNow.Load() == 0 }, 20*time.Second, time.Millisecond)
}

func opened(t *testing.T, path string, flags int) int {
	t.Helper()
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0o600)
	require.NoError(t, err)
	t.Cleanup(func() { _ = unix.Close(fd) })
	return fd
}

func TestTerminalsBeyondThoseThatMayBeLentAreShown(t *testing.T) {
	c := shells(t)
	lentNow.Add(mostLent)
	defer lentNow.Add(-mostLent)
	s := open(t, c, "main")
	require.IsType(t, &shell{}, s.Shell)
	s.types("echo he''re")
	require.NoError(t, s.sees("here"))
}
