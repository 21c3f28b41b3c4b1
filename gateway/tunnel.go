package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/tunnel"

	"atrium.internal/gateway/caller"
)

// tunnels reaches workspaces through the ide service's data addresses.
type tunnels struct {
	addresses []string
	signer    *caller.Signer
	secure    func() *tls.Config
}

// DialWorkspace opens a tunnel in the gateway's own name.
func (t tunnels) DialWorkspace(ctx context.Context, workspace uuid.UUID, port int) (net.Conn, error) {
	return t.dial(ctx, net.JoinHostPort(workspace.String(), strconv.Itoa(port)))
}

// nowhere is the target of no workspace. That it isn't found tells that the ide
// service is there and believes this gateway, and asks no database.
const nowhere = "nowhere:0"

// reachable checks that the address answers, as the ide service's does.
func (t tunnels) reachable(ctx context.Context) error {
	conn, err := t.dial(ctx, nowhere)
	if err == nil {
		return errors.Join(errors.New("something else answers"), conn.Close())
	}
	if apperr.From(err).Kind == apperr.NotFound {
		return nil
	}
	return err
}

func (t tunnels) dial(ctx context.Context, target string) (net.Conn, error) {
	token, err := t.signer.Token(principal.Principal{Kind: principal.Service}, "ide")
	if err != nil {
		return nil, err
	}
	var secure *tls.Config
	if t.secure != nil {
		secure = t.secure()
	}
	err = tunnel.ErrUnreachable // where there is no address at all
	for _, address := range t.addresses {
		var conn net.Conn
		conn, err = tunnel.Dial(ctx, address, secure, token, target)
		if !errors.Is(err, tunnel.ErrUnreachable) {
			return conn, err
		}
	}
	return nil, err
}
