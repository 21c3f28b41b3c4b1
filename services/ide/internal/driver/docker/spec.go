package docker

import (
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/google/uuid"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// insideKeeper is where the keeper lies in the container.
const insideKeeper = "/opt/workspace-keeper"

const (
	// smallTmp is /tmp of a sandbox whose memory has no limit.
	smallTmp = 1 << 30
	// leastCPU is the least that the engine grants, in thousandths of a core.
	leastCPU = 10
	// leastMemory is the least that the engine grants.
	leastMemory = 6 << 20
	// core is a thousandth of a core, in the engine's unit.
	milliCore = 1_000_000
)

func (d *Driver) containerName(deployment, workspace uuid.UUID) string {
	return "atrium-" + deployment.String()[:8] + "-" + workspace.String()
}

// configuration is what runs in the container. There is nothing secret in it:
// whoever may ask the engine can read it.
func (d *Driver) configuration(m machine, r record, hostname string) *container.Config {
	return &container.Config{
		Image:           m.image,
		User:            fmt.Sprintf("%d:%d", r.UID, r.UID),
		Hostname:        hostname,
		WorkingDir:      "/",
		Entrypoint:      []string{insideKeeper},
		Cmd:             []string{},
		NetworkDisabled: true,
		StopSignal:      "SIGTERM",
		Healthcheck:     &container.HealthConfig{Test: []string{"NONE"}},
		Labels:          r.labels(m.deployment, d.Name()),
	}
}

// confinement is what the container may do and use.
func (d *Driver) confinement(m machine, r record, l driver.Limits) *container.HostConfig {
	tmpfs := "rw,exec,nosuid,nodev,mode=1777,size=" + tmpSize(l)
	return &container.HostConfig{
		NetworkMode:    "none",
		IpcMode:        "private",
		CgroupnsMode:   "private",
		ReadonlyRootfs: true,
		CapDrop:        []string{"ALL"},
		SecurityOpt:    []string{"no-new-privileges"}, // and the engine's own seccomp profile
		Runtime:        d.options.Runtime,
		RestartPolicy:  container.RestartPolicy{Name: container.RestartPolicyDisabled},
		LogConfig:      container.LogConfig{Type: "json-file", Config: map[string]string{"max-size": "4m", "max-file": "2"}},
		Tmpfs:          map[string]string{"/tmp": tmpfs, "/var/tmp": tmpfs},
		Resources:      m.resources(l),
		Mounts:         d.mounts(m, r),
	}
}

// tmpSize is how large /tmp is, in bytes.
func tmpSize(l driver.Limits) string {
	if l.MemoryBytes > 0 {
		return strconv.FormatInt(l.MemoryBytes/2, 10)
	}
	return strconv.Itoa(smallTmp)
}

func (m machine) resources(l driver.Limits) container.Resources {
	res := container.Resources{Ulimits: []*container.Ulimit{{Name: "core", Soft: 0, Hard: 0}}}
	if l.CPUMillis > 0 {
		// The engine refuses more cores than there are.
		res.NanoCPUs = min(max(l.CPUMillis, leastCPU), int64(m.cores)*1000) * milliCore
	}
	if l.MemoryBytes > 0 {
		res.Memory = max(l.MemoryBytes, leastMemory)
		res.MemorySwap = res.Memory // both together: no swap
	}
	if l.Processes > 0 {
		res.PidsLimit = &l.Processes
	}
	return res
}

// mounts are the user's folders, or the places for them, and the machine's VS
// Code. No source is inside a folder that a workspace sees, so that none can be
// swapped for a link.
func (d *Driver) mounts(m machine, r record) []mount.Mount {
	user, run, p := d.User(r.Owner), d.Sandbox(r.place()), vscode.Inside(r.Name)
	own := func(from, to string) mount.Mount {
		return mount.Mount{Type: mount.TypeBind, Source: from, Target: to, BindOptions: &mount.BindOptions{Propagation: mount.PropagationRPrivate}}
	}
	fixed := func(from, to string) mount.Mount {
		given := own(from, to)
		given.ReadOnly = true
		return given
	}
	common := []mount.Mount{
		own(d.Sockets(r.place()), p.Run),
		fixed(m.vscode, p.VSCode),
		fixed(d.options.Keeper, insideKeeper),
		fixed(filepath.Join(run, egressDir), keeper.EgressDir),
		fixed(filepath.Join(run, userdata.PasswdFile), "/etc/passwd"),
		fixed(filepath.Join(run, userdata.GroupFile), "/etc/group"),
	}
	if r.vacant() {
		return append(common, d.lateMounts(r.Slot)...)
	}
	return append(common,
		own(filepath.Join(user, userdata.Project(r.WorkspaceID)), p.Project),
		own(filepath.Join(user, userdata.Home), p.Home),
		own(filepath.Join(user, userdata.State(r.WorkspaceID)), p.State),
		own(filepath.Join(user, userdata.Settings), p.Settings),
		own(filepath.Join(user, userdata.Extensions), p.Extensions),
	)
}

// environment tells programs the way out, which is the only one. Node.js minds
// proxies only when told to.
func environment(p vscode.Places, workspace uuid.UUID) []string {
	proxy := "http://127.0.0.1:" + strconv.Itoa(keeper.ProxyPort)
	const direct = "localhost,127.0.0.1,::1"
	return append(vscode.Environment(p, workspace),
		"HTTP_PROXY="+proxy, "http_proxy="+proxy, "HTTPS_PROXY="+proxy, "https_proxy="+proxy,
		"NO_PROXY="+direct, "no_proxy="+direct, "NODE_USE_ENV_PROXY=1",
	)
}
