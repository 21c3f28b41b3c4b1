package ide

import (
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/directory"
	"atrium.internal/services/ide/internal/driver/docker"
	"atrium.internal/services/ide/internal/driver/egress"
)

// sandboxes is what runs workspaces, and keeps their files.
type sandboxes interface {
	driver.Driver
	driver.Volumes
	// Close ends what a driver does in this process; workspaces run on.
	Close() error
}

// newDriver makes the driver of the deployment's isolation class.
func newDriver(cfg Config, public *url.URL, log *slog.Logger) (sandboxes, error) {
	if cfg.Isolation == "directory" {
		d, err := directory.New(directory.Options{DataDir: cfg.DataDir, VSCodeDir: cfg.VSCodeDir, Platform: public.Hostname(), Log: log})
		if err != nil {
			return nil, err
		}
		return d, nil
	}
	networks, err := cfg.networks()
	if err != nil {
		return nil, err
	}
	keeper := cfg.Keeper
	if keeper == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("workspace-keeper: %w", err)
		}
		keeper = filepath.Join(filepath.Dir(self), "workspace-keeper")
	}
	o := docker.Options{
		DataDir: cfg.DataDir, VSCodeDir: cfg.VSCodeDir, Keeper: keeper, Image: cfg.Image, Host: cfg.DockerHost, Class: cfg.Isolation,
		Egress: egress.Policy{Internet: cfg.Internet, Allow: networks}, Platform: public, Log: log,
	}
	if cfg.Isolation == "gvisor" {
		o.Runtime = "runsc"
	}
	d, err := docker.New(o)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// trusted says for whom a class is.
func trusted(class string) string {
	if class == "directory" {
		return "trusted users only"
	}
	return "everybody"
}
