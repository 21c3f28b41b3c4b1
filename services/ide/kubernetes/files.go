package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/google/uuid"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/pod"
	"atrium.internal/services/ide/internal/files/remote"
)

const (
	// componentFiles is what a pod for files has instead of "workspace".
	componentFiles = "files"
	// filesWithin bounds how long somebody waits for such a pod; it comes up all the same.
	filesWithin = 45 * time.Second
)

// filesLimits are those of a pod for files, which unpacks archives at most.
var filesLimits = driver.Limits{CPUMillis: 1000, MemoryBytes: 256 << 20}

func (v *Volumes) filesPod(owner driver.Owner) string {
	return v.driver.name(componentFiles, owner.String())
}

// serves reports whether a pod's keeper answers for files.
func serves(p *core.Pod) bool {
	return runs(p) || p.Labels[labelComponent] == componentFiles && p.Status.Phase == core.PodRunning && p.DeletionTimestamp == nil && p.Status.PodIP != ""
}

// Reach connects to a workspace's own pod while it runs, else to one for files.
func (v *Volumes) Reach(ctx context.Context, volume driver.Volume) (net.Conn, error) {
	seed, err := v.seed(volume.WorkspaceID)
	if err != nil {
		return nil, err
	}
	return v.reach(ctx, volume, &keeper.Plant{Seed: seed})
}

