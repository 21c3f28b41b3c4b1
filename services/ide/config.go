package ide

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"atrium.internal/services/ide/internal/driver/vscode"
)

// Config is what an operator can set.
type Config struct {
	Isolation     string        `name:"isolation" env:"ATRIUM_ISOLATION" default:"directory" enum:"directory,docker,gvisor,kubernetes" help:"How workspaces are kept apart whose owner's plan says nothing else: directory (for trusted users only), docker or gvisor; kubernetes is for the program ided-kubernetes."`
	Also          []string      `name:"isolation-also" env:"ATRIUM_ISOLATION_ALSO" help:"Classes of isolation besides that a plan may name, such as gvisor. A plan that names none has the one of ATRIUM_ISOLATION."`
	VSCodeDir     string        `name:"vscode-dir" env:"ATRIUM_VSCODE_DIR" default:".cache/vscode" help:"Folder that deploy/vscode/install.sh installed VS Code to."`
	AutostopAfter time.Duration `name:"autostop-after" env:"ATRIUM_AUTOSTOP_AFTER" default:"2h" help:"How long a workspace runs with nobody at work in it: no typing, no program that prints or computes."`
	Volumes       string        `name:"storage-volumes" env:"ATRIUM_STORAGE_VOLUMES" default:"auto" enum:"auto,off" help:"Whether a new user's files lie in a volume of their own that enforces the plan's storage: auto, where this machine can mount images, or off, where storage is only measured."`
	DiskReserve   int64         `name:"disk-reserve" env:"ATRIUM_DISK_RESERVE" default:"2147483648" help:"How many bytes of the disk with the users' files are to stay free. Below, no workspace is made, no volume grows and no file is uploaded."`
	DormantAfter  time.Duration `name:"dormant-after" env:"ATRIUM_DORMANT_AFTER" default:"0" help:"How long nobody may have used a stopped workspace, such as 2160h, before its owner is told that it will be deleted; 0 keeps all."`
	DormantNotice time.Duration `name:"dormant-notice" env:"ATRIUM_DORMANT_NOTICE" default:"336h" help:"How long after that notice an unused workspace is deleted with its files."`
	StartTimeout  time.Duration `name:"workspace-start-timeout" env:"ATRIUM_WORKSPACE_START_TIMEOUT" default:"60s" help:"How long a workspace may take to start."`
	Warm          int           `name:"warm-workspaces" env:"ATRIUM_WARM_WORKSPACES" default:"2" help:"How many workspaces of each isolation class are at most kept ready before anybody starts one, each of about 65 MB of memory; 0 keeps none."`
	Processes     int64         `name:"workspace-processes" env:"ATRIUM_WORKSPACE_PROCESSES" default:"1024" help:"How many processes a workspace may have."`
	AnswerCache   time.Duration `name:"ide-answer-cache" env:"ATRIUM_IDE_ANSWER_CACHE" default:"1h" help:"How long a completion or an explanation is given again, free of charge, to the same user who asks the very same; 0 asks a model each time."`
	Keeper        string        `name:"workspace-keeper" env:"ATRIUM_WORKSPACE_KEEPER" help:"File of the program workspace-keeper, which runs in workspaces. Without it the one beside this program."`
	Gallery       string        `name:"extensions-gallery" env:"ATRIUM_EXTENSIONS_GALLERY" help:"Where workspaces get extensions of VS Code from: the https address of an Open VSX registry, such as https://open-vsx.example.com/vscode, or, for galleries of another shape, the JSON that code-server takes as EXTENSIONS_GALLERY. Empty is https://open-vsx.org/vscode."`

	// Of the classes docker and gvisor.
	DockerHost   string   `name:"docker-host" env:"ATRIUM_DOCKER_HOST" default:"unix:///var/run/docker.sock" help:"Where the Docker Engine of this machine answers, for the isolation classes docker and gvisor."`
	Image        string   `name:"workspace-image" env:"ATRIUM_WORKSPACE_IMAGE" default:"atrium-workspace" help:"Image that workspaces of the classes docker and gvisor run in; deploy/workspace-image/build.sh makes it."`
	Internet     bool     `name:"workspace-internet" env:"ATRIUM_WORKSPACE_INTERNET" default:"true" negatable:"" help:"Whether workspaces of the classes docker and gvisor reach public addresses, by HTTP proxy. Private networks and this machine they never reach, the platform always."`
	Networks     []string `name:"workspace-networks" env:"ATRIUM_WORKSPACE_NETWORKS" help:"Networks, such as 10.20.0.0/16, that workspaces of the classes docker and gvisor may reach besides. This machine's own addresses stay shut."`
	PlatformAddr string   `name:"platform-addr" env:"ATRIUM_PLATFORM_ADDR" help:"Host and port at which workspaces of the classes docker and gvisor reach the platform, where its public address leads elsewhere from the ide service, as one below .localhost does from a container."`

	// Set by the program that this service is part of.
	DataDir   string `kong:"-"`
	PublicURL string `kong:"-"`
	IDEDomain string `kong:"-"`
}

