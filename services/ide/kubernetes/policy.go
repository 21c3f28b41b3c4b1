package kubernetes

import (
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"atrium.internal/services/ide/internal/driver/egress"
	"atrium.internal/services/ide/internal/driver/pod"
)

// policy is the network of every workspace of the deployment: only the ide
// service comes in, and what goes out goes to names' servers, to public
// addresses, to the gateway where workspaces are to use it, and to networks that
// the operator allows. So no workspace reaches another.
func (d *Driver) policy() *networking.NetworkPolicy {
	platform := func(component string) []networking.NetworkPolicyPeer {
		return []networking.NetworkPolicyPeer{{
			NamespaceSelector: &meta.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": d.options.PlatformNamespace}},
			PodSelector:       &meta.LabelSelector{MatchLabels: map[string]string{labelComponent: component}},
		}}
	}
	udp, tcp := core.ProtocolUDP, core.ProtocolTCP
	dns, keeper := intstr.FromInt32(53), intstr.FromInt32(pod.Port)
	out := []networking.NetworkPolicyEgressRule{{
		To:    []networking.NetworkPolicyPeer{{NamespaceSelector: &meta.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": "kube-system"}}}},
		Ports: []networking.NetworkPolicyPort{{Protocol: &udp, Port: &dns}, {Protocol: &tcp, Port: &dns}},
	}}
	if d.options.Gateway != "" {
		out = append(out, networking.NetworkPolicyEgressRule{To: platform("gateway")})
	}
	if d.options.Internet {
		four, six := egress.Public()
		out = append(out, networking.NetworkPolicyEgressRule{To: []networking.NetworkPolicyPeer{{IPBlock: block(four)}, {IPBlock: block(six)}}})
	}
	for _, network := range d.options.Networks {
		out = append(out, networking.NetworkPolicyEgressRule{To: []networking.NetworkPolicyPeer{{IPBlock: &networking.IPBlock{CIDR: network.String()}}}})
	}
	return &networking.NetworkPolicy{
		ObjectMeta: meta.ObjectMeta{Name: d.name("workspaces", "network"), Labels: map[string]string{"app.kubernetes.io/managed-by": "atrium", labelDeployment: d.options.Deployment}},
		Spec: networking.NetworkPolicySpec{
			PodSelector: meta.LabelSelector{MatchLabels: map[string]string{labelDeployment: d.options.Deployment}},
			PolicyTypes: []networking.PolicyType{networking.PolicyTypeIngress, networking.PolicyTypeEgress},
			Ingress:     []networking.NetworkPolicyIngressRule{{From: platform("ide"), Ports: []networking.NetworkPolicyPort{{Protocol: &tcp, Port: &keeper}}}},
			Egress:      out,
		},
	}
}

func block(b egress.Block) *networking.IPBlock {
	all := &networking.IPBlock{CIDR: b.All.String()}
	for _, network := range b.Except {
		all.Except = append(all.Except, network.String())
	}
	return all
}
