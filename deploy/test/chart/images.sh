#!/usr/bin/env bash
# Builds the images that install.sh puts into the cluster, and prints their names.
# Two versions of the programs have the same content under two tags.
set -euo pipefail
cd "$(dirname "$0")/../../.."
readonly PREFIX=atrium-chart-test DATABASES=(local-postgres local-redis)
readonly PROGRAMS=(authd chatd aid gatewayd atrium ided-kubernetes)

ATRIUM_IMAGES=$PREFIX ATRIUM_TAG=v1 bash tools/images.sh --without-registry "${DATABASES[@]}" "${PROGRAMS[@]}" >&2
BASE=atrium-workspace-tools bash deploy/workspace-image/kubernetes.sh "$PREFIX-workspace-kubernetes:v1" >/dev/null 2>&1
for database in "${DATABASES[@]}"; do
	echo "$PREFIX-$database:v1"
done
for program in "${PROGRAMS[@]}" workspace-kubernetes; do
	docker tag "$PREFIX-$program:v1" "$PREFIX-$program:v2"
	echo "$PREFIX-$program:v1"
	echo "$PREFIX-$program:v2"
done
