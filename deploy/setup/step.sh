# Shared by the set-up scripts: steps with visible progress, failures in one line.
# shellcheck shell=bash

LOG=.cache/setup.log
STEP=0 STEPS=0
# npm tries again after 1, 2, 4 and 5 seconds, not after up to a minute.
export npm_config_fetch_retries=4 npm_config_fetch_retry_factor=2 npm_config_fetch_retry_mintimeout=1000 npm_config_fetch_retry_maxtimeout=5000
readonly NO_NETWORK='ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ENETUNREACH|Temporary failure|Could not resolve|no such host|network is unreachable|dial tcp|network timeout'

fail() {
	printf 'set-up: %s\n' "$*" >&2
	exit 1
}

note() { printf 'set-up: %s\n' "$*"; }

# step TEXT COMMAND… runs one numbered step with its output in the log, shows
# for how long it has been running, and explains a failure in one line.
step() {
	local text=$1 began=$SECONDS shown pid
	shift
	STEP=$((STEP + 1))
	printf -v shown '[%d/%d] %s …' "$STEP" "$STEPS" "$text"
	printf '%s' "$shown"
	printf '\n== %s\n' "$text" >>"$LOG"
	# A process group of its own, so that whoever ends the set-up ends the step too.
	set -m
	("$@") >>"$LOG" 2>&1 9>&- </dev/null &
	pid=$!
	set +m
	# shellcheck disable=SC2064
	trap "kill -- -$pid 2>/dev/null; echo; exit 130" INT TERM HUP
	while kill -0 "$pid" 2>/dev/null; do
		[ -t 1 ] && printf '\r%s %d s' "$shown" "$((SECONDS - began))"
		sleep 0.2
	done
	if wait "$pid"; then
		trap - INT TERM HUP
		[ -t 1 ] && printf '\r%s' "$shown"
		printf ' %d s\n' "$((SECONDS - began))"
		return
	fi
	printf ' failed\n'
	explain "$text"
}

# npm_step is step for what fetches from npm's registry.
npm_step() { needs_npm "$1" && step "$@"; }

# needs_npm TEXT ends the set-up when the registry is out of reach: npm itself
# would go on trying for minutes.
needs_npm() {
	local said empty
	[ -z "${NPM_REACHED:-}" ] || return 0
	empty=$(mktemp -d)
	said=$(npm view semver version --cache "$empty" --fetch-retries=0 --fetch-timeout=20000 2>&1 </dev/null) || true
	rm -rf "$empty"
	[[ ! $said =~ $NO_NETWORK ]] ||
		fail "no network for \"$1\": npm can't reach its registry; connect, or set npm's proxy, and run it again"
	NPM_REACHED=1
}

# done_before TEXT counts a step that has nothing to do.
done_before() {
	STEP=$((STEP + 1))
	printf '[%d/%d] %s: nothing to do\n' "$STEP" "$STEPS" "$1"
}

# explain ends the set-up with the likeliest reason of the last failure.
explain() {
	local recent
	recent=$(sed -n "/^== $(printf '%s' "$1" | sed 's/[][\/.*^$]/\\&/g')\$/,\$p" "$LOG" | tail -n 60)
	[[ ! $recent =~ $NO_NETWORK ]] ||
		fail "no network for \"$1\"; nothing half-done was kept: connect, or set your proxy, and run it again (details: $LOG)"
	[[ ! $recent =~ ENOSPC|'No space left' ]] ||
		fail "the disk is full at \"$1\"; nothing half-done was kept: make room and run it again"
	fail "\"$1\" failed: $(last_words "$recent") (details: $LOG)"
}

# last_words TEXT picks what most likely says why: the first lines that speak of
# an error, or else the last ones.
last_words() {
	local said
	said=$(grep -iE 'error[: ]|^E: |fatal|cannot|not found' <<<"$1" | grep -viE 'npm error (code|errno|syscall)' | head -n 2 | tr '\n' ' ' | cut -c1-300)
	[ -n "$said" ] || said=$(grep -v '^[[:space:]]*$' <<<"$1" | tail -n 2 | tr '\n' ' ')
	printf '%s' "${said% }"
}

# content_of PATH… prints one hash of all files below the paths, build results left out.
content_of() {
	find "$@" \( -name node_modules -o -name dist -o -name coverage -o -name test-results \) -prune -o -type f -print0 |
		LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-20
}

# fresh NAME KEY: the step NAME was finished for this content.
fresh() { [ "$(cat ".cache/stamps/$1" 2>/dev/null)" = "$2" ]; }
stamp() { mkdir -p .cache/stamps && printf '%s\n' "$2" >".cache/stamps/$1"; }

# at_least WANTED FOUND compares dotted versions.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }
