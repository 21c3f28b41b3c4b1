package kubernetes

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/pod"
)

// Volumes are claims, one per user. What lies in them is reached by pods only:
// how much it is, the workspaces say while they run, and the claim remembers it.
type Volumes struct {
	driver *Driver

	// seeds are of workspaces that are about to be started.
	mu    sync.Mutex
	seeds map[string][]byte
}

var (
	_ driver.Volumes = (*Volumes)(nil)
	_ driver.Limiter = (*Volumes)(nil)
)

// Annotations of claims: what a workspace's files took when they were last
// measured, in bytes, and what all of the user's did.
const (
	noteUsage = "atrium.usage."
	noteUsed  = "atrium.used"
)

// mostSeed is what a secret holds beside the rest that a pod is told.
const mostSeed = 900 << 10

func (v *Volumes) name(owner driver.Owner) string { return v.driver.name("user", owner.String()) }

// Ensure makes the user's claim, and keeps the seed for the workspace's next pod,
// which plants it where there is no project yet. A claim grows with the plan
// while nothing of the user's runs, if its storage class can; it never shrinks.
func (v *Volumes) Ensure(ctx context.Context, spec driver.VolumeSpec) (driver.Volume, error) {
	volume := driver.Volume{WorkspaceID: spec.WorkspaceID, Owner: spec.Owner}
	if err := v.keepSeed(spec); err != nil {
		return volume, err
	}
	name, size := v.name(spec.Owner), v.driver.options.Storage
	if spec.Limit > 0 {
		size = *resource.NewQuantity(spec.Limit, resource.BinarySI)
	}
	claim, err := v.driver.cluster.claim(ctx, name)
	switch {
	case err != nil:
		return volume, err
	case claim == nil:
		return volume, v.driver.cluster.createClaim(ctx, v.claim(name, spec.Owner, size))
	case claim.DeletionTimestamp != nil:
		return volume, errors.New("the user's files are being deleted")
	case spec.Limit > 0 && spec.Idle && size.Cmp(claim.Spec.Resources.Requests[core.ResourceStorage]) > 0:
		if err := v.grow(ctx, name, size); err != nil {
			v.driver.options.Log.WarnContext(ctx, "a user's claim stays as it is", "claim", name, "error", err)
		}
	}
	return volume, nil
}

func (v *Volumes) claim(name string, owner driver.Owner, size resource.Quantity) *core.PersistentVolumeClaim {
	c := &core.PersistentVolumeClaim{
		ObjectMeta: meta.ObjectMeta{Name: name, Labels: map[string]string{
			"app.kubernetes.io/managed-by": "atrium", labelDeployment: v.driver.options.Deployment, labelOwner: owner.String(),
		}},
		Spec: core.PersistentVolumeClaimSpec{
			AccessModes: []core.PersistentVolumeAccessMode{core.ReadWriteOnce},
			Resources:   core.VolumeResourceRequirements{Requests: core.ResourceList{core.ResourceStorage: size}},
		},
	}
	if class := v.driver.options.StorageClass; class != "" {
		c.Spec.StorageClassName = &class
	}
	return c
}

// growWithin bounds how long a start waits for a claim to grow.
const growWithin = 30 * time.Second

func (v *Volumes) grow(ctx context.Context, name string, size resource.Quantity) error {
	cluster := v.driver.cluster
	err := cluster.patchClaim(ctx, name, map[string]any{"spec": map[string]any{"resources": map[string]any{"requests": map[string]string{"storage": size.String()}}}})
	if err != nil {
		return err
	}
	return cluster.await(ctx, growWithin, "the claim does not grow yet", func() (bool, error) {
		c, err := cluster.claim(ctx, name)
		if err != nil || c == nil {
			return false, err
		}
		for _, condition := range c.Status.Conditions {
			if condition.Type == core.PersistentVolumeClaimFileSystemResizePending {
				return true, nil // it grows when a pod has it
			}
		}
		has := c.Status.Capacity[core.ResourceStorage]
		return c.Status.Phase != core.ClaimBound || has.Cmp(size) >= 0, nil
	})
}

func (v *Volumes) keepSeed(spec driver.VolumeSpec) error {
	if spec.Seed == nil {
		return nil
	}
	var text bytes.Buffer
	archive := tar.NewWriter(&text)
	if err := errors.Join(archive.AddFS(spec.Seed), archive.Close()); err != nil {
		return fmt.Errorf("what the workspace is filled with: %w", err)
	}
	if text.Len() > mostSeed {
		return fmt.Errorf("what the workspace is filled with has %d bytes, more than a secret holds", text.Len())
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seeds[spec.WorkspaceID.String()] = text.Bytes()
	return nil
}

// seed gives a workspace's seed once.
func (v *Volumes) seed(workspace uuid.UUID) []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	text := v.seeds[workspace.String()]
	delete(v.seeds, workspace.String())
	return text
}

// Usage asks the workspace, or the claim's memory when it does not run.
func (v *Volumes) Usage(ctx context.Context, volume driver.Volume) (int64, error) {
	p, err := v.driver.cluster.pod(ctx, v.driver.name("workspace", volume.WorkspaceID.String()))
	if err != nil {
		return 0, err
	}
	if p != nil && runs(p) {
		r, err := recorded(p)
		if err != nil {
			return 0, err
		}
		disk, err := v.measure(ctx, r)
		return disk.Project, err
	}
	claim, err := v.driver.cluster.claim(ctx, v.name(volume.Owner))
	if err != nil || claim == nil {
		return 0, err
	}
	return noted(claim, noteUsage+volume.WorkspaceID.String()), nil
}

// noted is a number that a claim remembers; 0 if it does not.
func noted(claim *core.PersistentVolumeClaim, key string) int64 {
	n, _ := strconv.ParseInt(claim.Annotations[key], 10, 64)
	return max(n, 0)
}

