package inproc

import (
	"context"
	"errors"
	"io"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// maxName is the longest name of a service, in bytes.
const maxName = 255

// Named is the option of a server whose clients say by ConnectAs who they are.
// What says so is in this process, so nothing has to be proven.
func Named() grpc.ServerOption {
	return grpc.Creds(names{TransportCredentials: insecure.NewCredentials()})
}

// names sends the client's name ahead of everything else.
type names struct {
	credentials.TransportCredentials
	name string
}

func (n names) ClientHandshake(_ context.Context, _ string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if n.name == "" || len(n.name) > maxName {
		return nil, nil, errors.New("inproc: a caller needs a short name")
	}
	if _, err := conn.Write(append([]byte{byte(len(n.name))}, n.name...)); err != nil {
		return nil, nil, err
	}
	return conn, info{}, nil
}

func (n names) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	var length [1]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, nil, err
	}
	name := make([]byte, length[0])
	if _, err := io.ReadFull(conn, name); err != nil {
		return nil, nil, err
	}
	return conn, info{name: string(name)}, nil
}

func (n names) Clone() credentials.TransportCredentials { return n }

// info is what a server knows of a connection.
type info struct{ name string }

// AuthType names the way in which the name was learnt.
func (info) AuthType() string { return "inproc" }

// CallingService gives the name.
func (i info) CallingService() string { return i.name }
