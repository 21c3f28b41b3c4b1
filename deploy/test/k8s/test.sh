#!/usr/bin/env bash
# Tests what runs on Kubernetes, against a real one of one node: `make test-k8s`.
#
# Level 0 needs nothing but Go. Level 1 is an API server alone (api.sh): that the
# driver has the rights it uses and no others, and which objects are taken. Level 2
# is a whole cluster of one node (up.sh), and needs root. Where something is missing
# the last line says what has not been proven, unless ATRIUM_REQUIRE_K8S=1 makes that
# a failure, as in CI. With an argument, 0 or 1, it ends after that level.
set -euo pipefail
cd "$(dirname "$0")/../../.."

# As build.sh does, so that what the two have in common is compiled once.
export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -trimpath"
module() { (cd services/ide/kubernetes && GOWORK=off go "$@"); }
module vet ./...
module test ./...

up_to=${1:-2}
[ "$up_to" -ge 1 ] || exit 0
if ! command -v openssl >/dev/null; then
	skipped="SKIPPED kubernetes level 1: the program openssl is missing. NOT PROVEN: that a real API server takes the driver's objects, and that the chart's role has no right too many or too few"
	[ "${ATRIUM_REQUIRE_K8S:-}" != 1 ] || { echo "$skipped" >&2; exit 1; }
	echo "$skipped"
	exit 0
fi
export -f module
bash deploy/test/k8s/api.sh bash -euo pipefail -c "module test -count=1 -run '^(TestTheDriverUsesEachOfItsRightsAndNoOther|TestTheAPIServerTakesEachKindOfPod)\$' ."
[ "$up_to" -ge 2 ] || exit 0

lacking() {
	[ "$(id -u)" = 0 ] || { echo "root"; return; }
	local tool
	for tool in containerd ctr runc docker iptables unshare nsenter ip mkfs.ext4 openssl; do
		command -v "$tool" >/dev/null || { echo "the program $tool"; return; }
	done
	[ -x /usr/lib/cni/ptp ] || { echo "containernetworking-plugins"; return; }
	docker image inspect atrium-workspace-tools >/dev/null 2>&1 || { echo "the image atrium-workspace-tools (tools/docker.sh makes it)"; return; }
	[ -e "${ATRIUM_VSCODE_DIR:-.cache/vscode}/current" ] || echo "VS Code (deploy/vscode/install.sh installs it)"
}
lack=$(lacking)
if [ -n "$lack" ]; then
	skipped="SKIPPED kubernetes level 2: $lack is missing. NOT PROVEN: that workspaces run in pods of a real kubelet, with the chart's rights and no others"
	[ "${ATRIUM_REQUIRE_K8S:-}" != 1 ] || { echo "$skipped" >&2; exit 1; }
	echo "$skipped"
	exit 0
fi

BASE=atrium-workspace-tools bash deploy/workspace-image/kubernetes.sh atrium-workspace-kubernetes:test 2>/dev/null
in_cluster() {
	bash deploy/test/k8s/load.sh atrium-workspace-kubernetes:test
	ATRIUM_K8S_IMAGE=atrium-workspace-kubernetes:test ATRIUM_REQUIRE_DRIVERS=kubernetes,volumes module test -count=1 -timeout 15m -v ./...
}
export -f in_cluster module
export ATRIUM_K8S_POLICIES=${ATRIUM_K8S_POLICIES:-1}
bash deploy/test/k8s/up.sh bash -euo pipefail -c in_cluster
