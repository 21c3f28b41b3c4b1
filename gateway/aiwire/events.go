package aiwire

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"
)

// writeTimeout is how long a reader may take to make room for an event.
const writeTimeout = 30 * time.Second

// Events writes server-sent events to one client, those since the last Flush
// together.
type Events struct {
	to         http.ResponseWriter
	controller *http.ResponseController
	buffer     bytes.Buffer
	json       *json.Encoder
	begun      bool
}

// NewEvents makes a stream of events, which begins with the first Flush.
func NewEvents(w http.ResponseWriter) *Events {
	e := &Events{to: w, controller: http.NewResponseController(w)}
	e.json = json.NewEncoder(&e.buffer)
	e.json.SetEscapeHTML(false)
	return e
}

// Send adds one event; an empty name is data alone.
func (e *Events) Send(name string, data any) error {
	if name != "" {
		e.buffer.WriteString("event: ")
		e.buffer.WriteString(name)
		e.buffer.WriteByte('\n')
	}
	e.buffer.WriteString("data: ")
	if err := e.json.Encode(data); err != nil { // ends the line
		return err
	}
	e.buffer.WriteByte('\n')
	return nil
}

// Raw adds text as it is, such as a comment or an end mark.
func (e *Events) Raw(text string) error {
	e.buffer.WriteString(text)
	return nil
}

// Begun says that something was sent: until then the request can be answered with
// another status.
func (e *Events) Begun() bool { return e.begun }

// Flush sends what was added.
func (e *Events) Flush() error {
	if e.buffer.Len() == 0 {
		return nil
	}
	if err := e.End(); err != nil {
		return err
	}
	return e.controller.Flush()
}

// End hands over what was added last, to be sent with the end of the answer: the
// server would send that in a packet of its own, for which the reader is woken again.
func (e *Events) End() error {
	if e.buffer.Len() == 0 {
		return nil
	}
	defer e.buffer.Reset()
	if !e.begun {
		e.begun = true
		header := e.to.Header()
		header.Set("Content-Type", "text/event-stream; charset=utf-8")
		header.Set("Cache-Control", "no-store")
		header.Set("X-Accel-Buffering", "no")
		e.to.WriteHeader(http.StatusOK)
	}
	_ = e.controller.SetWriteDeadline(time.Now().Add(writeTimeout)) // not all writers have one
	_, err := e.to.Write(e.buffer.Bytes())
	return err
}

// Write answers with one JSON value.
func Write(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // the reader may be gone
}
