package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// starts is how many starts of each kind a round has.
const starts = 4

// lookEvery is how often is asked whether something is there.
const lookEvery = 2 * time.Millisecond

// workspaceStart measures from the click on Start to the workbench's page and to
// the first listing of the files: of a sandbox that was kept ready, of one that
// was not, and of code-server started by hand, without a sandbox.
func workspaceStart(ctx context.Context, r *rig) error {
	entry := filepath.Join(r.vscode, "code-server/node_modules/code-server/out/node/entry.js")
	if _, err := os.Stat(entry); err != nil {
		fmt.Fprintln(r.out, "skipped: VS Code is not installed (deploy/vscode/install.sh)")
		return nil
	}
	defer func() { r.warm = 0 }()
	if err := r.unbound(ctx); err != nil {
		return err
	}
	var kinds []string
	took := map[string][]began{}
	note := func(kind string, b began) {
		if _, known := took[kind]; !known {
			kinds = append(kinds, kind)
		}
		took[kind] = append(took[kind], b)
	}
	for _, warm := range []bool{true, false} {
		kind := "a sandbox that was kept ready"
		r.warm = 1
		if !warm {
			kind, r.warm = "a sandbox from nothing", 0
		}
		if err := r.restart(ctx); err != nil {
			return err
		}
		cookie, err := r.platform.register(ctx, fmt.Sprintf("starts%v", warm))
		if err != nil {
			return err
		}
		w, err := r.platform.workspace(ctx, cookie, http.MethodPost, "", map[string]string{"name": "bench"})
		if err != nil {
			return err
		}
		for range r.rounds * starts {
			if err := r.slot(ctx, warm); err != nil {
				return err
			}
			b, err := r.platform.begin(ctx, cookie, w.ID)
			if err != nil {
				return err
			}
			note(kind, b)
			r.platform.stopWorkspace(ctx, cookie, w.ID)
			if b, err = r.byHand(ctx, entry); err != nil {
				return err
			}
			note("code-server by hand, without a sandbox", b)
		}
	}
	fmt.Fprintf(r.out, "%d starts each, in turn with one by hand, load %s\n\n", r.rounds*starts, load())
	fmt.Fprintln(r.out, "| | runs, p50 | page, p50 | page, p99 | listing, p50 | page beside by hand (p50) |\n|---|---|---|---|---|---|")
	hand := middling(took["code-server by hand, without a sandbox"], func(b began) time.Duration { return b.page }, 50)
	for _, kind := range kinds {
		of := func(what func(began) time.Duration, percent int) time.Duration {
			return middling(took[kind], what, percent)
		}
		page := func(b began) time.Duration { return b.page }
		fmt.Fprintf(r.out, "| %s | %s | %s | %s | %s | %.2f× |\n", kind, of(func(b began) time.Duration { return b.runs }, 50),
			of(page, 50), of(page, 99), of(func(b began) time.Duration { return b.listing }, 50), float64(of(page, 50))/float64(hand))
	}
	return nil
}

// began is how long it took until a workspace ran, its page was served, and its
// files were listed.
type began struct{ runs, page, listing time.Duration }

func middling(all []began, what func(began) time.Duration, percent int) time.Duration {
	var took []time.Duration
	for _, b := range all {
		took = append(took, what(b))
	}
	slices.Sort(took)
	return took[min(len(took)-1, len(took)*percent/100)].Round(100 * time.Microsecond)
}

// slot waits until a sandbox is ready for somebody, if it shall be, and until the
// machine rests from making it.
func (r *rig) slot(ctx context.Context, warm bool) error {
	for deadline := time.Now().Add(time.Minute); warm; time.Sleep(100 * time.Millisecond) {
		ready, err := filepath.Glob(filepath.Join(r.dir, "data", "ide", "slots", "*.json"))
		if err != nil {
			return err
		}
		if len(ready) > 0 {
			break
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return errors.New("no workspace is kept ready on this machine")
		}
	}
	time.Sleep(3 * time.Second) // its editor reads what it will need
	return nil
}

