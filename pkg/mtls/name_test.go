package mtls

import (
	"crypto/x509"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestACertificateNamesOneServiceOfTheTrustDomain(t *testing.T) {
	uri := func(text string) *url.URL {
		u, err := url.Parse(text)
		require.NoError(t, err)
		return u
	}
	for name, tc := range map[string]struct {
		certificate x509.Certificate
		service     string
	}{
		"a URI":                        {x509.Certificate{URIs: []*url.URL{uri("spiffe://atrium/chat")}}, "chat"},
		"another domain's URI":         {x509.Certificate{URIs: []*url.URL{uri("spiffe://other/chat")}}, ""},
		"two URIs":                     {x509.Certificate{URIs: []*url.URL{uri("spiffe://atrium/chat"), uri("spiffe://atrium/auth")}}, ""},
		"a path":                       {x509.Certificate{URIs: []*url.URL{uri("spiffe://atrium/chat/x")}}, ""},
		"a DNS name":                   {x509.Certificate{DNSNames: []string{"chat", "chat.atrium"}}, "chat"},
		"a DNS name of another domain": {x509.Certificate{DNSNames: []string{"chat", "chat.other"}}, ""},
		"one that ends alike":          {x509.Certificate{DNSNames: []string{"chat.notatrium"}}, ""},
		"a host's name alone":          {x509.Certificate{DNSNames: []string{"chat"}}, ""},
		"two DNS names":                {x509.Certificate{DNSNames: []string{"chat.atrium", "auth.atrium"}}, ""},
		"a wildcard":                   {x509.Certificate{DNSNames: []string{"*.atrium"}}, ""},
		"deeper":                       {x509.Certificate{DNSNames: []string{"gateway.chat.atrium"}}, ""},
		"no name":                      {x509.Certificate{DNSNames: []string{".atrium"}}, ""},
		"a URI counts before it": {x509.Certificate{
			URIs: []*url.URL{uri("spiffe://other/chat")}, DNSNames: []string{"chat.atrium"},
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			service, err := nameIn(&tc.certificate, "atrium")
			require.Equal(t, tc.service, service)
			require.Equal(t, tc.service == "", err != nil)
		})
	}
}
