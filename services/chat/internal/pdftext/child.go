package pdftext

import (
	"bytes"
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/ledongthuc/pdf"
	"golang.org/x/sys/unix"

	"atrium.internal/services/chat/internal/attachment"
)

// childName is what this program is called when it is to read a PDF.
const childName = "atrium-pdf-text"

// How the child ends when it gives no text. Go itself ends with 2.
const (
	exitUnreadable = 10 + iota
	exitEncrypted
	exitTooLong
)

// Every program that this package is part of can be the child, tests of the
// whole platform among them: none of them can forget to ask.
func init() { //nolint:gochecknoinits // see above
	if len(os.Args) == 1 && os.Args[0] == childName {
		os.Exit(child(os.Stdin, os.Stdout))
	}
}

func child(in io.Reader, out io.Writer) int {
	if err := confine(); err != nil {
		return exitUnreadable
	}
	data, err := io.ReadAll(io.LimitReader(in, attachment.MaxSent+1))
	if err != nil {
		return exitUnreadable
	}
	text, err := read(data)
	switch {
	case errors.Is(err, pdf.ErrInvalidPassword):
		return exitEncrypted
	case errors.Is(err, errFull):
		return exitTooLong
	case err != nil:
		return exitUnreadable
	}
	if _, err := io.Copy(out, bytes.NewReader(text)); err != nil {
		return exitUnreadable
	}
	return 0
}

const (
	// cpuSeconds, memory and stack bound what one PDF may take; the last two are
	// in bytes.
	cpuSeconds = 8
	memory     = 512 << 20
	stack      = 64 << 20
)

// confine takes from this process what reading needs not: with no descriptor
// left to be had there is neither a file nor a connection.
func confine() error {
	time.AfterFunc(time.Hour, func() {}).Stop() // the runtime opens what it needs for timers with the first one
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(50)
	debug.SetMaxStack(stack)
	for what, most := range map[int]uint64{
		unix.RLIMIT_CPU: cpuSeconds, unix.RLIMIT_DATA: memory, unix.RLIMIT_NOFILE: 3, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_CORE: 0,
	} {
		if err := unix.Setrlimit(what, &unix.Rlimit{Cur: most, Max: most}); err != nil {
			return err
		}
	}
	return nil
}