// begin starts a workspace and opens it.
func (p *program) begin(ctx context.Context, cookie, id string) (b began, err error) {
	click := time.Now()
	w, err := p.workspace(ctx, cookie, http.MethodPost, "/"+id+"/start", struct{}{})
	for deadline := click.Add(time.Minute); err == nil && w.Status != "running"; time.Sleep(lookEvery) {
		w, err = p.workspace(ctx, cookie, http.MethodGet, "/"+id, nil)
		if err == nil && (w.Status == "error" || time.Now().After(deadline)) {
			err = fmt.Errorf("the workspace is %s: %s", w.Status, w.StatusReason)
		}
	}
	if err != nil {
		return b, err
	}
	b.runs = time.Since(click)
	if err := p.workbench(ctx, cookie, id); err != nil {
		return b, err
	}
	b.page = time.Since(click)
	status, answer, _, err := p.call(ctx, http.MethodGet, "/api/ide/workspaces/"+id+"/files?path=", cookie, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("files: %d %s", status, answer)
	}
	b.listing = time.Since(click)
	return b, err
}

// workbench enters a workspace with a ticket, as the platform's page does, and
// fetches its editor's page.
func (p *program) workbench(ctx context.Context, cookie, id string) error {
	status, answer, _, err := p.call(ctx, http.MethodPost, "/api/ide/workspaces/"+id+"/open", cookie, struct{}{})
	if err != nil || status != http.StatusOK {
		return errors.Join(fmt.Errorf("open: %d %s", status, answer), err)
	}
	var opened struct{ URL, Ticket string }
	if err := json.Unmarshal(answer, &opened); err != nil {
		return err
	}
	target, err := url.Parse(opened.URL)
	if err != nil {
		return err
	}
	form := strings.NewReader(url.Values{"ticket": {opened.Ticket}}.Encode())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.base+target.Path, form)
	if err != nil {
		return err
	}
	request.Host = target.Host
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", "http://"+p.host)
	request.Header.Set("Sec-Fetch-Site", "same-site")
	response, err := unled.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSeeOther || len(response.Cookies()) != 1 {
		return fmt.Errorf("enter: %s", response.Status)
	}
	own := response.Cookies()[0].Name + "=" + response.Cookies()[0].Value
	return workbench(ctx, p.base+response.Header.Get("Location"), target.Host, own)
}

// unled follows nothing by itself.
var unled = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// workbench fetches an editor's page, also where it is sent on to its folder.
func workbench(ctx context.Context, address, host, cookie string) error {
	for range 3 {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		request.Host = host
		if cookie != "" {
			request.Header.Set("Cookie", cookie)
		}
		response, err := unled.Do(request)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		switch {
		case err != nil:
			return err
		case response.StatusCode == http.StatusOK && strings.Contains(string(body), "workbench"):
			return nil
		case response.StatusCode != http.StatusFound:
			return fmt.Errorf("the editor's page: %s", response.Status)
		}
		next, err := request.URL.Parse(response.Header.Get("Location"))
		if err != nil {
			return err
		}
		address = next.String()
	}
	return errors.New("the editor's page sends in a circle")
}

// byHand starts code-server as its own documentation does, without anything
// around it, and waits for its page.
func (r *rig) byHand(ctx context.Context, entry string) (b began, err error) {
	dir, err := os.MkdirTemp(r.dir, "by-hand-")
	if err != nil {
		return b, err
	}
	defer os.RemoveAll(dir)
	address := fmt.Sprintf("127.0.0.1:%d", freePort())
	click := time.Now()
	server := exec.CommandContext(ctx, filepath.Join(r.vscode, "node/bin/node"), entry, "--auth", "none", "--bind-addr", address,
		"--disable-telemetry", "--disable-update-check", "--user-data-dir", filepath.Join(dir, "data"), "--extensions-dir", filepath.Join(dir, "extensions"), dir)
	server.Env = append(server.Environ(), "HOME="+dir)
	if err := server.Start(); err != nil {
		return b, err
	}
	defer func() { _ = server.Process.Signal(os.Interrupt); _ = server.Wait() }()
	for deadline := click.Add(time.Minute); ; time.Sleep(lookEvery) {
		if err = workbench(ctx, "http://"+address+"/", address, ""); err == nil {
			b.page = time.Since(click)
			b.runs, b.listing = b.page, b.page
			return b, nil
		}
		if time.Now().After(deadline) {
			return b, fmt.Errorf("code-server: %w", err)
		}
	}
}
