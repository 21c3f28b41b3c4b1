package directory

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// needNamespaces gives a driver that keeps users apart by uid and namespaces.
func needNamespaces(t *testing.T) *Driver {
	t.Helper()
	needRoot(t)
	needVSCode(t)
	d := newDriver(t, dataDir(t))
	caps, err := d.Probe(t.Context())
	require.NoError(t, err)
	if d.found.bwrap == "" {
		t.Skip("SKIPPED: bubblewrap does not work here: " + strings.Join(caps.Weaker, "; "))
	}
	return d
}

func TestAWorkspaceHasNoPowers(t *testing.T) {
	d := needNamespaces(t)
	p := newPerson(t, d, driver.Limits{})
	said := p.run(t, `id -u; id -G; grep -E "^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs)" /proc/self/status | tr -d "\t"; touch /usr/x /etc/x /opt/vscode/x 2>&1`)
	require.Contains(t, said, fmt.Sprintf("%d\n%d\n", p.record.UID, p.record.UID))
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		require.Contains(t, said, set+":0000000000000000\n")
	}
	require.Contains(t, said, "NoNewPrivs:1\n")
	require.Equal(t, 3, strings.Count(said, "Read-only file system"), said)
}

func TestAWorkspaceSeesNobodyElse(t *testing.T) {
	d := needNamespaces(t)
	ada, bob := newPerson(t, d, driver.Limits{}), newPerson(t, d, driver.Limits{})
	require.NotEqual(t, ada.record.UID, bob.record.UID)
	require.NoError(t, os.WriteFile(filepath.Join(d.User(bob.owner), userdata.Project(bob.record.WorkspaceID), "bobs-secret"), nil, 0o666))
	require.NoError(t, os.WriteFile("/tmp/atrium-isolation-test", nil, 0o666))
	t.Cleanup(func() { require.NoError(t, os.Remove("/tmp/atrium-isolation-test")) })

	said := ada.run(t, `ls -A /tmp; cat /proc/[0-9]*/comm; cat /proc/1/environ 2>&1; ls `+d.Data+` /root 2>&1; ls /home; find /home /workspaces /vscode /tmp /run /var -name bobs-secret 2>&1; echo end`)
	require.NotContains(t, said, "atrium-isolation-test")
	require.NotContains(t, said, "bobs-secret")
	require.Equal(t, 2, strings.Count(said, "No such file or directory"), said)
	require.Contains(t, said, "\ncoder\nend")
	require.NotContains(t, said, "directory.tes", "the machine's processes can't be seen")

	// Should a mount ever show Bob's folder, the uid still keeps Ada out.
	out := output(asUser(ada.record.UID, "/bin/ls", filepath.Join(d.User(bob.owner), userdata.Project(bob.record.WorkspaceID))))
	require.Contains(t, out, "Permission denied")
}

func TestAWorkspaceIsToldNothingOfThePlatform(t *testing.T) {
	const canary = "canary-of-the-platform"
	t.Setenv("DATABASE_URL", canary)
	t.Setenv("ANTHROPIC_API_KEY", canary)
	d := needNamespaces(t)
	said := newPerson(t, d, driver.Limits{}).run(t, `env; echo; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr "\0" "\n"; ls -l /proc/self/fd`)
	require.NotContains(t, said, canary)
	require.Contains(t, said, "--args", "bubblewrap's own command line was among them")
	arguments, _, _ := strings.Cut(said, "\ntotal ") // the log's own name comes after
	require.NotContains(t, arguments, d.Data, "nor where the platform keeps its data")
	require.NotContains(t, said, "socket:", "no open connection is handed down")
	told, _, _ := strings.Cut(said, "\n\n")
	for _, line := range strings.Split(told, "\n") {
		if name, _, ok := strings.Cut(line, "="); ok {
			require.Contains(t, []string{"ATRIUM_WORKSPACE_ID", "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "MALLOC_ARENA_MAX", "PWD", "OLDPWD", "SHLVL", "_"}, name)
		}
	}
}

func TestLimitsHold(t *testing.T) {
	d := needNamespaces(t)
	if !d.found.cgroups {
		t.Skip("SKIPPED: no control groups here")
	}
	p := newPerson(t, d, driver.Limits{MemoryBytes: 96 << 20, Processes: 40, CPUMillis: 500})
	said := p.run(t, `sh -c 'i=0; while [ $i -lt 100 ]; do sleep 1 & i=$((i+1)); done; wait' 2>&1
		until sleep 2; do :; done
		/opt/vscode/node/bin/node -e "const a=[]; for(;;) a.push(Buffer.alloc(1<<20,1))" 2>&1; echo "ended with $?"`)
	require.Contains(t, said, "Cannot fork", "more processes than allowed")
	require.Contains(t, said, "ended with 137", "more memory than allowed")
}

func TestHomesAndFoldersArePrivate(t *testing.T) {
	d := needNamespaces(t)
	p := newPerson(t, d, driver.Limits{})
	for _, dir := range []string{"", "workspaces", userdata.Project(p.record.WorkspaceID), userdata.Settings, userdata.Extensions, ".metadata", userdata.Home, userdata.State(p.record.WorkspaceID)} {
		info, err := os.Stat(filepath.Join(d.User(p.owner), dir))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), dir)
		require.Equal(t, p.record.UID, ownerOf(info), dir)
	}
}

func TestPlantedLinksAreNotFollowed(t *testing.T) {
	d := needNamespaces(t)
	p := newPerson(t, d, driver.Limits{})
	victim := filepath.Join(dataDir(t), "victim")
	require.NoError(t, os.WriteFile(victim, []byte("safe"), 0o600))
	// The user plants links where the driver writes at the next start.
	p.run(t, `rm -rf /vscode/settings/settings.json /home/coder/.bashrc /vscode/state/User
		ln -s `+victim+` /vscode/settings/settings.json; ln -s `+victim+` /home/coder/.bashrc; ln -s /etc /vscode/state/User`)
	root, err := d.EnsureUser(p.owner, p.record.UID)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, vscode.Prepare(root, p.record.WorkspaceID, p.record.UID, d.places(*d.found, p.record)))
	text, err := os.ReadFile(victim)
	require.NoError(t, err)
	require.Equal(t, "safe", string(text))
	require.Zero(t, fileOwner(t, victim))
	require.Zero(t, fileOwner(t, "/etc"))
}
