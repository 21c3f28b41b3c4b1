package tunnel

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"atrium.internal/pkg/apperr"
)

// maxMessage bounds what a refusing server may say, in bytes.
const maxMessage = 1024

// ErrUnreachable is answered when there is no server at the address.
var ErrUnreachable = apperr.New(apperr.Unavailable, "SERVICE_UNAVAILABLE",
	"A part of the platform is not reachable right now. Try again shortly.")

// Dial opens a tunnel to target, a host:port, through the server at address,
// over TLS unless the configuration is nil. A refusal is an error of package
// apperr.
func Dial(ctx context.Context, address string, secure *tls.Config, token, target string) (net.Conn, error) {
	raw, err := (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, ErrUnreachable.WithCause(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	conn := raw
	if secure != nil {
		conn = tls.Client(raw, secure)
	}
	reader := bufio.NewReader(conn)
	err = connect(conn, reader, token, target)
	if !stop() { // ctx ended and has closed the connection
		return nil, ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	if reader.Buffered() > 0 {
		return &buffered{Conn: conn, reader: reader}, nil
	}
	return conn, nil
}

func connect(conn net.Conn, reader *bufio.Reader, token, target string) error {
	request := &http.Request{
		Method: http.MethodConnect,
		URL:    &url.URL{Opaque: target},
		Host:   target,
		Header: http.Header{"Proxy-Authorization": {"Bearer " + token}},
	}
	if err := request.Write(conn); err != nil {
		return fmt.Errorf("open tunnel: %w", err)
	}
	response, err := http.ReadResponse(reader, request)
	if err != nil {
		return fmt.Errorf("open tunnel: %w", err)
	}
	if response.StatusCode == http.StatusOK {
		return nil
	}
	defer response.Body.Close()
	message, _ := io.ReadAll(io.LimitReader(response.Body, maxMessage)) // what arrived is enough
	return refusal(response.Header, strings.TrimSpace(string(message)))
}

func refusal(header http.Header, message string) error {
	for kind, name := range kindNames {
		if header.Get(headerKind) == name {
			return apperr.New(kind, header.Get(headerReason), message)
		}
	}
	return apperr.New(apperr.Unavailable, "TARGET_UNREACHABLE", "The target does not answer.")
}

// buffered gives first what arrived together with the server's answer.
type buffered struct {
	net.Conn
	reader *bufio.Reader
}

func (b *buffered) Read(p []byte) (int, error) { return b.reader.Read(p) }
