#!/usr/bin/env bash
# Starts Atrium with an empty data directory on free ports, drives a browser
# through it, and stops it.
#
#   tools/journey.sh one|services [test…]   the journey, with the demo model; or
#                                           some of its tests: chat thread
#   tools/journey.sh editor [test…]         AI inside VS Code, with a fake provider;
#                                           or some of it: ai beside; container
#                                           with ATRIUM_ISOLATION=docker or gvisor
#   tools/journey.sh speed                  how quick the editor is with it, in figures
#   tools/journey.sh pictures               those of the documentation
#   tools/journey.sh signin                 the first sign-in of a deployment, and
#                                           logins at an OpenID Connect provider,
#                                           with the pages' files from another origin
#
# JOURNEY_ONLY, a regular expression, picks tests by their names.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly mode=${1:-one} READY_SECONDS=120
shift || true

data=$(mktemp -d)
chmod 755 "$data"
port=$(bash tools/free-ports.sh 7)
export ATRIUM_DATA_DIR=$data/atrium ATRIUM_LISTEN=127.0.0.1:$port
export ATRIUM_PUBLIC_URL=http://atrium.localhost:$port ATRIUM_IDE_DOMAIN=ide.atrium.localhost:$port
export ATRIUM_SERVICES_PORT=$((port + 1))
export ATRIUM_METRICS_LISTEN=127.0.0.1:0
# Of one process the tests may look at it: services are at these ports.
[ "$mode" = services ] || export ATRIUM_METRICS_LISTEN=127.0.0.1:$((port + 1))
for service in AUTH CHAT IDE AI; do export "ATRIUM_${service}_METRICS_LISTEN=127.0.0.1:0"; done
export BASE_URL=$ATRIUM_PUBLIC_URL
# What an operator knows: the first administrator, and where the log is.
export ATRIUM_ADMIN_EMAIL=admin@example.org ATRIUM_ADMIN_PASSWORD="lantern over quiet hills"
export ATRIUM_JOURNEY_LOG=$data/log

# The fake speaks a provider's true wire format and is told what to answer.
fake=""
if [[ $mode =~ ^(editor|speed|pictures)$ ]]; then
	go build -buildvcs=false -o .cache/bin/fakeai ./pkg/testkit/fakeai/cmd/fakeai
	.cache/bin/fakeai -listen "127.0.0.1:$((port + 5))" >"$data/fake" 2>&1 &
	fake=$!
	export ANTHROPIC_API_KEY=sk-fake ANTHROPIC_BASE_URL=http://127.0.0.1:$((port + 5))
fi

# What writes a conversation of thousands of messages, as nobody could ask for.
case $mode in one | services)
	export ATRIUM_JOURNEY_LONGTHREAD=$data/longthread
	go build -buildvcs=false -o "$ATRIUM_JOURNEY_LONGTHREAD" ./services/chat/internal/testkit/longthread
	;;
esac

# A real provider, with two people; and no password of the operator's, so that
# the log shows one that was made up.
issuer="" cdn=""
if [ "$mode" = signin ]; then
	# The pages' files come from another origin, which fetches them from Atrium.
	export ATRIUM_ASSETS_URL=http://assets.localhost:$((port + 4))/v1
	node web/e2e/signin/cdn.mjs "$((port + 4))" /v1 >"$data/cdn.log" 2>&1 &
	cdn=$!
	export ATRIUM_FIRST_PASSWORD=$ATRIUM_ADMIN_PASSWORD ATRIUM_ADMIN_PASSWORD=
	export ATRIUM_OIDC_ISSUER=http://127.0.0.1:$((port + 6)) ATRIUM_OIDC_NAME=Example
	export ATRIUM_OIDC_CLIENT_ID=atrium ATRIUM_OIDC_CLIENT_SECRET="secret of the journey"
	export ATRIUM_JOURNEY_PROVIDER=$ATRIUM_OIDC_NAME ATRIUM_JOURNEY_PROVIDER_PASSWORD="copper over wide rivers"
	(cd services/all/e2e/issuer && GOWORK=off go build -buildvcs=false -o "$data/issuer" .)
	# shellcheck disable=SC2016 # it is JavaScript
	node -e '
		const person = (name) => [`${name}-id`, { ID: `${name}-id`, Username: name, Password: process.argv[1], FirstName: name,
			LastName: "Example", Email: `${name}@example.net`, EmailVerified: true, PreferredLanguage: "en" }];
		console.log(JSON.stringify(Object.fromEntries(["grace", "joan"].map(person))));
	' "$ATRIUM_JOURNEY_PROVIDER_PASSWORD" >"$data/people.json"
	"$data/issuer" -listen "127.0.0.1:$((port + 6))" -issuer "$ATRIUM_OIDC_ISSUER" -client "$ATRIUM_OIDC_CLIENT_ID" \
		-secret "$ATRIUM_OIDC_CLIENT_SECRET" -callback "$ATRIUM_PUBLIC_URL/api/auth/oidc/sso/callback" \
		-users "$data/people.json" >"$data/issuer.log" 2>&1 &
	issuer=$!
