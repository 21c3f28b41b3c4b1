package gateway

import (
	"context"
	"crypto/tls"
	"net"
	"strconv"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/tunnel"

	"atrium.internal/gateway/caller"
)

// tunnels reaches workspaces through the ide service's data address.
type tunnels struct {
	address string
	signer  *caller.Signer
	secure  func() *tls.Config
}

// DialWorkspace opens a tunnel in the gateway's own name.
func (t tunnels) DialWorkspace(ctx context.Context, workspace uuid.UUID, port int) (net.Conn, error) {
	token, err := t.signer.Token(principal.Principal{Kind: principal.Service}, "ide")
	if err != nil {
		return nil, err
	}
	var secure *tls.Config
	if t.secure != nil {
		secure = t.secure()
	}
	return tunnel.Dial(ctx, t.address, secure, token, net.JoinHostPort(workspace.String(), strconv.Itoa(port)))
}
