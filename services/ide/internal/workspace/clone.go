package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ide/internal/driver"
)

// GitTemplate is the template whose workspaces begin with a clone.
const GitTemplate = "git"

// Names in a workspace's metadata.
const (
	metaGitURL = "gitUrl"
	metaCloned = "gitCloned"
)

const (
	// cloneTimeout bounds a clone, which a large repository may need.
	cloneTimeout = 15 * time.Minute
	// tellEvery is how often watchers are told how far it has come.
	tellEvery = 2 * time.Second
	// maxGitURL bounds the address, in bytes.
	maxGitURL = 1024
)

// gitAddress refuses what is not cloned. An address is kept, shown and logged by
// git itself, so it must have nothing secret in it.
func gitAddress(text string) (string, error) {
	invalid := func(problem string) error { return apperr.Invalid("gitUrl", problem) }
	if len(text) > maxGitURL {
		return "", invalid("is too long")
	}
	text = strings.TrimSpace(text)
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", invalid("is not a URL")
	case u.Scheme != "https":
		return "", invalid("must begin with https://")
	case u.User != nil:
		return "", invalid("must not hold a user name or password; only what everybody may read can be cloned")
	case u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return "", invalid("has no server's name")
	case strings.Trim(u.Path, "/") == "":
		return "", invalid("names no repository")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", invalid("must have nothing after the repository's name")
	}
	for _, r := range text {
		if r <= ' ' || r == 0x7f {
			return "", invalid("must have no spaces")
		}
	}
	return u.String(), nil
}

// toClone gives the address that a workspace's next start clones.
func (w Workspace) toClone() (address string, ok bool) {
	if done, _ := w.Metadata[metaCloned].(bool); done || w.Template != GitTemplate {
		return "", false
	}
	address, ok = w.Metadata[metaGitURL].(string)
	return address, ok
}

// cloning clones beside what is there and then gives each part its place, so that
// a clone that was cut off can be done again. The address is an argument and never
// a part of the script.
const cloning = `set -e
command -v git >/dev/null || { echo "atrium: no git"; exit 127; }
rm -rf .atrium-clone
git -c credential.helper= -c core.askPass= clone --progress --no-recurse-submodules -- "$1" .atrium-clone 2>&1
find .atrium-clone -mindepth 1 -maxdepth 1 ! -name .git -exec mv -n -t . {} +
if [ ! -e .git ]; then mv .atrium-clone/.git .git; fi
rm -rf .atrium-clone`

// clone brings the repository of a new workspace into it, from inside and by the
// workspace's own ways out.
func (m *Manager) clone(ctx context.Context, p *progress, w Workspace, h driver.Handle) error {
	address, ok := w.toClone()
	if !ok {
		return nil
	}
	p.tell(StepClone, "Cloning the repository.")
	said := &gitOutput{tell: func(progress string) { p.tell(StepClone, "Cloning the repository: "+progress) }, now: m.Now}
	exit, err := m.Driver.Execute(ctx, h, driver.Command{
		Args: []string{"/bin/sh", "-c", cloning, "clone", address},
		Env:  []string{"GIT_TERMINAL_PROMPT=0", "GIT_ALLOW_PROTOCOL=https", "GIT_LFS_SKIP_SMUDGE=1"},
	}, said.print)
	if errors.Is(err, driver.ErrNoTerminals) {
		return stage(cloneImpossible, err)
	}
	if err != nil {
		return stage(cloneFailed, err)
	}
	if exit != 0 {
		return stage(said.reason(exit), fmt.Errorf("git ended with %d", exit))
	}
	_, err = m.Store.Update(ctx, w.ID, func(w *Workspace) (Change, error) {
		w.Metadata[metaCloned] = true
		return Change{}, nil
	})
	return err
}

// gitOutput reads what git prints as it clones.
type gitOutput struct {
	tell func(progress string)
	now  func() time.Time

	line []byte
	told time.Time
	// last are the last lines, of which one says why git failed.
	last []string
}

