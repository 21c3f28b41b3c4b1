package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// cluster is the few calls of the cluster's API that the driver makes; the rights
// that they need are deploy/helm/atrium/files/workspace-role.yaml.
type cluster struct {
	client    kubernetes.Interface
	namespace string
}

// pollEvery is how often something that takes a moment is looked at.
const pollEvery = 100 * time.Millisecond

// pod gives a pod; nil when there is none.
func (c cluster) pod(ctx context.Context, name string) (*core.Pod, error) {
	p, err := c.client.CoreV1().Pods(c.namespace).Get(ctx, name, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("kubernetes: look at pod %s: %w", name, err)
	}
	return p, nil
}

func (c cluster) pods(ctx context.Context, with map[string]string) ([]core.Pod, error) {
	list, err := c.client.CoreV1().Pods(c.namespace).List(ctx, meta.ListOptions{LabelSelector: labels.SelectorFromSet(with).String()})
	if err != nil {
		return nil, fmt.Errorf("kubernetes: list pods: %w", err)
	}
	return list.Items, nil
}

func (c cluster) createPod(ctx context.Context, p *core.Pod) (*core.Pod, error) {
	made, err := c.client.CoreV1().Pods(c.namespace).Create(ctx, p, meta.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("kubernetes: make the pod: %w", err)
	}
	return made, nil
}

func (c cluster) createSecret(ctx context.Context, s *core.Secret) error {
	if _, err := c.client.CoreV1().Secrets(c.namespace).Create(ctx, s, meta.CreateOptions{}); err != nil {
		return fmt.Errorf("kubernetes: make the pod's secret: %w", err)
	}
	return nil
}

// annotate notes something on the very pod of a unique id.
func (c cluster) annotatePod(ctx context.Context, name, uid, key, value string) error {
	patch := map[string]any{"metadata": map[string]any{"uid": uid, "annotations": map[string]string{key: value}}}
	text, err := json.Marshal(patch)
	if err != nil {
		return err
	}
	if _, err := c.client.CoreV1().Pods(c.namespace).Patch(ctx, name, types.MergePatchType, text, meta.PatchOptions{}); err != nil {
		return fmt.Errorf("kubernetes: note on pod %s: %w", name, err)
	}
	return nil
}

// endPod ends the very pod of a unique id, by force after the grace, and waits
// until it is gone. It is no error when there is none.
func (c cluster) endPod(ctx context.Context, name, uid string, grace time.Duration) error {
	if err := c.deletePod(ctx, name, uid, grace); err != nil {
		return err
	}
	return c.await(ctx, grace+endWithin, fmt.Sprintf("pod %s does not end; its node may be away", name), func() (bool, error) {
		p, err := c.pod(ctx, name)
		return err == nil && (p == nil || string(p.UID) != uid), err
	})
}

// deletePod is endPod without the wait.
func (c cluster) deletePod(ctx context.Context, name, uid string, grace time.Duration) error {
	seconds := max(int64(grace.Round(time.Second)/time.Second), 1)
	id := types.UID(uid)
	err := c.client.CoreV1().Pods(c.namespace).Delete(ctx, name, meta.DeleteOptions{
		GracePeriodSeconds: &seconds, Preconditions: &meta.Preconditions{UID: &id},
	})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) { // a conflict: another pod has the name by now
		return nil
	}
	if err != nil {
		return fmt.Errorf("kubernetes: end pod %s: %w", name, err)
	}
	return nil
}

// endWithin bounds how long a pod's node may take beyond the grace.
const endWithin = 45 * time.Second

// await looks until something is so.
func (c cluster) await(ctx context.Context, within time.Duration, otherwise string, so func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		done, err := so()
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("kubernetes: %s: %w", otherwise, errors.Join(err, context.Cause(ctx)))
		case <-ticker.C:
		}
	}
}

// logs gives the end of what a container printed, at most limit bytes; nothing
// when it has not begun or is gone.
func (c cluster) logs(ctx context.Context, pod, container string, lines int, limit int64) ([]byte, error) {
	count := int64(lines)
	stream, err := c.client.CoreV1().Pods(c.namespace).GetLogs(pod, &core.PodLogOptions{Container: container, TailLines: &count, LimitBytes: &limit}).Stream(ctx)
	if apierrors.IsNotFound(err) || apierrors.IsBadRequest(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("kubernetes: the pod's log: %w", err)
	}
	defer stream.Close()
	return io.ReadAll(io.LimitReader(stream, limit))
}

// claim gives a claim; nil when there is none.
func (c cluster) claim(ctx context.Context, name string) (*core.PersistentVolumeClaim, error) {
	found, err := c.client.CoreV1().PersistentVolumeClaims(c.namespace).Get(ctx, name, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("kubernetes: look at claim %s: %w", name, err)
	}
	return found, nil
}

// createClaim makes a claim, unless somebody just has.
func (c cluster) createClaim(ctx context.Context, claim *core.PersistentVolumeClaim) error {
	_, err := c.client.CoreV1().PersistentVolumeClaims(c.namespace).Create(ctx, claim, meta.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("kubernetes: make the claim: %w", err)
	}
	return nil
}

func (c cluster) patchClaim(ctx context.Context, name string, patch map[string]any) error {
	text, err := json.Marshal(patch)
	if err != nil {
		return err
	}
	if _, err := c.client.CoreV1().PersistentVolumeClaims(c.namespace).Patch(ctx, name, types.MergePatchType, text, meta.PatchOptions{}); err != nil {
		return fmt.Errorf("kubernetes: change claim %s: %w", name, err)
	}
	return nil
}

func (c cluster) deleteClaim(ctx context.Context, name string) error {
	err := c.client.CoreV1().PersistentVolumeClaims(c.namespace).Delete(ctx, name, meta.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("kubernetes: delete claim %s: %w", name, err)
	}
	return nil
}

// apply makes a network policy, or makes the one that is there like it.
func (c cluster) apply(ctx context.Context, policy *networking.NetworkPolicy) error {
	policies := c.client.NetworkingV1().NetworkPolicies(c.namespace)
	for range 3 { // another replica may do the same
		before, err := policies.Get(ctx, policy.Name, meta.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
			_, err = policies.Create(ctx, policy, meta.CreateOptions{})
		case err == nil:
			policy.ResourceVersion = before.ResourceVersion
			_, err = policies.Update(ctx, policy, meta.UpdateOptions{})
			policy.ResourceVersion = ""
		}
		if err == nil {
			return nil
		}
		if !apierrors.IsAlreadyExists(err) && !apierrors.IsConflict(err) {
			return fmt.Errorf("kubernetes: the workspaces' network policy: %w", err)
		}
	}
	return errors.New("kubernetes: the workspaces' network policy is changed by somebody else all the time")
}

// Reach implements driver.Reacher: it asks for a pod that isn't there.
func (d *Driver) Reach(ctx context.Context) error {
	_, err := d.cluster.pod(ctx, "none")
	return err
}
