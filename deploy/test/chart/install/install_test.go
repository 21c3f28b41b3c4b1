package install

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// run runs a program of the rig and gives what it prints.
func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	require.NoError(t, err, "%s %s: %s", program, strings.Join(args, " "), out)
	return strings.TrimSpace(string(out))
}

func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	return run(t, "kubectl", append([]string{"--namespace", "atrium"}, args...)...)
}

// release runs helm with the values that the chart is installed with.
func release(t *testing.T, args ...string) string {
	t.Helper()
	return run(t, os.Getenv("ATRIUM_CHART_HELM"), append(args, "--namespace", "atrium", "--wait", "--timeout", "5m")...)
}

func images(t *testing.T) string {
	t.Helper()
	return kubectl(t, "get", "deployments", "-o", `jsonpath={range .items[*]}{.spec.template.spec.containers[0].image} {.status.updatedReplicas}/{.status.readyReplicas}{"\n"}{end}`)
}

// One installation is walked through, upgraded and rolled back.
func TestAnInstalledChart(t *testing.T) {
	if os.Getenv("ATRIUM_CHART_HELM") == "" {
		t.Skip("no chart is installed: see deploy/test/chart/install.sh")
	}
	gateway := net.JoinHostPort(kubectl(t, "get", "service", "atrium-gateway", "-o", "jsonpath={.spec.clusterIP}"), "80")
	secrets := func() string {
		return kubectl(t, "get", "secret", "atrium-keys", "atrium-postgres", "atrium-redis", "atrium-authority", "-o", "jsonpath={.items[*].data}")
	}
	ada := newPerson(t, gateway, "ada")
	workspace := workspaceOf(t, ada)
	pods := func() string {
		return run(t, "kubectl", "--namespace", "atrium-workspaces", "get", "pods", "-o", "jsonpath={.items[*].metadata.uid}")
	}
	before, kept := pods(), secrets()
	require.NotEmpty(t, before)

	over := make(chan struct{})
	var writers []*writer
	var all sync.WaitGroup
	for i := range 3 {
		name := fmt.Sprintf("writer%d", i)
		w := &writer{person: newPerson(t, gateway, name), name: name, acknowledged: map[string]string{}, ended: map[string]string{}, again: map[string]int{}, cut: map[string]int{}}
		writers = append(writers, w)
		all.Go(func() { w.write(over) })
	}
	stop := sync.OnceFunc(func() { close(over); all.Wait() })
	defer stop()
	old := images(t)
	t.Run("upgrade", func(t *testing.T) {
		begin := time.Now()
		release(t, "upgrade", "atrium", "../../../helm/atrium", "--reuse-values", "--set", "image.tag="+os.Getenv("ATRIUM_CHART_NEXT"))
		t.Logf("upgraded within %s", time.Since(begin).Round(time.Second))
		require.Equal(t, 5, strings.Count(images(t), ":"+os.Getenv("ATRIUM_CHART_NEXT")+" "), images(t))
	})
	t.Run("rollback", func(t *testing.T) {
		begin := time.Now()
		release(t, "rollback", "atrium", "1")
		t.Logf("rolled back within %s", time.Since(begin).Round(time.Second))
		require.Equal(t, old, images(t))
	})
	time.Sleep(time.Second) // something is asked afterwards, too
	stop()

	acknowledged, interrupted, refused := 0, 0, 0
	for _, w := range writers {
		acknowledged += len(w.acknowledged)
		for _, status := range w.ended {
			if status != "complete" {
				interrupted++
			}
		}
		require.Empty(t, w.judge(), w.name)
		for why, n := range w.cut {
			t.Logf("%s: %d answers are %s", w.name, n, why)
		}
		for why, n := range w.again {
			refused += n
			t.Logf("%s: asked again %d times: %s", w.name, n, why)
		}
	}
	t.Logf("%d questions acknowledged, none lost or there twice; %d answers interrupted", acknowledged, interrupted)
	require.Greater(t, acknowledged, 30)
	require.Less(t, interrupted+refused, acknowledged/10, "the service goes on meanwhile")
	require.Equal(t, before, pods(), "workspaces run on")
	require.Contains(t, ada.editor(workspace), "workbench")
	require.Equal(t, kept, secrets(), "keys are as they were")
	t.Run("room", func(t *testing.T) { roomIsGiven(t, ada) })
}

