#!/usr/bin/env bash
# Makes a machine ready for the tests of workspaces in containers: a Docker
# Engine (one is started when none answers), gVisor where runsc is installed,
# and the workspaces' image, built without a registry. Needs root, and the
# packages docker.io, iptables and debootstrap.
#
#   tools/docker.sh
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { printf 'docker: %s\n' "$*" >&2; exit 1; }

start_engine() {
	local dir=$PWD/.cache/docker runsc runtimes='{}'
	command -v dockerd >/dev/null || fail "dockerd is missing: install the packages docker.io and iptables"
	mkdir -p "$dir"
	if runsc=$(command -v runsc); then
		# The kernel of the sandbox opens the sockets that the driver listens on.
		runtimes='{"runsc": {"path": "'$runsc'", "runtimeArgs": ["--platform=systrap", "--host-uds=all", "--network=none"]}}'
	fi
	printf '{"live-restore": true, "runtimes": %s}\n' "$runtimes" >"$dir/daemon.json"
	setsid nohup dockerd --config-file "$dir/daemon.json" >"$dir/dockerd.log" 2>&1 </dev/null &
	for _ in $(seq 300); do
		if docker info >/dev/null 2>&1; then
			return
		fi
		sleep 0.1
	done
	fail "dockerd does not answer: $(tail -n 3 "$dir/dockerd.log")"
}

docker info >/dev/null 2>&1 || start_engine
docker image inspect atrium-workspace >/dev/null 2>&1 || bash deploy/workspace-image/build.sh --without-registry
