package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	// calls is how often what ends at once is done.
	calls = 300
	// together is how many answers are written at the pace of a model, readingBeat a
	// token, to their ends.
	together, readingBeat = 80, 50 * time.Millisecond
	// few are open when memory is looked at first.
	few = 50
	// pagesOpen, answersOpen and readersOpen are how many there are then: pages,
	// answers that are written at the same time, and readers of one.
	pagesOpen, answersOpen, readersOpen = 1200, 400, 600
	// slowBeat is the pause between tokens while those are looked at, look for how
	// long that is.
	slowBeat, look = 500 * time.Millisecond, 8 * time.Second
	// settled is how long what was begun may take to come to rest.
	settled = 3 * time.Second
)

// cost tells what a user, a session, a stream and a workspace take. Its figures
// also hold on a busy machine: memory is the processes' own share (Pss), and
// processor time is what the kernel has counted for them, not what went by.
func cost(ctx context.Context, r *rig) error {
	cookie, err := r.asker(ctx, "grace")
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "load %s at the start\n\n", load())
	fmt.Fprintln(r.out, "| | processor time: platform | Postgres | Redis | memory: platform | Redis | disk: Postgres |\n|---|---|---|---|---|---|---|")
	for _, part := range []func(context.Context, string) error{r.costOfCalls, r.costOfPages, r.costOfAnswers, r.costOfReaders} {
		if err := errors.Join(part(ctx, cookie), r.restart(ctx)); err != nil {
			return err
		}
	}
	fmt.Fprintf(r.out, "\nload %s before the workspaces\n\n", load())
	return r.costOfWorkspaces(ctx)
}

// costOfCalls are those of what ends at once.
func (r *rig) costOfCalls(ctx context.Context, cookie string) error {
	p, talks := r.platform, make([]string, 0, calls)
	answer := func(i int) error {
		return p.events(ctx, http.MethodPost, "/api/chat/conversations/"+talks[i]+"/messages", cookie,
			map[string]string{"content": "Which way does the tide go?"}, func(string, []byte) (bool, error) { return true, nil })
	}
	for _, row := range []struct {
		name string
		n    int
		do   func(i int) error
	}{
		{"an account", calls, func(i int) error { _, err := p.register(ctx, "somebody"+strconv.Itoa(i)); return err }},
		{"a login, which is a session", calls, func(int) error { _, err := p.login(ctx, "grace"); return err }},
		{"a signed-in GET", calls, func(int) error { return p.ask(ctx, http.MethodGet, "/api/users/me", cookie, nil) }},
		{"a conversation", calls, func(int) error {
			id, err := p.converse(ctx, cookie)
			talks = append(talks, id)
			return err
		}},
		{fmt.Sprintf("a question and its answer of %d tokens, which come at once", words), calls, answer},
		{fmt.Sprintf("the same at %d tokens a second, %d at a time", time.Second/readingBeat, together), together, nil},
	} {
		before, err := r.used(ctx)
		if err != nil {
			return err
		}
		if err := r.times(row.n, row.do, answer); err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
		time.Sleep(settled)
		after, err := r.used(ctx)
		if err != nil {
			return err
		}
		d := after.less(before)
		fmt.Fprintf(r.out, "| %s | %s | %s | %s | | %s | %s |\n", row.name,
			each(d.platform, row.n), each(d.postgres, row.n), each(d.redis, row.n), size(d.keys, row.n), size(d.disk, row.n))
	}
	return nil
}

// times does something n times; without it, answers are written at the pace of a
// model, all at the same time.
func (r *rig) times(n int, do, answer func(i int) error) error {
	if do != nil {
		for i := range n {
			if err := do(i); err != nil {
				return err
			}
		}
		return nil
	}
	r.far.pace.Store(int64(readingBeat))
	defer r.far.pace.Store(0)
	faults := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { faults[i] = answer(i) })
	}
	all.Wait()
	return errors.Join(faults...)
}

// ask makes a call of which only its success matters.
func (p *program) ask(ctx context.Context, method, path, cookie string, body any) error {
	status, answer, _, err := p.call(ctx, method, path, cookie, body)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s %s: %d %s", method, path, status, answer)
	}
	return err
}

