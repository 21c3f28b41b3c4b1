package directory

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// Where things lie inside a sandbox that bubblewrap makes. None of the mount
// points is inside a folder that a user can write to: a link planted there
// would send a mount elsewhere.
const (
	insideProjects   = "/workspaces"
	insideHome       = "/home/coder"
	insideState      = "/vscode/state"
	insideSettings   = "/vscode/settings"
	insideExtensions = "/vscode/extensions"
	insideRun        = "/run/atrium"
	insideVSCode     = "/opt/vscode"
)

// machine is what this machine offers for making sandboxes.
type machine struct {
	root    bool
	bwrap   string // paths of the tools; empty when missing or unusable
	setpriv string
	prlimit string
	cgroups bool
	vscode  string // folder of the installed version
}

// places is where a sandbox's parts are, as the editor sees them.
type places struct {
	project, home, state, settings, extensions, run, vscode string
}

// places gives the paths inside the sandbox, or on the machine without one.
func (d *Driver) places(m machine, r record) places {
	if m.bwrap != "" {
		return places{insideProjects + "/" + r.Name, insideHome, insideState, insideSettings, insideExtensions, insideRun, insideVSCode}
	}
	user := d.layout.user(r.Owner)
	return places{
		project:    filepath.Join(user, project(r.WorkspaceID)),
		home:       filepath.Join(user, homeDir),
		state:      filepath.Join(user, state(r.WorkspaceID)),
		settings:   filepath.Join(user, settingsDir),
		extensions: filepath.Join(user, extensionsDir),
		run:        r.SocketDir,
		vscode:     m.vscode,
	}
}

// namespacesFD is where bubblewrap reads its arguments. They name the data
// directory and the owner's folders, and a command line could be read inside,
// where bubblewrap is the first process.
const namespacesFD = 4

// arguments gives the file for namespacesFD; nil without bubblewrap.
func (d *Driver) arguments(m machine, r record) (*os.File, error) {
	if m.bwrap == "" {
		return nil, nil //nolint:nilnil // no file is what a process without one is given
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	// A few kilobytes: a pipe holds them before anybody reads.
	_, err = write.WriteString(strings.Join(d.namespaces(m, r), "\x00") + "\x00")
	if err := errors.Join(err, write.Close()); err != nil {
		read.Close()
		return nil, err
	}
	return read, nil
}

// confine wraps a command so that it runs as the user and sees only what is
// the user's. The process must be given arguments at namespacesFD.
func (d *Driver) confine(m machine, r record, command []string) []string {
	var argv []string
	if m.prlimit != "" {
		argv = append(argv, m.prlimit, "--core=0")
		if m.root && r.Limits.Processes > 0 && !m.cgroups {
			argv = append(argv, "--nproc="+strconv.FormatInt(r.Limits.Processes, 10))
		}
		argv = append(argv, "--")
	}
	if m.bwrap != "" {
		argv = append(argv, m.bwrap, "--args", strconv.Itoa(namespacesFD), "--")
	}
	if m.setpriv != "" {
		argv = append(argv, m.setpriv, "--no-new-privs")
		if m.root {
			uid := strconv.Itoa(r.UID)
			argv = append(argv, "--reuid="+uid, "--regid="+uid, "--clear-groups", "--bounding-set=-all", "--inh-caps=-all")
		}
		argv = append(argv, "--")
	}
	return append(argv, command...)
}

// namespaces are bubblewrap's arguments: the system read-only, the user's own
// folders, and nothing else of the machine's files, processes or IPC.
func (d *Driver) namespaces(m machine, r record) []string {
	args := []string{
		"--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
		"--hostname", r.Hostname, "--new-session", "--chdir", d.places(m, r).project,
	}
	if !m.root {
		args = append(args, "--unshare-user")
	}
	args = append(args, "--ro-bind", "/usr", "/usr")
	for _, dir := range []string{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"} {
		if target, err := os.Readlink(dir); err == nil {
			args = append(args, "--symlink", target, dir)
		} else if _, err := os.Stat(dir); err == nil {
			args = append(args, "--ro-bind", dir, dir)
		}
	}
	for _, dir := range []string{insideProjects, "/home", "/vscode", "/opt", "/var"} {
		args = append(args, "--perms", "0755", "--dir", dir)
	}
	for _, dir := range []string{"/tmp", "/var/tmp"} {
		args = append(args, "--perms", "1777", "--tmpfs", dir)
	}
	user, sandbox := d.layout.user(r.Owner), d.layout.sandbox(r.WorkspaceID)
	return append(args,
		"--ro-bind", "/etc", "/etc",
		"--ro-bind", filepath.Join(sandbox, passwdFile), "/etc/passwd",
		"--ro-bind", filepath.Join(sandbox, groupFile), "/etc/group",
		"--ro-bind", filepath.Join(sandbox, hostsFile), "/etc/hosts",
		"--proc", "/proc",
		"--dev", "/dev",
		"--perms", "1777", "--tmpfs", "/dev/shm",
		"--perms", "0755", "--tmpfs", "/run",
		"--ro-bind-try", "/run/systemd/resolve", "/run/systemd/resolve", // where /etc/resolv.conf may point
		"--bind", r.SocketDir, insideRun,
		"--bind", filepath.Join(user, project(r.WorkspaceID)), d.places(m, r).project,
		"--bind", filepath.Join(user, homeDir), insideHome,
		"--bind", filepath.Join(user, state(r.WorkspaceID)), insideState,
		"--bind", filepath.Join(user, settingsDir), insideSettings,
		"--bind", filepath.Join(user, extensionsDir), insideExtensions,
		"--ro-bind", m.vscode, insideVSCode,
	)
}

// environment is everything a workspace is told. Nothing of this process's own
// environment goes in.
func environment(p places, workspace uuid.UUID) []string {
	return []string{
		marker(workspace),
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=" + p.home,
		"USER=coder", "LOGNAME=coder", "SHELL=/bin/bash",
		"LANG=C.UTF-8",
		"MALLOC_ARENA_MAX=2",
	}
}

// marker is how a process tells, in its environment, which workspace it is of.
func marker(workspace uuid.UUID) string { return "ATRIUM_WORKSPACE_ID=" + workspace.String() }