// measure asks a workspace, and has the claim remember the answer.
func (v *Volumes) measure(ctx context.Context, r record) (pod.Disk, error) {
	disk, err := v.driver.keeper(r).Disk(ctx)
	if err != nil {
		return disk, err
	}
	disk.Project, disk.Used = max(disk.Project, 0), max(disk.Used, 0)
	return disk, v.driver.cluster.patchClaim(ctx, v.name(r.Owner), map[string]any{"metadata": map[string]any{"annotations": map[string]string{
		noteUsage + r.WorkspaceID.String(): strconv.FormatInt(disk.Project, 10), noteUsed: strconv.FormatInt(disk.Used, 10),
	}}})
}

// leaveWithin bounds how long an end waits to be told what the files take.
const leaveWithin = 3 * time.Second

// leave measures what a workspace leaves, if it still tells.
func (v *Volumes) leave(ctx context.Context, r record) {
	if !r.Started {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, leaveWithin)
	defer cancel()
	if _, err := v.measure(ctx, r); err != nil {
		v.driver.options.Log.DebugContext(ctx, "what a workspace's files take is not measured at its end", "workspace_id", r.WorkspaceID, "error", err)
	}
}

// Delete has a pod remove a workspace's files from its user's claim.
func (v *Volumes) Delete(ctx context.Context, volume driver.Volume) error {
	claim, err := v.driver.cluster.claim(ctx, v.name(volume.Owner))
	if err != nil || claim == nil || claim.Status.Phase == core.ClaimPending { // nothing ever ran over it
		return err
	}
	if err := v.driver.erase(ctx, volume, claim.Name); err != nil {
		return err
	}
	return v.driver.cluster.patchClaim(ctx, claim.Name, map[string]any{"metadata": map[string]any{"annotations": map[string]any{noteUsage + volume.WorkspaceID.String(): nil}}})
}

// eraseWithin bounds how long the pod that removes files may take.
const eraseWithin = 5 * time.Minute

func (d *Driver) erase(ctx context.Context, volume driver.Volume, claim string) error {
	name := d.name("erase", volume.WorkspaceID.String())
	if before, err := d.cluster.pod(ctx, name); err != nil {
		return err
	} else if before != nil { // of a process that was cut short
		if err := d.cluster.endPod(ctx, name, string(before.UID), 0); err != nil {
			return err
		}
	}
	r := record{Generation: generation, WorkspaceID: volume.WorkspaceID, Owner: volume.Owner, UID: uidOf(volume.Owner), Name: "erased"}
	r, err := d.begin(ctx, r, func(r record) *core.Pod {
		spec := d.restricted(r, claim)
		c := d.container("erase", "erase", resources(driver.Limits{CPUMillis: 1000, MemoryBytes: 256 << 20}))
		c.VolumeMounts = []core.VolumeMount{{Name: volumeUser, MountPath: pod.Volume}, {Name: volumePod, MountPath: pod.Dir, ReadOnly: true}}
		spec.Containers = []core.Container{c}
		labels := d.labels(r)
		labels["app.kubernetes.io/component"] = "erase"
		return &core.Pod{ObjectMeta: meta.ObjectMeta{Name: name, Labels: labels, Annotations: r.notes()}, Spec: spec}
	})
	if err != nil {
		return err
	}
	var ended *core.Pod
	err = d.cluster.await(ctx, eraseWithin, "the workspace's files are not deleted yet", func() (bool, error) {
		p, err := d.cluster.pod(ctx, name)
		if err != nil {
			return false, err
		}
		ended = p
		return p == nil || over(p), nil
	})
	if err == nil && (ended == nil || ended.Status.Phase != core.PodSucceeded) {
		err = errors.New("the pod that deletes the workspace's files failed")
		if ended != nil {
			err = errors.Join(err, d.lastWords(ctx, ended))
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	return errors.Join(err, d.cluster.endPod(ctx, name, r.PodUID, 0))
}

// DeleteUser deletes the user's claim. The cluster removes it when the last pod
// that has it is gone.
func (v *Volumes) DeleteUser(ctx context.Context, owner driver.Owner) error {
	if owner == uuid.Nil {
		return errors.New("no user named")
	}
	return v.driver.cluster.deleteClaim(ctx, v.name(owner))
}

// Total is what all of a user's files took when one of the user's workspaces
// last measured them, and how large the claim is.
func (v *Volumes) Total(ctx context.Context, owner driver.Owner) (used, limit int64, limited bool, err error) {
	claim, err := v.driver.cluster.claim(ctx, v.name(owner))
	if err != nil || claim == nil {
		return 0, 0, false, err
	}
	pods, err := v.driver.cluster.pods(ctx, map[string]string{labelDeployment: v.driver.options.Deployment, labelOwner: owner.String()})
	if err != nil {
		return 0, 0, false, err
	}
	used = noted(claim, noteUsed)
	for i := range pods {
		if r, err := recorded(&pods[i]); err == nil && runs(&pods[i]) {
			if disk, err := v.driver.keeper(r).Disk(ctx); err == nil {
				used = max(disk.Used, 0)
				break
			}
		}
	}
	size, ok := claim.Status.Capacity[core.ResourceStorage]
	if !ok {
		size = claim.Spec.Resources.Requests[core.ResourceStorage]
	}
	return used, size.Value(), !v.driver.options.Measured, nil
}

// Rest has nothing to let go of: no node of the cluster is this one.
func (v *Volumes) Rest(context.Context, bool, func(driver.Owner) bool) error { return nil }

// Free is without end: the cluster refuses claims that it has no room for.
func (v *Volumes) Free() (free, reserve int64, err error) { return math.MaxInt64, 0, nil }
