#!/usr/bin/env bash
# Runs a command beside a real Kubernetes of one node, and ends that with it.
#
#   deploy/test/k8s/up.sh COMMAND [ARGUMENT…]
#
# The command finds
#   KUBECONFIG        of an administrator
#   PATH              with kubectl of the cluster's version
#   ATRIUM_K8S_RIG    a folder of the cluster's: its programs' logs are in logs/
#   ATRIUM_K8S_NODE   the node's address. Pods and Services are reached from here too.
#   ATRIUM_K8S_HOST   where pods reach this machine
# and puts Docker's images into the cluster with deploy/test/k8s/load.sh IMAGE…
# The class "standard", which is the default, makes volumes that are as large as
# is asked for, and grow. CoreDNS answers for Services. Network policies
# are enforced with ATRIUM_K8S_POLICIES=1, on what goes from pod to pod.
#
# Needs root, and the packages containerd, containernetworking-plugins, iptables,
# docker.io, iproute2, e2fsprogs and openssl. Several may run at once.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '$d'; exit 2; }

bin=$(bash "$here/build.sh")
RIG_POLICIES=
[ "${ATRIUM_K8S_POLICIES:-}" != 1 ] || RIG_POLICIES=$(bash "$here/policies.sh")
export RIG_POLICIES

# Each rig of this machine has addresses of its own.
for slot in $(seq 0 7) none; do
	[ "$slot" != none ] || { echo "k8s: eight run already" >&2; exit 1; }
	exec 8>"/tmp/atrium-k8s-$slot.lock"
	if flock -n 8; then break; fi
done

rig=$(mktemp -d /tmp/atrium-k8s-XXXXXX)
link=atrium-k8s$slot
cgroup=atrium-k8s-$slot
node_pid=
down() {
	status=$?
	trap - EXIT INT TERM
	[ -z "$node_pid" ] || { kill -KILL "$node_pid" 2>/dev/null; wait "$node_pid" 2>/dev/null || true; }
	ip link delete "$link" 2>/dev/null || true
	for _ in 1 2 3 4 5; do # the kernel takes a moment to notice that a group is empty
		[ -n "$(find /sys/fs/cgroup -maxdepth 2 -type d -name "$cgroup")" ] || break
		find /sys/fs/cgroup -depth -type d -path "*/$cgroup*" -exec rmdir {} + 2>/dev/null || sleep 0.1
	done
	if [ "$status" != 0 ] && [ -n "${ATRIUM_K8S_LOGS:-}" ]; then mkdir -p "$ATRIUM_K8S_LOGS" && cp "$rig"/logs/* "$ATRIUM_K8S_LOGS"/; fi
	rm -rf --one-file-system "$rig"
	exit "$status"
}
trap down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

export ATRIUM_K8S_RIG=$rig ATRIUM_K8S_HOST=10.199.$slot.1 ATRIUM_K8S_NODE=10.199.$slot.2
export RIG_BIN=$bin RIG_CGROUP=$cgroup RIG_PODS=10.$((200 + slot)).0.0/24 RIG_SERVICES=10.$((220 + slot)).0.0/24 RIG_KUBERNETES=10.$((220 + slot)).0.1
mkdir -p "$rig/logs"

unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private \
	bash "$here/node.sh" 8>&- >"$rig/logs/node.log" 2>&1 &
node_pid=$!
for _ in $(seq 100); do [ ! -e "$rig/netns" ] || break; sleep 0.05; done
inside=$(pgrep -P "$node_pid" | head -n 1)
ip link add "$link" type veth peer name eth0 netns "$inside"
ip addr add "$ATRIUM_K8S_HOST/30" dev "$link"
ip link set "$link" up
nsenter -t "$inside" -n sh -c "ip addr add $ATRIUM_K8S_NODE/30 dev eth0; ip link set lo up; ip link set eth0 up; ip route add default via $ATRIUM_K8S_HOST"
for range in "$RIG_PODS" "$RIG_SERVICES"; do ip route add "$range" via "$ATRIUM_K8S_NODE"; done
touch "$rig/linked"

export KUBECONFIG=$rig/kubeconfig PATH=$bin:$PATH
ready() { kubectl get node node -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && kubectl -n default get serviceaccount default >/dev/null 2>&1; }
for _ in $(seq 600); do
	if ready; then break; fi
	kill -0 "$node_pid" 2>/dev/null || break
	sleep 0.2
done
ready || {
	echo "k8s: the node does not become ready" >&2
	tail -n 4 "$rig"/logs/*.log >&2
	exit 1
}
echo "k8s: Kubernetes $(kubectl get node node -o 'jsonpath={.status.nodeInfo.kubeletVersion}') is up" >&2

"$@"