const (
	longestGitLine = 1024
	keptGitLines   = 20
)

func (g *gitOutput) print(p []byte) {
	for _, b := range p {
		if b != '\n' && b != '\r' {
			if len(g.line) < longestGitLine {
				g.line = append(g.line, b)
			}
			continue
		}
		if line := strings.ToValidUTF8(string(bytes.TrimSpace(g.line)), "\ufffd"); line != "" {
			g.take(line)
		}
		g.line = g.line[:0]
	}
}

// progressed is how git tells how far it has come.
var progressed = regexp.MustCompile(`^(?:remote: )?([A-Z][a-z]+(?: [a-z]+)*): +(\d{1,3})% `)

func (g *gitOutput) take(line string) {
	if found := progressed.FindStringSubmatch(line); found != nil {
		if now := g.now(); now.Sub(g.told) >= tellEvery {
			g.told = now
			g.tell(strings.ToLower(found[1]) + " " + found[2] + " %")
		}
		return
	}
	g.last = append(g.last, line)
	g.last = g.last[max(0, len(g.last)-keptGitLines):]
}

// reason says why git failed, and what to do.
func (g *gitOutput) reason(exit int) Reason {
	g.print([]byte{'\n'})
	all := strings.ToLower(strings.Join(g.last, "\n"))
	has := func(words ...string) bool {
		for _, word := range words {
			if strings.Contains(all, word) {
				return true
			}
		}
		return false
	}
	switch {
	case exit == 127 && has("atrium: no git"):
		return cloneNoGit
	case has("could not read username", "authentication failed", "terminal prompts disabled", "error: 401", "error: 403") && !has("from proxy"):
		return clonePrivate
	case has("not found", "error: 404", "does not exist"):
		return cloneNotFound
	case has("could not resolve", "failed to connect", "couldn't connect", "connection refused", "timed out", "from proxy", "proxy connect", "connect tunnel", "network is unreachable", "connection reset", "unable to access"):
		return cloneUnreachable
	case has("no space left", "disk quota"):
		return cloneTooLarge
	}
	if len(g.last) > 0 {
		return cloneSaid(g.last[len(g.last)-1])
	}
	return cloneFailed
}

// startTimeout bounds a start of a workspace.
func (m *Manager) startTimeout(w Workspace) time.Duration {
	if _, clones := w.toClone(); clones {
		return m.settings.StartTimeout + cloneTimeout
	}
	return m.settings.StartTimeout
}

// tools are what a template's files need, and how people call it.
var tools = map[string]struct{ program, name string }{
	"go": {"go", "Go"}, "node": {"node", "Node.js"}, "python": {"python3", "Python"},
}

// missing says what a workspace's template needs and its sandbox lacks.
func (m *Manager) missing(ctx context.Context, w Workspace, h driver.Handle) string {
	tool, ok := tools[w.Template]
	if !ok {
		return ""
	}
	exit, err := m.Driver.Execute(ctx, h, driver.Command{Args: []string{"/bin/sh", "-c", `command -v "$1"`, "look", tool.program}}, func([]byte) {})
	if err != nil || exit == 0 {
		return ""
	}
	return fmt.Sprintf(" %s is not installed in it; install it into your home folder, or ask your administrator.", tool.name)
}

// origin checks what a new workspace is made of, and gives its metadata.
func (m *Manager) origin(template, gitURL string) (string, map[string]any, error) {
	if template == "" && gitURL != "" {
		template = GitTemplate
	}
	if template == "" {
		template = DefaultTemplate
	}
	if _, ok := m.Templates.Seed(template); !ok {
		return "", nil, ErrTemplate
	}
	if template != GitTemplate {
		if gitURL != "" {
			return "", nil, apperr.Invalid("gitUrl", "goes with the template git alone")
		}
		return template, map[string]any{}, nil
	}
	address, err := gitAddress(gitURL)
	if err != nil {
		return "", nil, err
	}
	return template, map[string]any{metaGitURL: address}, nil
}
