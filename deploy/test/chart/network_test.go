package chart

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The parts of a network policy that the chart uses.
type (
	selector struct {
		MatchLabels      map[string]string `yaml:"matchLabels"`
		MatchExpressions []struct {
			Key, Operator string
			Values        []string
		} `yaml:"matchExpressions"`
	}
	peer struct {
		NamespaceSelector *selector `yaml:"namespaceSelector"`
		PodSelector       *selector `yaml:"podSelector"`
		IPBlock           *struct {
			CIDR   string
			Except []string
		} `yaml:"ipBlock"`
	}
	rule struct {
		From, To []peer
		Ports    []struct {
			Port     int
			Protocol string
		}
	}
	policy struct {
		PodSelector     selector `yaml:"podSelector"`
		PolicyTypes     []string `yaml:"policyTypes"`
		Ingress, Egress []rule
	}
)

// place is somebody on the network.
type place struct {
	name      string
	namespace string // empty outside of the cluster
	labels    map[string]string
	address   string
}

func (s selector) holds(labels map[string]string) bool {
	for key, value := range s.MatchLabels {
		if labels[key] != value {
			return false
		}
	}
	for _, e := range s.MatchExpressions {
		if slices.Contains(e.Values, labels[e.Key]) == (e.Operator == "NotIn") {
			return false
		}
	}
	return true
}

func (p peer) is(at place) bool {
	if p.IPBlock != nil {
		in := func(network string) bool {
			return netip.MustParsePrefix(network).Contains(netip.MustParseAddr(at.address))
		}
		return in(p.IPBlock.CIDR) && !slices.ContainsFunc(p.IPBlock.Except, in)
	}
	if at.namespace == "" {
		return false
	}
	if p.NamespaceSelector == nil {
		return at.namespace == space && p.PodSelector.holds(at.labels)
	}
	return p.NamespaceSelector.holds(map[string]string{"kubernetes.io/metadata.name": at.namespace}) &&
		(p.PodSelector == nil || p.PodSelector.holds(at.labels))
}

// open reports whether the policies of one direction let somebody through.
func open(policies []policy, direction string, self, other place, port int) bool {
	shut := false
	for _, p := range policies {
		if self.namespace != space || !p.PodSelector.holds(self.labels) || !slices.Contains(p.PolicyTypes, direction) {
			continue
		}
		shut = true
		rules := p.Ingress
		if direction == "Egress" {
			rules = p.Egress
		}
		for _, r := range rules {
			peers := append(slices.Clone(r.From), r.To...)
			known := len(peers) == 0 || slices.ContainsFunc(peers, func(p peer) bool { return p.is(other) })
			for _, at := range r.Ports {
				if known && at.Port == port && at.Protocol == "TCP" {
					return true
				}
			}
			if known && len(r.Ports) == 0 {
				return true
			}
		}
	}
	return !shut
}

var (
	components = []string{"gateway", "auth", "chat", "ide", "ai", "postgres", "redis", "migrate", "something"}
	others     = []place{
		{name: "dns", namespace: "kube-system", labels: map[string]string{"k8s-app": "kube-dns"}, address: "10.244.0.2"},
		{name: "proxy", namespace: "gateways", address: "10.244.1.7"},
		{name: "prometheus", namespace: "monitoring", address: "10.244.1.8"},
		{name: "workspace", namespace: space + "-workspaces", labels: map[string]string{"app.kubernetes.io/component": "gateway"}, address: "10.244.1.9"},
		{name: "api-server", address: "10.96.0.1"},
		{name: "private", address: "10.1.2.3"},
		{name: "metadata", address: "169.254.169.254"},
		{name: "internet", address: "1.1.1.1"},
		{name: "internet6", address: "2606:4700::1"},
		{name: "private6", address: "fd00::1"},
	}
	ports = []int{25, 53, 80, 443, 5432, 6379, 6380, 6443, 7101, 7102, 7103, 7104, 7113, 7130, 8080, 9090, 9091, 9092, 9093, 9094}
)

// arrows gives every connection of the release's pods that the policies let be.
func arrows(t *testing.T, values string, more ...string) []string {
	t.Helper()
	objects, _ := render(t, values, more...)
	var policies []policy
	for _, o := range objects {
		if o.Kind == "NetworkPolicy" {
			require.Equal(t, space, o.Metadata.Namespace)
			var p policy
			require.NoError(t, o.Spec.Decode(&p))
			policies = append(policies, p)
		}
	}
	require.NotEmpty(t, policies)
	var pods []place
	for i, component := range components {
		pods = append(pods, place{name: component, namespace: space, address: fmt.Sprintf("10.244.2.%d", i+1), labels: map[string]string{
			"app.kubernetes.io/name": "atrium", "app.kubernetes.io/instance": "atrium", "app.kubernetes.io/component": component,
		}})
	}
	all := append(slices.Clone(pods), others...)
	var found []string
	for _, from := range all {
		for _, to := range all {
			if from.name == to.name || from.namespace != space && to.namespace != space {
				continue
			}
			var through []string
			for _, port := range ports {
				if open(policies, "Egress", from, to, port) && open(policies, "Ingress", to, from, port) {
					through = append(through, fmt.Sprint(port))
				}
			}
			if len(through) > 0 {
				found = append(found, from.name+" → "+to.name+" "+strings.Join(through, ","))
			}
		}
	}
	return found
}

