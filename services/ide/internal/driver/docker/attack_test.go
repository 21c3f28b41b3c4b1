package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/egress"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/unixsock"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

const canary = "canary-of-the-platform"

// inspected is all that the engine tells of the person's container.
func (p *person) inspected(t *testing.T) client.ContainerInspectResult {
	t.Helper()
	found, err := p.driver.engine.client.ContainerInspect(t.Context(), p.record.Container, client.ContainerInspectOptions{})
	require.NoError(t, err)
	return found
}

func TestAttack37AContainerHasNoPowers(t *testing.T) {
	each(t, func(t *testing.T, c class) {
		d := c.need(t)
		p := newPerson(t, d, driver.Limits{CPUMillis: 1500, MemoryBytes: 256 << 20, Processes: 128})
		said := p.run(t, `id -u; id -G; grep -E "^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):" /proc/self/status | tr -d "\t"
			for f in /x /usr/x /etc/x /opt/vscode/x /opt/workspace-keeper /etc/passwd /run/x /run/atrium-egress/x; do touch $f 2>&1; done
			find / -name "docker.sock" -o -name "containerd.sock" 2>/dev/null; find / -xdev -perm /6000 -type f 2>/dev/null
			ls /dev; cat /proc/version; chroot / true 2>&1; mount -t tmpfs x /tmp 2>&1; unshare -U true 2>&1; echo end`)
		require.True(t, strings.HasPrefix(said, fmt.Sprintf("%d\n%d\n", p.record.UID, p.record.UID)), said)
		require.NotZero(t, p.record.UID)
		for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd"} {
			require.Contains(t, said, set+":0000000000000000\n")
		}
		require.Equal(t, 8, strings.Count(said, "Read-only file system")+strings.Count(said, "Permission denied"), said)
		require.NotContains(t, said, ".sock")
		for _, device := range []string{"sda", "vda", "mem\n", "kmsg", "kvm"} {
			require.NotContains(t, said, device)
		}
		require.Equal(t, c.runtime == "runsc", strings.Contains(said, "gVisor") || !strings.Contains(said, kernel(t)), "whose kernel it is: %s", said)
		if c.runtime == "" {
			require.Contains(t, said, "NoNewPrivs:1\n")
			require.Contains(t, said, "Seccomp:2\n")
			require.Contains(t, said, "unshare failed")
		}

		h := p.inspected(t).Container.HostConfig
		require.False(t, h.Privileged)
		require.Empty(t, h.CapAdd)
		require.Equal(t, []string{"ALL"}, h.CapDrop)
		require.Equal(t, []string{"no-new-privileges"}, h.SecurityOpt)
		require.True(t, h.ReadonlyRootfs)
		require.Equal(t, "none", string(h.NetworkMode))
		require.EqualValues(t, 1_500_000_000, h.NanoCPUs)
		require.EqualValues(t, 256<<20, h.Memory)
		require.Equal(t, h.Memory, h.MemorySwap)
		require.EqualValues(t, 128, *h.PidsLimit)
		require.Equal(t, "no", string(h.RestartPolicy.Name))
	})
}

func kernel(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	require.NoError(t, err)
	return strings.TrimSpace(string(text))
}

