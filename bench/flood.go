package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/coder/websocket"
)

// flood is a terminal that prints without end. A process of its own reads it, as
// another window would: in one process with whoever types keys, those would wait for
// it there, whatever is between.
type flood struct {
	reader *exec.Cmd
	stop   io.Closer
	said   *json.Decoder
}

// read is what such a process tells at the end.
type read struct {
	Bytes int64
	Took  time.Duration
}

func startFlood(ctx context.Context, at place) (*flood, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	reader := exec.CommandContext(ctx, path, readFloodName)
	reader.Stderr = os.Stderr
	in, err := reader.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := reader.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := reader.Start(); err != nil {
		return nil, err
	}
	f := &flood{reader: reader, stop: in, said: json.NewDecoder(out)}
	err = json.NewEncoder(in).Encode(at)
	if err == nil {
		var ready read
		err = f.said.Decode(&ready)
	}
	if err != nil {
		_ = in.Close()
		return nil, fmt.Errorf("the flood: %w, %w", err, reader.Wait())
	}
	return f, nil
}

// end gives how many megabytes a second were read.
func (f *flood) end() (speed float64, err error) {
	_ = f.stop.Close()
	var all read
	if err := f.said.Decode(&all); err != nil {
		return 0, fmt.Errorf("the flood: %w, %w", err, f.reader.Wait())
	}
	return float64(all.Bytes) / all.Took.Seconds() / 1e6, f.reader.Wait()
}

const readFloodName = "read-flood"

// readFlood reads the terminal that is told on in until that ends, and then ends
// what runs in the terminal.
func readFlood(ctx context.Context, in io.Reader, out io.Writer) error {
	told, say := json.NewDecoder(in), json.NewEncoder(out)
	var at place
	if err := told.Decode(&at); err != nil {
		return err
	}
	conn, err := at.dial(ctx)
	if err != nil {
		return err
	}
	if err := until(ctx, conn, "ready"); err != nil {
		return err
	}
	if err := say.Encode(read{}); err != nil {
		return err
	}
	began, count := time.Now(), read{}
	go func() {
		_ = told.Decode(&at)                                         // it ends
		_ = conn.Write(ctx, websocket.MessageBinary, []byte("\x03")) // or the reading fails
	}()
	for {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			return say.Encode(count)
		}
		count.Bytes += int64(len(frame))
		count.Took = time.Since(began)
	}
}
