#!/usr/bin/env bash
# Makes the pictures of the documentation, docs/images/*.png: pages from a platform
# of its own with a provider that is told what to answer, dashboards from a real
# Prometheus beside another one.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/journey.sh pictures
ATRIUM_DASHBOARD_PICTURES=$PWD/docs/images go test -count=1 ./services/all/e2e -run '^TestDashboardsAndAlertsFindTheirMetrics$'