// Export shows a workspace's files.
func (v *Volumes) Export(ctx context.Context, volume driver.Volume, visit driver.Visitor) error {
	claim, err := v.driver.cluster.claim(ctx, v.name(volume.Owner))
	if err != nil || claim == nil || claim.Status.Phase == core.ClaimPending { // nothing ever ran over it
		return err
	}
	conn, err := v.reach(ctx, volume, nil)
	if errors.Is(err, keeper.ErrMissing) {
		return nil
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	return remote.NewClient(conn).Export(visit)
}

// reach fills a workspace that has no files with plant; without, that is
// keeper.ErrMissing.
func (v *Volumes) reach(ctx context.Context, volume driver.Volume, plant *keeper.Plant) (net.Conn, error) {
	v.mu.Lock()
	r, known := v.reached[volume.WorkspaceID]
	v.mu.Unlock()
	if known { // whoever has its address by now does not have its key
		soon, cancel := context.WithTimeout(ctx, time.Second)
		conn, err := v.files(soon, r, volume.WorkspaceID, plant)
		cancel()
		if err == nil {
			return conn, nil
		}
	}
	own, err := v.driver.cluster.pod(ctx, v.driver.name("workspace", volume.WorkspaceID.String()))
	if err != nil {
		return nil, err
	}
	if own != nil && runs(own) {
		r, err := recorded(own)
		if err != nil {
			return nil, err
		}
		conn, err := v.files(ctx, r, volume.WorkspaceID, plant)
		// A pod of an earlier version runs on, and does not serve its files.
		if err == nil || !errors.Is(err, keeper.ErrUnknown) {
			return conn, err
		}
	}
	if r, err = v.ownPod(ctx, volume.Owner); err != nil {
		return nil, err
	}
	return v.files(ctx, r, volume.WorkspaceID, plant)
}

// files asks a pod, and remembers it if it answers.
func (v *Volumes) files(ctx context.Context, r record, workspace uuid.UUID, plant *keeper.Plant) (net.Conn, error) {
	conn, err := v.driver.keeper(r).Files(ctx, workspace, nil)
	if errors.Is(err, keeper.ErrMissing) && plant != nil {
		conn, err = v.driver.keeper(r).Files(ctx, workspace, plant)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err != nil {
		delete(v.reached, workspace)
		return nil, err
	}
	v.reached[workspace] = r
	return conn, nil
}

// ownPod gives the pod that serves a user's files where no workspace of theirs
// does, and makes it if there is none.
func (v *Volumes) ownPod(ctx context.Context, owner driver.Owner) (record, error) {
	ctx, cancel := context.WithTimeout(ctx, filesWithin)
	defer cancel()
	name := v.filesPod(owner)
	for {
		p, err := v.driver.cluster.pod(ctx, name)
		if err != nil {
			return record{}, err
		}
		var r record
		switch {
		case p == nil:
			r, err = v.makeOwn(ctx, name, owner)
			if apierrors.IsAlreadyExists(err) { // somebody else just has
				continue
			}
		case over(p) || p.DeletionTimestamp != nil:
			if err := v.driver.cluster.endPod(ctx, name, string(p.UID), 0); err != nil {
				return record{}, err
			}
			continue
		default:
			r, err = recorded(p)
		}
		if err != nil {
			return record{}, err
		}
		if r, err = v.driver.awaitPod(ctx, r); err == nil {
			err = v.driver.awaitKeeper(ctx, r)
		}
		if ctx.Err() != nil {
			return record{}, fmt.Errorf("%w: %w", driver.ErrNotYet, err)
		}
		if errors.Is(err, driver.ErrNotRunning) { // it was just ended
			continue
		}
		return r, err
	}
}

func (v *Volumes) makeOwn(ctx context.Context, name string, owner driver.Owner) (record, error) {
	d := v.driver
	r := record{Generation: generation, Owner: owner, UID: uidOf(owner), Name: componentFiles}
	return d.begin(ctx, r, func(r record) *core.Pod {
		spec := d.restricted(r, v.name(owner))
		c := d.container(componentFiles, "files", resources(filesLimits))
		c.VolumeMounts = []core.VolumeMount{{Name: volumeUser, MountPath: pod.Volume}, {Name: volumePod, MountPath: pod.Dir, ReadOnly: true}}
		spec.Containers = []core.Container{c}
		labels := d.labels(r)
		labels[labelComponent] = componentFiles
		return &core.Pod{ObjectMeta: meta.ObjectMeta{Name: name, Labels: labels, Annotations: r.notes()}, Spec: spec}
	})
}

// endFiles ends a user's pod for files, if there is one, and does not wait for it.
func (v *Volumes) endFiles(ctx context.Context, owner driver.Owner) error {
	p, err := v.driver.cluster.pod(ctx, v.filesPod(owner))
	if err != nil || p == nil {
		return err
	}
	return v.dismiss(ctx, p)
}

func (v *Volumes) dismiss(ctx context.Context, p *core.Pod) error {
	v.mu.Lock()
	for workspace, r := range v.reached {
		if r.PodUID == string(p.UID) {
			delete(v.reached, workspace)
		}
	}
	v.mu.Unlock()
	return v.driver.cluster.deletePod(ctx, p.Name, string(p.UID), time.Second)
}

// askWithin bounds how long a pod for files may take to say whether it is used.
const askWithin = 3 * time.Second

// Rest ends the pods for files that nobody uses any more. If this process does not
// come back, they end by themselves.
func (v *Volumes) Rest(ctx context.Context, now bool, _ func(driver.Owner) bool) error {
	if now { // other replicas may use them
		return nil
	}
	pods, err := v.driver.cluster.pods(ctx, map[string]string{labelDeployment: v.driver.options.Deployment, labelComponent: componentFiles})
	if err != nil {
		return err
	}
	var errs []error
	for i := range pods {
		if p := &pods[i]; p.DeletionTimestamp == nil && (over(p) || v.unused(ctx, p)) {
			errs = append(errs, v.dismiss(ctx, p))
		}
	}
	return errors.Join(errs...)
}

// unused reports whether nobody uses a pod for files, and then has the claim
// remember what all of the user's files take; in doubt somebody uses it.
func (v *Volumes) unused(ctx context.Context, p *core.Pod) bool {
	r, err := recorded(p)
	if err != nil || !serves(p) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	idle, err := v.driver.keeper(r).Idle(ctx)
	if err != nil || idle < v.driver.options.FilesFor {
		return false
	}
	if disk, err := v.driver.keeper(r).Disk(ctx, uuid.Nil); err == nil {
		err = v.note(ctx, r.Owner, map[string]int64{noteUsed: disk.Used})
		if err != nil {
			v.driver.options.Log.DebugContext(ctx, "what a user's files take is not noted", "error", err)
		}
	}
	return true
}