func TestAttack39TheDriverOffersNothingOfTheHost(t *testing.T) {
	d := plain.need(t)
	p := newPerson(t, d, driver.Limits{})
	h := p.inspected(t).Container.HostConfig
	require.Empty(t, h.Binds)
	require.Empty(t, h.Devices)
	require.Empty(t, h.VolumesFrom)
	require.Empty(t, h.PortBindings)
	for _, mode := range []string{string(h.PidMode), string(h.UTSMode), string(h.UsernsMode)} {
		require.Empty(t, mode)
	}
	require.Equal(t, []string{"private", "private"}, []string{string(h.IpcMode), string(h.CgroupnsMode)})
	own := []string{d.User(p.owner) + "/", d.Sandbox(p.id) + "/"}
	for _, m := range h.Mounts {
		if !strings.HasPrefix(m.Source, own[0]) && !strings.HasPrefix(m.Source, own[1]) {
			require.True(t, m.ReadOnly, m.Source)
			require.Contains(t, []string{d.found.vscode, d.options.Keeper}, m.Source)
		}
	}

	spec := driver.Spec{WorkspaceID: uuid.New(), Owner: p.owner, Hostname: "test", Folder: "project"}
	_, err := d.Ensure(t.Context(), driver.VolumeSpec{WorkspaceID: spec.WorkspaceID, Owner: spec.Owner})
	require.NoError(t, err)
	for _, folder := range []string{"", ".", "..", "../../etc", "/etc", "a/b", "a:/etc", "a,readonly=false", ".ssh"} {
		bad := spec
		bad.Folder = folder
		_, err := d.Prepare(t.Context(), bad)
		require.ErrorContains(t, err, "name of a folder", folder)
	}
	for _, host := range []string{"", "-x", "a b", "a\n--privileged", strings.Repeat("a", 64), "ä"} {
		bad := spec
		bad.Hostname = host
		_, err := d.Prepare(t.Context(), bad)
		require.ErrorContains(t, err, "name of a host", host)
	}

	// What another deployment runs on the same engine is neither seen nor replaced.
	other := plain.driver(t, dataDir(t))
	list, err := other.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, list)
}

// listeners take connections on the host that no workspace may make.
type listeners struct{ seen atomic.Int64 }

func (l *listeners) on(t *testing.T, address string) int {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			l.seen.Add(1)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ninside")
			conn.Close()
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return listener.Addr().(*net.TCPAddr).Port
}

// ownAddress is one of this machine's that is not loopback.
func ownAddress(t *testing.T) netip.Addr {
	t.Helper()
	all, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			return netip.MustParseAddr(n.IP.String())
		}
	}
	t.Skip("SKIPPED: this machine has no address but loopback")
	return netip.Addr{}
}

func TestAttack41AWorkspaceReachesNothingInside(t *testing.T) {
	each(t, func(t *testing.T, c class) {
		d := c.need(t)
		var host listeners
		mine := ownAddress(t)
		port := strconv.Itoa(host.on(t, "0.0.0.0:0"))
		six := strconv.Itoa(host.on(t, "[::1]:0"))
		ada, eve := newPerson(t, d, driver.Limits{}), newPerson(t, d, driver.Limits{})
		ada.start(t, `exec python3 -m http.server 8000 --bind 0.0.0.0`)

		// Directly there is no network to be on.
		var script strings.Builder
		direct := []string{"169.254.169.254 80", mine.String() + " " + port, "172.17.0.1 " + port, "10.0.0.1 80", "1.1.1.1 443", "127.0.0.1 " + port, "127.0.0.1 8000", "127.0.0.1 5432", "127.0.0.1 6379"}
		for _, to := range direct {
			at := strings.Fields(to)
			fmt.Fprintf(&script, "timeout 5 bash -c 'exec 3<>/dev/tcp/%s/%s' 2>/dev/null && echo REACHED %s\n", at[0], at[1], to)
		}
		fmt.Fprintf(&script, "timeout 5 python3 -c 'import socket; socket.create_connection((\"::1\", %s))' 2>/dev/null && echo REACHED six\n", six)
		script.WriteString(`python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)' 2>/dev/null && echo REACHED raw
			ls -d /sys/class/net/* 2>/dev/null | grep -v /lo$ | sed 's/^/REACHED /'
`)
		// By the proxy, both ways, whatever the address is written like.
		through := []string{
			"169.254.169.254:80", "[fd00:ec2::254]:80", "100.100.100.200:80", "168.63.129.16:80", "metadata.google.internal:80",
			"127.0.0.1:" + port, "localhost:" + port, "0.0.0.0:" + port, "2130706433:" + port, "0x7f.1:" + port, "127.1:" + port,
			"[::1]:" + six, "[::]:" + six, "[::ffff:127.0.0.1]:" + port, "[::ffff:" + mine.String() + "]:" + port,
			"[64:ff9b::7f00:1]:" + port, "[2002:7f00:1::]:" + port, "[fe80::1]:80", "[fc00::1]:80",
			mine.String() + ":" + port, "172.17.0.1:" + port, "10.0.0.1:80", "192.168.0.1:80", "172.16.0.1:80", "100.64.0.1:80", "198.18.0.1:80", "224.0.0.1:80", "255.255.255.255:80",
		}
		if name, err := os.Hostname(); err == nil {
			through = append(through, name+":"+port)
		}
		for _, to := range through {
			for _, how := range []string{"", "-p"} {
				fmt.Fprintf(&script, "echo 'TRY %s %s' $(curl -gsS %s --noproxy '' -m 20 -o /dev/null -w '%%{http_code}/%%{http_connect}' -x http://127.0.0.1:3128 'http://%s/' 2>/dev/null)\n", to, how, how, to)
			}
		}
		said := eve.run(t, script.String())
		require.NotContains(t, said, "REACHED")
		tries := 0
		for _, line := range strings.Split(said, "\n") {
			if rest, ok := strings.CutPrefix(line, "TRY "); ok {
				tries++
				require.Regexp(t, `(403/000|000/403|502/000|000/502|400/000|000/400)$`, rest)
			}
		}
		require.Equal(t, 2*len(through), tries, said)
		require.Contains(t, said, "TRY 169.254.169.254:80  403", "by the proxy's own words: %s", said)
		require.Zero(t, host.seen.Load(), "connections arrived on the host")
	})
}

