#!/usr/bin/env bash
# The whole system. In the background what mostly waits (for kills, restarts,
# deadlines, pods): the end-to-end tests in Go, then Kubernetes. Beside them the
# browser's journeys. What the background says comes after these, whole. Docker compose
# is last and alone: networks of containers come and go with it, at which Chromium
# drops what it is loading.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p .cache
step() {
	local status=0
	"$@" || status=$?
	echo "$*: ended after $SECONDS s with $status"
	return "$status"
}
background() {
	local status=0
	step go test -count=1 -timeout 45m ./services/all/e2e/... || status=1
	step bash deploy/test/k8s/test.sh || status=1
	step bash deploy/test/chart/test.sh || status=1
	return "$status"
}
journeys() {
	local status=0
	step bash tools/journey.sh one || status=1
	# The pages are the same in both modes; what they ask takes other ways.
	step bash tools/journey.sh services journey chat terminal || status=1
	step bash tools/journey.sh editor || status=1
	case "${ATRIUM_REQUIRE_DRIVERS:-}" in *docker*) ATRIUM_ISOLATION=docker step bash tools/journey.sh editor container || status=1 ;; esac
	step bash tools/journey.sh signin || status=1
	return "$status"
}

background >.cache/e2e.log 2>&1 &
tests=$!
# However this ends, nothing of it goes on behind.
trap 'kill "$tests" 2>/dev/null || true' EXIT

status=0
journeys 2>&1 | tee .cache/e2e-journeys.log || status=1
wait "$tests" || status=1
cat .cache/e2e.log
step bash tools/compose-test.sh 2>&1 | tee .cache/e2e-compose.log || status=1
[ "$status" = 0 ] || { echo "What failed:"; bash tools/failures.sh .cache/e2e.log .cache/e2e-{journeys,compose}.log; }
exit "$status"
