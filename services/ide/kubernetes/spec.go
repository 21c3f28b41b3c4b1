package kubernetes

import (
	"encoding/json"
	"fmt"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/pod"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// Names within a pod.
const (
	containerName = "workspace"
	volumeUser    = "user"
	volumePod     = "pod"
	volumeRun     = "run"
	volumeTmp     = "tmp"
	volumeVarTmp  = "var-tmp"
)

const (
	// smallTmp is /tmp of a sandbox whose memory has no limit.
	smallTmp = 1 << 30
	// runSize is more than sockets need.
	runSize = 4 << 20
	// spareCPU and spareMemory say what part of the limit is set aside for a
	// workspace on its node: most of them do little most of the time.
	spareCPU, spareMemory = 10, 4
)

// pod is a workspace's. claim is that of the user's files; empty puts a trial's
// into a folder that goes with the pod.
func (d *Driver) pod(r record, hostname, claim string, l driver.Limits) *core.Pod {
	spec := d.restricted(r, claim)
	limits := resources(l)
	prepare := d.container("prepare", "prepare", limits)
	prepare.VolumeMounts = []core.VolumeMount{{Name: volumeUser, MountPath: pod.Volume}, {Name: volumePod, MountPath: pod.Dir, ReadOnly: true}}
	workspace := d.container(containerName, "pod", limits)
	workspace.VolumeMounts = mounts(r)
	spec.InitContainers, spec.Containers = []core.Container{prepare}, []core.Container{workspace}
	spec.Hostname = hostname
	tmp := int64(smallTmp)
	if l.MemoryBytes > 0 {
		tmp = l.MemoryBytes / 2
	}
	for _, name := range []string{volumeTmp, volumeVarTmp} {
		spec.Volumes = append(spec.Volumes, inMemory(name, tmp))
	}
	spec.Volumes = append(spec.Volumes, inMemory(volumeRun, runSize))
	return &core.Pod{
		ObjectMeta: meta.ObjectMeta{Name: d.name("workspace", r.WorkspaceID.String()), Labels: d.labels(r), Annotations: r.notes()},
		Spec:       spec,
	}
}

// restricted is what every pod has: the profile "restricted" of Pod Security,
// and no rights in the cluster.
func (d *Driver) restricted(r record, claim string) core.PodSpec {
	uid, no, grace := int64(r.UID), false, int64(d.options.Grace.Seconds())
	mismatch := core.FSGroupChangeOnRootMismatch
	user := core.VolumeSource{EmptyDir: &core.EmptyDirVolumeSource{}}
	if claim != "" {
		user = core.VolumeSource{PersistentVolumeClaim: &core.PersistentVolumeClaimVolumeSource{ClaimName: claim}}
	}
	readable := int32(0o440)
	spec := core.PodSpec{
		RestartPolicy:                 core.RestartPolicyNever,
		TerminationGracePeriodSeconds: &grace,
		AutomountServiceAccountToken:  &no,
		EnableServiceLinks:            &no,
		SecurityContext: &core.PodSecurityContext{
			RunAsNonRoot: new(true), RunAsUser: &uid, RunAsGroup: &uid, FSGroup: &uid, FSGroupChangePolicy: &mismatch,
			SeccompProfile: &core.SeccompProfile{Type: core.SeccompProfileTypeRuntimeDefault},
		},
		// A user's claim is mounted on one node at a time, so all of the user's
		// pods go to the same.
		Affinity: &core.Affinity{PodAffinity: &core.PodAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []core.PodAffinityTerm{{
			LabelSelector: &meta.LabelSelector{MatchLabels: map[string]string{labelDeployment: d.options.Deployment, labelOwner: r.Owner.String()}},
			TopologyKey:   "kubernetes.io/hostname",
		}}}},
		Volumes: []core.Volume{
			{Name: volumeUser, VolumeSource: user},
			{Name: volumePod, VolumeSource: core.VolumeSource{Secret: &core.SecretVolumeSource{SecretName: r.secret, DefaultMode: &readable}}},
		},
	}
	if d.options.RuntimeClass != "" {
		spec.RuntimeClassName = &d.options.RuntimeClass
	}
	return spec
}

