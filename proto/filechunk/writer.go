package filechunk

import (
	"encoding/json"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	commonv1 "atrium.internal/proto/gen/atrium/common/v1"
)

// MaxData is how much one chunk holds at most, in bytes.
const MaxData = 64 << 10

// Writer sends files, one after another. It keeps one chunk in memory.
type Writer struct {
	send func(*commonv1.FileChunk) error
	// next is what is not sent yet; nil before the first file.
	next *commonv1.FileChunk
	// items counts those of the list that is being written.
	items int
}

// NewWriter makes a writer over a stream's Send.
func NewWriter(send func(*commonv1.FileChunk) error) *Writer { return &Writer{send: send} }

// Begin begins a file; what is written from then on is its content.
func (w *Writer) Begin(path string) error {
	if !Valid(path) {
		return fmt.Errorf("%q is no path for a file", path)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	w.next = &commonv1.FileChunk{Path: path}
	return nil
}

// Write adds to the file.
func (w *Writer) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		if w.next == nil {
			w.next = &commonv1.FileChunk{}
		}
		if room := MaxData - len(w.next.GetData()); room > 0 {
			n := min(room, len(p))
			w.next.Data = append(w.next.GetData(), p[:n]...)
			written += n
			p = p[n:]
			continue
		}
		if err := w.Flush(); err != nil {
			return written, err
		}
	}
	return written, nil
}

// Flush sends what was written so far. It ends the stream of files.
func (w *Writer) Flush() error {
	if w.next == nil {
		return nil
	}
	chunk := w.next
	w.next = nil // a sent message is not to be touched again
	return w.send(chunk)
}

// JSON writes a file that holds one value: a message of the contract, or
// anything else as encoding/json has it.
func (w *Writer) JSON(path string, value any) error {
	if err := w.Begin(path); err != nil {
		return err
	}
	text, err := marshal(value)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// List begins a file that holds a JSON array, whose items are then given to
// Item one by one; EndList ends it.
func (w *Writer) List(path string) error {
	if err := w.Begin(path); err != nil {
		return err
	}
	return w.BeginItems()
}

// BeginItems begins an array inside a file.
func (w *Writer) BeginItems() error {
	w.items = 0
	_, err := io.WriteString(w, "[")
	return err
}

// Item adds to the array.
func (w *Writer) Item(value any) error {
	text, err := marshal(value)
	if err != nil {
		return err
	}
	before := ",\n"
	if w.items == 0 {
		before = "\n"
	}
	w.items++
	if _, err := io.WriteString(w, before); err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// EndList ends the array.
func (w *Writer) EndList() error {
	_, err := io.WriteString(w, "\n]\n")
	return err
}

func marshal(value any) ([]byte, error) {
	message, ok := value.(proto.Message)
	if !ok {
		return json.MarshalIndent(value, "", "  ")
	}
	text, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(message)
	if err != nil {
		return nil, err
	}
	var parsed json.RawMessage = text // protobuf spaces its JSON at random
	return json.MarshalIndent(parsed, "", "  ")
}
