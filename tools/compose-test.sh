#!/usr/bin/env bash
# Starts docker-compose.yml as an operator would, with images that are made here
# without a registry, walks a browser through its door, and looks at how its
# containers stand: `make test-compose`, web/e2e/compose.
#
# It needs root, a Docker Engine and what tools/docker.sh and "make setup" make.
# Where something is missing the last line says what has not been proven, unless
# ATRIUM_REQUIRE_COMPOSE=1 makes that a failure, as in CI.
set -euo pipefail
cd "$(dirname "$0")/.."

lacking() {
	[ "$(id -u)" = 0 ] || { echo "root"; return; }
	docker info >/dev/null 2>&1 || { echo "a Docker Engine (tools/docker.sh starts one)"; return; }
	docker image inspect atrium-workspace atrium-base:bookworm >/dev/null 2>&1 || { echo "the image atrium-workspace (tools/docker.sh makes it)"; return; }
	[ -e .cache/vscode/current ] || { echo "VS Code (deploy/vscode/install.sh installs it)"; return; }
	[ -e .cache/bin/gatewayd ] || { echo "the programs (make setup builds them)"; return; }
	bash tools/docker-plugins.sh >/dev/null 2>&1 || echo "Docker's compose and buildx"
}
lack=$(lacking)
if [ -n "$lack" ]; then
	skipped="SKIPPED compose: $lack is missing. NOT PROVEN: that docker compose up brings up what docs/operators.md says"
	[ "${ATRIUM_REQUIRE_COMPOSE:-}" != 1 ] || { echo "$skipped" >&2; exit 1; }
	echo "$skipped"
	exit 0
fi

compose=()
eval "$(bash tools/docker-plugins.sh)"
data=$(mktemp -d)
chmod 755 "$data"
port=$(bash tools/free-ports.sh 2)
export COMPOSE_PROJECT_NAME=atrium-compose-test-$port
export COMPOSE_FILE=$PWD/docker-compose.yml:$PWD/deploy/compose/local.yml COMPOSE_ENV_FILES=/dev/null
export ATRIUM_IMAGES=atrium-compose-test ATRIUM_SECRETS=$data/secrets ATRIUM_DATA=$data/atrium
export ATRIUM_PORT=127.0.0.1:$port ATRIUM_TLS_PORT=127.0.0.1:$((port + 1))
export ATRIUM_TLS=1 ATRIUM_PUBLIC_URL=https://atrium.localhost:$((port + 1)) ATRIUM_IDE_DOMAIN=ide.atrium.localhost:$((port + 1))
export ATRIUM_MAIL_FROM=atrium@example.org
export BASE_URL=$ATRIUM_PUBLIC_URL
export ATRIUM_BOM_OUT=$data/bom
export ATRIUM_COMPOSE=${compose[*]} ATRIUM_COMPOSE_EVENTS=$data/events

events=""
finish() {
	local status=$?
	if [ "$status" -ne 0 ]; then
		"${compose[@]}" ps --all
		"${compose[@]}" logs --tail 15 --no-color
	fi >&2
	[ -z "$events" ] || kill "$events" 2>/dev/null || true
	"${compose[@]}" kill >/dev/null 2>&1 || true
	"${compose[@]}" down --volumes >/dev/null 2>&1 || true
	# Workspaces outlive the platform by design; these are nobody's.
	docker ps --all --quiet --filter label=atrium.workspace | while read -r id; do
		if docker inspect --format '{{range .Mounts}}{{.Source}} {{end}}' "$id" | grep -qF "$data/"; then
			docker rm --force "$id" >/dev/null
		fi
	done
	rm -rf "$data"
	exit "$status"
}
trap finish EXIT

bash tools/images.sh --without-registry >/dev/null
echo "compose: images are made after $SECONDS s"
bash deploy/compose/secrets.sh "$ATRIUM_SECRETS" >/dev/null
# One that an operator fills in, to see that it too stays where it is.
printf 'smtp://atrium:lantern-over-quiet-hills@mail.invalid:587' >"$ATRIUM_SECRETS/smtp-url"

# An authority of our own, and a certificate for the platform and all workspaces.
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=atrium.localhost" \
		-CA "$data/ca.pem" -CAkey "$data/ca.key" -addext basicConstraints=critical,CA:false \
		-addext "subjectAltName=DNS:atrium.localhost,DNS:*.ide.atrium.localhost" -keyout "$data/$1.key" -out "$data/$1.crt" 2>/dev/null
	cat "$data/$1.crt" "$data/$1.key"
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=Tests" -keyout "$data/ca.key" -out "$data/ca.pem" 2>/dev/null
certificate first >"$ATRIUM_SECRETS/tls.pem"
certificate next >"$data/next.pem"
# What the browser takes for good; the chain is looked at by the tests.
spki() { openssl x509 -in "$data/$1.crt" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl enc -base64; }
ATRIUM_JOURNEY_CERTIFICATES=$(spki first),$(spki next)
export ATRIUM_JOURNEY_CERTIFICATES ATRIUM_COMPOSE_AUTHORITY=$data/ca.pem ATRIUM_COMPOSE_NEXT=$data/next.pem

docker events --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --filter event=start --filter event=die --filter event=health_status \
	--format '{{json .}}' >"$ATRIUM_COMPOSE_EVENTS" &
events=$!
begin=$SECONDS
# --no-build: what is not made here would be asked of a registry.
"${compose[@]}" up --no-build --wait --wait-timeout 180 --scale chatd=2 >"$data/up.log" 2>&1 || { tail -n 20 "$data/up.log"; exit 1; } >&2
echo "compose: everything is healthy within $((SECONDS - begin)) s"

cd web/e2e
node --test --test-concurrency=1 compose/*.test.mjs
node --test --test-name-pattern="a visitor registers|a workspace opens|nothing went wrong" journey.test.mjs
echo "compose: ended after $SECONDS s"
