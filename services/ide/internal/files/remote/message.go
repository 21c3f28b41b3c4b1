package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ide/internal/driver/frame"
	"atrium.internal/services/ide/internal/files"
)

// Kinds of frames. The client sends a request and then does what the server wants
// until an answer ends it; so one of the two waits for the other at any time, but
// for data that streams to the client.
const (
	part    byte = 'p' // of a message that does not end with it
	message byte = 'm' // the end of a message, in JSON
	data    byte = 'd' // bytes of a file or of an archive
	end     byte = 'e' // there are no more
	want    byte = 'w' // asks for data
	drop    byte = 'x' // asks for none
	take    byte = 't' // asks for room, in bytes as text
	granted byte = 'g' // gives it
)

// longest bounds a message. A listing is the longest.
const longest = 16 << 20

// request is one piece of work.
type request struct {
	Do        string          `json:"do"`
	Path      string          `json:"path,omitempty"`
	To        string          `json:"to,omitempty"`
	Words     []string        `json:"words,omitempty"`
	Limit     int             `json:"limit,omitempty"`
	Format    files.Format    `json:"format,omitempty"`
	Recursive bool            `json:"recursive,omitempty"`
	Overwrite bool            `json:"overwrite,omitempty"`
	Condition files.Condition `json:"condition,omitzero"`
	Before    time.Time       `json:"before,omitzero"`
}

// answer is what came of it, or, of an export, one thing more to show.
type answer struct {
	Reason    string         `json:"reason,omitempty"` // of a refusal
	Failed    string         `json:"failed,omitempty"` // in words
	Entries   []files.Entry  `json:"entries,omitempty"`
	Truncated bool           `json:"truncated,omitempty"`
	Found     []files.Found  `json:"found,omitempty"`
	Version   files.Version  `json:"version,omitzero"`
	Entry     files.Entry    `json:"entry,omitzero"`
	Unpacked  files.Unpacked `json:"unpacked,omitzero"`
	Shown     *shown         `json:"shown,omitempty"`
}

// shown is a file, a link or something that can't be given. Names are bytes: they
// need not be text.
type shown struct {
	Kind   byte   `json:"kind"` // f, l or s
	Name   []byte `json:"name"`
	Size   int64  `json:"size,omitempty"`
	Target []byte `json:"target,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// refuse puts an error into words that error gives again.
func refuse(err error) answer {
	var ours *apperr.Error
	if errors.As(err, &ours) && files.Refusal(ours.Reason, "") != nil {
		return answer{Reason: ours.Reason, Failed: ours.Message}
	}
	return answer{Failed: err.Error()}
}

// longestWords bounds what is shown of an error from elsewhere.
const longestWords = 500

func (a answer) error() error {
	if a.Reason == "" && a.Failed == "" {
		return nil
	}
	words := a.Failed[:min(len(a.Failed), longestWords)]
	if err := files.Refusal(a.Reason, strings.ToValidUTF8(words, "")); err != nil {
		return err
	}
	return fmt.Errorf("where the files are: %q", words)
}

// line is either end of a connection.
type line struct {
	conn   io.ReadWriter
	buffer []byte
}

func newLine(conn io.ReadWriter) line { return line{conn, make([]byte, frame.Longest)} }

func (l line) write(kind byte, body []byte) error { return frame.Write(l.conn, kind, body) }

func (l line) read() (byte, []byte, error) {
	kind, body, err := frame.Read(l.conn, l.buffer)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return kind, body, err
}

// send sends a message.
func (l line) send(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	for len(text) > frame.Longest {
		if err := l.write(part, text[:frame.Longest]); err != nil {
			return err
		}
		text = text[frame.Longest:]
	}
	return l.write(message, text)
}

// rest receives what is left of a message of which one frame was read.
func (l line) rest(kind byte, body []byte, into any) error {
	var text []byte
	for {
		if text = append(text, body...); len(text) > longest {
			return errors.New("the message is too long")
		}
		switch kind {
		case message:
			return json.Unmarshal(text, into)
		case part:
		default:
			return fmt.Errorf("a frame %q within a message", kind)
		}
		var err error
		if kind, body, err = l.read(); err != nil {
			return err
		}
	}
}

// pour sends content as data, as far as it can be read, and then its end. The
// second error is the content's.
func (l line) pour(content io.Reader) (failed, unreadable error) {
	buffer := make([]byte, frame.Longest/2)
	for {
		n, err := content.Read(buffer)
		if n > 0 {
			if err := l.write(data, buffer[:n]); err != nil {
				return err, nil
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return nil, err
		}
	}
}
