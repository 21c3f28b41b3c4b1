package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fleet is a platform of separate services, each of them there twice, the gateways
// behind nginx.
type fleet struct {
	*platform
	replicas []replica
}

// replica is one process of a fleet.
type replica struct {
	name, program string
	env           []string
	// health is where it answers /readyz.
	health string
}

// newFleet makes one with so many ide services; env adds settings.
func newFleet(t *testing.T, ideds int, env ...string) *fleet {
	t.Helper()
	address := func() string { return fmt.Sprintf("127.0.0.1:%d", freePort(t)) }
	door := freePort(t)
	pairs := map[string][2]string{}
	for _, name := range []string{"GATEWAY", "AUTH", "CHAT", "AI", "IDE", "IDE_DATA"} {
		pairs[name] = [2]string{address(), address()}
	}
	startNginx(t, door, pairs["GATEWAY"])
	f := &fleet{}
	settings := []string{
		fmt.Sprintf("ATRIUM_PUBLIC_URL=http://atrium.localhost:%d", door),
		fmt.Sprintf("ATRIUM_IDE_DOMAIN=ide.atrium.localhost:%d", door),
		"ATRIUM_TRUSTED_PROXIES=1", "ATRIUM_RATE_LIMIT_API=0", "ATRIUM_RATE_LIMIT_AI=0", "ATRIUM_STOP_SPREAD=500ms", "ATRIUM_CHAT_DRAIN=20s",
	}
	for _, name := range []string{"AUTH", "CHAT", "AI"} {
		settings = append(settings, "ATRIUM_"+name+"_ADDR="+pairs[name][0]+","+pairs[name][1])
	}
	for _, name := range []string{"IDE", "IDE_DATA"} {
		pair := pairs[name]
		settings = append(settings, "ATRIUM_"+name+"_ADDR="+strings.Join(pair[:ideds], ","))
	}
	f.platform = newPlatform(t, "services", append(settings, env...)...)
	f.port = door
	for i := range 2 {
		f.replicas = append(f.replicas, replica{fmt.Sprint("gatewayd ", i), "gatewayd", []string{"ATRIUM_LISTEN=" + pairs["GATEWAY"][i]}, pairs["GATEWAY"][i]})
	}
	for i := range 2 {
		f.replicas = append(f.replicas,
			replica{fmt.Sprint("chatd ", i), "chatd", []string{"ATRIUM_CHAT_LISTEN=" + pairs["CHAT"][i]}, address()},
			// What answers used is noted in a folder that each has for itself.
			replica{fmt.Sprint("aid ", i), "aid", []string{"ATRIUM_AI_LISTEN=" + pairs["AI"][i], "ATRIUM_DATA_DIR=" + filepath.Join(f.setting("ATRIUM_DATA_DIR"), fmt.Sprint("ai", i))}, address()},
			replica{fmt.Sprint("authd ", i), "authd", []string{"ATRIUM_AUTH_LISTEN=" + pairs["AUTH"][i]}, address()},
		)
	}
	for i := range ideds {
		f.replicas = append(f.replicas, replica{fmt.Sprint("ided ", i), "ided", []string{"ATRIUM_IDE_LISTEN=" + pairs["IDE"][i], "ATRIUM_IDE_DATA_LISTEN=" + pairs["IDE_DATA"][i]}, address()})
	}
	for i, r := range f.replicas {
		if service := strings.TrimSuffix(r.program, "d"); service != "gateway" {
			f.replicas[i].env = append(slices.Clone(r.env), "ATRIUM_"+strings.ToUpper(service)+"_METRICS_LISTEN="+r.health)
		}
	}
	return f
}

// up starts every replica.
func (f *fleet) up() {
	f.t.Helper()
	for _, wanted := range []string{"gatewayd", "authd", "aid", "chatd", "ided"} {
		for _, r := range f.replicas {
			if r.program == wanted {
				f.startReplica(r.name, r.program, r.env...)
			}
		}
	}
	for _, r := range f.replicas {
		f.serves(r)
	}
}

// restart stops a replica as a rolling update does and starts it again.
func (f *fleet) restart(r replica) {
	f.t.Helper()
	begin := time.Now()
	running := f.started[r.name]
	require.NoError(f.t, running.Process.Signal(syscall.SIGTERM))
	select {
	case <-running.ended:
		require.NoError(f.t, running.err, "%s ended badly", r.name)
	case <-time.After(patience):
		f.t.Fatalf("%s did not end", r.name)
	}
	delete(f.started, r.name)
	stopped := time.Since(begin)
	f.startReplica(r.name, r.program, r.env...)
	f.serves(r)
	f.t.Logf("%s stopped in %v and was back after %v", r.name, stopped.Round(time.Millisecond), time.Since(begin).Round(time.Millisecond))
}

// serves waits until a replica says that it is ready.
func (f *fleet) serves(r replica) {
	f.t.Helper()
	eventually(f.t, r.name+" is ready", func() error {
		response, err := http.Get("http://" + r.health + "/readyz")
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			text, _ := io.ReadAll(response.Body)
			return fmt.Errorf("%s: %s", response.Status, text)
		}
		return nil
	}, f.logs)
}

// startNginx runs the proxy of deploy/nginx before two gateways.
func startNginx(t *testing.T, port int, gateways [2]string) {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("nginx is missing: install Debian's package nginx-light")
		}
		t.Skip("nginx is missing: NOT PROVEN that gateways can be restarted behind it")
	}
	text, err := os.ReadFile(filepath.Join(repository(), "deploy", "nginx", "atrium.conf"))
	require.NoError(t, err)
	site := strings.NewReplacer("127.0.0.1:8080", gateways[0], "127.0.0.1:8081", gateways[1], "127.0.0.1:80;", fmt.Sprintf("127.0.0.1:%d;", port)).Replace(string(text))
	dir := t.TempDir()
	config := fmt.Sprintf("daemon off; master_process off; pid %[1]s/pid; error_log stderr error;\nevents {}\nhttp { access_log off; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;\n%[2]s}\n", dir, site)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(config), 0o600))
	proxy := exec.Command(path, "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "nginx.conf"))
	said := &logs{}
	proxy.Stderr = said
	require.NoError(t, proxy.Start())
	t.Cleanup(func() {
		_ = proxy.Process.Kill()
		_ = proxy.Wait() // it was killed
		if t.Failed() {
			t.Logf("what nginx said:\n%s", said)
		}
	})
}
