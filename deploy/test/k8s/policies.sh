#!/usr/bin/env bash
# Builds the program that enforces network policies on the tests' node, once, and
# prints its path.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../../.. && pwd)
key=$(cat policies/go.mod policies/go.sum policies/main.go policies.sh <(go env GOVERSION GOARCH) | sha256sum | cut -c1-16)
program=${ATRIUM_K8S_CACHE:-$root/.cache/k8s}/policies-$key
if [ ! -e "$program" ]; then
	mkdir -p "$(dirname "$program")"
	(cd policies && GOWORK=off CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$program.$$" .) >&2
	mv "$program.$$" "$program"
fi
echo "$program"
