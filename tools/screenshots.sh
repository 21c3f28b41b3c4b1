#!/usr/bin/env bash
# Makes the pictures of the documentation, docs/images/*.png, from a platform of
# its own with a provider that is told what to answer.
set -euo pipefail
exec "$(dirname "$0")/journey.sh" pictures
