package kubernetes

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/pod"
)

// dialer bounds how long the way to a pod may take.
var dialer = net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}

func (d *Driver) keys(r record) pod.Keys { return pod.KeysOf(d.options.Key, r.PodUID) }

// dial connects to a pod's keeper. Whoever has the pod's address by now but not
// its key is not spoken with.
func (d *Driver) dial(ctx context.Context, r record) (net.Conn, error) {
	if r.IP == "" {
		return nil, driver.ErrNotRunning
	}
	settings, err := d.keys(r).Client()
	if err != nil {
		return nil, err
	}
	plain, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(r.IP, strconv.Itoa(pod.Port)))
	if err != nil {
		return nil, err
	}
	conn := tls.Client(plain, settings)
	if err := conn.HandshakeContext(ctx); err != nil {
		plain.Close()
		return nil, err
	}
	return conn, nil
}

// because gives the reason why a connection failed: ErrNotRunning when the
// sandbox has ended.
func (d *Driver) because(ctx context.Context, r record, failed error) error {
	p, err := d.cluster.pod(ctx, r.Pod)
	if err != nil {
		return errors.Join(failed, err)
	}
	if p == nil || string(p.UID) != r.PodUID || !runs(p) {
		return driver.ErrNotRunning
	}
	return failed
}

// asked asks a sandbox's keeper, and gives the reason when it does not answer.
func asked[T any](ctx context.Context, d *Driver, h driver.Handle, ask func(keeper.Client) (T, error), own ...error) (T, error) {
	var none T
	r, err := decode(h.State)
	if err != nil {
		return none, err
	}
	if !r.Started {
		return none, driver.ErrNotRunning
	}
	answer, err := ask(d.keeper(r))
	if err == nil {
		return answer, nil
	}
	for _, known := range own {
		if errors.Is(err, known) {
			return none, err
		}
	}
	return none, d.because(ctx, r, err)
}

// Dial connects to the editor.
func (d *Driver) Dial(ctx context.Context, h driver.Handle) (net.Conn, error) {
	return asked(ctx, d, h, func(k keeper.Client) (net.Conn, error) { return k.Editor(ctx) })
}

// Ports asks the keeper.
func (d *Driver) Ports(ctx context.Context, h driver.Handle) ([]driver.Port, error) {
	return asked(ctx, d, h, func(k keeper.Client) ([]driver.Port, error) { return k.Ports(ctx) })
}

// DialPort has the keeper connect; that is to nothing but its own network.
func (d *Driver) DialPort(ctx context.Context, h driver.Handle, port int) (net.Conn, error) {
	return asked(ctx, d, h, func(k keeper.Client) (net.Conn, error) { return k.DialPort(ctx, port) }, driver.ErrPortClosed)
}

// Terminal asks the keeper.
func (d *Driver) Terminal(ctx context.Context, h driver.Handle, t driver.Terminal) (driver.Shell, error) {
	return asked(ctx, d, h, func(k keeper.Client) (driver.Shell, error) { return k.Terminal(ctx, t) }, driver.ErrTerminals)
}

// Execute asks the keeper.
func (d *Driver) Execute(ctx context.Context, h driver.Handle, c driver.Command, output func([]byte)) (int, error) {
	exit, err := asked(ctx, d, h, func(k keeper.Client) (int, error) { return k.Run(ctx, c, output) }, context.Canceled, context.DeadlineExceeded)
	if err != nil && ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	return exit, err
}

// Stats asks the keeper, which reads the pod's own control group: the cluster
// tells of it late, and only to those who may ask its nodes anything.
func (d *Driver) Stats(ctx context.Context, h driver.Handle) (driver.Stats, error) {
	return asked(ctx, d, h, func(k keeper.Client) (driver.Stats, error) { return k.Stats(ctx) })
}

// Logs gives the end of what the workspace printed, which its node keeps within
// a bound.
func (d *Driver) Logs(ctx context.Context, h driver.Handle, lines int) ([]string, error) {
	r, err := decode(h.State)
	if err != nil {
		return nil, err
	}
	const limit = 256 << 10
	text, err := d.cluster.logs(ctx, r.Pod, containerName, lines, limit)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	all := strings.Split(strings.TrimRight(strings.ToValidUTF8(string(text), "\uFFFD"), "\n"), "\n")
	return all[max(len(all)-lines, 0):], nil
}

// Address is where the keeper leads to the gateway, if pods are to go there.
func (d *Driver) Address(public string) string {
	if d.options.Gateway == "" {
		return public
	}
	return "http://127.0.0.1:" + strconv.Itoa(keeper.ProxyPort)
}
