// Package editor speaks HTTP to a workspace's VS Code: it waits until the page
// can be served. It knows neither drivers nor users.
package editor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Probe asks an editor whether it is ready.
type Probe struct {
	// Every is the pause between two questions.
	Every time.Duration
}

const (
	// page is that of a window without a folder, which sends nobody on.
	page = "/?ew=true"
	// warmth is how often Warm fetches it: the times after take half as long.
	warmth = 4
)

// Warm is Await, and fetches the page some times more, for an editor that has time.
func (p Probe) Warm(ctx context.Context, dial func(context.Context) (net.Conn, error)) error {
	err := p.Await(ctx, dial)
	for n := 1; n < warmth && err == nil; n++ {
		err = p.Await(ctx, dial)
	}
	return err
}

// Await asks for health until it is given, then fetches the page once: the first
// time takes longest, and who opens the workspace should not wait for that.
func (p Probe) Await(ctx context.Context, dial func(context.Context) (net.Conn, error)) error {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ticker := time.NewTicker(p.Every)
	defer ticker.Stop()
	for {
		err := get(ctx, client, "/healthz")
		if err == nil {
			return get(ctx, client, page)
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-ticker.C:
		}
	}
}

func get(ctx context.Context, client *http.Client, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://workspace"+path, http.NoBody)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	const limit = 1 << 20 // the other end is the workspace's
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, limit)); err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s answers %s", path, response.Status)
	}
	return nil
}
