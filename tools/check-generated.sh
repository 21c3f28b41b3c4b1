#!/usr/bin/env bash
# Generates everything again in a copy and compares it with what is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/install.sh buf protoc

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/web/src/api" "$copy/docs" "$copy/.cache"
cp -r buf.yaml buf.gen.yaml proto tools "$copy"
ln -s "$PWD/.cache/bin" "$copy/.cache/bin"
bash "$copy/tools/generate.sh"
(cd web && npx --no-install openapi-typescript "$copy/proto/gen/openapi.json" -o "$copy/web/src/api/schema.gen.ts" >/dev/null)
bash tools/config-docs.sh "$copy/docs/configuration.md"

for generated in proto/gen web/src/api/schema.gen.ts docs/configuration.md; do
	if ! diff -r "$generated" "$copy/$generated" >"$copy/difference"; then
		head -n 20 "$copy/difference" >&2
		echo "$generated is not what its sources give: run make generate and commit the result" >&2
		exit 1
	fi
done
echo "generated files are up to date"
