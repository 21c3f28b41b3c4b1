#!/usr/bin/env bash
# Builds the image that workspaces of the isolation classes docker and gvisor
# run in.
#
#   deploy/workspace-image/build.sh [--without-registry] [NAME]
#
# NAME defaults to atrium-workspace. The base comes from Docker's registry, or,
# with --without-registry, from a mirror of Debian's packages (needs root and
# debootstrap), the one that this machine is set up with, kept in .cache.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly SUITE=bookworm
fail() { printf 'workspace image: %s\n' "$*" >&2; exit 1; }

# An image is whole or not there: its packages need not reach the disk one by one.
bootstrap() {
	debootstrap --foreign --variant=minbase --include=ca-certificates "$SUITE" "$1" "$(bash tools/debian-mirror.sh)" &&
		echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/unsafe-io" &&
		chroot "$1" /debootstrap/debootstrap --second-stage
}

base=debian:$SUITE-slim
if [ "${1:-}" = --without-registry ]; then
	shift
	base=atrium-base:$SUITE
	tar=.cache/workspace-base-$SUITE.tar
	if ! docker image inspect "$base" >/dev/null 2>&1; then
		if [ ! -s "$tar" ]; then
			[ "$(id -u)" = 0 ] || fail "making a base without a registry needs root"
			command -v debootstrap >/dev/null || fail "debootstrap is missing: install the package debootstrap"
			mkdir -p .cache
			root=$(mktemp -d)
			trap 'rm -rf "$root"' EXIT
			bootstrap "$root" >"$root.log" 2>&1 || fail "debootstrap failed: $(tail -n 3 "$root.log")"
			rm -rf "$root.log" "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
			tar -C "$root" -cf "$tar.part" . && mv "$tar.part" "$tar"
		fi
		docker import - "$base" <"$tar" >/dev/null
	fi
fi

name=${1:-atrium-workspace}
# The classic builder takes a base that is only on this machine, whatever it is called.
DOCKER_BUILDKIT=0 docker build -q --build-arg "BASE=$base" -t "$name" deploy/workspace-image >/dev/null
echo "workspace image: $name is built on $base"