func TestThePlatformAndAllowedNetworksAreReached(t *testing.T) {
	each(t, func(t *testing.T, c class) {
		gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "host=%s path=%s auth=%s via=%s", r.Host, r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("X-Forwarded-For"))
		}))
		defer gateway.Close()
		platform, err := url.Parse(strings.Replace(gateway.URL, "127.0.0.1", "atrium.localhost", 1))
		require.NoError(t, err)
		mine := ownAddress(t)
		var mirror listeners
		port := mirror.on(t, mine.String()+":0")
		d := c.need(t, func(o *Options) {
			o.Platform = platform
			// For this test the machine's address is somebody else's.
			o.Egress = egress.Policy{Own: func() ([]net.Addr, error) { return nil, nil }, Allow: []netip.Prefix{netip.PrefixFrom(mine, 32)}}
		})
		p := newPerson(t, d, driver.Limits{})
		address := d.Address("")
		at := netip.AddrPortFrom(mine, uint16(port)).String()
		said := p.run(t, `curl -sS -m 20 -H "Authorization: Bearer mine" -H "X-Forwarded-For: 6.6.6.6" `+address+`/api/hello; echo
			curl -sS -m 20 --noproxy '' http://`+platform.Host+`/other; echo
			curl -sS -m 20 http://`+at+`/; echo; curl -sS -p -m 20 http://`+at+`/; echo
			/opt/vscode/node/bin/node -e 'fetch("http://`+at+`/").then(r => r.text()).then(t => console.log("node", t))'
			curl -sS -m 20 http://1.1.1.1/`)
		require.Contains(t, said, "host="+platform.Host+" path=/api/hello auth=Bearer mine via=\n")
		require.Contains(t, said, "host="+platform.Host+" path=/other")
		require.Equal(t, 3, strings.Count(said, "inside"), said)
		require.Contains(t, said, "node inside")
		require.Contains(t, said, "the internet is closed to workspaces", "where the operator closed it")

		// A process that comes after this one serves the way out of what runs.
		p.start(t, `echo up; until curl -sS -m 5 `+address+`/after; do sleep 0.2; done; echo; sleep 1000`)
		p.await(t, "path=/after")
		require.NoError(t, d.gate.Close())
		again := c.driver(t, d.Data, func(o *Options) { o.Platform = platform })
		list, err := again.List(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.True(t, list[0].Running)
		conn, err := net.Dial("unix", filepath.Join(d.Sandbox(p.id), egressDir, keeper.EgressSocket))
		require.NoError(t, err)
		require.NoError(t, conn.Close())
	})
}

