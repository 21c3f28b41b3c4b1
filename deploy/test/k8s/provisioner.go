package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// provisionerName is the one of storageclass.yaml.
const provisionerName = "atrium.test/images"

// provisioner makes the volumes of the class "standard" on the node: each is an
// ext4 image of the size that its claim asks for, which is thereby enforced, and
// grows with its claim whenever no pod uses it.
type provisioner struct {
	client kubernetes.Interface
	dir    string
}

func newProvisioner() *cobra.Command {
	return &cobra.Command{Use: "provisioner KUBECONFIG FOLDER", Args: cobra.ExactArgs(2), RunE: func(c *cobra.Command, args []string) error {
		config, err := clientcmd.BuildConfigFromFlags("", args[0])
		if err != nil {
			return err
		}
		config.QPS, config.Burst = 100, 100
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		p := provisioner{client: client, dir: args[1]}
		for ; ; time.Sleep(150 * time.Millisecond) {
			if err := p.look(context.Background()); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
	}}
}

func (p provisioner) look(ctx context.Context) error {
	claims, err := p.client.CoreV1().PersistentVolumeClaims("").List(ctx, meta.ListOptions{})
	if err != nil {
		return err
	}
	volumes, err := p.client.CoreV1().PersistentVolumes().List(ctx, meta.ListOptions{})
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range claims.Items {
		if c.Status.Phase == core.ClaimPending && c.Annotations["volume.kubernetes.io/storage-provisioner"] == provisionerName && c.Annotations["volume.kubernetes.io/selected-node"] != "" {
			errs = append(errs, p.make(ctx, c))
		}
	}
	for _, v := range volumes.Items {
		switch {
		case v.Annotations["pv.kubernetes.io/provisioned-by"] != provisionerName:
		case v.Status.Phase == core.VolumeReleased:
			errs = append(errs, p.remove(ctx, v.Name))
		case v.Status.Phase == core.VolumeBound:
			for _, c := range claims.Items {
				if c.Spec.VolumeName == v.Name {
					errs = append(errs, p.grow(ctx, c, v))
				}
			}
		}
	}
	return errors.Join(errs...)
}

func (p provisioner) image(name string) string  { return filepath.Join(p.dir, name+".img") }
func (p provisioner) folder(name string) string { return filepath.Join(p.dir, name) }

func (p provisioner) make(ctx context.Context, c core.PersistentVolumeClaim) error {
	name := "pvc-" + string(c.UID)
	if _, err := p.client.CoreV1().PersistentVolumes().Get(ctx, name, meta.GetOptions{}); err == nil {
		return nil // it is about to be bound
	}
	size := c.Spec.Resources.Requests[core.ResourceStorage]
	if err := os.MkdirAll(p.folder(name), 0o755); err != nil {
		return err
	}
	if err := run("truncate", "-s", fmt.Sprint(size.Value()), p.image(name)); err != nil {
		return err
	}
	if err := run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0", p.image(name)); err != nil {
		return err
	}
	if err := run("mount", "-o", "loop", p.image(name), p.folder(name)); err != nil {
		return err
	}
	_ = os.Remove(filepath.Join(p.folder(name), "lost+found"))
	_, err := p.client.CoreV1().PersistentVolumes().Create(ctx, &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: name, Annotations: map[string]string{"pv.kubernetes.io/provisioned-by": provisionerName}},
		Spec: core.PersistentVolumeSpec{
			Capacity:                      core.ResourceList{core.ResourceStorage: size},
			AccessModes:                   c.Spec.AccessModes,
			StorageClassName:              *c.Spec.StorageClassName,
			PersistentVolumeReclaimPolicy: core.PersistentVolumeReclaimDelete,
			ClaimRef:                      &core.ObjectReference{APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: c.Namespace, Name: c.Name, UID: c.UID},
			PersistentVolumeSource:        core.PersistentVolumeSource{Local: &core.LocalVolumeSource{Path: p.folder(name)}},
			NodeAffinity: &core.VolumeNodeAffinity{Required: &core.NodeSelector{NodeSelectorTerms: []core.NodeSelectorTerm{{
				MatchExpressions: []core.NodeSelectorRequirement{{Key: "kubernetes.io/hostname", Operator: core.NodeSelectorOpIn, Values: []string{"node"}}},
			}}}},
		},
	}, meta.CreateOptions{})
	return err
}

func (p provisioner) remove(ctx context.Context, name string) error {
	if used, err := p.used(name); err != nil || used {
		return err
	}
	_ = run("umount", p.folder(name))
	if err := errors.Join(os.RemoveAll(p.image(name)), os.RemoveAll(p.folder(name))); err != nil {
		return err
	}
	return p.client.CoreV1().PersistentVolumes().Delete(ctx, name, meta.DeleteOptions{})
}

// grow makes a volume as large as its claim asks for, once no pod has it mounted.
func (p provisioner) grow(ctx context.Context, c core.PersistentVolumeClaim, v core.PersistentVolume) error {
	want := c.Spec.Resources.Requests[core.ResourceStorage]
	if want.Cmp(v.Spec.Capacity[core.ResourceStorage]) > 0 {
		if used, err := p.used(v.Name); err != nil || used {
			return err
		}
		if err := run("umount", p.folder(v.Name)); err != nil {
			return err
		}
		err := run("truncate", "-s", fmt.Sprint(want.Value()), p.image(v.Name))
		if err == nil {
			_ = run("e2fsck", "-fp", p.image(v.Name)) // 1: it corrected something
			err = run("resize2fs", p.image(v.Name))
		}
		if err := errors.Join(err, run("mount", "-o", "loop", p.image(v.Name), p.folder(v.Name))); err != nil {
			return err
		}
		v.Spec.Capacity[core.ResourceStorage] = want
		if _, err := p.client.CoreV1().PersistentVolumes().Update(ctx, &v, meta.UpdateOptions{}); err != nil {
			return err
		}
	}
	if has := c.Status.Capacity[core.ResourceStorage]; want.Cmp(has) > 0 && c.Status.Phase == core.ClaimBound {
		c.Status.Capacity = core.ResourceList{core.ResourceStorage: want}
		_, err := p.client.CoreV1().PersistentVolumeClaims(c.Namespace).UpdateStatus(ctx, &c, meta.UpdateOptions{})
		return err
	}
	return nil
}

// used reports whether the image is mounted anywhere but in its own folder.
func (p provisioner) used(name string) (bool, error) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return false, err
	}
	var device string
	for line := range strings.Lines(string(mounts)) {
		if f := strings.Fields(line); len(f) > 4 && f[4] == p.folder(name) {
			device = f[2]
		}
	}
	if device == "" {
		return false, nil
	}
	times := 0
	for line := range strings.Lines(string(mounts)) {
		if f := strings.Fields(line); len(f) > 4 && f[2] == device {
			times++
		}
	}
	return times > 1, nil
}

func run(name string, args ...string) error {
	if text, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, text)
	}
	return nil
}
