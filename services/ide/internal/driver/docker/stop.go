package docker

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// Stop has the keeper end every process, and the engine end what is left after
// the grace.
func (d *Driver) Stop(ctx context.Context, h driver.Handle) error {
	r, err := decode(h.State)
	if err != nil {
		return err
	}
	return d.engine.stop(ctx, r.Container, d.options.Grace)
}

// Destroy removes the container, then what this machine held for it, in this
// order, so that a cut Destroy can be repeated.
func (d *Driver) Destroy(ctx context.Context, h driver.Handle) error {
	r, err := decode(h.State)
	if err != nil {
		return err
	}
	c, found, err := d.engine.inspect(ctx, r.Container)
	if err != nil {
		return err
	}
	if found && c.State.Running {
		return errors.New("the sandbox still runs")
	}
	return d.discard(ctx, r, false)
}

// discard removes what there is of a sandbox; force ends it, if it runs.
func (d *Driver) discard(ctx context.Context, r record, force bool) error {
	if force {
		if err := d.engine.remove(ctx, r.Container, true); err != nil {
			return err
		}
	}
	d.gate.Shut(r.WorkspaceID)
	if r.Slot != uuid.Nil {
		if err := d.dropLate(r.Slot); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(d.Sandbox(r.place())); err != nil {
		return fmt.Errorf("run directory: %w", err)
	}
	if r.Slot != uuid.Nil {
		if err := d.Forget(r.Slot); err != nil {
			return err
		}
	}
	return d.engine.remove(ctx, r.Container, false)
}

// List gives the deployment's containers of this class, and opens the ways out
// of those that run: an earlier process served them.
func (d *Driver) List(ctx context.Context) ([]driver.Handle, error) {
	deployment, err := d.deployment()
	if err != nil {
		return nil, err
	}
	containers, err := d.engine.list(ctx, labelDeployment, deployment.String())
	if err != nil {
		return nil, err
	}
	var handles []driver.Handle
	for _, c := range containers {
		if c.Labels[labelClass] != d.Name() {
			continue
		}
		r, err := d.labelled(c.ID, c.Labels)
		if err != nil {
			return nil, err
		}
		if r.vacant() {
			continue
		}
		pid, err := d.running(ctx, r)
		if err != nil && !errors.Is(err, driver.ErrNotRunning) {
			return nil, err
		}
		runs := err == nil
		if runs {
			if err := d.openDoor(r); err != nil {
				d.options.Log.WarnContext(ctx, "a workspace has no way out", "workspace_id", r.WorkspaceID, "error", err)
			}
		}
		h, err := d.handle(r, pid, runs)
		if err != nil {
			return nil, err
		}
		handles = append(handles, h)
	}
	return handles, nil
}
