package gateway_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/coder/websocket"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/gateway"
	"atrium.internal/gateway/proxy"
	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/redistest"
	"atrium.internal/proto/cachekey"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
)

const workspaceHost = "abc.ide.atrium.localhost:8080"

// slowToClose is the way to a workspace, which does not close before the test
// lets it; begun says that it is to.
type slowToClose struct {
	net.Conn
	begun, let chan struct{}
	once       sync.Once
}

func (c *slowToClose) Close() error {
	c.once.Do(func() { close(c.begun) })
	<-c.let
	return c.Conn.Close()
}

// toWorkspace leads to one server, whatever the workspace.
type toWorkspace struct {
	address string
	conn    chan *slowToClose
}

func (d toWorkspace) DialWorkspace(ctx context.Context, _ uuid.UUID, _ int) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", d.address)
	if err != nil {
		return nil, err
	}
	slow := &slowToClose{Conn: conn, begun: make(chan struct{}), let: make(chan struct{})}
	d.conn <- slow
	return slow, nil
}

// knowSession makes the gateway's cache know a session, and that session's
// cookie on a workspace's host.
func knowSession(t *testing.T, client *redis.Client) (cookie string) {
	t.Helper()
	user, id := uuid.NewString(), uuid.NewString()
	sum := sha256.Sum256([]byte("a-token"))
	for key, entry := range map[string]proto.Message{
		cachekey.SessionByID(id): &authv1.Holder{UserId: user, SessionId: id, Username: "ada", Roles: []string{"user"}},
		cachekey.WorkspaceSession(hex.EncodeToString(sum[:])): &idev1.ValidateWorkspaceSessionResponse{
			WorkspaceId: uuid.NewString(), UserId: user, SessionId: id, Host: workspaceHost, ExpiresAt: timestamppb.New(time.Now().Add(time.Hour)),
		},
	} {
		raw, err := proto.Marshal(entry)
		require.NoError(t, err)
		require.NoError(t, client.Set(t.Context(), key, raw, time.Hour).Err())
	}
	return proxy.CookieName + "=a-token"
}

// newDoor is a gateway with a Redis, and with services that are nowhere.
func newDoor(t *testing.T, deps gateway.Deps, settings ...string) (*redis.Client, *gateway.Gateway) {
	t.Helper()
	client, err := redisdb.Open(redistest.New(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	nowhere, err := grpc.NewClient("passthrough:///nowhere", grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = nowhere.Close() })
	var config gateway.Config
	_, err = kong.Must(&config).Parse(settings)
	require.NoError(t, err)
	deps.Log, deps.Redis, deps.Auth, deps.Chat, deps.IDE, deps.AI = slog.New(slog.DiscardHandler), client, nowhere, nowhere, nowhere, nowhere
	door, err := gateway.New(config, deps)
	require.NoError(t, err)
	return client, door
}

// readiness asks the gateway as a load balancer does.
func readiness(t *testing.T, address string) (code int, status string) {
	t.Helper()
	response, err := http.Get("http://" + address + "/readyz")
	require.NoError(t, err, "it is served on while it is unready")
	defer response.Body.Close()
	var answer struct{ Status string }
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	return response.StatusCode, answer.Status
}

// A stop is first said, while all goes on; then the sockets of workspaces are
// sent away, and it waits until they have left.
func TestAStopIsSaidAndThenWaitsForSockets(t *testing.T) {
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return // the test sees it
		}
		defer func() { _ = conn.CloseNow() }()
		for {
			kind, frame, err := conn.Read(context.WithoutCancel(r.Context()))
			if err != nil || conn.Write(context.WithoutCancel(r.Context()), kind, frame) != nil {
				return
			}
		}
	}))
	defer echo.Close()
	way := toWorkspace{address: echo.Listener.Addr().String(), conn: make(chan *slowToClose, 1)}
	client, door := newDoor(t, gateway.Deps{
		Identity: nobodyAsks{}, Workspaces: way, Drain: drain.New(drain.Settings{Grace: time.Minute, Spread: 10 * time.Millisecond}),
	}, "--stop-delay=3s")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := door.Server(listener, func(err error) { t.Error(err) })
	require.NoError(t, server.Start(t.Context()))
	address := listener.Addr().String()

	socket, response, err := websocket.Dial(t.Context(), "ws://"+address+"/", &websocket.DialOptions{
		Host: workspaceHost, HTTPHeader: http.Header{"Cookie": {knowSession(t, client)}, "Origin": {"http://" + workspaceHost}},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
	defer func() { _ = socket.CloseNow() }()
	behind := <-way.conn
	let := sync.OnceFunc(func() { close(behind.let) })
	defer let()
	says := func() error {
		if err := socket.Write(t.Context(), websocket.MessageText, []byte("x")); err != nil {
			return err
		}
		_, _, err := socket.Read(t.Context())
		return err
	}
	require.NoError(t, says())
	code, _ := readiness(t, address)
	require.Equal(t, http.StatusOK, code)

	stopped := make(chan error, 1)
	go func() { stopped <- server.Stop(context.Background()) }()
	require.Eventually(t, func() bool {
		code, status := readiness(t, address)
		return code == http.StatusServiceUnavailable && status == "stopping"
	}, 10*time.Second, 5*time.Millisecond)
	require.NoError(t, says(), "what is open goes on until then")

	within := func(done <-chan struct{}, what string) {
		select {
		case <-done:
		case err := <-stopped:
			require.FailNow(t, "stopped too early", "%s: %v", what, err)
		case <-time.After(20 * time.Second):
			require.FailNow(t, what)
		}
	}
	within(behind.begun, "the socket is sent away")
	select {
	case err := <-stopped:
		require.Fail(t, "the stop did not wait for the socket", "%v", err)
	case <-time.After(300 * time.Millisecond):
	}
	let()
	require.Error(t, says())
	select {
	case err := <-stopped:
		require.NoError(t, err)
	case <-time.After(20 * time.Second):
		require.Fail(t, "the stop goes on although the socket has left")
	}
}
