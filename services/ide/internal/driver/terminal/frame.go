package terminal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
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
)

// Longest is how many bytes a frame holds at most.
const Longest = 64 << 10

// headSize is the kind and the length.
const headSize = 5

var errLong = errors.New("the frame is too long")

// WriteFrame sends one frame.
func WriteFrame(w io.Writer, kind byte, body []byte) error {
	if len(body) > Longest {
		return errLong
	}
	var head [headSize]byte
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(body)))
	frame := net.Buffers{head[:], body}
	_, err := frame.WriteTo(w)
	return err
}

// ReadFrame reads one frame into the buffer, which must hold Longest bytes. An
// io.EOF is the end between two frames.
func ReadFrame(r io.Reader, buffer []byte) (kind byte, body []byte, err error) {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > Longest {
		return 0, nil, errLong
	}
	if _, err := io.ReadFull(r, buffer[:n]); err != nil {
		return 0, nil, fmt.Errorf("a cut frame: %w", err)
	}
	return head[0], buffer[:n], nil
}

// WriteSize sends a watcher's size.
func WriteSize(w io.Writer, cols, rows uint16) error {
	return WriteFrame(w, Resize, binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, cols), rows))
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
func WriteExit(w io.Writer, code int) error { return WriteFrame(w, Exit, exitBody(code)) }

func exitBody(code int) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(int32(code)))
}
