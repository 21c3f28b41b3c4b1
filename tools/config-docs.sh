#!/usr/bin/env bash
# Writes docs/configuration.md from the settings that the programs declare.
set -euo pipefail
cd "$(dirname "$0")/.."
go build -buildvcs=false -o .cache/bin/ ./services/all/cmd/atrium
.cache/bin/atrium docs config >.cache/configuration.md
mv .cache/configuration.md docs/configuration.md
