#!/usr/bin/env bash
# Regenerates proto/gen from proto/atrium. Output is committed; CI fails on a difference.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/install.sh buf protoc
rm -rf proto/gen/atrium .cache/openapi
.cache/bin/buf generate
mapfile -t parts < <(find .cache/openapi -name '*.openapi.json' | sort)
.cache/bin/openapiv3-merge proto/openapi/base.json "${parts[@]}" >proto/gen/openapi.json
