#!/usr/bin/env bash
# The tests that failed, and why, out of long logs of "go test" and "node --test":
# what is printed last is what is read first.
set -euo pipefail

for log in "$@"; do
	awk -v most=24 '
		/^ *--- FAIL/ || /^ *not ok / { left = most }
		/^ *\.\.\.$/ || /what the platform logged:/ { left = 0 }
		left > 0 { print substr($0, 1, 400); left-- }
	' "$log"
done
