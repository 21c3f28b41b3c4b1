#!/usr/bin/env bash
# Runs Atrium as separate programs on this machine: authd, chatd, ided, aid and
# gatewayd talk over the network by mutual TLS, with private databases where
# DATABASE_URL or REDIS_URL is not given. Ctrl-C stops all of them, the databases last.
set -euo pipefail
cd "$(dirname "$0")/.."
# Each program gets a process group of its own, so that Ctrl-C reaches only this
# script, which then stops them in order.
set -m

readonly BIN=.cache/bin GRACE=30
export ATRIUM_DATA_DIR=${ATRIUM_DATA_DIR:-.atrium}
export ATRIUM_LISTEN=${ATRIUM_LISTEN:-127.0.0.1:8080}
export ATRIUM_PUBLIC_URL=${ATRIUM_PUBLIC_URL:-http://atrium.localhost:${ATRIUM_LISTEN##*:}}
export ATRIUM_IDE_DOMAIN=${ATRIUM_IDE_DOMAIN:-ide.atrium.localhost:${ATRIUM_LISTEN##*:}}
port=${ATRIUM_SERVICES_PORT:-7101}
for service in AUTH CHAT IDE AI IDE_DATA; do
	listen=ATRIUM_${service}_LISTEN addr=ATRIUM_${service}_ADDR
	export "$listen=${!listen:-127.0.0.1:$port}"
	export "$addr=${!addr:-${!listen}}"
	port=$((port + 1))
done

say() { printf 'run-services: %s\n' "$*"; }

services=() names=() databases="" certs=""

# stop PID… ends programs gently, and by force after the grace.
stop() {
	local pid deadline=$((SECONDS + GRACE))
	kill -TERM "$@" 2>/dev/null || true
	for pid in "$@"; do
		while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.1; done
		kill -KILL "$pid" 2>/dev/null && say "process $pid did not stop in $GRACE s and was killed"
	done
	wait "$@" 2>/dev/null || true
}

stop_all() {
	trap '' HUP INT TERM
	[ ${#services[@]} -eq 0 ] || stop "${services[@]}"
	[ -z "$databases" ] || stop "$databases"
}
trap stop_all EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# start_databases takes the addresses of the databases and the files of the keys
# from the output of "atrium databases", which stays in the foreground for as
# long as they are wanted. An empty line ends the list.
start_databases() {
	local line pipe
	pipe=$(mktemp -u)
	mkfifo -m 600 "$pipe"
	"$BIN/atrium" databases >"$pipe" &
	databases=$!
	exec {settings}<"$pipe"
	rm "$pipe"
	while IFS= read -r -u "$settings" line && [ -n "$line" ]; do
		export "${line?}"
	done
	[ -n "${ATRIUM_IDENTITY_KEY:-}" ] || { say "the databases did not start"; exit 1; }
}

# ready asks the gateway for /readyz without needing curl.
ready() {
	local status
	exec {http}<>"/dev/tcp/${ATRIUM_LISTEN%:*}/${ATRIUM_LISTEN##*:}" || return 1
	printf 'GET /readyz HTTP/1.0\r\nHost: %s\r\n\r\n' "$ATRIUM_LISTEN" >&"$http"
	read -r -t 5 status <&"$http"
	exec {http}>&-
	[[ $status == *" 200 "* ]]
} 2>/dev/null

# certify makes the certificates by which the programs know each other, and
# stays to renew them.
certify() {
	certs=$ATRIUM_DATA_DIR/keys/services
	"$BIN/atrium" certs "$certs"
	"$BIN/atrium" certs "$certs" --every 12h &
	services+=("$!")
	names+=("atrium certs")
}

start() {
	local own=$certs/${1%d}
	ATRIUM_SERVICE_CERT=$own/cert.pem ATRIUM_SERVICE_KEY=$own/key.pem ATRIUM_SERVICE_CA=$own/ca.pem "$BIN/$1" &
	services+=("$!")
	names+=("$1")
}

start_databases
certify
for name in authd chatd ided aid gatewayd; do start "$name"; done

told=""
while true; do
	for i in "${!services[@]}"; do
		if ! kill -0 "${services[$i]}" 2>/dev/null; then
			status=0
			wait "${services[$i]}" || status=$?
			say "${names[$i]} ended with status $status; stopping the others"
			exit 1
		fi
	done
	if [ -z "$told" ] && ready; then
		told=yes
		say "Atrium is ready: $ATRIUM_PUBLIC_URL (Ctrl-C stops it)"
	fi
	sleep 0.3
done
