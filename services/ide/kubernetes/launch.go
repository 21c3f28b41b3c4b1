package kubernetes

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	core "k8s.io/api/core/v1"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// Prepare makes the workspace's pod. It begins at once, and waits inside to be
// told what to run.
func (d *Driver) Prepare(ctx context.Context, spec driver.Spec) (driver.Handle, error) {
	if err := spec.Sane(); err != nil {
		return driver.Handle{}, err
	}
	claim, err := d.cluster.claim(ctx, d.volumes.name(spec.Owner))
	if err != nil {
		return driver.Handle{}, err
	}
	if claim == nil {
		return driver.Handle{}, fmt.Errorf("the user's claim is missing: %w", driver.ErrNotRunning)
	}
	if err := d.clear(ctx, d.name("workspace", spec.WorkspaceID.String()), spec); err != nil {
		return driver.Handle{}, err
	}
	r, err := d.make(ctx, spec, claim.Name)
	if err != nil {
		return driver.Handle{}, err
	}
	return d.handle(r, false)
}

// clear removes what an earlier start left of the pod.
func (d *Driver) clear(ctx context.Context, name string, spec driver.Spec) error {
	before, err := d.cluster.pod(ctx, name)
	if err != nil || before == nil {
		return err
	}
	if runs(before) {
		return fmt.Errorf("the sandbox of workspace %s runs already", spec.WorkspaceID)
	}
	return d.cluster.endPod(ctx, name, string(before.UID), d.options.Grace)
}

// make makes the pod, and then what it is told, which goes with it.
func (d *Driver) make(ctx context.Context, spec driver.Spec, claim string) (record, error) {
	r := record{Generation: generation, WorkspaceID: spec.WorkspaceID, Owner: spec.Owner, UID: uidOf(spec.Owner), Name: spec.Folder}
	return d.begin(ctx, r, func(r record) *core.Pod { return d.pod(r, spec.Hostname, claim, spec.Limits) })
}

func (d *Driver) begin(ctx context.Context, r record, specify func(record) *core.Pod) (record, error) {
	var once [4]byte
	_, _ = rand.Read(once[:])
	r.secret = d.name("pod", r.WorkspaceID.String()+"-"+hex.EncodeToString(once[:]))
	made, err := d.cluster.createPod(ctx, specify(r))
	if err != nil {
		return r, err
	}
	r.Pod, r.PodUID = made.Name, string(made.UID)
	seed, err := d.volumes.seed(r.WorkspaceID)
	if err == nil {
		var told *core.Secret
		if told, err = d.told(r, seed); err == nil {
			err = d.cluster.createSecret(ctx, told)
		}
	}
	if err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
		defer cancel()
		return r, errors.Join(err, d.cluster.endPod(ctx, r.Pod, r.PodUID, 0))
	}
	return r, nil
}

// Attach waits for the pod and starts the editor in it.
func (d *Driver) Attach(ctx context.Context, h driver.Handle, v driver.Volume) (driver.Handle, error) {
	r, err := decode(h.State)
	if err != nil {
		return driver.Handle{}, err
	}
	if v.WorkspaceID != r.WorkspaceID || v.Owner != r.Owner {
		return driver.Handle{}, errors.New("the volume belongs to another workspace")
	}
	p := vscode.Inside(r.Name)
	return d.launch(ctx, r, keeper.Start{
		Command: vscode.Command(p), Env: append(vscode.Environment(p, r.WorkspaceID), h.Env...), Dir: p.Project,
	})
}

// launch tells the pod's keeper what to run.
func (d *Driver) launch(ctx context.Context, r record, what keeper.Start) (driver.Handle, error) {
	r, err := d.awaitPod(ctx, r)
	if err != nil {
		return driver.Handle{}, err
	}
	if err := d.awaitKeeper(ctx, r); err != nil {
		return driver.Handle{}, err
	}
	if err := d.keeper(r).Start(ctx, what); err != nil {
		return driver.Handle{}, err
	}
	if err := d.cluster.annotatePod(ctx, r.Pod, r.PodUID, noteStarted, "true"); err != nil {
		return driver.Handle{}, err
	}
	r.Started = true
	return d.handle(r, true)
}

// podWithin bounds how long a pod may take to run, on a node that has yet to be
// added and has yet to fetch the image.
const podWithin = 10 * time.Minute

