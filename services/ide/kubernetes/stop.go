package kubernetes

import (
	"context"
	"errors"

	"atrium.internal/services/ide/internal/driver"
)

// Stop ends the pod, which first has its keeper end every process.
func (d *Driver) Stop(ctx context.Context, h driver.Handle) error {
	r, err := decode(h.State)
	if err != nil {
		return err
	}
	d.volumes.leave(ctx, r)
	return d.cluster.endPod(ctx, r.Pod, r.PodUID, d.options.Grace)
}

// Destroy removes a pod that has ended. What it was told goes with it.
func (d *Driver) Destroy(ctx context.Context, h driver.Handle) error {
	r, err := decode(h.State)
	if err != nil {
		return err
	}
	p, err := d.cluster.pod(ctx, r.Pod)
	if err != nil || p == nil || string(p.UID) != r.PodUID {
		return err
	}
	if runs(p) {
		return errors.New("the sandbox still runs")
	}
	return d.cluster.endPod(ctx, r.Pod, r.PodUID, d.options.Grace)
}

// List gives the deployment's pods of this class.
func (d *Driver) List(ctx context.Context) ([]driver.Handle, error) {
	pods, err := d.cluster.pods(ctx, map[string]string{
		labelDeployment: d.options.Deployment, labelClass: d.Name(), labelComponent: "workspace",
	})
	if err != nil {
		return nil, err
	}
	var handles []driver.Handle
	for i := range pods {
		r, err := recorded(&pods[i])
		if err != nil {
			return nil, err
		}
		h, err := d.handle(r, runs(&pods[i]))
		if err != nil {
			return nil, err
		}
		handles = append(handles, h)
	}
	return handles, nil
}