func TestAttack43AGreedyWorkspaceHurtsItselfOnly(t *testing.T) {
	each(t, func(t *testing.T, c class) {
		d := c.need(t)
		limits := driver.Limits{CPUMillis: 500, MemoryBytes: 192 << 20, Processes: 200}
		eve := newPerson(t, d, driver.Limits{CPUMillis: 1000, MemoryBytes: 256 << 20, Processes: 200})
		eve.start(t, `cd /tmp; echo fine > index.html; exec python3 -m http.server 8000`)
		awaitPorts(t, d, eve.handle, 8000)
		asks := func(what string) {
			for range 10 {
				body, err := get(t.Context(), d, eve.handle, 8000)
				require.NoError(t, err, what)
				require.Equal(t, "fine\n", body)
			}
		}

		bomb := newPerson(t, d, limits)
		bomb.start(t, `echo up; bomb() { bomb 2>/dev/null | bomb 2>/dev/null & }; bomb; while :; do :; done`)
		bomb.await(t, "up")
		asks("beside a fork bomb")
		if s, err := d.Stats(t.Context(), bomb.handle); err == nil { // gVisor may have ended it
			require.LessOrEqual(t, s.Processes, limits.Processes)
		} else {
			require.ErrorIs(t, err, driver.ErrNotRunning)
		}

		require.NoError(t, d.Stop(t.Context(), bomb.handle))

		hog := newPerson(t, d, limits)
		hog.start(t, `echo up; python3 -c 'a=[]
while True: a.append(bytearray(1<<20))'; echo "ended with $?"; sleep 1000`)
		for until := time.Now().Add(time.Minute); ; {
			asks("beside a memory hog")
			if _, err := d.Stats(t.Context(), hog.handle); err != nil || strings.Contains(hog.printed(t), "ended with") {
				break // the kernel ended it; gVisor's refuses it memory, or ends as a whole
			}
			require.False(t, time.Now().After(until), "the hog is not stopped: %s", hog.printed(t))
		}
		if c == plain {
			require.Contains(t, hog.printed(t), "ended with 137")
			s, err := d.Stats(t.Context(), hog.handle)
			require.NoError(t, err)
			require.Positive(t, s.OutOfMemory, "it is told what happened")
		}

		disk := newPerson(t, d, limits)
		said := disk.run(t, `dd if=/dev/zero of=/tmp/full bs=1M count=400 2>&1; dd if=/dev/zero of=/dev/shm/full bs=1M count=400 2>&1; echo "still here"`)
		require.NotContains(t, said, "400+0 records out", "memory that looks like a disk is memory")
		asks("beside a full /tmp")
		s, err := d.Stats(t.Context(), eve.handle)
		require.NoError(t, err)
		require.Zero(t, s.OutOfMemory)
	})
}

func awaitPorts(t *testing.T, d *Driver, h driver.Handle, numbers ...int) {
	t.Helper()
	require.Eventually(t, func() bool {
		ports, err := d.Ports(t.Context(), h)
		require.NoError(t, err)
		var found []int
		for _, p := range ports {
			found = append(found, p.Number)
		}
		return slices.Equal(found, numbers)
	}, 30*time.Second, 50*time.Millisecond)
}

// get fetches a page from a port of a sandbox.
func get(ctx context.Context, d *Driver, h driver.Handle, port int) (string, error) {
	c := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialPort(ctx, h, port) },
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://there/", http.NoBody)
	if err != nil {
		return "", err
	}
	response, err := c.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestAttack44SecretsStandNowhere(t *testing.T) {
	t.Setenv("DATABASE_URL", canary)
	each(t, func(t *testing.T, c class) {
		d := c.need(t)
		p := newPerson(t, d, driver.Limits{})
		p.start(t, `echo "token $ATRIUM_TOKEN"; tr "\0" "\n" < /proc/1/environ; cat /proc/[0-9]*/cmdline | tr "\0" " "; ls -l /proc/1/fd; echo; env | grep -v ATRIUM_TOKEN; echo end; sleep 1000`, "ATRIUM_TOKEN=the-token")
		p.await(t, "\nend")
		said := p.printed(t)
		require.Equal(t, 1, strings.Count(said, "the-token"), "the editor is told, nobody else: %s", said)
		require.NotContains(t, said, canary)
		require.NotContains(t, said, d.Data, "nor where the platform keeps its data")
		engine := p.inspected(t)
		require.NotContains(t, string(engine.Raw), "the-token")
		require.NotContains(t, string(engine.Raw), canary)
		require.NotContains(t, string(p.handle.State), "the-token")
		require.NoError(t, filepath.Walk(d.Data, func(path string, info os.FileInfo, err error) error {
			if err != nil || !info.Mode().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			require.NotContains(t, string(text), "the-token", path)
			return err
		}))
	})
}