// awaitPod waits until the pod runs, or says why it never will.
func (d *Driver) awaitPod(ctx context.Context, r record) (record, error) {
	ctx, cancel := context.WithTimeout(ctx, podWithin)
	defer cancel()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	var reason string
	made := false // room for it on the node that has the user's files
	for {
		p, err := d.cluster.pod(ctx, r.Pod)
		switch {
		case err != nil:
			reason = err.Error()
		case p == nil || string(p.UID) != r.PodUID || p.DeletionTimestamp != nil:
			return r, driver.ErrNotRunning
		case over(p):
			return r, fmt.Errorf("the pod ended at once: %w", d.lastWords(ctx, p))
		case p.Status.Phase == core.PodRunning && p.Status.PodIP != "":
			r.IP = p.Status.PodIP
			return r, nil
		default:
			var hopeless bool
			if reason, hopeless = waiting(p); hopeless {
				return r, fmt.Errorf("the pod can't run: %s", reason)
			}
			if !made && homeless(p) {
				made = true
				if err := d.volumes.endFiles(ctx, r.Owner); err != nil {
					reason += "; " + err.Error()
				}
			}
		}
		select {
		case <-ctx.Done():
			return r, fmt.Errorf("the pod does not run: %s: %w", reason, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}

// homeless reports whether no node has room for a workspace's pod, or will have once
// others have made it. It may have to be on the same one as what serves its user's
// files.
func homeless(p *core.Pod) bool {
	return p.Status.NominatedNodeName == "" && p.Labels[labelComponent] == "workspace" && slices.ContainsFunc(p.Status.Conditions, func(c core.PodCondition) bool {
		return c.Type == core.PodScheduled && c.Status == core.ConditionFalse && c.Reason == core.PodReasonUnschedulable
	})
}

// waiting says what a pod waits for, and whether that is in vain.
func waiting(p *core.Pod) (reason string, hopeless bool) {
	reason = "its node has yet to begin with it"
	for _, condition := range p.Status.Conditions {
		if condition.Type == core.PodScheduled && condition.Status == core.ConditionFalse {
			reason = condition.Message
		}
	}
	for _, status := range append(p.Status.InitContainerStatuses, p.Status.ContainerStatuses...) {
		if status.State.Waiting == nil || status.State.Waiting.Message == "" {
			continue
		}
		reason = status.State.Waiting.Reason + ": " + status.State.Waiting.Message
		switch status.State.Waiting.Reason {
		case "InvalidImageName", "ErrImageNeverPull", "ImagePullBackOff", "CreateContainerConfigError":
			return reason, true
		}
	}
	return reason, false
}

// keeperWithin bounds how long a running pod's keeper may take.
const keeperWithin = 20 * time.Second

func (d *Driver) awaitKeeper(ctx context.Context, r record) error {
	ctx, cancel := context.WithTimeout(ctx, keeperWithin)
	defer cancel()
	ticker := time.NewTicker(pollEvery / 5)
	defer ticker.Stop()
	for {
		conn, err := d.dial(ctx, r)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the sandbox's keeper does not answer: %w", err)
		case <-ticker.C:
		}
	}
}

// lastWords are what a pod that has ended says of its end.
func (d *Driver) lastWords(ctx context.Context, p *core.Pod) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, status := range append(p.Status.InitContainerStatuses, p.Status.ContainerStatuses...) {
		if status.State.Terminated == nil || status.State.Terminated.ExitCode == 0 {
			continue
		}
		text, err := d.cluster.logs(ctx, p.Name, status.Name, 5, 4<<10)
		if line := strings.TrimSpace(strings.ToValidUTF8(string(text), "\uFFFD")); line != "" {
			return errors.New(line)
		}
		return errors.Join(fmt.Errorf("%s: exit code %d, %s", status.Name, status.State.Terminated.ExitCode, status.State.Terminated.Reason), err)
	}
	return errors.New(strings.TrimSpace(p.Status.Reason + " " + p.Status.Message))
}

// keeper is the sandbox's first process.
func (d *Driver) keeper(r record) keeper.Client {
	return keeper.Client{Dial: func(ctx context.Context) (net.Conn, error) { return d.dial(ctx, r) }}
}