fi

# serve_one starts Atrium again when a test has ended it, once the file away,
# which the test makes before, is gone.
serve_one() {
	while :; do
		.cache/bin/atrium all >>"$data/log" 2>&1 &
		echo $! >"$data/pid"
		wait $! || true
		[ -e "$data/away" ] || return
		while [ -e "$data/away" ]; do sleep 0.1; done
	done
}

if [ "$mode" = services ]; then
	bash deploy/run-services.sh >"$data/log" 2>&1 &
	echo $! >"$data/pid"
else
	serve_one &
fi
server=$!
export ATRIUM_JOURNEY_DIR=$data

# Workspaces outlive Atrium by design; these are nobody's. They are told by the
# files that they hold open in this run's own folder.
end_workspaces() {
	{ find /proc/[0-9]*/fd -lname "$data/atrium/*" 2>/dev/null || true; } |
		cut -d/ -f3 | sort -u | xargs -r kill -KILL 2>/dev/null || true
}

# Containers are told by the folders of this run that they have.
end_containers() {
	docker ps --all --quiet --filter label=atrium.workspace | while read -r id; do
		if docker inspect --format '{{range .Mounts}}{{.Source}} {{end}}' "$id" | grep -qF "$data/"; then
			docker rm --force "$id" >/dev/null
		fi
	done
}

finish() {
	local status=$?
	rm -f "$data/away"
	kill -TERM "$(cat "$data/pid")" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	[ -z "$fake" ] || kill "$fake" 2>/dev/null || true
	[ -z "$issuer" ] || kill "$issuer" 2>/dev/null || true
	[ -z "$cdn" ] || kill "$cdn" 2>/dev/null || true
	end_workspaces
	[ "${ATRIUM_ISOLATION:-directory}" = directory ] || end_containers
	if [ "$status" -ne 0 ]; then
		echo "the last lines of Atrium's log:" >&2
		tail -n 60 "$data/log" >&2
	fi
	# volumes of workspaces that were ended like this are still mounted
	awk -v below="$data/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tac | xargs -r umount --lazy
	rm -rf "$data"
	exit "$status"
}
trap finish EXIT

answers() { node -e 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "http://$ATRIUM_LISTEN/readyz"; }
deadline=$((SECONDS + READY_SECONDS))
until answers; do
	kill -0 "$server" 2>/dev/null || { echo "Atrium ($mode) ended before it was ready" >&2; exit 1; }
	[ "$SECONDS" -lt "$deadline" ] || { echo "Atrium ($mode) was not ready in $READY_SECONDS s" >&2; exit 1; }
	sleep 0.3
done
echo "journey: $mode at $BASE_URL"
folder=web/e2e
case $mode in editor | signin | speed | pictures) folder=web/e2e/$mode ;; esac
cd "$folder"
tests=("${@/%/.test.mjs}")
[ $# -gt 0 ] || tests=(*.test.mjs)
options=()
# Those of the editor are sensitive to how quick it is.
[ "$mode" != editor ] || options+=(--test-concurrency=1)
[ -z "${JOURNEY_ONLY:-}" ] || options+=(--test-name-pattern="$JOURNEY_ONLY")
node --test "${options[@]}" "${tests[@]}"