func TestAttack45ContainersSeeNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, c class) {
		d := c.need(t)
		ada, bob := newPerson(t, d, driver.Limits{}), newPerson(t, d, driver.Limits{})
		require.NotEqual(t, ada.record.UID, bob.record.UID)
		bob.start(t, `touch /home/coder/bobs-secret /tmp/bobs-secret /dev/shm/bobs-secret; chmod 666 /home/coder/bobs-secret
			exec python3 -c 'import socket, time
s = socket.socket(socket.AF_UNIX); s.bind("\0bobs-secret"); s.listen(); print("up", flush=True); time.sleep(1000)'`)
		bob.await(t, "up")
		require.NoError(t, os.WriteFile("/tmp/atrium-isolation-test", nil, 0o666))
		t.Cleanup(func() { require.NoError(t, os.Remove("/tmp/atrium-isolation-test")) })
		said := ada.run(t, `find / -name bobs-secret -not -path "/proc/*" 2>/dev/null; ls -A /tmp /home; cat /proc/[0-9]*/comm
			python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("\0bobs-secret")' 2>&1 | tail -1; ls `+d.Data+` 2>&1; echo end`)
		require.NotContains(t, said, "/bobs-secret")
		require.NotContains(t, said, "atrium-isolation-test")
		require.NotContains(t, said, "dockerd")
		require.NotContains(t, said, "docker.test")
		require.Contains(t, said, "ConnectionRefusedError")
		require.Contains(t, said, "No such file or directory")
	})
}

func TestPortsOfTheSandbox(t *testing.T) {
	each(t, func(t *testing.T, c class) {
		d := c.need(t)
		ada, eve := newPerson(t, d, driver.Limits{}), newPerson(t, d, driver.Limits{})
		eve.start(t, "sleep 1000")
		addresses := []string{"127.0.0.1", "0.0.0.0", "::", "::1"}
		p := newPerson(t, d, driver.Limits{})
		p.start(t, `exec /opt/vscode/node/bin/node -e 'process.argv.slice(1).forEach((address, i) =>
			require("http").createServer((q, s) => s.end(address + " " + q.headers.host)).listen(8000 + i, address))' `+strings.Join(addresses, " "))
		awaitPorts(t, d, p.handle, 8000, 8001, 8002, 8003)
		for i, address := range addresses {
			body, err := get(t.Context(), d, p.handle, 8000+i)
			require.NoError(t, err)
			require.Equal(t, address+" there", body)
		}
		_, err := d.DialPort(t.Context(), eve.handle, 8000)
		require.ErrorIs(t, err, driver.ErrPortClosed, "a neighbour's port")
		_, err = d.DialPort(t.Context(), p.handle, keeper.ProxyPort)
		require.ErrorIs(t, err, driver.ErrPortClosed, "the keeper's own is nobody's page")
		ports, err := d.Ports(t.Context(), eve.handle)
		require.NoError(t, err)
		require.Empty(t, ports)
		require.NoError(t, d.Stop(t.Context(), eve.handle))
		_, err = d.Ports(t.Context(), eve.handle)
		require.ErrorIs(t, err, driver.ErrNotRunning)
		_, err = d.DialPort(t.Context(), ada.handle, 8123)
		require.ErrorIs(t, err, driver.ErrNotRunning, "it was never started")
	})
}

