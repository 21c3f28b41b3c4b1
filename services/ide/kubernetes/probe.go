package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	core "k8s.io/api/core/v1"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// probeTimeout ends a probe that hangs. A node may have to fetch the image.
const probeTimeout = 2 * time.Minute

// Probe puts the workspaces' network policy in place and runs VS Code's Node.js
// in a pod that is made exactly as a workspace's is, but for the claim.
func (d *Driver) Probe(ctx context.Context) (driver.Caps, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if err := d.cluster.apply(ctx, d.policy()); err != nil {
		return driver.Caps{}, err
	}
	if err := d.try(ctx); err != nil {
		return driver.Caps{}, fmt.Errorf("a trial of the pod failed: %w", err)
	}
	return d.caps(), nil
}

// try makes a sandbox for nobody and runs one command in it.
func (d *Driver) try(ctx context.Context) (err error) {
	r := record{Generation: generation, WorkspaceID: uuid.New(), Owner: uuid.New(), Name: "probe"}
	r.UID = uidOf(r.Owner)
	r, err = d.begin(ctx, r, func(r record) *core.Pod {
		p := d.pod(r, "probe", "", driver.Limits{CPUMillis: 1000, MemoryBytes: 512 << 20})
		p.Labels[labelComponent] = "probe" // a trial is no workspace: it must not be found by List
		return p
	})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
		defer cancel()
		err = errors.Join(err, d.cluster.endPod(ctx, r.Pod, r.PodUID, 0))
	}()
	p := vscode.Inside(r.Name)
	const script = `const fs = require("fs"), [, socket, project] = process.argv;
		fs.writeFileSync(project + "/probe", ""); fs.writeFileSync(socket + "/probe", "")`
	_, err = d.launch(ctx, r, keeper.Start{
		Command: []string{p.Node(), "-e", script, p.Run, p.Project}, Env: vscode.Environment(p, r.WorkspaceID), Dir: p.Project,
	})
	if err != nil {
		return err
	}
	var ended *core.Pod
	err = d.cluster.await(ctx, probeTimeout, "the trial does not end", func() (bool, error) {
		found, err := d.cluster.pod(ctx, r.Pod)
		if err != nil {
			return false, err
		}
		ended = found
		return found == nil || over(found), nil
	})
	if err != nil {
		return err
	}
	if ended == nil {
		return errors.New("somebody else removed it")
	}
	if ended.Status.Phase != core.PodSucceeded {
		return d.lastWords(ctx, ended)
	}
	return nil
}

// caps says in words what the cluster lacks, as far as can be told from here.
func (d *Driver) caps() driver.Caps {
	runtime := d.options.RuntimeClass
	if runtime == "" {
		runtime = "the cluster's default"
	}
	c := driver.Caps{Summary: fmt.Sprintf("pods in namespace %s, runtime class %s", d.options.Namespace, runtime), Weaker: []string{
		"the number of processes is limited by the nodes (podPidsLimit), not by the plan",
		"whether network policies are enforced is up to the cluster's network",
	}}
	if d.options.RuntimeClass == "" {
		c.Weaker = append(c.Weaker, "workspaces share their node's kernel")
	}
	if d.options.Measured {
		c.Weaker = append(c.Weaker, "the plan's storage is measured, not enforced")
	}
	return c
}
