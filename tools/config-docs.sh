#!/usr/bin/env bash
# Writes the table of settings, as the programs declare them.
#
#   tools/config-docs.sh [FILE]        FILE defaults to docs/configuration.md
set -euo pipefail
out=$(readlink -m "${1:-$(dirname "$0")/../docs/configuration.md}")
cd "$(dirname "$0")/.."
go build -buildvcs=false -o .cache/bin/ ./services/all/cmd/atrium
table=$(.cache/bin/atrium docs config)
cat >"$out" <<TEXT
# Settings

Made by \`make generate\` from what the programs declare. A flag wins over the environment, and that over the file (YAML) that \`ATRIUM_CONFIG\` names. Secrets (addresses of databases, keys, passwords) may also be in files: \`NAME_FILE\` names the file that holds what \`NAME\` would. What the separate services have beside these is in [operators.md](operators.md#separate-services).

$table
TEXT
