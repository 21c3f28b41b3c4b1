package kubernetes

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
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

// Volumes are claims, one per user. What lies in them is reached by pods only: by
// a workspace's own while it runs, else by one that serves the user's files for as
// long as somebody uses them. How much it is, pods say, and the claim remembers it.
type Volumes struct {
	driver *Driver

	mu sync.Mutex
	// seeds are of workspaces that may have no files yet.
	seeds map[uuid.UUID]fs.FS
	// reached are the pods that last served a workspace's files.
	reached map[uuid.UUID]record
}

var (
	_ driver.Volumes  = (*Volumes)(nil)
	_ driver.Limiter  = (*Volumes)(nil)
	_ driver.Remote   = (*Volumes)(nil)
	_ driver.Exporter = (*Volumes)(nil)
)

// Annotations of claims: what a workspace's files took when they were last
// measured, in bytes, and what all of the user's did.
const (
	noteUsage = "atrium.usage."
	noteUsed  = "atrium.used"
)

// mostSeed is what a line to a keeper holds beside the rest.
const mostSeed = 700 << 10

func (v *Volumes) name(owner driver.Owner) string { return v.driver.name("user", owner.String()) }

// Ensure makes the user's claim, and keeps the seed for the workspace's next pod,
// which plants it where there is no project yet. A claim grows with the plan
// while nothing of the user's runs, if its storage class can; it never shrinks.
func (v *Volumes) Ensure(ctx context.Context, spec driver.VolumeSpec) (driver.Volume, error) {
	volume := driver.Volume{WorkspaceID: spec.WorkspaceID, Owner: spec.Owner}
	if spec.Seed != nil {
		v.mu.Lock()
		v.seeds[spec.WorkspaceID] = spec.Seed
		v.mu.Unlock()
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

// seed gives what a workspace is filled with, as an archive; nil for nothing.
func (v *Volumes) seed(workspace uuid.UUID) ([]byte, error) {
	v.mu.Lock()
	seed := v.seeds[workspace]
	v.mu.Unlock()
	if seed == nil {
		return nil, nil
	}
	var text bytes.Buffer
	archive := tar.NewWriter(&text)
	if err := errors.Join(archive.AddFS(seed), archive.Close()); err != nil {
		return nil, fmt.Errorf("what the workspace is filled with: %w", err)
	}
	if text.Len() > mostSeed {
		return nil, fmt.Errorf("what the workspace is filled with has %d bytes, more than a secret holds", text.Len())
	}
	return text.Bytes(), nil
}

// Usage asks the workspace, or the claim's memory when it does not run.
func (v *Volumes) Usage(ctx context.Context, volume driver.Volume) (int64, error) {
	p, err := v.driver.cluster.pod(ctx, v.driver.name("workspace", volume.WorkspaceID.String()))
	if err != nil {
		return 0, err
	}
	if p == nil || !runs(p) {
		if p, err = v.driver.cluster.pod(ctx, v.filesPod(volume.Owner)); err != nil {
			return 0, err
		}
	}
	if p != nil && serves(p) {
		r, err := recorded(p)
		if err != nil {
			return 0, err
		}
		disk, err := v.measure(ctx, r, volume.WorkspaceID)
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

// measure asks a pod what a workspace's files take, and has the claim remember the answer.
func (v *Volumes) measure(ctx context.Context, r record, workspace uuid.UUID) (pod.Disk, error) {
	disk, err := v.driver.keeper(r).Disk(ctx, workspace)
	if err != nil {
		return disk, err
	}
	disk.Project, disk.Used = max(disk.Project, 0), max(disk.Used, 0)
	return disk, v.note(ctx, r.Owner, map[string]int64{noteUsage + workspace.String(): disk.Project, noteUsed: disk.Used})
}

// note has a user's claim remember sizes.
func (v *Volumes) note(ctx context.Context, owner driver.Owner, sizes map[string]int64) error {
	notes := map[string]string{}
	for key, size := range sizes {
		notes[key] = strconv.FormatInt(max(size, 0), 10)
	}
	return v.driver.cluster.patchClaim(ctx, v.name(owner), map[string]any{"metadata": map[string]any{"annotations": notes}})
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
	if _, err := v.measure(ctx, r, r.WorkspaceID); err != nil {
		v.driver.options.Log.DebugContext(ctx, "what a workspace's files take is not measured at its end", "workspace_id", r.WorkspaceID, "error", err)
	}
}

// deleteWithin bounds how long it may take to delete a workspace's files.
const deleteWithin = 10 * time.Minute

// Delete has a pod remove a workspace's files from its user's claim.
func (v *Volumes) Delete(ctx context.Context, volume driver.Volume) error {
	ctx, cancel := context.WithTimeout(ctx, deleteWithin)
	defer cancel()
	v.mu.Lock()
	delete(v.seeds, volume.WorkspaceID)
	v.mu.Unlock()
	claim, err := v.driver.cluster.claim(ctx, v.name(volume.Owner))
	if err != nil || claim == nil || claim.Status.Phase == core.ClaimPending { // nothing ever ran over it
		return err
	}
	r, err := v.ownPod(ctx, volume.Owner)
	if err == nil {
		err = v.driver.keeper(r).Erase(ctx, volume.WorkspaceID)
	}
	if err != nil {
		return fmt.Errorf("delete the workspace's files: %w", err)
	}
	return v.driver.cluster.patchClaim(ctx, claim.Name, map[string]any{"metadata": map[string]any{"annotations": map[string]any{noteUsage + volume.WorkspaceID.String(): nil}}})
}

// DeleteUser deletes the user's claim. The cluster removes it when the last pod
// that has it is gone.
func (v *Volumes) DeleteUser(ctx context.Context, owner driver.Owner) error {
	if owner == uuid.Nil {
		return errors.New("no user named")
	}
	return errors.Join(v.driver.cluster.deleteClaim(ctx, v.name(owner)), v.endFiles(ctx, owner))
}

// Total is what all of a user's files take, or took when a pod last measured them,
// and how large the claim is.
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
		if r, err := recorded(&pods[i]); err == nil && serves(&pods[i]) {
			if disk, err := v.driver.keeper(r).Disk(ctx, r.WorkspaceID); err == nil {
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

// Free is without end: the cluster refuses claims that it has no room for.
func (v *Volumes) Free() (free, reserve int64, err error) { return math.MaxInt64, 0, nil }
