#!/usr/bin/env bash
# Makes the image atrium-base:SUITE of a bare Debian without a registry, from the
# mirror that this machine is set up with, unless it is there. What it fetched is
# kept in .cache. Needs root and debootstrap.
#
#   tools/debian-base.sh SUITE
set -euo pipefail
cd "$(dirname "$0")/.."

readonly suite=$1 base=atrium-base:$1
tar=.cache/debian-base-$suite.tar
fail() { printf '%s: %s\n' "$base" "$*" >&2; exit 1; }

# An image is whole or not there: its packages need not reach the disk one by one.
bootstrap() {
	debootstrap --foreign --variant=minbase --include=ca-certificates "$suite" "$1" "$(bash tools/debian-mirror.sh)" &&
		echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/unsafe-io" &&
		chroot "$1" /debootstrap/debootstrap --second-stage
}

if docker image inspect "$base" >/dev/null 2>&1; then
	exit 0
fi
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
