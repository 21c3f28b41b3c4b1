#!/usr/bin/env bash
# Builds the images that install.sh puts into the cluster, and prints their names.
# Two versions of the programs have the same content under two tags.
set -euo pipefail
cd "$(dirname "$0")/../../.."
readonly PREFIX=atrium-chart-test- PROGRAMS=(authd chatd aid gatewayd atrium ided-kubernetes)

# As deploy/test/k8s/build.sh does, so that what they have in common is compiled once.
(cd services/ide/kubernetes && GOWORK=off CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$OLDPWD/.cache/bin/" ./cmd/ided-kubernetes) >&2

context=$(mktemp -d .cache/chart-images-XXXXXX)
trap 'rm -rf "$context"' EXIT
cp deploy/test/chart/Dockerfile deploy/test/chart/entrypoint.sh "$context/"
build() { DOCKER_BUILDKIT=0 docker build --quiet --network host --target "$1" --build-arg "PROGRAM=${3:-}" --tag "$PREFIX$2" "$context" >/dev/null 2>"$context/log" || { cat "$context/log" >&2; exit 1; }; }
build databases databases:v1
echo "${PREFIX}databases:v1"
for program in "${PROGRAMS[@]}"; do
	ln -f ".cache/bin/$program" "$context/"
	build program "$program:v1" "$program"
done
BASE=atrium-workspace-tools bash deploy/workspace-image/kubernetes.sh "${PREFIX}workspace-kubernetes:v1" >/dev/null 2>&1
for program in "${PROGRAMS[@]}" workspace-kubernetes; do
	docker tag "$PREFIX$program:v1" "$PREFIX$program:v2"
	echo "$PREFIX$program:v1"
	echo "$PREFIX$program:v2"
done
