// Package household says which addresses count as one client when attempts are
// counted: a customer of IPv6 has more addresses than there are counts.
package household

import "net/netip"

// prefixBits is what one IPv6 customer commonly has for itself.
const prefixBits = 64

// Of gives the text under which an IP address is counted: itself for IPv4, its
// /64 for IPv6. What is no address counts as it is.
func Of(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(prefixBits)
	if err != nil {
		return ip.String()
	}
	return prefix.String()
}