// workspaceOf is what somebody does first: a question, a workspace, its editor.
func workspaceOf(t *testing.T, ada *person) string {
	t.Helper()
	conversation := ada.must("POST", "/api/chat/conversations", object{"title": "Hello"})["id"].(string)
	response, err := ada.send("POST", "/api/chat/conversations/"+conversation+"/messages", object{"content": "Hello."}, "Accept", "text/event-stream")
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	status := ""
	require.NoError(t, events(response.Body, func(e event) bool {
		if e.name == "done" {
			status, _ = e.data["message"].(object)["status"].(string)
		}
		return e.name != "done" && e.name != "error"
	}))
	require.Equal(t, "complete", status)

	workspace := ada.must("POST", "/api/ide/workspaces", object{"name": "project"})["id"].(string)
	ada.must("POST", "/api/ide/workspaces/"+workspace+"/start", object{})
	until(t, "the workspace runs", 3*time.Minute, func() error {
		if w := ada.must("GET", "/api/ide/workspaces/"+workspace, nil); w["status"] != "running" {
			return fmt.Errorf("%v %v", w["status"], w["statusReason"])
		}
		return nil
	})
	require.Contains(t, ada.editor(workspace), "workbench")
	filesOf(t, ada, workspace)
	return workspace
}

// filesOf works on files outside of the editor, of a workspace that runs and of
// one that never has.
func filesOf(t *testing.T, ada *person, running string) {
	t.Helper()
	stopped := ada.must("POST", "/api/ide/workspaces", object{"name": "stopped", "template": "go"})["id"].(string)
	for _, workspace := range []string{running, stopped} {
		base := "/api/ide/workspaces/" + workspace + "/files"
		ada.must("PUT", base+"/content?path=notes/today.json", object{"kept": true})
		require.Contains(t, fmt.Sprint(ada.must("GET", base, nil)["entries"]), "notes")
		require.Equal(t, object{"kept": true}, ada.must("GET", base+"/content?path=notes/today.json", nil))
	}
	require.Contains(t, fmt.Sprint(ada.must("GET", "/api/ide/workspaces/"+stopped+"/files", nil)["entries"]), "go.mod", "it was filled from its template")
}

// roomIsGiven has pods of a low priority take what is left of the node, and then a
// workspace started, which needs it.
func roomIsGiven(t *testing.T, ada *person) {
	workspace := ada.must("POST", "/api/ide/workspaces", object{"name": "needs room"})["id"].(string)
	pods := func(component, what string) string {
		return run(t, "kubectl", "--namespace", "atrium-workspaces", "get", "pods", "-l", "app.kubernetes.io/component="+component, "-o", "jsonpath="+what)
	}
	free := freeMillis(t)
	require.Greater(t, free, 100)
	release(t, "upgrade", "atrium", "../../../helm/atrium", "--reuse-values",
		"--set", fmt.Sprintf("workspaces.warm.image=true,workspaces.warm.room=1,workspaces.warm.cpu=%dm,workspaces.warm.memory=32Mi", free-20))
	require.Equal(t, "Running", pods("image", "{.items[*].status.phase}"))
	require.Equal(t, "Running", pods("room", "{.items[*].status.phase}"))
	require.Less(t, freeMillis(t), 50, "no workspace fits")
	begin := time.Now()
	ada.must("POST", "/api/ide/workspaces/"+workspace+"/start", object{})
	until(t, "the workspace runs", time.Minute, func() error {
		if w := ada.must("GET", "/api/ide/workspaces/"+workspace, nil); w["status"] != "running" {
			return fmt.Errorf("%v %v", w["status"], w["statusReason"])
		}
		return nil
	})
	t.Logf("a workspace that needed the room ran within %s", time.Since(begin).Round(100*time.Millisecond))
	require.Equal(t, "Pending", pods("room", "{.items[*].status.phase}"), "the room waits for more of it")
}

// freeMillis is how much of the node's processor no pod has requested.
func freeMillis(t *testing.T) int {
	t.Helper()
	millis := func(quantity string) int {
		if whole, ok := strings.CutSuffix(quantity, "m"); ok {
			n, err := strconv.Atoi(whole)
			require.NoError(t, err)
			return n
		}
		n, err := strconv.ParseFloat(quantity, 64)
		require.NoError(t, err)
		return int(n * 1000)
	}
	free := millis(run(t, "kubectl", "get", "node", "node", "-o", "jsonpath={.status.allocatable.cpu}"))
	for pod := range strings.Lines(run(t, "kubectl", "get", "pods", "-A", "--field-selector", "spec.nodeName=node,status.phase!=Succeeded,status.phase!=Failed",
		"-o", `jsonpath={range .items[*]}{.spec.containers[*].resources.requests.cpu}{"\n"}{end}`)) {
		for _, request := range strings.Fields(pod) {
			free -= millis(request)
		}
	}
	return free
}
