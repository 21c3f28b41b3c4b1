package redis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// tick is how often the stand-in's clock moves on.
const tick = 100 * time.Millisecond

// ServeMini runs the in-memory stand-in for Redis on a Unix socket until ctx
// ends. It is what a program runs in the process that Options.Mini names.
func ServeMini(ctx context.Context, socket string) error {
	mini := miniredis.NewMiniRedis()
	// Dial starts the server without a TCP port.
	first, err := mini.Dial()
	if err != nil {
		return fmt.Errorf("start the stand-in for Redis: %w", err)
	}
	defer mini.Close()
	if err := first.Close(); err != nil {
		return err
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	if err := os.Chmod(socket, 0o700); err != nil {
		return errors.Join(err, listener.Close())
	}
	done := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer done()
	ctx, cancel := context.WithCancel(ctx)
	clock := make(chan struct{})
	go func() {
		defer close(clock)
		keepTime(ctx, mini)
	}()
	defer func() { cancel(); <-clock }()
	for {
		conn, err := listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return errors.Join(err, listener.Close())
		}
		mini.Server().ServeConn(conn)
	}
}

// keepTime moves the stand-in's clock, because it expires nothing by itself.
func keepTime(ctx context.Context, mini *miniredis.Miniredis) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			mini.FastForward(now.Sub(last))
			last = now
		}
	}
}
