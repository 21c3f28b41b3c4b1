package e2e

import (
	"bytes"
	"crypto/tls"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/proto/access"
)

var everyService = []string{"auth", "chat", "ide", "ai"}

// foreign is another deployment's folder of certificates, with the same names.
func foreign(t *testing.T, p *platform) *platform {
	t.Helper()
	other := *p
	other.certs = filepath.Join(t.TempDir(), "certs")
	out, err := exec.Command(filepath.Join(p.bin, "atrium"), "certs", other.certs).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return &other
}

// Whoever reaches a service's port and even holds a good identity, but no
// certificate of the deployment, gets no answer at all.
func TestAttack57StrangersCanNotTalkToServices(t *testing.T) {
	p := attacked(t)
	boss := rows(t, p, `SELECT id::text FROM auth.users WHERE 'admin' = ANY (roles)`)[0]
	identity := signed(t, p, boss, everyService, "admin")
	other := foreign(t, p)
	for _, service := range everyService {
		own := p.endpoint(t, "gateway").Client(service)
		bare, older, strange := own.Clone(), own.Clone(), own.Clone()
		bare.Certificates = nil
		older.MinVersion, older.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
		strange.Certificates = other.endpoint(t, "gateway").Client(service).Certificates
		for what, creds := range map[string]credentials.TransportCredentials{
			"plain TCP": insecure.NewCredentials(), "no certificate": credentials.NewTLS(bare),
			"another authority's certificate": credentials.NewTLS(strange), "TLS 1.2": credentials.NewTLS(older),
		} {
			ctx := metadata.AppendToOutgoingContext(t.Context(), grpcx.MetadataIdentity, identity)
			err := p.dial(t, service, grpc.WithTransportCredentials(creds)).Invoke(ctx, "/atrium.x/Y", &emptypb.Empty{}, &emptypb.Empty{})
			require.Equal(t, codes.Unavailable, status.Code(err), "%s with %s: %v", service, what, err)
		}
		err := p.dial(t, service, grpc.WithTransportCredentials(credentials.NewTLS(own))).Invoke(t.Context(), "/atrium.x/Y", &emptypb.Empty{}, &emptypb.Empty{})
		require.Equal(t, codes.Unimplemented, status.Code(err), "what is refused above is the certificate")
	}
}

// A service that was taken over can make the calls of the contract, and no
// others, whatever identity it has seen pass by.
func TestAttack57AServiceCallsOnlyWhatTheContractSays(t *testing.T) {
	p := attacked(t)
	boss := rows(t, p, `SELECT id::text FROM auth.users WHERE 'admin' = ANY (roles)`)[0]
	identity := signed(t, p, boss, everyService, "admin")
	allowed := 0
	for _, caller := range append([]string{"gateway"}, everyService...) {
		conns := map[string]*grpc.ClientConn{}
		for _, service := range everyService {
			conns[service] = p.dial(t, service, p.endpoint(t, caller).Dial(service))
		}
		for _, call := range rpcs(t) {
			ask := func(md ...string) error {
				ctx := metadata.AppendToOutgoingContext(t.Context(), md...)
				return grpcx.FromStatus(conns[call.service].Invoke(ctx, call.name, &emptypb.Empty{}, &emptypb.Empty{}))
			}
			if _, _, _, callers, _ := access.Of(call.name); slices.Contains(callers, caller) {
				allowed++
				if speaksForNobody(call.name, caller) {
					require.NotContains(t, []apperr.Kind{apperr.Unauthenticated, apperr.PermissionDenied}, apperr.From(ask()).Kind, "%s by %s", call.name, caller)
					continue
				}
				require.Equal(t, apperr.Unauthenticated, apperr.From(ask()).Kind, "%s by %s passes, and then needs an identity", call.name, caller)
				continue
			}
			err := apperr.From(ask(grpcx.MetadataIdentity, identity))
			require.Equal(t, "CALLER_NOT_ALLOWED", err.Reason, "%s by %s: %v", call.name, caller, err)
			require.Equal(t, apperr.PermissionDenied, err.Kind)
		}
	}
	listed := 0
	for _, call := range rpcs(t) {
		_, _, _, callers, _ := access.Of(call.name)
		listed += len(callers)
	}
	require.Equal(t, listed, allowed)
}

// speaksForNobody tells the calls that a service makes on its own behalf: its
// certificate is its identity. The gateway signs one for itself.
func speaksForNobody(rpc, caller string) bool {
	level, _, _, _, _ := access.Of(rpc)
	return level == "service" && caller != "gateway"
}

// The byte streams of workspaces are the gateway's alone.
func TestAttack57OtherServicesGetNoByteStream(t *testing.T) {
	p := attacked(t)
	address := p.setting("ATRIUM_IDE_DATA_ADDR")
	request := []byte("CONNECT x:0 HTTP/1.1\r\nHost: x:0\r\n\r\n")
	ask := func(conn net.Conn) string {
		defer conn.Close()
		_, _ = conn.Write(request) // the other end may have closed already
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(patience)))
		answer := make([]byte, 1024)
		n, _ := conn.Read(answer) // or nothing, when it is cut
		return string(answer[:n])
	}
	for _, service := range []string{"auth", "chat", "ai", "ide"} {
		conn, err := tls.Dial("tcp", address, p.endpoint(t, service).Client("ide"))
		if err == nil { // in TLS 1.3 the client learns of it later
			require.Empty(t, ask(conn), service)
		}
	}
	conn, err := tls.Dial("tcp", address, foreign(t, p).endpoint(t, "gateway").Client("ide"))
	require.Error(t, err, "the server is not one of the other deployment: %v", conn)
	plain, err := net.Dial("tcp", address)
	require.NoError(t, err)
	require.NotContains(t, ask(plain), "X-Tunnel")
	conn, err = tls.Dial("tcp", address, p.endpoint(t, "gateway").Client("ide"))
	require.NoError(t, err)
	require.Contains(t, ask(conn), "X-Tunnel-Kind: unauthenticated", "the gateway is heard, and then needs an identity")
}

func TestHalfOfMutualTLSIsNamedAtTheStart(t *testing.T) {
	p := attacked(t)
	for _, program := range p.programs() {
		for setting, change := range map[string]string{
			"ATRIUM_SERVICE_KEY": "ATRIUM_SERVICE_KEY=", "ATRIUM_SERVICE_CA": "ATRIUM_SERVICE_CA=",
			"ATRIUM_SERVICE_CERT": "ATRIUM_SERVICE_CERT=" + p.certificate("somebody").Cert,
		} {
			cmd := exec.CommandContext(t.Context(), filepath.Join(p.bin, program))
			cmd.Env = append(p.envOf(program), change)
			var out bytes.Buffer
			cmd.Stderr = &out
			require.Error(t, cmd.Run(), "%s without %s", program, setting)
			require.Equal(t, 1, strings.Count(out.String(), "\n"), out.String())
			if setting != "ATRIUM_SERVICE_CERT" {
				require.Contains(t, out.String(), program+": "+setting+": needed")
			} else {
				require.Contains(t, out.String(), "somebody")
			}
		}
	}
	require.Equal(t, http.StatusOK, p.browser(t).call("GET", "/healthz", nil).StatusCode)
}
