#!/usr/bin/env bash
# The end-to-end tests: in Go in the background, for they mostly wait (for kills,
# restarts, deadlines), and the browser's journeys beside them. What the Go tests
# say comes after the journeys, whole.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p .cache
(
	status=0
	go test -count=1 -timeout 45m ./services/all/e2e/... >.cache/e2e.log 2>&1 || status=$?
	echo "end-to-end tests in Go: ended after $SECONDS s with $status" >>.cache/e2e.log
	exit "$status"
) &
tests=$!
# However this ends, nothing of it stays behind.
trap 'kill "$tests" 2>/dev/null || true' EXIT

journeys() {
	bash tools/journey.sh one &&
		bash tools/journey.sh services &&
		bash tools/journey.sh editor &&
		case "${ATRIUM_REQUIRE_DRIVERS:-}" in *docker*) ATRIUM_ISOLATION=docker bash tools/journey.sh editor container ;; esac &&
		bash tools/journey.sh signin
}
status=0
journeys || status=$?
echo "journeys: ended after $SECONDS s with $status"

wait "$tests" || status=$?
cat .cache/e2e.log
exit "$status"
