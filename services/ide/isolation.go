package ide

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"atrium.internal/pkg/health"
	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/directory"
	"atrium.internal/services/ide/internal/driver/docker"
	"atrium.internal/services/ide/internal/driver/egress"
	"atrium.internal/services/ide/internal/driver/fleet"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/warm"
	"atrium.internal/services/ide/internal/editor"
	"atrium.internal/services/ide/internal/grpcapi"
)

// closer is a driver that holds something in this process; workspaces run on
// without it.
type closer interface {
	driver.Driver
	Close() error
}

// Backend is what a program brings along that runs workspaces elsewhere than on
// its own machine, with the users' files. Package kubernetes has one.
type Backend interface {
	// Driver gives the driver of an isolation class.
	Driver(class string) (driver.Driver, error)
	Volumes() driver.Volumes
	Close() error
}

// sandboxes is what runs workspaces: a driver for each of the deployment's
// isolation classes, over the same files.
type sandboxes struct {
	*fleet.Fleet
	volumes driver.Volumes
	members []driver.Driver
	pools   []*warm.Pool
	close   []func() error
}

func newSandboxes(cfg Config, backend Backend, public *url.URL, observe func(isolation, outcome string), log *slog.Logger) (*sandboxes, error) {
	if backend != nil {
		return elsewhere(cfg, backend)
	}
	users, err := userdata.New(userdata.Options{
		DataDir: cfg.DataDir, Reserve: cfg.DiskReserve, Unlimited: cfg.Volumes == "off", Log: log,
	})
	if err != nil {
		return nil, err
	}
	s := &sandboxes{volumes: users}
	for _, class := range cfg.classes() {
		d, err := newDriver(cfg, class, users, public, log)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.members, s.close = append(s.members, d), append(s.close, d.Close)
	}
	s.Fleet = fleet.New(s.members[0], s.members[1:]...)
	for _, d := range s.members {
		if able, ok := d.(warm.Driver); ok { // with 0, too: it ends those of before
			pool := warm.New(warm.Options{
				Driver: able, Most: cfg.Warm, Env: cfg.environment(), Ready: editor.Probe{Every: 5 * time.Millisecond}.Warm, Observe: observe, Log: log,
			})
			s.pools = append(s.pools, pool)
			if cfg.Warm > 0 {
				s.Ahead(d.Name(), pool)
			}
		}
	}
	return s, nil
}

func elsewhere(cfg Config, backend Backend) (*sandboxes, error) {
	s := &sandboxes{close: []func() error{backend.Close}}
	for _, class := range cfg.classes() {
		d, err := backend.Driver(class)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.members = append(s.members, d)
	}
	s.volumes = backend.Volumes() // those of its drivers
	s.Fleet = fleet.New(s.members[0], s.members[1:]...)
	return s, nil
}

// newDriver makes the driver of an isolation class.
func newDriver(cfg Config, class string, users *userdata.Store, public *url.URL, log *slog.Logger) (closer, error) {
	if class == kubernetes {
		return nil, errors.New("isolation: kubernetes is a class of the program ided-kubernetes only")
	}
	keeper := cfg.Keeper
	if keeper == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("workspace-keeper: %w", err)
		}
		keeper = filepath.Join(filepath.Dir(self), "workspace-keeper")
	}
	if class == "directory" {
		d, err := directory.New(directory.Options{Users: users, VSCodeDir: cfg.VSCodeDir, Keeper: keeper, Platform: public.Hostname(), Log: log})
		if err != nil {
			return nil, err
		}
		return d, nil
	}
	networks, err := cfg.networks()
	if err != nil {
		return nil, err
	}
	o := docker.Options{
		Users: users, VSCodeDir: cfg.VSCodeDir, Keeper: keeper, Image: cfg.Image, Host: cfg.DockerHost, Class: class,
		Egress: egress.Policy{Internet: cfg.Internet, Allow: networks}, Platform: public, PlatformAddress: cfg.PlatformAddr, Log: log,
	}
	if class == "gvisor" {
		o.Runtime = "runsc"
	}
	d, err := docker.New(o)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// probe tries each class and says what came of it. One that can't be used is no
// reason to end: it is tried again with the next workspace that is started. Then it
// begins to keep workspaces ready.
func (s *sandboxes) probe(ctx context.Context, log *slog.Logger) {
	for i, d := range s.members {
		setting := "ATRIUM_ISOLATION"
		if i > 0 {
			setting = "ATRIUM_ISOLATION_ALSO"
		}
		caps, err := d.Probe(ctx)
		if err != nil {
			log.ErrorContext(ctx, "workspaces of an isolation class can't be started on this machine", "isolation", d.Name(), "setting", setting, "error", err)
			continue
		}
		log.InfoContext(ctx, "workspaces can be started", "isolation", d.Name(), "setting", setting, "for", trusted(d.Name()),
			"sandbox", caps.Summary, "weaker", strings.Join(caps.Weaker, "; "))
	}
	for _, p := range s.pools {
		p.Start(ctx)
	}
}

// warm counts the sandboxes that are ready for nobody yet.
func (s *sandboxes) warm() int {
	sum := 0
	for _, p := range s.pools {
		sum += p.Warm()
	}
	return sum
}

// reach gives what asks those who run the sandboxes, by isolation class. One
// that is away is noted: what does not need it goes on.
func (s *sandboxes) reach() map[string]func(context.Context) error {
	all := map[string]func(context.Context) error{}
	for _, d := range s.members {
		if able, ok := d.(driver.Reacher); ok {
			all["isolation "+d.Name()] = health.Optional(able.Reach)
		}
	}
	return all
}

// Check tries each class for an administrator.
func (s *sandboxes) Check(ctx context.Context) []grpcapi.Checked {
	all := make([]grpcapi.Checked, len(s.members))
	for i, d := range s.members {
		caps, err := d.Probe(ctx)
		all[i] = grpcapi.Checked{Class: d.Name(), Caps: caps, Err: err}
	}
	return all
}

// Close ends what the drivers do in this process; workspaces run on.
func (s *sandboxes) Close() error {
	var errs []error
	for _, p := range s.pools {
		errs = append(errs, p.Stop(context.Background()))
	}
	for _, end := range s.close {
		errs = append(errs, end())
	}
	return errors.Join(errs...)
}

// trusted says for whom a class is.
func trusted(class string) string {
	if class == "directory" {
		return "trusted users only"
	}
	return "everybody"
}