func (d *Driver) container(name, do string, limits core.ResourceRequirements) core.Container {
	return core.Container{
		Name: name, Image: d.options.Image, Command: []string{pod.Keeper, do}, WorkingDir: "/", Resources: limits,
		SecurityContext: &core.SecurityContext{
			AllowPrivilegeEscalation: new(false), ReadOnlyRootFilesystem: new(true), Privileged: new(false),
			Capabilities: &core.Capabilities{Drop: []core.Capability{"ALL"}},
		},
	}
}

// mounts show a workspace its own folders of the user's volume. No mount point is
// inside a folder that the user can write to.
func mounts(r record) []core.VolumeMount {
	p := vscode.Inside(r.Name)
	user := func(part, at string) core.VolumeMount {
		return core.VolumeMount{Name: volumeUser, SubPath: part, MountPath: at}
	}
	told := func(file, at string) core.VolumeMount {
		return core.VolumeMount{Name: volumePod, SubPath: file, MountPath: at, ReadOnly: true}
	}
	return []core.VolumeMount{
		user(userdata.Project(r.WorkspaceID), p.Project),
		user(userdata.Home, p.Home),
		user(userdata.State(r.WorkspaceID), p.State),
		user(userdata.Settings, p.Settings),
		user(userdata.Extensions, p.Extensions),
		{Name: volumeRun, MountPath: p.Run},
		{Name: volumeTmp, MountPath: "/tmp"},
		{Name: volumeVarTmp, MountPath: "/var/tmp"},
		{Name: volumePod, MountPath: pod.Dir, ReadOnly: true},
		told(pod.PasswdFile, "/etc/passwd"),
		told(pod.GroupFile, "/etc/group"),
	}
}

func resources(l driver.Limits) core.ResourceRequirements {
	r := core.ResourceRequirements{Limits: core.ResourceList{}, Requests: core.ResourceList{}}
	if l.CPUMillis > 0 {
		r.Limits[core.ResourceCPU] = *resource.NewMilliQuantity(l.CPUMillis, resource.DecimalSI)
		r.Requests[core.ResourceCPU] = *resource.NewMilliQuantity(max(l.CPUMillis/spareCPU, 1), resource.DecimalSI)
	}
	if l.MemoryBytes > 0 {
		r.Limits[core.ResourceMemory] = *resource.NewQuantity(l.MemoryBytes, resource.BinarySI)
		r.Requests[core.ResourceMemory] = *resource.NewQuantity(l.MemoryBytes/spareMemory, resource.BinarySI)
	}
	return r
}

func inMemory(name string, size int64) core.Volume {
	return core.Volume{Name: name, VolumeSource: core.VolumeSource{EmptyDir: &core.EmptyDirVolumeSource{
		Medium: core.StorageMediumMemory, SizeLimit: resource.NewQuantity(size, resource.BinarySI),
	}}}
}

// told is what a pod is told. It goes with its pod.
func (d *Driver) told(r record, seed []byte) (*core.Secret, error) {
	given := pod.Config{WorkspaceID: r.WorkspaceID, UID: r.UID, Folder: r.Name, Gateway: d.options.Gateway}
	given.Seed, given.Driver = d.keys(r).Given()
	if given.Gateway != "" {
		given.Platform = d.options.Platform.String()
	}
	text, err := json.Marshal(given)
	if err != nil {
		return nil, fmt.Errorf("what the pod is told: %w", err)
	}
	data := map[string][]byte{
		pod.ConfigFile: text,
		pod.PasswdFile: userdata.Passwd(r.UID, vscode.InsideHome),
		pod.GroupFile:  userdata.Group(r.UID),
	}
	if seed != nil {
		data[pod.SeedFile] = seed
	}
	return &core.Secret{
		ObjectMeta: meta.ObjectMeta{Name: r.secret, Labels: d.labels(r), OwnerReferences: []meta.OwnerReference{
			{APIVersion: "v1", Kind: "Pod", Name: r.Pod, UID: types.UID(r.PodUID)},
		}},
		Immutable: new(true), Data: data,
	}, nil
}
