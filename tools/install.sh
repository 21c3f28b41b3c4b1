#!/usr/bin/env bash
# Builds the development tools of the named tools/ modules into .cache/bin,
# once per content of their go.mod and Go version.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .cache/bin
for module in "$@"; do
  key=$( (go version; cat "tools/$module/go.mod") | sha256sum | cut -c1-16)
  stamp=".cache/bin/.$module-$key"
  [ -e "$stamp" ] && continue
  echo "building the tools of tools/$module (once) ..." >&2
  (
    cd "tools/$module"
    export GOWORK=off GOFLAGS="-mod=readonly ${GOFLAGS:-}" GOBIN="$PWD/../../.cache/bin"
    # What it has in common with the tests' Kubernetes is then compiled once.
    [ "$module" != helm ] || export CGO_ENABLED=0 GOFLAGS="$GOFLAGS -trimpath"
    go install tool
  )
  rm -f .cache/bin/."$module"-*
  touch "$stamp"
done
