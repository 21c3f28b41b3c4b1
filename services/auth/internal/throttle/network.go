package throttle

import "net/netip"

// householdBits is what one IPv6 customer commonly has for itself.
const householdBits = 64

// network is what counts as one address: a customer of IPv6 has more addresses
// than there are counts.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(householdBits)
	if err != nil {
		return ip.String()
	}
	return prefix.String()
}
