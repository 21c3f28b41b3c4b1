package ide

import (
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Config is what an operator can set.
type Config struct {
	Isolation     string        `name:"isolation" env:"ATRIUM_ISOLATION" default:"directory" enum:"directory" help:"How workspaces are kept apart: directory."`
	VSCodeDir     string        `name:"vscode-dir" env:"ATRIUM_VSCODE_DIR" default:".cache/vscode" help:"Folder that deploy/vscode/install.sh installed VS Code to."`
	AutostopAfter time.Duration `name:"autostop-after" env:"ATRIUM_AUTOSTOP_AFTER" default:"2h" help:"How long a workspace runs with nobody connected."`
	StartTimeout  time.Duration `name:"workspace-start-timeout" env:"ATRIUM_WORKSPACE_START_TIMEOUT" default:"60s" help:"How long a workspace may take to start."`
	Processes     int64         `name:"workspace-processes" env:"ATRIUM_WORKSPACE_PROCESSES" default:"1024" help:"How many processes a workspace may have."`
	AnswerCache   time.Duration `name:"ide-answer-cache" env:"ATRIUM_IDE_ANSWER_CACHE" default:"1h" help:"How long a completion or an explanation is given again, free of charge, to the same user who asks the very same; 0 asks a model each time."`

	// Set by the program that this service is part of.
	DataDir   string `kong:"-"`
	PublicURL string `kong:"-"`
	IDEDomain string `kong:"-"`
}

// reconcileEvery is how often all workspaces are looked at. Half a minute of
// running time is the most that a crash can make up for or lose.
const reconcileEvery = 15 * time.Second

// longestAnswerCache keeps answers from outliving the code that they are about.
const longestAnswerCache = time.Hour

// Validate reports every setting that is wrong at once.
func (c Config) Validate() error {
	var f faults
	f.add(c.Isolation != "directory", "isolation: %q is not a class this program has; it has directory", c.Isolation)
	f.add(c.VSCodeDir == "", "vscode-dir: is empty")
	f.add(c.AutostopAfter < time.Minute, "autostop-after: %s is less than a minute", c.AutostopAfter)
	f.add(c.StartTimeout < time.Second, "workspace-start-timeout: %s is less than a second", c.StartTimeout)
	f.add(c.Processes < 32, "workspace-processes: %d is too few for VS Code; at least 32", c.Processes)
	f.add(c.AnswerCache < 0 || c.AnswerCache > longestAnswerCache, "ide-answer-cache: %s is not from 0 to %s", c.AnswerCache, longestAnswerCache)
	return errors.Join(f...)
}

// placed checks what the program sets, which is not there yet while the
// operator's settings are read and validated.
func (c Config) placed() error {
	var f faults
	f.add(c.DataDir == "", "data-dir: is empty")
	f.add(c.IDEDomain == "", "ide-domain: is empty")
	u, err := url.Parse(c.PublicURL)
	f.add(err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"), "public-url: %q is not an http:// or https:// address", c.PublicURL)
	return errors.Join(f...)
}

// faults collects what is wrong.
type faults []error

func (f *faults) add(wrong bool, format string, args ...any) {
	if wrong {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}
