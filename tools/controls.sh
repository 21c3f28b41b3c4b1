#!/usr/bin/env bash
# Proves that the attack suite sees each control: takes one away after another
# (tools/controls/*.patch, named by the attack's row, or with an f by the fault's),
# in a copy of the last commit, and runs the tests that must then fail. How they
# failed is kept in .cache/controls-<name>.log: it must be for what was removed.
#
#   tools/controls.sh [part of a name ...]    all of them take about an hour
set -euo pipefail
cd "$(dirname "$0")/.."
readonly copy=$PWD/.cache/controls patches=$PWD/tools/controls
readonly log=$copy.log
export ATRIUM_VSCODE_DIR=$PWD/.cache/vscode

fresh_copy() {
	[ -e "$copy/.git" ] || git worktree add --quiet --detach "$copy" HEAD
	git -C "$copy" checkout --quiet --force --detach "$(git rev-parse HEAD)"
	git -C "$copy" clean --quiet -fd
	cp -r gateway/static/dist/. "$copy/gateway/static/dist/"
}

wanted() {
	local part
	[ "$#" -gt 1 ] || return 0
	for part in "${@:2}"; do
		case $1 in *"$part"*) return 0 ;; esac
	done
	return 1
}

# outcome says what the tests made of a control's absence.
outcome() {
	local patch=$1 test
	test=$(sed -n 's/^Test: //p' "$patch")
	git -C "$copy" apply -C1 "$patch" 2>"$log" || { echo "no longer applies"; return; }
	(cd "$copy" && eval "$test") >"$log" 2>&1 && { echo "NOT SEEN"; return; }
	if grep -qE '^ *--- FAIL: ' "$log"; then echo seen; else echo "did not run"; fi
}

unseen=0
for patch in "$patches"/*.patch; do
	name=$(basename "$patch" .patch)
	wanted "$name" "$@" || continue
	fresh_copy
	start=$SECONDS
	result=$(outcome "$patch")
	printf '%-30s %-18s %4d s   %s\n' "$name" "$result" $((SECONDS - start)) "$(sed -n 's/^Removed: //p' "$patch")"
	cp "$log" ".cache/controls-$name.log"
	[ "$result" = seen ] || unseen=$((unseen + 1))
done
git worktree remove --force "$copy"
rm -f "$log"
[ "$unseen" -eq 0 ] || { echo "$unseen controls could go and no test would say so (.cache/controls-*.log)" >&2; exit 1; }
