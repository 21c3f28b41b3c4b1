package transport

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxEvent bounds one event, in bytes.
const maxEvent = 32 << 20

// ErrEventTooLong is a stream with an event above 32 MiB.
var ErrEventTooLong = errors.New("an event of the provider's stream is too long")

// Events reads a stream of server-sent events.
type Events struct {
	from *bufio.Reader
	data []byte
	err  error
}

// NewEvents reads from a response's body.
func NewEvents(body io.Reader) *Events { return &Events{from: bufio.NewReaderSize(body, 16<<10)} }

// Next reads the next event that has data; false is the stream's end.
func (e *Events) Next() bool {
	e.data = e.data[:0]
	for e.err == nil {
		line, err := e.line()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				e.err = err
			}
			return false // an event without its empty line is not whole
		}
		if len(line) == 0 {
			if len(e.data) > 0 {
				return true
			}
			continue
		}
		value, is := bytes.CutPrefix(line, []byte("data:"))
		if !is {
			continue // a comment, or a field that no adapter needs
		}
		if len(e.data) > 0 {
			e.data = append(e.data, '\n')
		}
		e.data = append(e.data, bytes.TrimPrefix(value, []byte(" "))...)
		if len(e.data) > maxEvent {
			e.err = ErrEventTooLong
		}
	}
	return false
}

// line gives a line without its end, until the next read.
func (e *Events) line() ([]byte, error) {
	line, err := e.from.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		whole := bytes.Clone(line)
		for errors.Is(err, bufio.ErrBufferFull) {
			if len(whole) > maxEvent {
				return nil, ErrEventTooLong
			}
			line, err = e.from.ReadSlice('\n')
			whole = append(whole, line...)
		}
		line = whole
	}
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), nil
}

// Data is the event's, until the next is read.
func (e *Events) Data() []byte { return e.data }

// More says that another event has arrived and Next will not wait for it.
func (e *Events) More() bool {
	waiting, _ := e.from.Peek(e.from.Buffered())
	return bytes.Contains(waiting, []byte("\n\n")) || bytes.Contains(waiting, []byte("\n\r\n"))
}

// Err is why the stream ended early; nil when it was read to its end.
func (e *Events) Err() error { return e.err }
