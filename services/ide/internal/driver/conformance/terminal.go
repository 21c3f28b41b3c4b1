package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
)

// watched is a shell with what it has printed so far.
type watched struct {
	driver.Shell
	t       *testing.T
	printed bytes.Buffer
	output  chan []byte
	end     error // why the output ended
}

func watch(t *testing.T, d driver.Driver, h driver.Handle, session string) *watched {
	t.Helper()
	shell, err := d.(driver.Terminals).Terminal(t.Context(), h, driver.Terminal{Session: session, Cols: 91, Rows: 17})
	require.NoError(t, err)
	w := &watched{Shell: shell, t: t, output: make(chan []byte, 1024)}
	go func() {
		defer close(w.output)
		for {
			p, err := shell.Receive()
			if err != nil {
				w.end = err
				return
			}
			w.output <- bytes.Clone(p)
		}
	}()
	t.Cleanup(func() {
		_ = shell.Close()
		for range w.output { // until the reader has gone
		}
	})
	return w
}

func (w *watched) types(line string) {
	w.t.Helper()
	require.NoError(w.t, w.Send([]byte(line+"\n")))
}

// await waits until something is printed, or gives the reason why no more is.
func (w *watched) await(word string) error {
	w.t.Helper()
	late := time.After(30 * time.Second)
	for !strings.Contains(w.printed.String(), word) {
		select {
		case p, ok := <-w.output:
			if !ok {
				return w.end
			}
			w.printed.Write(p)
		case <-late:
			w.t.Fatalf("%q was not printed: %q", word, w.printed.String())
		}
	}
	return nil
}

func (w *watched) sees(word string) {
	w.t.Helper()
	require.NoError(w.t, w.await(word))
}

// ends waits for the end and gives its reason.
func (w *watched) ends() error {
	w.t.Helper()
	err := w.await("\x00never printed")
	require.Error(w.t, err)
	return err
}

// terminals: shells with the sandbox's rights, which outlive who looks at them.
func terminals(t *testing.T, s Subject) {
	if _, can := s.Driver.(driver.Terminals); !can {
		t.Skip("no terminals")
	}
	h := Start(t, s, uuid.New(), uuid.New(), nil)
	first := watch(t, s.Driver, h, "main")
	require.False(t, first.Resumed())
	first.types(`stty size; echo "in $PWD as $USER on $(tty | cut -c1-8)$TERM"`)
	first.sees("17 91")
	first.sees("in " + h.Folder + " as coder on /dev/ptsxterm-256color")
	require.NoError(t, first.Resize(120, 40))
	first.types(`until [ "$(stty size)" = "40 120" ]; do :; done; echo resi""zed`)
	first.sees("resized")
	first.types(`grep CapEff /proc/self/status | tr -d "\t "`)
	first.sees("CapEff:0000000000000000")
	first.types(`echo "pid=$$."`)
	first.sees(".\r\n")
	pid := after(t, first.printed.String(), "pid=")

	// Its watcher goes; what it prints meanwhile is shown to the next.
	first.types(`(sleep 0.5; echo mean""while) &`)
	first.sees("sleep 0.5")
	require.NoError(t, first.Close())
	time.Sleep(time.Second)
	second := watch(t, s.Again(t), h, "main")
	require.True(t, second.Resumed())
	second.sees("pid=" + pid)
	second.sees("meanwhile")
	second.types(`echo "still $$."`)
	second.sees("still " + pid + ".")

	// Whoever comes next takes over.
	third := watch(t, s.Driver, h, "main")
	require.ErrorIs(t, second.ends(), driver.ErrTaken)
	third.types(`printf '%70000s' | tr " " y; echo; echo fu""ll`)
	third.sees("full\r\n")
	require.NoError(t, third.Close())
	fourth := watch(t, s.Driver, h, "main")
	fourth.sees("full\r\n")
	require.LessOrEqual(t, fourth.printed.Len(), 64<<10)
	require.Greater(t, fourth.printed.Len(), 60<<10)

	other := watch(t, s.Driver, h, "other")
	other.types("exit 7")
	var exit driver.ExitError
	require.ErrorAs(t, other.ends(), &exit)
	require.Equal(t, 7, exit.Code)

	for i := range 15 {
		watch(t, s.Driver, h, fmt.Sprint("one of ", i)).sees("$")
	}
	_, err := s.Driver.(driver.Terminals).Terminal(t.Context(), h, driver.Terminal{Session: "one more", Cols: 80, Rows: 24})
	require.ErrorIs(t, err, driver.ErrTerminals)

	require.NoError(t, s.Driver.Stop(t.Context(), h))
	require.True(t, errors.Is(fourth.ends(), driver.ErrNotRunning) || errors.As(fourth.end, &exit), "%v", fourth.end)
	_, err = s.Driver.(driver.Terminals).Terminal(t.Context(), h, driver.Terminal{Session: "main", Cols: 80, Rows: 24})
	require.ErrorIs(t, err, driver.ErrNotRunning)
}

// after gives the digits that follow the last occurrence of a word.
func after(t *testing.T, text, word string) string {
	t.Helper()
	at := strings.LastIndex(text, word)
	require.GreaterOrEqual(t, at, 0)
	text = text[at+len(word):]
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	require.Positive(t, digits)
	return text[:digits]
}

// programs run beside the editor, to their end or to that of who asked.
func programs(t *testing.T, s Subject) {
	runner, can := s.Driver.(driver.Runner)
	if !can {
		t.Skip("no programs")
	}
	h := Start(t, s, uuid.New(), uuid.New(), nil)
	var printed strings.Builder
	show := func(p []byte) { printed.Write(p) }
	exit, err := runner.Execute(t.Context(), h, driver.Command{Args: []string{"/bin/sh", "-c", `echo "$WORD in $PWD"; echo wrong >&2; exit 7`}, Env: []string{"WORD=said"}}, show)
	require.NoError(t, err)
	require.Equal(t, 7, exit)
	require.Equal(t, "said in "+h.Folder+"\nwrong\n", printed.String())

	ctx, cancel := context.WithCancel(t.Context())
	_, err = runner.Execute(ctx, h, driver.Command{Args: []string{"/bin/sh", "-c", `echo begun; sleep 300`}}, func([]byte) { cancel() })
	require.ErrorIs(t, err, context.Canceled)
	require.Eventually(t, func() bool { // nobody sleeps on
		exit, err := runner.Execute(t.Context(), h, driver.Command{Args: []string{"/bin/sh", "-c", `cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\000" " " | grep -q "[s]leep 300"`}}, show)
		return err == nil && exit == 1
	}, 10*time.Second, 50*time.Millisecond)
}
