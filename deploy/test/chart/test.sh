#!/usr/bin/env bash
# Tests the Helm chart: what it renders, and, in a real Kubernetes of one node, that
# it can be installed, upgraded under traffic and rolled back: `make test-chart`.
#
# The first needs nothing but Go, and for the API server that all of it is shown to,
# openssl; the second root and what deploy/test/k8s/up.sh
# names. Where something is missing the last line says what has not been proven,
# unless ATRIUM_REQUIRE_K8S=1 makes that a failure, as in CI.
set -euo pipefail
cd "$(dirname "$0")/../../.."

bash tools/install.sh helm
(cd deploy/test/chart && GOWORK=off go vet ./... && GOWORK=off go test -count=1 .)
bash deploy/test/k8s/api.sh bash -euo pipefail -c 'cd deploy/test/chart && GOWORK=off go test -count=1 -run "^TestAnAPIServerTakesWhatIsRendered$" .'

lacking() {
	[ "$(id -u)" = 0 ] || { echo "root"; return; }
	local tool
	for tool in containerd ctr runc docker iptables unshare nsenter ip mkfs.ext4 openssl curl; do
		command -v "$tool" >/dev/null || { echo "the program $tool"; return; }
	done
	[ -x /usr/lib/cni/ptp ] || { echo "containernetworking-plugins"; return; }
	docker image inspect atrium-workspace-tools atrium-base:bookworm >/dev/null 2>&1 || { echo "the image atrium-workspace-tools (tools/docker.sh makes it)"; return; }
	[ -e .cache/vscode/current ] || { echo "VS Code (deploy/vscode/install.sh installs it)"; return; }
	[ -e .cache/bin/gatewayd ] || echo "the programs (make setup builds them)"
}
lack=$(lacking)
if [ -n "$lack" ]; then
	skipped="SKIPPED kubernetes level 2: $lack is missing. NOT PROVEN: that the chart can be installed, upgraded and rolled back in a real cluster"
	[ "${ATRIUM_REQUIRE_K8S:-}" != 1 ] || { echo "$skipped" >&2; exit 1; }
	echo "$skipped"
	exit 0
fi
bash deploy/test/k8s/up.sh bash deploy/test/chart/install.sh
