package kubernetes

import (
	"net/netip"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	networking "k8s.io/api/networking/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func offline(t *testing.T, change ...func(*Options)) *Driver {
	t.Helper()
	o := Options{
		Client: fake.NewClientset(), Namespace: "w", Deployment: "test", Image: "workspace:1", Key: make([]byte, 32),
		Platform: &url.URL{Scheme: "https", Host: "atrium.example.com"}, PlatformNamespace: "atrium",
	}
	for _, set := range change {
		set(&o)
	}
	d, err := New(o)
	require.NoError(t, err)
	return d
}

// blocked reports whether no rule for addresses lets a workspace connect to one.
func blocked(p *networking.NetworkPolicy, address string) bool {
	a := netip.MustParseAddr(address)
	for _, rule := range p.Spec.Egress {
		for _, peer := range rule.To {
			if peer.IPBlock == nil || !netip.MustParsePrefix(peer.IPBlock.CIDR).Contains(a) {
				continue
			}
			except := false
			for _, network := range peer.IPBlock.Except {
				except = except || netip.MustParsePrefix(network).Contains(a)
			}
			if !except {
				return false
			}
		}
	}
	return true
}

func TestWorkspacesReachThePublicInternetAndNothingPrivate(t *testing.T) {
	t.Parallel()
	p := offline(t, func(o *Options) { o.Internet = true }).policy()
	for _, public := range []string{"1.1.1.1", "2606:4700::1"} {
		require.False(t, blocked(p, public), public)
	}
	for _, private := range []string{"10.96.0.1", "10.0.0.7", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.0.0.1", "168.63.129.16", "fd00::1", "fe80::1", "::1", "64:ff9b::a00:1"} {
		require.True(t, blocked(p, private), private)
	}
	p = offline(t, func(o *Options) { o.Networks = []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")} }).policy()
	require.True(t, blocked(p, "1.1.1.1"), "without the internet")
	require.False(t, blocked(p, "10.20.3.4"), "what the operator allows")
}

func TestOnlyTheIdeServiceComesIn(t *testing.T) {
	t.Parallel()
	d := offline(t)
	p := d.policy()
	require.Equal(t, map[string]string{labelDeployment: "test"}, p.Spec.PodSelector.MatchLabels, "every pod of the deployment is held to it")
	require.Len(t, p.Spec.PolicyTypes, 2)
	require.Len(t, p.Spec.Ingress, 1)
	require.Len(t, p.Spec.Ingress[0].From, 1)
	from := p.Spec.Ingress[0].From[0]
	require.Equal(t, map[string]string{"kubernetes.io/metadata.name": "atrium"}, from.NamespaceSelector.MatchLabels)
	require.Equal(t, map[string]string{"app.kubernetes.io/component": "ide"}, from.PodSelector.MatchLabels)
	require.Len(t, p.Spec.Egress, 1, "names' servers alone")

	p = offline(t, func(o *Options) { o.Gateway = "gateway.atrium.svc:80" }).policy()
	require.Len(t, p.Spec.Egress, 2, "and the gateway, where workspaces are to use it")
}
