// Package frame cuts what two ends of a connection tell each other into pieces,
// each with a kind. What the kinds mean is up to them.
package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// Longest is how many bytes a frame holds at most.
const Longest = 64 << 10

// headSize is the kind and the length.
const headSize = 5

// small is up to which length a body is copied behind its head.
const small = 256

var errLong = errors.New("the frame is too long")

// Write sends one frame.
func Write(w io.Writer, kind byte, body []byte) error {
	if len(body) > Longest {
		return errLong
	}
	var head [headSize + small]byte
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(body)))
	if len(body) <= small { // at once: whoever waits for it is woken once
		n := copy(head[headSize:], body)
		_, err := w.Write(head[:headSize+n])
		return err
	}
	frame := net.Buffers{head[:headSize], body}
	_, err := frame.WriteTo(w)
	return err
}

// Read reads one frame into the buffer, which must hold Longest bytes. An io.EOF
// is the end between two frames.
func Read(r io.Reader, buffer []byte) (kind byte, body []byte, err error) {
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
