package egress

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// Policy says where workspaces may connect to.
type Policy struct {
	// Internet allows every public address.
	Internet bool
	// Allow are networks that may be reached besides, such as a package mirror's
	// in a private network. This machine's own addresses stay shut.
	Allow []netip.Prefix
	// Own gives this machine's addresses; nil asks the kernel each time.
	Own func() ([]net.Addr, error)
}

// closed are the networks that are not the public internet although the
// standard library calls some of them global: IANA's special-purpose registries,
// what embeds IPv4 addresses in IPv6, and a provider's metadata address that
// looks public.
var closed = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4",
	"168.63.129.16/32", // Azure's host
	"2001::/23",        // Teredo, benchmarking, ORCHID
	"2001:db8::/32", "2002::/16", "3fff::/20",
)

// global is all of IPv6 that is given out for the internet. What lies outside
// (loopback, unique local, link-local, NAT64, mapped and multicast) is not.
var global = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// RefusedError is a connection that the policy does not allow.
type RefusedError struct {
	Address netip.Addr
	Why     string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("workspaces may not connect to %s: %s", e.Address, e.Why)
}

// Check reports why an address may not be connected to, or nil.
func (p Policy) Check(address netip.Addr) error {
	address = address.Unmap().WithZone("")
	refuse := func(why string) error { return &RefusedError{Address: address, Why: why} }
	if address.IsLoopback() || address.IsUnspecified() {
		return refuse("it is the machine's own address")
	}
	own := p.Own
	if own == nil {
		own = net.InterfaceAddrs
	}
	addresses, err := own()
	if err != nil {
		return refuse("the machine's own addresses can't be told")
	}
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok {
			if mine, ok := netip.AddrFromSlice(network.IP); ok && mine.Unmap() == address {
				return refuse("it is the machine's own address")
			}
		}
	}
	for _, allowed := range p.Allow {
		if allowed.Contains(address) {
			return nil
		}
	}
	if !p.Internet {
		return refuse("the internet is closed to workspaces")
	}
	if address.Is6() && !global.Contains(address) {
		return refuse("it is no address of the public internet")
	}
	for _, c := range closed {
		if c.Contains(address) {
			return refuse("it is no address of the public internet")
		}
	}
	return nil
}

// control is a net.Dialer's Control: it sees the resolved address that is about
// to be connected to.
func (p Policy) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, err)
	}
	return p.Check(to.Addr())
}

// Block is a network without some others in it.
type Block struct {
	All    netip.Prefix
	Except []netip.Prefix
}

// Public gives the public internet as networks, for who enforces it elsewhere.
func Public() (four, six Block) {
	four.All, six.All = netip.MustParsePrefix("0.0.0.0/0"), global
	for _, network := range closed {
		if network.Addr().Is4() {
			four.Except = append(four.Except, network)
		} else {
			six.Except = append(six.Except, network)
		}
	}
	return four, six
}
