#!/usr/bin/env bash
# Brings the programs of docker-compose.yml to the images that ATRIUM_TAG names, one
# after the other, services before gateways, while people work: of auth, chat and the
# gateways new ones serve before the old ones stop; ai and ide, of which there is one
# each, are replaced, which takes a few seconds in which a call of theirs is asked to
# come again.
#
#   ATRIUM_TAG=0.2.0 deploy/compose/upgrade.sh
#
# COMPOSE_FILE names other compose files as always, COMPOSE the command.
set -euo pipefail
cd "$(dirname "$0")/../.."
read -ra compose <<<"${COMPOSE:-docker compose}"
up() { "${compose[@]}" --progress quiet up --no-build --no-deps --wait "$@"; }

# roll SERVICE puts as many new containers beside the old ones, then takes these away.
roll() {
	local old
	mapfile -t old < <("${compose[@]}" ps --quiet "$1")
	up --no-recreate --scale "$1=$((2 * ${#old[@]}))" "$1"
	docker stop "${old[@]}" >/dev/null
	docker rm "${old[@]}" >/dev/null
	echo "upgrade: $1 is the new one"
}

replace() {
	up "$@"
	echo "upgrade: $* is the new one"
}

replace certs
roll authd
replace aid
roll chatd
"${compose[@]}" --progress quiet run --no-deps --rm editor >/dev/null
replace ided
roll gatewayd
