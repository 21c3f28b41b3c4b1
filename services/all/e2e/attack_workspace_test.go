package e2e

import (
	"encoding/binary"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// office is two people's running workspaces, which the attacks share.
var office struct {
	once     sync.Once
	ada, eve tenant
}

// tenant is somebody with a running workspace, standing at its door.
type tenant struct {
	*door
	user, workspace string
}

func tenants(t *testing.T) (ada, eve tenant) {
	t.Helper()
	needVSCode(t)
	p := attacked(t)
	office.once.Do(func() { office.ada, office.eve = p.tenant("adaide"), p.tenant("eveide") })
	require.NotNil(t, office.eve.door, "the workspaces did not start")
	at := func(who tenant) tenant {
		b := *who.browser
		d := *who.door
		b.t, d.browser = t, &b
		who.door = &d
		return who
	}
	return at(office.ada), at(office.eve)
}

// tenant registers somebody and starts a workspace, for as long as the platform lives.
func (p *platform) tenant(name string) tenant {
	b := p.browser(p.t)
	user := b.register(name)["id"].(string)
	id := b.running("project")
	return tenant{door: b.enter(id), user: user, workspace: id}
}

func upgrade(origin string) []string {
	return []string{
		"Connection", "Upgrade", "Upgrade", "websocket", "Origin", origin, "Sec-Fetch-Site", "",
		"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
	}
}

// status is an answer's alone: an upgraded one has no end.
func (d *door) status(path string, headers ...string) int {
	d.t.Helper()
	r := d.request("GET", path, nil, append([]string{"Cookie", d.cookie}, headers...)...)
	r.Host = d.host
	response, err := client.Do(r)
	require.NoError(d.t, err)
	_ = response.Body.Close()
	return response.StatusCode
}

func (d *door) origin() string { return "http://" + d.host }

const socket = "/?reconnectionToken=6f1b1f5e-0000-4000-8000-000000000000&reconnection=false&skipWebSocketFrames=false"

func TestAttack27VSCodesOwnWebSocketWorks(t *testing.T) {
	ada, _ := tenants(t)
	header := http.Header{"Cookie": {ada.cookie}, "Origin": {ada.origin()}}
	conn, _, err := websocket.Dial(t.Context(), strings.Replace(ada.request("GET", socket, nil).URL.String(), "http:", "ws:", 1),
		&websocket.DialOptions{HTTPHeader: header, Host: ada.host})
	require.NoError(t, err)
	defer func() { _ = conn.CloseNow() }()
	// VS Code's protocol: a head of type, id, acknowledged id and length, then the message.
	greeting := []byte(`{"type":"auth","auth":"00000000000000000000","data":"x"}`)
	head := make([]byte, 13, 13+len(greeting))
	head[0] = 2 // control
	binary.BigEndian.PutUint32(head[9:], uint32(len(greeting)))
	require.NoError(t, conn.Write(t.Context(), websocket.MessageBinary, append(head, greeting...)))
	_, answer, err := conn.Read(t.Context())
	require.NoError(t, err)
	require.Contains(t, string(answer), `"type":"sign"`, "VS Code goes on with its handshake")
}

func TestAttack26AWorkspacesPageCanNotReachThePlatform(t *testing.T) {
	ada, eve := tenants(t)
	p := ada.p
	for name, origin := range map[string]string{"own workspace": ada.origin(), "a sibling": eve.origin(), "null": "null"} {
		page := []string{"Origin", origin, "Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors"}
		read := ada.call("GET", "/api/users/me", nil, page...)
		require.Empty(t, read.Header.Values("Access-Control-Allow-Origin"), "%s may not read", name)
		require.Equal(t, "same-origin", read.Header.Get("Cross-Origin-Resource-Policy"), "nor include")
		asked := ada.call("OPTIONS", "/api/users/me", nil, append(page, "Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "content-type")...)
		for _, allow := range []string{"Origin", "Methods", "Headers", "Credentials"} {
			require.Empty(t, asked.Header.Values("Access-Control-Allow-"+allow), "%s is not allowed in advance", name)
		}
		posted := ada.call("PATCH", "/api/users/me", object{"fullName": "planted"}, page...)
		require.Equal(t, http.StatusForbidden, posted.StatusCode, "%s may not post", name)
	}
	framed := ada.call("GET", "/", nil, "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "navigate")
	require.Contains(t, framed.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'", "nor frame %s", p.host())
	require.NotEqual(t, "planted", ada.must("GET", "/api/users/me", nil)["fullName"])
}

func TestAttack27OtherOriginsGetNoWebSocket(t *testing.T) {
	ada, eve := tenants(t)
	require.Equal(t, http.StatusSwitchingProtocols, ada.status(socket, upgrade(ada.origin())...), "its own page does")
	for name, origin := range map[string]string{
		"evil": "https://evil.example", "a sibling": eve.origin(), "the platform": "http://" + ada.p.host(), "null": "null", "none": "",
		"another scheme": "https://" + ada.host, "a longer name": ada.origin() + ".evil.example", "another port": strings.TrimRight(ada.origin(), "0123456789") + "1",
	} {
		require.Equal(t, http.StatusForbidden, ada.status(socket, upgrade(origin)...), name)
	}
	for _, path := range []string{"/", "/api/users/me", "/api/chat/conversations"} {
		r := ada.request("GET", path, nil, upgrade(ada.origin())...)
		response, err := client.Do(r)
		require.NoError(t, err)
		_ = response.Body.Close()
		require.NotEqual(t, http.StatusSwitchingProtocols, response.StatusCode, "the platform has no WebSocket at %s", path)
	}
}

func TestAttack28WithoutTheCookieNothingIsServed(t *testing.T) {
	ada, eve := tenants(t)
	label, domain, _ := strings.Cut(ada.host, ".")
	for name, cookie := range map[string]string{
		"none": "", "the platform's": ada.browser.cookie, "another workspace's": eve.cookie, "made up": "__Host-atrium_workspace=x",
		"the platform's token": strings.Replace(ada.browser.cookie, "session", "workspace", 1),
	} {
		for _, host := range []string{ada.host, "3000-" + label + "." + domain, label + "-3000." + domain, "unknown." + domain} {
			at := *ada.door
			at.host = host
			for _, path := range []string{"/", "/healthz", "/version", "/proxy/3000/", "/absproxy/3000/", "/stable/static/x.js", "/vscode-remote-resource?path=/etc/passwd", "/%2e%2e/"} {
				require.Equal(t, http.StatusUnauthorized, at.status(path, "Cookie", cookie), "%s at %s%s", name, host, path)
				require.Equal(t, http.StatusUnauthorized, at.status(path, append(upgrade("http://"+host), "Cookie", cookie)...), "WebSocket, %s at %s%s", name, host, path)
			}
		}
	}
}

func TestAttack35AWebviewReachesItsOwnOriginOnly(t *testing.T) {
	ada, eve := tenants(t)
	script := []string{"Origin", ada.origin(), "Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors"}
	sibling := eve.get("/", script...)
	require.Equal(t, http.StatusForbidden, sibling.StatusCode, "with the sibling's cookie, as a browser would send it")
	require.Empty(t, sibling.Header.Values("Access-Control-Allow-Origin"))
	require.Equal(t, http.StatusForbidden, eve.status("/", "Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors"), "nor as an image or a script")
	page := ada.get("/")
	require.Contains(t, strings.Join(page.Header.Values("Content-Security-Policy"), ";"), "frame-ancestors 'self' http://"+ada.p.host())
	for _, name := range []string{"__Host-atrium_session", "__Host-atrium_workspace"} {
		require.NotContains(t, string(page.body), name)
	}
	require.Empty(t, ada.get("/", "Origin", ada.origin()).Header.Values("Access-Control-Allow-Origin"))
}
