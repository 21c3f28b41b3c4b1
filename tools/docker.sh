#!/usr/bin/env bash
# Makes a machine ready for the tests of workspaces in containers: a Docker
# Engine (one is started when none answers), gVisor where runsc is installed,
# the workspaces' image, and the base of the platform's, built without a registry.
# Needs root, and the packages docker.io, iptables and debootstrap.
#
#   tools/docker.sh
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { printf 'docker: %s\n' "$*" >&2; exit 1; }

# settings are the engine's: workspaces outlive it, and gVisor opens the sockets
# that the driver listens on.
settings() {
	local runsc runtimes='{}'
	if runsc=$(command -v runsc); then
		runtimes='{"runsc": {"path": "'$runsc'", "runtimeArgs": ["--platform=systrap", "--host-uds=all", "--network=none"]}}'
	fi
	printf '{"live-restore": true, "runtimes": %s}\n' "$runtimes"
}

start_engine() {
	local dir=$PWD/.cache/docker
	command -v dockerd >/dev/null || fail "dockerd is missing: install the packages docker.io and iptables"
	mkdir -p "$dir"
	settings >"$dir/daemon.json"
	setsid nohup dockerd --config-file "$dir/daemon.json" >"$dir/dockerd.log" 2>&1 </dev/null &
	for _ in $(seq 300); do
		if docker info >/dev/null 2>&1; then
			return
		fi
		sleep 0.1
	done
	fail "dockerd does not answer: $(tail -n 3 "$dir/dockerd.log")"
}

# An engine that a package has started knows no gVisor yet.
has_gvisor() { ! command -v runsc >/dev/null || docker info --format '{{json .Runtimes}}' | grep -q '"runsc"'; }
teach_engine() {
	[ ! -e /etc/docker/daemon.json ] || fail "docker has no runtime runsc: add it to /etc/docker/daemon.json, as docs/operators.md says"
	mkdir -p /etc/docker
	settings >/etc/docker/daemon.json
	kill -HUP "$(cat /var/run/docker.pid)"
	for _ in $(seq 50); do
		if has_gvisor; then
			return
		fi
		sleep 0.1
	done
	fail "docker does not take the runtime runsc"
}

docker info >/dev/null 2>&1 || start_engine
has_gvisor || teach_engine
docker image inspect atrium-workspace atrium-workspace-tools >/dev/null 2>&1 || bash deploy/workspace-image/build.sh --without-registry
bash tools/debian-base.sh bookworm