// costOfPages is that of a chat page's WebSocket on which nothing happens.
func (r *rig) costOfPages(ctx context.Context, cookie string) error {
	ctx, end := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer end()
	header := http.Header{"Cookie": {cookie}, "Origin": {"http://" + r.platform.host}, "Host": {r.platform.host}}
	open := func(n int) error {
		for range n {
			conn, err := place{Address: r.platform.base + "/chat/ws", Header: header}.dial(ctx)
			if err != nil {
				return err
			}
			reading.Go(func() {
				defer func() { _ = conn.CloseNow() }()
				for kind := websocket.MessageText; kind != 0; kind, _, _ = conn.Read(ctx) { //nolint:revive // it answers pings
				}
			})
		}
		return nil
	}
	return r.costOfOpen(ctx, open, pagesOpen, "a chat page's WebSocket, with nothing to tell", "a second", time.Second)
}

// costOfAnswers is that of answers that are being written, each to its reader.
func (r *rig) costOfAnswers(ctx context.Context, cookie string) error {
	ctx, end := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer end()
	r.far.pace.Store(int64(slowBeat))
	defer r.far.pace.Store(0)
	talks := make([]string, answersOpen)
	for i := range talks {
		var err error
		if talks[i], err = r.platform.converse(ctx, cookie); err != nil {
			return err
		}
	}
	open := func(n int) error {
		faults, mine := make(chan error, n), talks[:n]
		talks = talks[n:]
		for _, talk := range mine {
			begun := false
			tell := func(err error) {
				if !begun {
					faults <- err
				}
				begun = true
			}
			reading.Go(func() {
				tell(r.platform.events(ctx, http.MethodPost, "/api/chat/conversations/"+talk+"/messages", cookie,
					map[string]string{"content": "Count."}, func(string, []byte) (bool, error) { tell(nil); return true, nil }))
			})
		}
		var all error
		for range n {
			all = errors.Join(all, <-faults)
		}
		return all
	}
	return r.costOfOpen(ctx, open, answersOpen, "an answer that is being written, with its reader", "a token", slowBeat)
}

// costOfReaders is that of more readers of one answer.
func (r *rig) costOfReaders(ctx context.Context, cookie string) error {
	ctx, end := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer end()
	r.far.pace.Store(int64(slowBeat))
	defer r.far.pace.Store(0)
	talk, err := r.platform.converse(ctx, cookie)
	if err != nil {
		return err
	}
	answer := ""
	err = r.platform.events(ctx, http.MethodPost, "/api/chat/conversations/"+talk+"/messages", cookie, map[string]string{"content": "Count."},
		func(_ string, data []byte) (bool, error) {
			var start struct{ AssistantMessage struct{ ID string } }
			err := json.Unmarshal(data, &start)
			answer = start.AssistantMessage.ID
			return false, err
		})
	if err != nil {
		return err
	}
	open := func(n int) error {
		for range n {
			response, err := r.platform.open(ctx, http.MethodGet, "/api/chat/messages/"+answer+"/stream", cookie, nil)
			if err != nil {
				return err
			}
			reading.Go(func() { drainBody(response) })
		}
		return nil
	}
	return r.costOfOpen(ctx, open, readersOpen, "one more reader of an answer", "a token", slowBeat)
}

// costOfOpen opens a few, then the rest of what stays open, and tells the memory
// that one more takes, and the processor time of one for what happens every so often.
func (r *rig) costOfOpen(ctx context.Context, open func(n int) error, all int, name, of string, every time.Duration) error {
	var at [3]used
	for i, n := range []int{few, all - few, 0} {
		if err := open(n); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if time.Sleep(settled); i == 2 {
			time.Sleep(look - settled)
		}
		var err error
		if at[i], err = r.used(ctx); err != nil {
			return err
		}
	}
	d, happened := at[2].less(at[1]), all*int(look/every)
	fmt.Fprintf(r.out, "| %s | %s %s | %s | %s | %s | %s | |\n", name, each(d.platform, happened), of, each(d.postgres, happened), each(d.redis, happened),
		size(at[1].memory-at[0].memory, all-few), size(at[1].keys-at[0].keys, all-few))
	return nil
}
