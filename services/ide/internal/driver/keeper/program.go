package keeper

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/frame"
	"atrium.internal/services/ide/internal/driver/terminal"
)

// Run runs a program in the sandbox and gives its exit code.
func (c Client) Run(ctx context.Context, what driver.Command, output func([]byte)) (int, error) {
	conn, _, err := c.ask(ctx, request{Do: "run", Run: &what})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	buffer := make([]byte, frame.Longest)
	for {
		kind, body, err := frame.Read(conn, buffer)
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		if errors.Is(err, io.EOF) {
			return 0, driver.ErrNotRunning
		}
		if err != nil {
			return 0, err
		}
		if kind == terminal.Data {
			output(body)
			continue
		}
		if code, ok := terminal.ParseExit(body); ok && kind == terminal.Exit {
			return code, nil
		}
		return 0, errors.New("the sandbox's keeper sent what is no frame")
	}
}

// run runs a program for as long as whoever asked for it stays.
func (k *keeper) run(conn net.Conn, from *bufio.Reader, c *driver.Command) {
	output, pid, ended, err := k.spawn(c)
	if err != nil {
		_ = writeLine(conn, failed(err))
		return
	}
	defer output.Close()
	if writeLine(conn, reply{}) != nil {
		_ = unix.Kill(-pid, unix.SIGKILL)
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, from) // until the other end goes
		_ = unix.Kill(-pid, unix.SIGKILL)
	}()
	buffer := make([]byte, frame.Longest)
	for {
		n, err := output.Read(buffer)
		if n > 0 && frame.Write(conn, terminal.Data, buffer[:n]) != nil {
			return
		}
		if err != nil {
			break
		}
	}
	_ = terminal.WriteExit(conn, <-ended)
}

// spawn starts a program in a process group of its own.
func (k *keeper) spawn(c *driver.Command) (output *os.File, pid int, ended chan int, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c == nil || len(c.Args) == 0 || k.editor == 0 {
		return nil, 0, nil, errors.New("no program, or it is too early for one")
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, 0, nil, err
	}
	defer null.Close()
	output, write, err := os.Pipe()
	if err != nil {
		return nil, 0, nil, err
	}
	defer write.Close()
	child, err := os.StartProcess(c.Args[0], c.Args, &os.ProcAttr{
		Dir: k.dir, Env: append(slices.Clone(k.env), c.Env...), Files: []*os.File{null, write, write},
		Sys: &syscall.SysProcAttr{Setpgid: true},
	})
	if err != nil {
		output.Close()
		return nil, 0, nil, err
	}
	ended = make(chan int, 1)
	k.programs[child.Pid] = ended
	pid = child.Pid
	return output, pid, ended, child.Release()
}
