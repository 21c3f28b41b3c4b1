package mtls

import (
	"context"
	"errors"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// ServerOptions make a gRPC server that takes calls of services only.
func (e *Endpoint) ServerOptions() []grpc.ServerOption {
	if e == nil {
		return nil
	}
	return []grpc.ServerOption{grpc.Creds(transport{Endpoint: e})}
}

// Dial is the option of a gRPC connection to the named service.
func (e *Endpoint) Dial(service string) grpc.DialOption {
	if e == nil {
		return grpc.WithTransportCredentials(insecure.NewCredentials())
	}
	return grpc.WithTransportCredentials(transport{Endpoint: e, service: service})
}

// transport makes each handshake with the certificates of its time; gRPC's own
// credentials keep those that they were made with.
type transport struct {
	*Endpoint
	service string // that is called
}

func (t transport) ClientHandshake(ctx context.Context, _ string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return credentials.NewTLS(t.Client(t.service)).ClientHandshake(ctx, t.service, conn)
}

func (t transport) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	secure, auth, err := credentials.NewTLS(t.server(nil)).ServerHandshake(conn)
	if err != nil {
		return nil, nil, err
	}
	info, ok := auth.(credentials.TLSInfo)
	if !ok {
		return nil, nil, errors.Join(errors.New("mtls: a handshake without TLS"), secure.Close())
	}
	name, err := t.peer(info.State)
	if err != nil {
		return nil, nil, errors.Join(err, secure.Close())
	}
	return secure, known{TLSInfo: info, name: name}, nil
}

func (t transport) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "tls", ServerName: t.service} //nolint:staticcheck // the authority of calls, which gRPC holds against the certificate
}

func (t transport) Clone() credentials.TransportCredentials { return t }

// OverrideServerName is part of the interface and deprecated there.
func (transport) OverrideServerName(string) error {
	return errors.New("mtls: the name is the service's")
}

// known is a connection whose other end has proven its name.
type known struct {
	credentials.TLSInfo
	name string
}

// CallingService gives the name.
func (k known) CallingService() string { return k.name }
