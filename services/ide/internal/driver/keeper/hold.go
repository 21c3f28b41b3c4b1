package keeper

import (
	"errors"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// hangupWithin is how long shells may take to end once the editor has.
const hangupWithin = 2 * time.Second

// Hold is the keeper's life in a sandbox whose ports its driver reaches without
// it, and in which it is not the first process: it runs the command as its own
// child, with its own environment, and shows terminals on a socket in the given
// run folder, whose shells begin in dir. It ends with the command, whose exit code
// it returns.
func Hold(runDir, dir string, command []string) (int, error) {
	return hold(runDir, dir, command, false)
}

// Warm is Hold in a sandbox whose user is not known yet: it also waits for the
// claim, once, and ends without one after a day.
func Warm(runDir string, command []string) (int, error) { return hold(runDir, "/", command, true) }

func hold(runDir, dir string, command []string, warm bool) (int, error) {
	control, err := listen(runDir)
	if err != nil {
		return 0, err
	}
	children, end := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(children, unix.SIGCHLD)
	signal.Notify(end, unix.SIGTERM, unix.SIGINT)

	k := newKeeper(runDir)
	env := os.Environ() //nolint:forbidigo // handed on as it is
	if err := k.start(&Start{Command: command, Env: env, Dir: dir, Warm: warm}); err != nil {
		return 0, err
	}
	go accept(control, k.show)

	code, ending := 0, false
	var late <-chan time.Time
	for {
		select {
		case <-late:
			return code, nil
		case <-end:
			k.shells.Hangup()
			if err := unix.Kill(k.editor, unix.SIGTERM); err != nil && !errors.Is(err, unix.ESRCH) {
				return 0, err
			}
		case <-children:
		}
		status, ended, none := k.reap()
		if ended {
			code, ending, late = status, true, time.After(hangupWithin)
			k.shells.Hangup()
		}
		if ending && none {
			return code, nil
		}
	}
}
