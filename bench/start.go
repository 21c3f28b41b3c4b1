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

// kind is a way in which a workspace starts.
type kind struct {
	name, isolation string
	warm            int
}

// workspaceStart measures from the click on Start to the workbench's page and to
// the first listing of the files: of a sandbox that was kept ready, of one that
// was not, and of a container that was not; beside code-server started by hand,
// without a sandbox, and by docker run.
func workspaceStart(ctx context.Context, r *rig) error {
	entry := filepath.Join(r.vscode, codeServer)
	if _, err := os.Stat(entry); err != nil {
		fmt.Fprintln(r.out, "skipped: VS Code is not installed (deploy/vscode/install.sh)")
		return nil
	}
	defer func() { r.warm, r.isolation = 0, "" }()
	if err := r.unbound(ctx); err != nil {
		return err
	}
	kinds := []kind{{"a sandbox that was kept ready", "directory", 1}, {"a sandbox from nothing", "directory", 0}}
	peers := []peer{{"code-server by hand, without a sandbox", r.byHand}}
	if exec.CommandContext(ctx, "docker", "image", "inspect", image).Run() == nil {
		kinds = append(kinds, kind{"a container from nothing", "docker", 0})
		peers = append(peers, peer{"code-server by docker run", r.byDocker})
	} else {
		fmt.Fprintln(r.out, "containers are skipped: there is no Docker here, or no image "+image+" (deploy/workspace-image/build.sh)")
	}
	took := map[string][]began{}
	for _, k := range kinds {
		if err := r.starts(ctx, k, peers, took); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	fmt.Fprintf(r.out, "%d starts of each, in turn with one of each peer, load %s\n\n", r.rounds*starts, load())
	head, line := "| | runs, p50 | page, p50 | page, p99 | listing, p50 |", "|---|---|---|---|---|"
	for _, p := range peers {
		head, line = head+" page beside "+p.name+" |", line+"---|"
	}
	fmt.Fprintf(r.out, "%s\n%s\n", head, line)
	page := func(b began) time.Duration { return b.page }
	for _, k := range kinds {
		all := took[k.name]
		fmt.Fprintf(r.out, "| %s | %s | %s | %s | %s |", k.name, middling(all, func(b began) time.Duration { return b.runs }, 50),
			middling(all, page, 50), middling(all, page, 99), middling(all, func(b began) time.Duration { return b.listing }, 50))
		for _, p := range peers {
			fmt.Fprintf(r.out, " %.2f× |", float64(middling(all, page, 50))/float64(middling(took[k.name+p.name], page, 50)))
		}
		fmt.Fprintln(r.out)
	}
	for _, p := range peers {
		var all []began
		for _, k := range kinds {
			all = append(all, took[k.name+p.name]...)
		}
		fmt.Fprintf(r.out, "| %s | | %s | %s | |\n", p.name, middling(all, page, 50), middling(all, page, 99))
	}
	return nil
}

// peer is something else that ends with the workbench's page.
type peer struct {
	name  string
	begin func(context.Context) (began, error)
}

// starts notes how long each start took, and each of the peers' in between.
func (r *rig) starts(ctx context.Context, k kind, peers []peer, took map[string][]began) error {
	r.warm, r.isolation = k.warm, k.isolation
	if err := r.restart(ctx); err != nil {
		return err
	}
	cookie, err := r.platform.register(ctx, fmt.Sprintf("starts-%s-%d", k.isolation, k.warm))
	if err != nil {
		return err
	}
	w, err := r.platform.workspace(ctx, cookie, http.MethodPost, "", map[string]string{"name": "bench"})
	if err != nil {
		return err
	}
	for range r.rounds * starts {
		if err := r.slot(ctx, k.warm > 0); err != nil {
			return err
		}
		b, err := r.platform.begin(ctx, cookie, w.ID)
		if err != nil {
			return err
		}
		took[k.name] = append(took[k.name], b)
		r.platform.stopWorkspace(ctx, cookie, w.ID)
		for _, p := range peers {
			b, err := p.begin(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			took[k.name+p.name] = append(took[k.name+p.name], b)
		}
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
			return errors.New("no workspace is kept ready on this machine: that needs root, bubblewrap, control groups, and workspace-keeper beside atrium")
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

// codeServer is its program in VS Code's folder, and image what containers are of.
const (
	codeServer = "code-server/node_modules/code-server/out/node/entry.js"
	image      = "atrium-workspace"
)

// byHand starts code-server as its own documentation does, without anything
// around it, and waits for its page.
func (r *rig) byHand(ctx context.Context) (b began, err error) {
	dir, err := os.MkdirTemp(r.dir, "by-hand-")
	if err != nil {
		return b, err
	}
	defer os.RemoveAll(dir)
	address := fmt.Sprintf("127.0.0.1:%d", freePort())
	click := time.Now()
	server := exec.CommandContext(ctx, filepath.Join(r.vscode, "node/bin/node"), filepath.Join(r.vscode, codeServer), "--auth", "none", "--bind-addr", address,
		"--disable-telemetry", "--disable-update-check", "--user-data-dir", filepath.Join(dir, "data"), "--extensions-dir", filepath.Join(dir, "extensions"), dir)
	server.Env = append(server.Environ(), "HOME="+dir)
	if err := server.Start(); err != nil {
		return b, err
	}
	defer func() { _ = server.Process.Signal(os.Interrupt); _ = server.Wait() }()
	return shown(ctx, click, address)
}

// byDocker has docker run start code-server in a container of the same image, and
// waits for its page.
func (r *rig) byDocker(ctx context.Context) (b began, err error) {
	port := freePort()
	name := fmt.Sprintf("atrium-bench-%d", port)
	click := time.Now()
	said, err := exec.CommandContext(ctx, "docker", "run", "--detach", "--rm", "--name", name, "--publish", fmt.Sprintf("127.0.0.1:%d:8080", port),
		"--volume", r.vscode+":/vscode:ro", image, "/vscode/node/bin/node", "/vscode/"+codeServer, "--auth", "none", "--bind-addr", "0.0.0.0:8080",
		"--disable-telemetry", "--disable-update-check", "/home").CombinedOutput()
	if err != nil {
		return b, fmt.Errorf("%w: %s", err, said)
	}
	defer func() { _ = exec.Command("docker", "rm", "--force", name).Run() }() // it ends with --rm otherwise
	return shown(ctx, click, fmt.Sprintf("127.0.0.1:%d", port))
}

// shown waits for an editor's page.
func shown(ctx context.Context, click time.Time, address string) (b began, err error) {
	for deadline := click.Add(time.Minute); ; time.Sleep(lookEvery) {
		if err = workbench(ctx, "http://"+address+"/", address, ""); err == nil {
			return began{page: time.Since(click)}, nil
		}
		if time.Now().After(deadline) {
			return b, fmt.Errorf("code-server: %w", err)
		}
	}
}
