#!/usr/bin/env bash
# Builds the peers that the benchmarks compare with into .cache/bench, once per
# content of their go.mod and Go version.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v wrk >/dev/null || { echo "wrk is missing: install Debian's package wrk" >&2 && exit 1; }
mkdir -p .cache/bench
# nginx needs no installation: only its program is taken out of the package.
if ! command -v nginx >/dev/null && [ ! -x .cache/bench/nginx/usr/sbin/nginx ]; then
	echo "fetching nginx to compare with (once) ..." >&2
	(cd .cache/bench && rm -rf nginx && apt-get download nginx && dpkg -x nginx_*.deb nginx && rm -f nginx_*.deb) ||
		echo "nginx can't be fetched and is left out" >&2
fi
key=$( (go version; cat bench/kratos/go.mod) | sha256sum | cut -c1-16)
[ -e ".cache/bench/.kratos-$key" ] && exit 0
echo "building Ory Kratos to compare with (once) ..." >&2
(cd bench/kratos && GOWORK=off GOFLAGS=-mod=readonly go build -o ../../.cache/bench/kratos github.com/ory/kratos)
rm -f .cache/bench/.kratos-*
touch ".cache/bench/.kratos-$key"
