package directory

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/latemount"
	"atrium.internal/services/ide/internal/driver/userdata"
)

// Options configure a Driver. VSCodeDir is required, and one of Users and DataDir.
type Options struct {
	// Users is where the users' files are, for drivers that share them; nil
	// makes a store of one's own in DataDir.
	Users *userdata.Store
	// DataDir holds the users' files and the driver's notes.
	DataDir string
	// VSCodeDir is where deploy/vscode/install.sh installed to.
	VSCodeDir string
	// RunDir holds sockets and logs; empty chooses a short path.
	RunDir string
	// FirstUID begins the range of uids given to users; 0 is 200000.
	FirstUID int
	// Grace is how long processes get to end by themselves; 0 is 5 s.
	Grace time.Duration
	// Keeper is the file of the static program workspace-keeper; without it
	// workspaces show no terminals.
	Keeper string
	// Platform is the host name by which the platform is reached.
	Platform string
	Log      *slog.Logger
}

// Driver is the directory isolation class. It is also its own driver.Volumes.
type Driver struct {
	*userdata.Store

	root     bool
	vscode   string
	grace    time.Duration
	platform string
	keeper   string
	log      *slog.Logger

	// spaces are for the mounts of claims, one for each slot.
	spaces latemount.Spaces

	// found is what Probe learned of the machine.
	mu    sync.Mutex
	found *machine
}

var (
	_ driver.Driver    = (*Driver)(nil)
	_ driver.Terminals = (*Driver)(nil)
	_ driver.Runner    = (*Driver)(nil)
	_ driver.Volumes   = (*Driver)(nil)
	_ driver.Exporter  = (*Driver)(nil)
	_ driver.Folders   = (*Driver)(nil)
)

// New makes a driver. It does no I/O.
func New(o Options) (*Driver, error) {
	if o.VSCodeDir == "" {
		return nil, errors.New("the directory driver needs VS Code's directory")
	}
	store := o.Users
	if store == nil {
		var err error
		if store, err = userdata.New(userdata.Options{DataDir: o.DataDir, RunDir: o.RunDir, FirstUID: o.FirstUID}); err != nil {
			return nil, err
		}
	}
	vscode, err := filepath.Abs(o.VSCodeDir)
	if err != nil {
		return nil, fmt.Errorf("VS Code's directory: %w", err)
	}
	if o.Keeper != "" {
		if o.Keeper, err = filepath.Abs(o.Keeper); err != nil {
			return nil, fmt.Errorf("the workspaces' keeper: %w", err)
		}
	}
	if o.Grace == 0 {
		o.Grace = 5 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Driver{
		Store:    store,
		root:     os.Geteuid() == 0,
		vscode:   vscode,
		grace:    o.Grace,
		platform: o.Platform,
		keeper:   o.Keeper,
		log:      o.Log,
	}, nil
}

// Name is "directory".
func (d *Driver) Name() string { return "directory" }

// Close ends nothing of a workspace, which is in its own processes.
func (d *Driver) Close() error {
	d.spaces.Close()
	return nil
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
