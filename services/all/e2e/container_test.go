package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// needContainers skips a test where Docker, the runtime or the image is missing,
// and fails it where they have to be there.
func needContainers(t *testing.T, class string) {
	t.Helper()
	missing := func(why string) {
		if slices.Contains(strings.Split(os.Getenv("ATRIUM_REQUIRE_DRIVERS"), ","), class) {
			t.Fatalf("%s is required but can't be tested: %s", class, why)
		}
		t.Skipf("SKIPPED: %s; tools/docker.sh makes this machine ready", why)
	}
	if text, err := exec.CommandContext(t.Context(), "docker", "image", "inspect", "atrium-workspace").CombinedOutput(); err != nil {
		missing("docker has no image atrium-workspace: " + string(text))
	}
	text, err := exec.CommandContext(t.Context(), "docker", "info", "--format", "{{json .Runtimes}}").CombinedOutput()
	if err != nil || (class == "gvisor" && !strings.Contains(string(text), `"runsc"`)) {
		missing("docker has no runtime runsc: " + string(text))
	}
}

// containers are those of a workspace, whether they run or not.
func containers(t *testing.T, workspace string) string {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "docker", "ps", "--all", "--quiet", "--filter", "label=atrium.workspace="+workspace).CombinedOutput()
	require.NoError(t, err, "%s", text)
	return strings.TrimSpace(string(text))
}

func TestWorkspacesInContainers(t *testing.T) {
	for _, run := range []struct {
		mode, class string
		// byPlan: the class is that of the user's plan, and another the deployment's.
		byPlan bool
	}{{"one process", "docker", false}, {"services", "docker", false}, {"one process", "gvisor", true}} {
		t.Run(run.mode+", "+run.class, func(t *testing.T) {
			needVSCode(t)
			needContainers(t, run.class)
			isolation := []string{"ATRIUM_ISOLATION=" + run.class}
			if run.byPlan {
				isolation = []string{"ATRIUM_ISOLATION=directory", "ATRIUM_ISOLATION_ALSO=" + run.class}
			}
			p := startPlatform(t, run.mode, append(isolation, "ATRIUM_AI_DEMO_WORDS_PER_SECOND=0")...)
			ada := p.browser(t)
			ada.register("ada")
			if run.byPlan {
				ada.planIsolation(p.administrator(t), run.class)
			}
			id := ada.running("mine")
			require.Equal(t, run.class, ada.must("GET", "/api/ide/workspaces/"+id, nil)["isolation"])
			container := containers(t, id)
			require.NotEmpty(t, container)
			before := ada.enter(id)
			require.Less(t, before.get("/").StatusCode, 400)

			inside := tenant{door: &door{browser: ada}, workspace: id}
			if run.class == "docker" { // nobody can enter gVisor's from outside
				theWayOut(t, inside)
			}

			p.kill(map[string]string{"one process": "atrium", "services": "ided"}[p.mode])
			p.start()
			ada.waitStatus(id, "running")
			require.Less(t, before.get("/").StatusCode, 400, "the same cookie, the same VS Code")
			require.Equal(t, container, containers(t, id), "the same container")
			if run.class == "docker" {
				require.Equal(t, 2, strings.Count(inside.run(askModels), "200 {"), "the new process serves the way out")
			}

			ada.must("POST", "/api/ide/workspaces/"+id+"/stop", object{})
			ada.waitStatus(id, "stopped")
			eventually(t, "nothing is left of the container", func() error {
				if left := containers(t, id); left != "" {
					return fmt.Errorf("%s", left)
				}
				return nil
			})
			if run.byPlan { // with another plan the same files are in another class
				kept := ada.shelf(id)
				require.Equal(t, http.StatusOK, kept.put("kept.txt", "kept").StatusCode)
				ada.planIsolation(p.administrator(t), "")
				ada.must("POST", "/api/ide/workspaces/"+id+"/start", object{})
				ada.waitStatus(id, "running")
				require.Equal(t, "directory", ada.must("GET", "/api/ide/workspaces/"+id, nil)["isolation"])
				require.Equal(t, "kept", string(ada.call("GET", kept.content("kept.txt"), nil).body))
				ada.planIsolation(p.administrator(t), "kubernetes")
				refused := ada.call("POST", "/api/ide/workspaces/"+id+"/restart", object{})
				require.Equal(t, http.StatusConflict, refused.StatusCode)
				require.Contains(t, string(refused.body), "ISOLATION_UNAVAILABLE")
			}
		})
	}
}

// planIsolation gives the browser's user a plan that names an isolation class.
func (b *browser) planIsolation(administrator *browser, class string) {
	b.t.Helper()
	administrator.must("PUT", "/api/admin/plans", object{"plans": []object{{
		"name": "apart", "isolation": class, "aiTokensMonthly": "-1", "workspaces": "3", "ideSecondsMonthly": "-1",
		"storageBytes": "1073741824", "cpuMillis": "2000", "memoryBytes": "2147483648",
	}}})
	id := b.must("GET", "/api/users/me", nil)["id"].(string)
	administrator.must("PATCH", "/api/admin/users/"+id, object{"plan": "apart"})
}

// theWayOut: the platform is reached from inside, nothing else of this machine
// is, and the gateway reaches the workspace's ports.
func theWayOut(t *testing.T, inside tenant) {
	t.Helper()
	p := inside.p
	said := inside.run(askModels)
	require.Equal(t, 2, strings.Count(said, "200 {"), said)
	said = inside.run(fmt.Sprintf(`curl -sS -m 10 "$ATRIUM_URL/api/health"; echo; curl -s -m 10 -o /dev/null -w '%%{http_code}\n' --noproxy '' http://127.0.0.1:%d/
		for port in %d 5432 6379; do timeout 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" 2>/dev/null && echo reached; done; env | grep -i -c proxy`, p.port, p.port))
	require.NotContains(t, said, "reached")
	require.Contains(t, said, "\n403\n", "the gateway by another name than its public one: %s", said)

	server := inside.command("/opt/vscode/node/bin/node", "-e", `require("http").createServer((q, s) => s.end("served inside")).listen(8080)`)
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	path := "/api/ide/workspaces/" + inside.workspace + "/ports"
	eventually(t, "the port is listed", func() error {
		if body := string(inside.call("GET", path, nil).body); !strings.Contains(body, "8080") {
			return fmt.Errorf("not in %s", body)
		}
		return nil
	})
	got := inside.pass(path + "/8080/open").get("/")
	require.Equal(t, http.StatusOK, got.StatusCode)
	require.Equal(t, "served inside", string(got.body))
}
