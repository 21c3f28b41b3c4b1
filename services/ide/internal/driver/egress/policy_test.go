package egress

import (
	"errors"
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

func own(addresses ...string) func() ([]net.Addr, error) {
	return func() ([]net.Addr, error) {
		var all []net.Addr
		for _, a := range addresses {
			all = append(all, &net.IPNet{IP: net.ParseIP(a), Mask: net.CIDRMask(8, 32)})
		}
		return all, nil
	}
}

func TestOnlyThePublicInternetIsOpen(t *testing.T) {
	t.Parallel()
	p := Policy{Internet: true, Own: own("93.184.216.34", "2a00::1")}
	for _, open := range []string{"1.1.1.1", "8.8.8.8", "93.184.216.35", "2606:4700:4700::1111", "2a00::2", "::ffff:1.1.1.1", "99.255.255.255", "100.128.0.1", "172.32.0.1", "192.169.0.1"} {
		require.NoError(t, p.Check(netip.MustParseAddr(open)), open)
	}
	for _, shut := range []string{
		"93.184.216.34", "2a00::1", "::ffff:93.184.216.34",
		"0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "100.127.255.255", "168.63.129.16", "192.0.0.192",
		"192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "64:ff9b:1::1",
		"100::1", "2001::1", "2001:db8::1", "2002:a00:1::", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
	} {
		var refused *RefusedError
		require.ErrorAs(t, p.Check(netip.MustParseAddr(shut)), &refused, shut)
	}
}

func TestWhatAnOperatorOpens(t *testing.T) {
	t.Parallel()
	p := Policy{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("127.0.0.0/8")}, Own: own("10.1.0.7")}
	require.NoError(t, p.Check(netip.MustParseAddr("10.1.2.3")))
	require.NoError(t, p.Check(netip.MustParseAddr("::ffff:10.1.2.3")))
	for why, address := range map[string]string{"another network": "10.2.0.1", "the internet": "1.1.1.1", "the machine itself": "10.1.0.7", "loopback": "127.0.0.1"} {
		require.Error(t, p.Check(netip.MustParseAddr(address)), why)
	}
	p = Policy{Internet: true, Own: func() ([]net.Addr, error) { return nil, errors.New("no answer") }}
	require.ErrorContains(t, p.Check(netip.MustParseAddr("1.1.1.1")), "can't be told")
}
