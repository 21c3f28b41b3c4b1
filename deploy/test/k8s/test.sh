#!/usr/bin/env bash
# Tests what runs on Kubernetes, against a real one of one node: `make test-k8s`.
#
# Level 0 needs nothing but Go; level 2 needs root and what up.sh names. Where
# something is missing the last line says what has not been proven, unless
# ATRIUM_REQUIRE_K8S=1 makes that a failure, as in CI. (Level 1, the API server
# alone, is part of level 2: the driver runs there with the chart's rights.)
set -euo pipefail
cd "$(dirname "$0")/../../.."

# As build.sh does, so that what the two have in common is compiled once.
export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -trimpath"
module() { (cd services/ide/kubernetes && GOWORK=off go "$@"); }
module vet ./...
module test ./...

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
bash deploy/test/k8s/up.sh bash -euo pipefail -c in_cluster
