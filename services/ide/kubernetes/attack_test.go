package kubernetes

import (
	"context"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	networking "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"atrium.internal/services/ide/internal/driver"
)

var small = driver.Limits{MemoryBytes: 256 << 20, CPUMillis: 1000}

func fresh() driver.VolumeSpec {
	return driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New()}
}

// TestSeparation: what a workspace can't do.
func TestSeparation(t *testing.T) { //nolint:tparallel // one driver serves its parts, in turn
	t.Parallel() // they mostly wait, each in a namespace of its own
	r := needRig(t)
	d := r.driver(t)
	ctx := t.Context()

	t.Run("a workspace has no rights, on its node or in the cluster", func(t *testing.T) {
		p := newPerson(t, d, fresh(), small)
		defer p.end(t)
		said := p.run(t, `exec 2>&1
			id -u; grep -E 'CapEff|NoNewPrivs|^Seccomp:' /proc/self/status | tr -d "\t "
			ls /var/run/secrets 2>&1; ls /volume 2>&1; env | grep -c KUBERNETES
			touch /opt/x; touch /etc/x; ls /workspaces; ls -A /workspaces/project | wc -l`)
		require.NotContains(t, said, "uid=0")
		for _, line := range []string{"CapEff:0000000000000000", "NoNewPrivs:1", "Seccomp:2", "'/var/run/secrets': No such file", "'/volume': No such file", "'/opt/x': Read-only file system", "'/etc/x': Read-only file system"} {
			require.Contains(t, said, line)
		}
		require.Contains(t, said, "\n0\n", "nothing of the cluster in the environment")
	})

	t.Run("another's keeper does not answer", func(t *testing.T) {
		victim := newPerson(t, d, fresh(), small)
		defer victim.end(t)
		victim.start(t, `exec sleep 1000`)
		at := victim.record(t).IP

		// A driver that lacks the deployment's key finds the pod and gets no word.
		other := r.driver(t, func(o *Options) { o.Key = append(make([]byte, 31), 1) })
		_, err := other.Stats(ctx, victim.handle)
		require.Error(t, err)
		require.NotErrorIs(t, err, driver.ErrNotRunning)
		_, err = d.Stats(ctx, victim.handle)
		require.NoError(t, err)

		// Were policies not enforced, a neighbour would get as far as the port, and no
		// further.
		end := r.allowAll(t)
		defer end()
		thief := newPerson(t, d, fresh(), small)
		defer thief.end(t)
		said := thief.run(t, `/opt/vscode/node/bin/node -e '
			const s = require("tls").connect({ host: "`+at+`", port: 7130, rejectUnauthorized: false }, () => s.write("{\"do\":\"stats\"}\n"));
			s.on("data", (d) => console.log("GOT", String(d))); s.on("error", (e) => console.log("refused:", e.code)); s.on("close", () => process.exit(0));
			setTimeout(() => { console.log("silence"); process.exit(0) }, 5000)' 2>&1`)
		require.Contains(t, said, "refused:")
		require.NotContains(t, said, "GOT")
	})

	t.Run("another's ports are not reached", func(t *testing.T) {
		if os.Getenv("ATRIUM_K8S_POLICIES") != "1" {
			t.Skip("SKIPPED: nothing enforces network policies here. NOT PROVEN: that a workspace does not reach another's ports")
		}
		require.NoError(t, d.cluster.apply(ctx, d.policy()))
		victim := newPerson(t, d, fresh(), small)
		defer victim.end(t)
		victim.start(t, `exec /opt/vscode/node/bin/node -e 'require("net").createServer((c) => c.end()).listen(8000)'`)
		require.Eventually(t, func() bool {
			ports, err := d.Ports(ctx, victim.handle)
			return err == nil && len(ports) == 1
		}, 20*time.Second, 50*time.Millisecond)
		conn, err := d.DialPort(ctx, victim.handle, 8000)
		require.NoError(t, err, "the platform reaches it")
		require.NoError(t, conn.Close())
		at := victim.record(t).IP
		try := func() string {
			thief := newPerson(t, d, fresh(), small)
			defer thief.end(t)
			return thief.run(t, `/opt/vscode/node/bin/node -e '
				for (const port of [8000, 7130]) {
					const s = require("net").connect({ host: "`+at+`", port, timeout: 3000 }, () => { console.log(port, "open"); s.destroy() });
					s.on("timeout", () => { console.log(port, "silent"); s.destroy() }); s.on("error", (e) => console.log(port, e.code))
				}' 2>&1`)
		}
		said := try()
		require.Contains(t, said, "8000 silent")
		require.Contains(t, said, "7130 silent")
		end := r.allowAll(t)
		defer end()
		require.Contains(t, try(), "8000 open", "it was the policy that kept them apart")
	})

	t.Run("policies hold every pod, whoever enforces them", func(t *testing.T) {
		require.NoError(t, d.cluster.apply(ctx, d.policy()))
		policy, err := r.admin.NetworkingV1().NetworkPolicies(r.namespace).Get(ctx, d.policy().Name, meta.GetOptions{})
		require.NoError(t, err)
		require.Equal(t, []networking.PolicyType{networking.PolicyTypeIngress, networking.PolicyTypeEgress}, policy.Spec.PolicyTypes)
		p := newPerson(t, d, fresh(), small)
		defer p.end(t)
		found, err := r.admin.CoreV1().Pods(r.namespace).Get(ctx, p.record(t).Pod, meta.GetOptions{})
		require.NoError(t, err)
		for key, value := range policy.Spec.PodSelector.MatchLabels {
			require.Equal(t, value, found.Labels[key])
		}
	})

	t.Run("an end ends the pod that was meant", func(t *testing.T) {
		v := fresh()
		first := newPerson(t, d, v, small)
		first.end(t)
		second := newPerson(t, d, v, small)
		defer second.end(t)
		second.start(t, `exec sleep 1000`)
		require.NoError(t, d.Stop(ctx, first.handle), "it is gone already")
		_, err := d.Stats(ctx, second.handle)
		require.NoError(t, err)
		_, err = d.Prepare(ctx, driver.Spec{WorkspaceID: v.WorkspaceID, Owner: v.Owner, Hostname: "test", Folder: "project"})
		require.ErrorContains(t, err, "runs already")
	})

	t.Run("files of one workspace go, and the user's others stay", func(t *testing.T) {
		one := fresh()
		one.Seed = fstest.MapFS{"readme.txt": {Data: []byte("from the template\n")}}
		other := driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: one.Owner}
		write := func(v driver.VolumeSpec, script string) string {
			p := newPerson(t, d, v, small)
			defer p.end(t)
			return p.run(t, "exec 2>&1; cd /workspaces/project; "+script)
		}
		require.Contains(t, write(one, `cat readme.txt; echo mine > note; cat $HOME/shared`), "from the template")
		require.NotContains(t, write(other, `cat note; echo other > note; echo shared > $HOME/shared`), "mine")
		require.NoError(t, d.Volumes().Delete(ctx, driver.Volume{WorkspaceID: one.WorkspaceID, Owner: one.Owner}))
		one.Seed = nil
		said := write(one, `ls -A; cat $HOME/shared`)
		require.NotContains(t, said, "note")
		require.NotContains(t, said, "readme")
		require.Contains(t, said, "shared", "the home folder is the user's")
		require.Contains(t, write(other, `cat note`), "other")

		require.NoError(t, d.Volumes().DeleteUser(ctx, one.Owner))
		require.Eventually(t, func() bool {
			_, err := r.admin.CoreV1().PersistentVolumeClaims(r.namespace).Get(context.WithoutCancel(ctx), d.Volumes().name(one.Owner), meta.GetOptions{})
			return apierrors.IsNotFound(err)
		}, time.Minute, 100*time.Millisecond)
	})

	t.Run("an image that is not there is told of", func(t *testing.T) {
		broken := r.driver(t, func(o *Options) { o.Image = "127.0.0.1:1/nowhere:1" })
		v := fresh()
		_, err := broken.Volumes().Ensure(ctx, v)
		require.NoError(t, err)
		h, err := broken.Prepare(ctx, driver.Spec{WorkspaceID: v.WorkspaceID, Owner: v.Owner, Hostname: "test", Folder: "project"})
		require.NoError(t, err)
		defer func() { require.NoError(t, broken.Stop(ctx, h)) }()
		limited, cancel := context.WithTimeout(ctx, 90*time.Second)
		defer cancel()
		_, err = broken.Attach(limited, h, driver.Volume{WorkspaceID: v.WorkspaceID, Owner: v.Owner})
		require.ErrorContains(t, err, "127.0.0.1:1/nowhere:1")
	})
}

// allowAll has no policy keep anything in the namespace apart, until end is called.
func (r *rig) allowAll(t *testing.T) (end func()) {
	t.Helper()
	policies := r.admin.NetworkingV1().NetworkPolicies(r.namespace)
	_, err := policies.Create(t.Context(), &networking.NetworkPolicy{ObjectMeta: meta.ObjectMeta{Name: "all"}, Spec: networking.NetworkPolicySpec{
		PolicyTypes: []networking.PolicyType{networking.PolicyTypeIngress, networking.PolicyTypeEgress},
		Ingress:     []networking.NetworkPolicyIngressRule{{}}, Egress: []networking.NetworkPolicyEgressRule{{}},
	}}, meta.CreateOptions{})
	require.NoError(t, err)
	return func() {
		require.NoError(t, policies.Delete(context.WithoutCancel(t.Context()), "all", meta.DeleteOptions{}))
	}
}