// TestHostileSockets puts in the places of the editor's and the keeper's sockets
// what a workspace could.
func TestHostileSockets(t *testing.T) {
	d := plain.need(t)
	p := newPerson(t, d, driver.Limits{})
	platform := filepath.Join(dataDir(t), "platform.sock")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", platform)
	require.NoError(t, err)
	defer listener.Close()
	p.start(t, `sleep 1000`)
	for _, socket := range []string{vscode.SocketName, keeper.SocketName} {
		inside := filepath.Join(d.Sockets(p.id), socket)
		for name, plant := range map[string]func() error{
			"a link":                     func() error { return os.Symlink(platform, inside) },
			"a file":                     func() error { return os.WriteFile(inside, nil, 0o600) },
			"a folder":                   func() error { return os.Mkdir(inside, 0o700) },
			"another's socket":           func() error { return os.Link(platform, inside) },
			"another's socket, given on": func() error { _ = os.Link(platform, inside); return os.Chown(inside, p.record.UID, p.record.UID) },
		} {
			t.Run(socket+", "+name, func(t *testing.T) {
				require.NoError(t, os.RemoveAll(inside))
				require.NoError(t, plant())
				defer func() { require.NoError(t, os.Chown(platform, 0, 0)) }()
				_, err := d.dial(t.Context(), p.record, socket)
				require.ErrorIs(t, err, unixsock.ErrHostile)
			})
		}
	}
}

// TestAHostileKeeperIsNotBelieved answers in the keeper's place.
func TestAHostileKeeperIsNotBelieved(t *testing.T) {
	for name, answer := range map[string]string{
		"no JSON": "x\n", "endless": strings.Repeat("x", 2<<20), "an error": `{"error":"no"}` + "\n", "nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			here, there := net.Pipe()
			defer there.Close()
			go func() {
				_, _ = there.Read(make([]byte, 4096))
				_, _ = io.WriteString(there, answer)
				there.Close()
			}()
			_, err := keeper.Client{Dial: func(context.Context) (net.Conn, error) { return here, nil }}.Ports(t.Context())
			require.ErrorContains(t, err, "the sandbox's keeper")
		})
	}
}

