package terminal

import (
	"encoding/binary"
	"io"

	"atrium.internal/services/ide/internal/driver/frame"
)

// Kinds of frames, which go both ways over the connection of one watcher.
const (
	// Data is what is typed, or printed.
	Data byte = 'd'
	// Resize is the watcher's size: columns and rows, two bytes each.
	Resize byte = 'r'
	// Exit tells that the shell has ended, with its exit code in four bytes.
	Exit byte = 'x'
	// Taken tells that somebody else watches from now on.
	Taken byte = 't'
	// Recall asks for a terminal that was lent.
	Recall byte = 'c'
	// Return gives it back: from now on what is printed comes in frames.
	Return byte = 'b'
)

// WriteSize sends a watcher's size.
func WriteSize(w io.Writer, cols, rows uint16) error {
	return frame.Write(w, Resize, binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, cols), rows))
}

// ParseSize reads the body of a Resize frame.
func ParseSize(body []byte) (cols, rows uint16, ok bool) {
	if len(body) != 4 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint16(body), binary.BigEndian.Uint16(body[2:]), true
}

// ParseExit reads the body of an Exit frame.
func ParseExit(body []byte) (code int, ok bool) {
	if len(body) != 4 {
		return 0, false
	}
	return int(int32(binary.BigEndian.Uint32(body))), true
}

// WriteExit tells of an end.
func WriteExit(w io.Writer, code int) error { return frame.Write(w, Exit, exitBody(code)) }

func exitBody(code int) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(int32(code)))
}
