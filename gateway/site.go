package gateway

import "golang.org/x/net/publicsuffix"

// separateSite reports whether browsers take two hosts for different sites:
// whether the names that somebody registered for them differ.
func separateSite(platform, ideDomain string) bool {
	a, err := publicsuffix.EffectiveTLDPlusOne(platform)
	if err != nil {
		return platform != ideDomain // an address or a bare name is a site by itself
	}
	b, err := publicsuffix.EffectiveTLDPlusOne(ideDomain)
	return err != nil || a != b
}