func TestAStartThatWasCutIsBegunAnew(t *testing.T) {
	d := plain.need(t)
	p := newPerson(t, d, driver.Limits{})
	require.NoError(t, d.engine.start(t.Context(), p.record.Container)) // and then this program was killed
	list, err := d.List(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.False(t, list[0].Running)
	_, err = d.Stats(t.Context(), list[0])
	require.ErrorIs(t, err, driver.ErrNotRunning)

	spec := driver.Spec{WorkspaceID: p.id, Owner: p.owner, Hostname: "test", Folder: "project"}
	p.handle, err = d.Prepare(t.Context(), spec)
	require.NoError(t, err)
	p.record, err = decode(p.handle.State)
	require.NoError(t, err)
	p.start(t, "sleep 1000")
	_, err = d.Prepare(t.Context(), spec)
	require.ErrorContains(t, err, "runs already")
}

func TestNobodyKnowsWhenTheEngineIsAway(t *testing.T) {
	d := plain.need(t)
	p := newPerson(t, d, driver.Limits{})
	p.start(t, "sleep 1000")
	away := plain.driver(t, d.Data, func(o *Options) { o.Host = "unix://" + filepath.Join(d.Data, "no.sock") })
	_, err := away.List(t.Context())
	require.Error(t, err)
	_, err = away.Stats(t.Context(), p.handle)
	require.Error(t, err)
	require.NotErrorIs(t, err, driver.ErrNotRunning)
	require.Error(t, away.Stop(t.Context(), p.handle))
	require.Error(t, away.Destroy(t.Context(), p.handle))
	require.DirExists(t, d.Sandbox(p.id))

	unreadable := p.inspected(t).Container.Config.Labels
	unreadable[labelGeneration] = "2"
	_, err = new(Driver).labelled("x", unreadable)
	require.ErrorContains(t, err, "generation 2")
}

func TestProbeSaysWhatIsMissing(t *testing.T) {
	d := plain.need(t)
	for word, change := range map[string]func(*Options){
		"deploy/workspace-image/build.sh": func(o *Options) { o.Image = "atrium-no-such-image" },
		"deploy/vscode/install.sh":        func(o *Options) { o.VSCodeDir = t.TempDir() },
		"workspace-keeper is missing":     func(o *Options) { o.Keeper = "/nonexistent" },
		"docker does not answer":          func(o *Options) { o.Host = "unix:///nonexistent" },
		"no runtime \"none\"":             func(o *Options) { o.Runtime = "none" },
		"a trial of the container failed": func(o *Options) { o.Keeper = "/etc/passwd" },
	} {
		_, err := plain.driver(t, d.Data, change).Probe(t.Context())
		require.ErrorContains(t, err, word)
	}
	entries, err := os.ReadDir(filepath.Join(d.Data, "users"))
	require.NoError(t, err)
	require.Empty(t, entries, "trials leave nothing")
}

// stopping: everything of a sandbox ends, also what ignores being asked.
func TestStopEndsWhatIgnoresIt(t *testing.T) {
	each(t, func(t *testing.T, c class) {
		d := c.need(t)
		p := newPerson(t, d, driver.Limits{})
		p.start(t, `trap "" TERM; (trap "" TERM; setsid sleep 1000) & echo up; while :; do sleep 1; done`)
		p.await(t, "up")
		require.NoError(t, d.Stop(t.Context(), p.handle))
		_, err := d.Stats(t.Context(), p.handle)
		require.ErrorIs(t, err, driver.ErrNotRunning)

		polite := newPerson(t, d, driver.Limits{})
		polite.start(t, `trap "echo saved; exit" TERM; echo up; while :; do sleep 0.1; done`)
		polite.await(t, "up")
		began := time.Now()
		require.NoError(t, d.Stop(t.Context(), polite.handle))
		require.Contains(t, polite.printed(t), "saved")
		t.Logf("stopped in %s", time.Since(began))
	})
}

func TestHandlesAreWithoutSecretsAndReadable(t *testing.T) {
	r := record{Generation: generation, Container: "0123456789abcdef", WorkspaceID: uuid.New(), Owner: uuid.New(), UID: 7, Name: "project"}
	again, err := new(Driver).labelled(r.Container, r.labels(uuid.New(), "docker"))
	require.NoError(t, err)
	require.Equal(t, r, again)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	again, err = decode(text)
	require.NoError(t, err)
	require.Equal(t, r, again)
	require.Equal(t, userdata.Project(r.WorkspaceID), "workspaces/"+r.WorkspaceID.String())
}

// TestNothingIsLeftBehind: many come and go at once.
func TestNothingIsLeftBehind(t *testing.T) {
	d := plain.need(t)
	var all sync.WaitGroup
	failures := make(chan error, 100)
	for range 10 {
		all.Go(func() {
			spec := driver.Spec{WorkspaceID: uuid.New(), Owner: uuid.New(), Hostname: "test", Folder: "project", Limits: driver.Limits{MemoryBytes: 64 << 20, Processes: 32}}
			v, err := d.Ensure(t.Context(), driver.VolumeSpec{WorkspaceID: spec.WorkspaceID, Owner: spec.Owner})
			failures <- err
			for range 2 { // started, stopped, and started again
				h, err := d.Prepare(t.Context(), spec)
				failures <- err
				r, err := decode(h.State)
				failures <- err
				_, err = d.launch(t.Context(), r, keeper.Start{Command: []string{"/bin/sleep", "1000"}, Dir: "/"})
				failures <- err
				failures <- errors.Join(d.Stop(t.Context(), h), d.Destroy(t.Context(), h))
			}
			failures <- errors.Join(d.Delete(t.Context(), v), d.DeleteUser(t.Context(), spec.Owner))
		})
	}
	all.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	list, err := d.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, list)
	for _, dir := range []string{d.Run, filepath.Join(d.Data, "users")} {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, entries, dir)
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	require.NoError(t, err)
	require.NotContains(t, string(mounts), d.Data)
}
