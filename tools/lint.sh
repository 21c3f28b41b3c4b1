#!/usr/bin/env bash
# Runs every linter over every module, and fails at the end if any complained.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/install.sh lint buf
failed=()

check() {
	local name=$1
	shift
	echo "lint: $name"
	"$@" || failed+=("$name")
}

in_dir() { (cd "$1" && shift && "$@"); }

# breaking compares the contracts with those of the main branch.
breaking() {
	local base
	base=$(git rev-parse --verify --quiet origin/main || git rev-parse --verify --quiet main) || return 0
	git cat-file -e "$base:buf.yaml" 2>/dev/null || return 0
	.cache/bin/buf breaking --against ".git#ref=$base"
}

shell_scripts() {
	find . \( -name node_modules -o -name .cache -o -name .atrium \) -prune -o -type f \( -name '*.sh' -o -path './.ci/run' \) -print
}

scripts() {
	local script
	while read -r script; do
		bash -n "$script" || return
	done < <(shell_scripts)
}

# controls are patches that tools/controls.sh applies, an hour's work nobody does daily.
controls() {
	local patch
	for patch in tools/controls/*.patch; do
		git apply --check -C1 "$patch" || { echo "$patch no longer applies"; return 1; }
	done
}

shellcheck_scripts() { shell_scripts | xargs shellcheck -x -S warning; }

for dir in pkg proto gateway services/auth services/chat services/ide services/ai services/all bench tools/archtest tools/bom; do
	check "$dir" in_dir "$dir" "$PWD/.cache/bin/golangci-lint" run --allow-parallel-runners ./...
done
# It stands outside of go.work, and is compiled as its tests are.
check "services/ide/kubernetes" in_dir services/ide/kubernetes env GOWORK=off CGO_ENABLED=0 GOFLAGS=-trimpath "$PWD/.cache/bin/golangci-lint" run --allow-parallel-runners ./...
check "proto, style" .cache/bin/buf lint
check "proto, compatibility" breaking
check "web" npm --prefix web run check
[ ! -f extension/package.json ] || check "extension" npm --prefix extension run check
check "scripts" scripts
check "controls" controls
if command -v shellcheck >/dev/null; then
	check "scripts, shellcheck" shellcheck_scripts
fi

if [ ${#failed[@]} -gt 0 ]; then
	printf 'lint: complaints about %s\n' "$(IFS=,; echo "${failed[*]}")" >&2
	exit 1
fi
