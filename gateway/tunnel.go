package gateway

import (
	"context"
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
}

// DialWorkspace opens a tunnel in the gateway's own name.
func (t tunnels) DialWorkspace(ctx context.Context, workspace uuid.UUID, port int) (net.Conn, error) {
	token, err := t.signer.Token(principal.Principal{Kind: principal.Service}, "ide")
	if err != nil {
		return nil, err
	}
	return tunnel.Dial(ctx, t.address, token, net.JoinHostPort(workspace.String(), strconv.Itoa(port)))
}
