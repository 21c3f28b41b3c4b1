#!/usr/bin/env bash
# The node of up.sh: the first process of a network, a mount and a process
# namespace of its own. Everything ends with it.
set -euo pipefail
rig=$ATRIUM_K8S_RIG bin=$RIG_BIN node=$ATRIUM_K8S_NODE
here=$(cd "$(dirname "$0")" && pwd)
touch "$rig/netns"
until [ -e "$rig/linked" ]; do sleep 0.02; done

mount --make-rshared /
mkdir -p /var/log/containers /var/log/pods /var/lib/kubelet /var/lib/cni /run/containerd /run/netns /etc/cni/net.d
for dir in /var/log/containers /var/log/pods /var/lib/kubelet /var/lib/cni /run/containerd /run/netns; do
	mount -t tmpfs tmpfs "$dir"
	mount --make-rshared "$dir"
done
for controller in /sys/fs/cgroup/*/; do
	[ ! -e "$controller/cgroup.procs" ] || mkdir -p "$controller/$RIG_CGROUP"
done
[ ! -e /sys/fs/cgroup/cgroup.controllers ] || mkdir -p "/sys/fs/cgroup/$RIG_CGROUP"
# A new group of this controller holds nothing before it is told what.
for file in cpuset.cpus cpuset.mems; do
	group=/sys/fs/cgroup/cpuset
	[ ! -e "$group/$file" ] || cat "$group/$file" >"$group/$RIG_CGROUP/$file"
done
echo 1 >/proc/sys/net/ipv4/ip_forward

# Keys: the API server's, and the one that signs service accounts' tokens.
cd "$rig"
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=rig 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout api.key -out api.csr -subj /CN=kube-apiserver 2>/dev/null
openssl x509 -req -in api.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out api.crt 2>/dev/null -extfile <(
	echo "subjectAltName=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,IP:127.0.0.1,IP:$node,IP:$RIG_KUBERNETES"
)
openssl genrsa -out accounts.key 2048 2>/dev/null
token=$(openssl rand -hex 24)
echo "$token,rig,rig,system:masters" >tokens.csv

cat >kubeconfig.part <<END
apiVersion: v1
kind: Config
clusters: [{name: rig, cluster: {server: "https://$node:6443", certificate-authority-data: "$(base64 -w0 ca.crt)"}}]
users: [{name: rig, user: {token: "$token"}}]
contexts: [{name: rig, context: {cluster: rig, user: rig}}]
current-context: rig
END
chmod 600 kubeconfig.part tokens.csv ./*.key

run() {
	local name=$1
	shift
	"$@" >"$rig/logs/$name.log" 2>&1 &
}

run etcd "$bin/etcd" --data-dir "$rig/etcd" --unsafe-no-fsync --listen-client-urls http://127.0.0.1:2379 \
	--advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380 --log-level warn
run kube-apiserver "$bin/kube-apiserver" --etcd-servers http://127.0.0.1:2379 --bind-address 0.0.0.0 --advertise-address "$node" \
	--secure-port 6443 --tls-cert-file api.crt --tls-private-key-file api.key --token-auth-file tokens.csv \
	--kubelet-preferred-address-types InternalIP --authorization-mode RBAC --service-cluster-ip-range "$RIG_SERVICES" --service-account-issuer https://kubernetes.default.svc \
	--service-account-key-file accounts.key --service-account-signing-key-file accounts.key --allow-privileged

# The kubelet speaks with containerd over a socket in the rig's folder.
cat >containerd.toml <<END
version = 2
root = "$rig/containerd"
state = "/run/containerd/state"
oom_score = 0
[grpc]
  address = "$rig/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/atrium-pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$rig/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
END
mkdir -p cni
cat >cni/10-rig.conflist <<END
{"cniVersion": "0.4.0", "name": "rig", "plugins": [
  {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "$RIG_PODS"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}
]}
END
run containerd containerd --config containerd.toml
until [ -S containerd.sock ] && ctr --address containerd.sock version >/dev/null 2>&1; do sleep 0.05; done
ctr --address containerd.sock -n k8s.io images import "$bin/pause.tar" >/dev/null

until "$bin/kubectl" --kubeconfig kubeconfig.part get --raw /readyz >/dev/null 2>&1; do sleep 0.1; done
mv kubeconfig.part kubeconfig

run kube-controller-manager "$bin/kube-controller-manager" --kubeconfig kubeconfig --leader-elect=false --cluster-cidr "$RIG_PODS" \
	--allocate-node-cidrs --node-cidr-mask-size 24 --root-ca-file ca.crt --service-account-private-key-file accounts.key
run kube-scheduler "$bin/kube-scheduler" --kubeconfig kubeconfig --leader-elect=false

cat >kubelet.yaml <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupRoot: /$RIG_CGROUP
clusterDNS: [$node]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix://$rig/containerd.sock
enforceNodeAllocatable: []
evictionHard: {imagefs.available: "0%", nodefs.available: "0%", nodefs.inodesFree: "0%"}
failCgroupV1: false
failSwapOn: false
imageGCHighThresholdPercent: 100
oomScoreAdj: 0
resolvConf: $rig/resolv.conf
END
: >resolv.conf
run kubelet "$bin/kubelet" --kubeconfig kubeconfig --config kubelet.yaml --hostname-override node --node-ip "$node"

cat >kube-proxy.yaml <<END
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: $RIG_PODS
hostnameOverride: node
oomScoreAdj: 0
clientConnection: {kubeconfig: $rig/kubeconfig}
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
END
run kube-proxy "$bin/kube-proxy" --config kube-proxy.yaml

# Not every kernel lets nftables ask a program, as the program's own rules would; all
# take this one. It is for what goes from pod to pod.
if [ -n "$RIG_POLICIES" ]; then
	iptables -t mangle -A POSTROUTING -s "$RIG_PODS" -d "$RIG_PODS" -m conntrack --ctstate NEW -j NFQUEUE --queue-num 100
	run policies "$RIG_POLICIES" kubeconfig node
fi

cat >Corefile <<END
.:53 {
	errors
	kubernetes cluster.local in-addr.arpa {
		kubeconfig $rig/kubeconfig
	}
}
END
run coredns "$bin/coredns" -conf Corefile
"$bin/kubectl" --kubeconfig kubeconfig apply -f "$here/storageclass.yaml"
run provisioner "$bin/provisioner" kubeconfig "$rig/volumes"

trap 'exit 0' TERM INT
while :; do sleep 1000 & wait $! || true; done