// isolations are the classes that a deployment can have.
var isolations = []string{"directory", "docker", "gvisor", kubernetes}

// kubernetes is the class that only a program with a Backend has.
const kubernetes = "kubernetes"

// classes are the deployment's, that of plans which name none first.
func (c Config) classes() []string {
	all := []string{c.Isolation}
	for _, class := range c.Also {
		if !slices.Contains(all, class) {
			all = append(all, class)
		}
	}
	return all
}

// networks are those that workspaces may reach besides the internet.
func (c Config) networks() ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range c.Networks {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%q is not a network such as 10.20.0.0/16", text)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}

// reconcileEvery is how often all workspaces are looked at. Half a minute of
// running time is the most that a crash can make up for or lose.
const reconcileEvery = 15 * time.Second

// longestAnswerCache keeps answers from outliving the code that they are about.
const longestAnswerCache = time.Hour

// Validate reports every setting that is wrong at once.
func (c Config) Validate() error {
	var f faults
	f.add(!slices.Contains(isolations, c.Isolation), "isolation: %q is not a class this program has; it has %s", c.Isolation, strings.Join(isolations, ", "))
	for _, class := range c.Also {
		f.add(!slices.Contains(isolations, class), "isolation-also: %q is not a class this program has; it has %s", class, strings.Join(isolations, ", "))
	}
	f.add(c.Image == "" && slices.ContainsFunc(c.classes(), func(class string) bool { return class != "directory" }), "workspace-image: is empty")
	_, err := c.networks()
	f.add(err != nil, "workspace-networks: %w", err)
	_, _, err = net.SplitHostPort(c.PlatformAddr)
	f.add(c.PlatformAddr != "" && err != nil, "platform-addr: %q is not a host and a port", c.PlatformAddr)
	_, err = vscode.Gallery(c.Gallery)
	f.add(err != nil, "extensions-gallery: %w", err)
	f.add(c.VSCodeDir == "", "vscode-dir: is empty")
	f.add(c.AutostopAfter < time.Minute, "autostop-after: %s is less than a minute", c.AutostopAfter)
	f.add(c.DormantAfter < 0 || c.DormantAfter > 0 && c.DormantAfter < 24*time.Hour, "dormant-after: %s is less than a day", c.DormantAfter)
	f.add(c.DormantAfter > 0 && c.DormantNotice < 24*time.Hour, "dormant-notice: %s is less than a day", c.DormantNotice)
	f.add(c.DiskReserve < 0, "disk-reserve: %d is less than nothing", c.DiskReserve)
	f.add(c.StartTimeout < time.Second, "workspace-start-timeout: %s is less than a second", c.StartTimeout)
	f.add(c.Warm < 0, "warm-workspaces: %d is less than none", c.Warm)
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

// environment is what every editor is told of the operator's settings.
func (c Config) environment() []string {
	gallery, err := vscode.Gallery(c.Gallery)
	if err != nil || gallery == "" { // it was validated
		return nil
	}
	return []string{vscode.GalleryVariable + "=" + gallery}
}
