package wire

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
)

var errChunk = errors.New("a chunked body is not well-formed")

const (
	maxChunkLine = 256
	maxTrailer   = 8 << 10
)

// chunks follows a chunked body, to know where it ends. It changes nothing.
type chunks struct {
	// data is what is left of the current chunk, its closing line included.
	data int64
	// trailer says that only the trailer section is left.
	trailer bool
	seen    int
}

// next tells how many bytes of in belong to the body and can be passed on, and
// whether the body ends with them; 0 asks for more.
func (c *chunks) next(in []byte) (n int, ended bool, err error) {
	if c.data > 2 {
		n = int(min(c.data-2, int64(len(in))))
		c.data -= int64(n)
		return n, false, nil
	}
	if c.data > 0 { // the line end after the data
		if len(in) < 2 {
			return 0, false, nil
		}
		if in[0] != '\r' || in[1] != '\n' {
			return 0, false, errChunk
		}
		c.data = 0
		return 2, false, nil
	}
	line, ok, err := cutLine(in, maxChunkLine)
	if err != nil || !ok {
		return 0, false, err
	}
	n = len(line) + 2
	if c.trailer {
		return c.trailerLine(line)
	}
	size, extension, _ := bytes.Cut(line, []byte(";"))
	if len(size) == 0 || len(size) > 15 || !isHex(size) || bytes.ContainsRune(extension, 0) {
		return 0, false, errChunk
	}
	length, err := strconv.ParseInt(string(size), 16, 64)
	if err != nil {
		return 0, false, errChunk
	}
	if length == 0 {
		c.trailer = true
		return n, false, nil
	}
	c.data = length + 2
	return n, false, nil
}

func (c *chunks) trailerLine(line []byte) (n int, ended bool, err error) {
	n = len(line) + 2
	if len(line) == 0 {
		return n, true, nil
	}
	if c.seen += n; c.seen > maxTrailer {
		return 0, false, errChunk
	}
	if _, bad := readFields([][]byte{line}); bad != faultNone {
		return 0, false, errChunk
	}
	return n, false, nil
}

// cutLine gives a line without its end; ok is false if it isn't all there yet.
func cutLine(in []byte, most int) (line []byte, ok bool, err error) {
	end := bytes.IndexByte(in, '\n')
	switch {
	case end < 0 && len(in) > most, end > most:
		return nil, false, errChunk
	case end < 0:
		return nil, false, nil
	case end == 0 || in[end-1] != '\r' || bytes.IndexByte(in[:end-1], '\r') >= 0:
		return nil, false, errChunk
	}
	return in[:end-1], true, nil
}

func isHex(text []byte) bool {
	for _, c := range text {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}
