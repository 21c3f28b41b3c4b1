package directory

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// machine is what this machine offers for making sandboxes.
type machine struct {
	root    bool
	bwrap   string // paths of the tools; empty when missing or unusable
	setpriv string
	prlimit string
	cgroups bool
	warm    error  // why sandboxes can't be made before their user is known
	vscode  string // folder of the installed version
	keeper  string // program that shows terminals; empty without
}

// places gives the paths inside the sandbox, or on the machine without one.
func (d *Driver) places(m machine, r record) vscode.Places {
	if m.bwrap != "" {
		return vscode.Inside(r.Name)
	}
	user := d.User(r.Owner)
	return vscode.Places{
		Project:    filepath.Join(user, userdata.Project(r.WorkspaceID)),
		Home:       filepath.Join(user, userdata.Home),
		State:      filepath.Join(user, userdata.State(r.WorkspaceID)),
		Settings:   filepath.Join(user, userdata.Settings),
		Extensions: filepath.Join(user, userdata.Extensions),
		Run:        r.SocketDir,
		VSCode:     m.vscode,
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

// insideKeeper is where the keeper lies in a sandbox with a file system of its own.
const insideKeeper = "/opt/workspace-keeper"

// held wraps the editor's command so that the sandbox shows terminals.
func (m machine) held(p vscode.Places, command []string) []string {
	switch {
	case m.keeper == "":
		return command
	case m.bwrap != "":
		return append([]string{insideKeeper, "hold", p.Run, p.Project}, command...)
	}
	return append([]string{m.keeper, "hold", p.Run, p.Project}, command...)
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

// hostsFile is the sandbox's /etc/hosts, in its run folder.
const hostsFile = "hosts"

// namespaces are bubblewrap's arguments: the system read-only, the user's own
// folders, and nothing else of the machine's files, processes or IPC.
func (d *Driver) namespaces(m machine, r record) []string {
	args := []string{
		"--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
		"--hostname", r.Hostname, "--new-session",
	}
	if r.Warm {
		args = append(args, "--chdir", "/")
	} else {
		args = append(args, "--chdir", d.places(m, r).Project)
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
	for _, dir := range []string{vscode.InsideProjects, "/home", "/vscode", "/opt", "/var"} {
		args = append(args, "--perms", "0755", "--dir", dir)
	}
	for _, dir := range []string{"/tmp", "/var/tmp"} {
		args = append(args, "--perms", "1777", "--tmpfs", dir)
	}
	if m.keeper != "" {
		args = append(args, "--ro-bind", m.keeper, insideKeeper)
	}
	sandbox := d.Sandbox(r.place())
	args = append(args,
		"--ro-bind", "/etc", "/etc",
		"--ro-bind", filepath.Join(sandbox, userdata.PasswdFile), "/etc/passwd",
		"--ro-bind", filepath.Join(sandbox, userdata.GroupFile), "/etc/group",
		"--ro-bind", filepath.Join(sandbox, hostsFile), "/etc/hosts",
		"--proc", "/proc",
		"--dev", "/dev",
		"--perms", "1777", "--tmpfs", "/dev/shm",
		"--perms", "0755", "--tmpfs", "/run",
		"--ro-bind-try", "/run/systemd/resolve", "/run/systemd/resolve", // where /etc/resolv.conf may point
		"--bind", r.SocketDir, vscode.InsideRun,
		"--ro-bind", m.vscode, vscode.InsideVSCode,
	)
	if r.Warm {
		return append(args, d.vacancies()...)
	}
	user := d.User(r.Owner)
	return append(args,
		"--bind", filepath.Join(user, userdata.Project(r.WorkspaceID)), d.places(m, r).Project,
		"--bind", filepath.Join(user, userdata.Home), vscode.InsideHome,
		"--bind", filepath.Join(user, userdata.State(r.WorkspaceID)), vscode.InsideState,
		"--bind", filepath.Join(user, userdata.Settings), vscode.InsideSettings,
		"--bind", filepath.Join(user, userdata.Extensions), vscode.InsideExtensions,
	)
}
