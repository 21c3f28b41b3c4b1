#!/usr/bin/env bash
# Installs the packages of a folder's lockfile, once per content of it.
#
#   tools/npm-ci.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
stamp=$folder/node_modules/.of-$(sha256sum <"$folder/package-lock.json" | cut -c1-16)
[ -e "$stamp" ] && exit 0
# The set-up puts a newer npm here where the system's is too old.
[ -x .cache/npm/node_modules/.bin/npm ] && PATH=$PWD/.cache/npm/node_modules/.bin:$PATH
npm --prefix "$folder" ci --ignore-scripts --no-audit --no-fund
touch "$stamp"