// What the architecture draws: one door, five services, two databases. Only ide
// reaches the API server and workspaces, only ai the internet.
func TestTheNetworkIsOpenAlongTheArrowsOnly(t *testing.T) {
	t.Parallel()
	inside := []string{
		"gateway → auth 7101", "gateway → chat 7102", "gateway → ide 7103,7113", "gateway → ai 7104", "gateway → redis 6379", "gateway → dns 53",
		"auth → postgres 5432", "auth → redis 6379", "auth → dns 53",
		"chat → ai 7104", "chat → postgres 5432", "chat → redis 6379", "chat → dns 53",
		"ide → ai 7104", "ide → auth 7101", "ide → postgres 5432", "ide → redis 6379", "ide → dns 53", "ide → workspace 7130",
		"ai → auth 7101", "ai → postgres 5432", "ai → redis 6379", "ai → dns 53",
		"migrate → postgres 5432", "migrate → dns 53",
		"ai → internet 443", "ai → internet6 443",
	}
	with := func(more ...string) []string { return append(slices.Clone(inside), more...) }

	// Without the API server's address, the ide service may go to its port anywhere.
	somewhere := []string{}
	for _, to := range []string{"api-server", "private", "metadata", "internet", "internet6", "private6", "dns", "proxy", "prometheus"} {
		somewhere = append(somewhere, "ide → "+to+" 443,6443")
	}
	somewhere = append(somewhere, "ide → dns 53,443,6443", "ide → workspace 443,6443,7130")
	somewhere = slices.DeleteFunc(somewhere, func(s string) bool { return s == "ide → dns 443,6443" })
	openAPI := slices.DeleteFunc(with(somewhere...), func(s string) bool { return s == "ide → dns 53" || s == "ide → workspace 7130" })
	behindProxy := []string{"dns → gateway 8080", "proxy → gateway 8080", "prometheus → gateway 8080"}
	require.ElementsMatch(t, append(openAPI, behindProxy...), arrows(t, "default"))

	api := "networkPolicy.apiServer.networks={10.96.0.1/32},networkPolicy.apiServer.ports={443}"
	require.ElementsMatch(t, with(append(behindProxy, "ide → api-server 443")...), arrows(t, "default", "--set", api))

	// With no proxy before it the gateway is open to all, and believes nobody.
	var everybody []string
	for _, from := range others {
		everybody = append(everybody, from.name+" → gateway 8080")
	}
	require.ElementsMatch(t, with(append(everybody, "ide → api-server 443")...),
		arrows(t, "default", "--set", api+",gateway.trustedProxies=0"))
}

// External databases, one way in, metrics for one namespace, one network for auth.
func TestTheNetworkOfOtherPeoplesDatabases(t *testing.T) {
	t.Parallel()
	want := []string{
		"gateway → auth 7101", "gateway → chat 7102", "gateway → ide 7103,7113", "gateway → ai 7104",
		"chat → ai 7104", "ide → ai 7104", "ide → auth 7101", "ai → auth 7101", "ide → workspace 6380,7130", "ide → api-server 443,6380",
		"ai → internet 443,6380", "ai → internet6 443,6380", "proxy → gateway 8080",
		"prometheus → gateway 9090", "prometheus → auth 9091", "prometheus → chat 9092", "prometheus → ide 9093", "prometheus → ai 9094",
		"migrate → private 5432", "migrate → dns 53",
	}
	// Redis of unknown address: that port anywhere. Postgres is in one network.
	for _, from := range []string{"gateway", "auth", "chat", "ide", "ai"} {
		for _, to := range others {
			port := "6380"
			switch {
			case to.name == "dns":
				port = "53,6380"
			case to.name == "private" && from != "gateway":
				port = "5432,6380"
			}
			if arrow := from + " → " + to.name + " "; !slices.ContainsFunc(want, func(s string) bool { return strings.HasPrefix(s, arrow) }) {
				want = append(want, arrow+port)
			}
		}
	}
	require.ElementsMatch(t, want, arrows(t, "external"))
}
