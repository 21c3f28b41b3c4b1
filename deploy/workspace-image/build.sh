#!/usr/bin/env bash
# Builds the image that workspaces of the isolation classes docker and gvisor
# run in, and atrium-workspace-tools, the same without the templates' languages.
#
#   deploy/workspace-image/build.sh [--without-registry] [NAME]
#
# NAME defaults to atrium-workspace. The base comes from Docker's registry, or,
# with --without-registry, from a mirror of Debian's packages (needs root and
# debootstrap), the one that this machine is set up with, kept in .cache.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly SUITE=trixie
base=debian:$SUITE-slim
if [ "${1:-}" = --without-registry ]; then
	shift
	base=atrium-base:$SUITE
	bash tools/debian-base.sh "$SUITE"
fi

name=${1:-atrium-workspace}
# The classic builder takes a base that is only on this machine, whatever it is called.
build() { DOCKER_BUILDKIT=0 docker build -q --build-arg "BASE=$base" --target "$1" -t "$2" deploy/workspace-image >/dev/null; }
build tools atrium-workspace-tools
build workspace "$name"
echo "workspace image: $name is built on $base"
