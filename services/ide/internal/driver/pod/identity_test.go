package pod_test

import (
	"crypto/tls"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver/pod"
)

// shake lets a driver with one pod's keys meet a keeper with another's.
func shake(t *testing.T, driver, keeper pod.Keys) (client, server error) {
	t.Helper()
	seed, public := keeper.Given()
	inside, err := pod.Server(seed, public)
	require.NoError(t, err)
	outside, err := driver.Client()
	require.NoError(t, err)
	a, b := net.Pipe()
	defer a.Close()
	done := make(chan error, 1)
	go func() {
		defer b.Close()
		done <- tls.Server(b, inside).HandshakeContext(t.Context())
	}()
	conn := tls.Client(a, outside)
	client = conn.HandshakeContext(t.Context())
	if client == nil {
		_, client = conn.Read(make([]byte, 1)) // with TLS 1.3 the server refuses late
	}
	a.Close()
	return client, <-done
}

func TestOnlyADriverAndItsPodKnowEachOther(t *testing.T) {
	t.Parallel()
	secret, other := make([]byte, 32), append(make([]byte, 31), 1)
	_, server := shake(t, pod.KeysOf(secret, "one"), pod.KeysOf(secret, "one"))
	require.NoError(t, server)

	client, _ := shake(t, pod.KeysOf(secret, "one"), pod.KeysOf(secret, "two"))
	require.ErrorContains(t, client, "another key", "another pod at the address is found out")

	_, server = shake(t, pod.KeysOf(other, "one"), pod.KeysOf(secret, "one"))
	require.Error(t, server, "another deployment's driver is refused")

	_, err := pod.Server([]byte("short"), nil)
	require.Error(t, err)
}
