package docker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/egress"
	"atrium.internal/services/ide/internal/driver/latemount"
	"atrium.internal/services/ide/internal/driver/userdata"
)

// Options configure a Driver. VSCodeDir, Keeper, Image and Platform are required,
// and one of Users and DataDir.
type Options struct {
	// Users is where the users' files are, for drivers that share them; nil
	// makes a store of one's own in DataDir.
	Users *userdata.Store
	// DataDir holds the users' files and the driver's notes.
	DataDir string
	// VSCodeDir is where deploy/vscode/install.sh installed to.
	VSCodeDir string
	// RunDir holds sockets; empty chooses a short path.
	RunDir string
	// FirstUID begins the range of uids given to users; 0 is 200000.
	FirstUID int
	// Keeper is the file of the static program workspace-keeper.
	Keeper string
	// Image is the image's name in the engine.
	Image string
	// Host is the engine's address; empty is unix:///var/run/docker.sock.
	Host string
	// Runtime is the engine's name of the OCI runtime; empty is its default.
	Runtime string
	// Class is the isolation class as the API calls it; empty is "docker".
	Class string
	// Egress says where workspaces may connect to.
	Egress egress.Policy
	// Platform is the platform's public URL.
	Platform *url.URL
	// PlatformAddress is the host:port to reach it at, if not the URL's.
	PlatformAddress string
	// Grace is how long processes get to end by themselves; 0 is 5 s.
	Grace time.Duration
	Log   *slog.Logger
}

// Driver runs containers. It is also its own driver.Volumes.
type Driver struct {
	*userdata.Store

	options Options
	engine  engine
	gate    *egress.Gate
	// spaces are for the mounts of claims, one for each slot.
	spaces latemount.Spaces

	// found is what Probe learned.
	mu    sync.Mutex
	found *machine
}

var (
	_ driver.Driver    = (*Driver)(nil)
	_ driver.Ports     = (*Driver)(nil)
	_ driver.Terminals = (*Driver)(nil)
	_ driver.Runner    = (*Driver)(nil)
	_ driver.Addresser = (*Driver)(nil)
	_ driver.Volumes   = (*Driver)(nil)
	_ driver.Exporter  = (*Driver)(nil)
	_ driver.Folders   = (*Driver)(nil)
	_ driver.Warmer    = (*Driver)(nil)
)

// New makes a driver. It does no I/O. It must be closed.
func New(o Options) (*Driver, error) {
	if o.VSCodeDir == "" || o.Keeper == "" || o.Image == "" || o.Platform == nil {
		return nil, errors.New("the docker driver needs VS Code's directory, the keeper, an image and the platform's address")
	}
	var err error
	store := o.Users
	if store == nil {
		if store, err = userdata.New(userdata.Options{DataDir: o.DataDir, RunDir: o.RunDir, FirstUID: o.FirstUID}); err != nil {
			return nil, err
		}
	}
	if o.VSCodeDir, err = filepath.Abs(o.VSCodeDir); err != nil {
		return nil, fmt.Errorf("VS Code's directory: %w", err)
	}
	if o.Keeper, err = filepath.Abs(o.Keeper); err != nil {
		return nil, fmt.Errorf("the workspaces' keeper: %w", err)
	}
	if o.Class == "" {
		o.Class = "docker"
	}
	if o.Grace == 0 {
		o.Grace = 5 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	e, err := connect(o.Host)
	if err != nil {
		return nil, err
	}
	return &Driver{Store: store, options: o, engine: e, gate: egress.NewGate(o.Egress, egress.Platform{URL: o.Platform, Address: o.PlatformAddress}, o.Log)}, nil
}

// Name is the isolation class.
func (d *Driver) Name() string { return d.options.Class }

// Close ends the workspaces' ways out, which live in this process, and the
// connection to the engine. The next process opens them again; containers run on.
func (d *Driver) Close() error {
	d.spaces.Close()
	return errors.Join(d.gate.Close(), d.engine.close())
}

// machine gives what Probe found, probing first if nobody has.
func (d *Driver) machine(ctx context.Context) (machine, error) {
	d.mu.Lock()
	found := d.found
	d.mu.Unlock()
	if found == nil {
		if _, err := d.Probe(ctx); err != nil {
			return machine{}, err
		}
		d.mu.Lock()
		found = d.found
		d.mu.Unlock()
	}
	return *found, nil
}

// deployment is the name that this data directory's containers carry. It is
// made once.
func (d *Driver) deployment() (uuid.UUID, error) {
	if err := d.Make(); err != nil {
		return uuid.Nil, err
	}
	path := filepath.Join(d.Notes(), "deployment.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if err := userdata.WriteJSON(path, uuid.New()); err != nil {
			return uuid.Nil, err
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("the deployment's name: %w", err)
	}
	return parseDeployment(text)
}
