#!/usr/bin/env bash
# Installs VS Code for the browser (code-server and the Node.js it needs) from
# the npm registry into a directory, trimmed to what a workspace uses.
#
#   deploy/vscode/install.sh [DIR]        DIR defaults to .cache/vscode
#
# Afterwards DIR/current is a link to
#   node/bin/node                                              the runtime
#   code-server/node_modules/code-server/out/node/entry.js     the server
# Each version gets a folder of its own, made beside the others and renamed into
# place when whole: an installation that was cut leaves nothing half done, and an
# upgrade leaves the files of running workspaces alone. Run again, it does nothing.
set -euo pipefail

readonly NODE_VERSION=24.21.0
readonly SERVER_VERSION=4.139.1
readonly SERVER_INTEGRITY='sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew=='
readonly STEPS=7

fail() { printf 'vscode: %s\n' "$*" >&2; exit 1; }

case "$(uname -m)" in
	x86_64)
		readonly PLATFORM=linux-x64 NODE_INTEGRITY='sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==' ;;
	aarch64)
		readonly PLATFORM=linux-arm64 NODE_INTEGRITY='sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==' ;;
	*) fail "no build of Node.js $NODE_VERSION is known for $(uname -m)" ;;
esac

self=$(readlink -f "${BASH_SOURCE[0]}")
dir=$(readlink -m "${1:-.cache/vscode}")
key=$SERVER_VERSION-node$NODE_VERSION-$(sha256sum "$self" | cut -c1-8)

if [ "$(readlink "$dir/current" 2>/dev/null)" = "$key" ] && [ -d "$dir/$key" ]; then
	echo "vscode: $SERVER_VERSION is installed"
	exit 0
fi
command -v npm >/dev/null || fail "npm is missing; install Node.js with npm first"

mkdir -p "$dir" || fail "cannot write to $dir"
exec 9>"$dir/.lock"
flock -n 9 || { echo "vscode: waiting for another installation to finish"; flock 9; }

readonly part=$dir/.partial log=$dir/install.log
: >"$log"

# step NAME COMMAND… runs one step, its output in the log, and says how long it took.
number=0
step() {
	local name=$1 began=$SECONDS
	shift
	number=$((number + 1))
	printf 'vscode: [%d/%d] %s ' "$number" "$STEPS" "$name"
	if "$@" >>"$log" 2>&1; then
		printf '(%d s)\n' "$((SECONDS - began))"
		return
	fi
	printf 'failed\n'
	if grep -Eq 'ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|network' "$log"; then
		fail "npm cannot reach its registry; check the network or npm's proxy settings (details: $log)"
	fi
	fail "could not finish \"$name\"; the last lines of $log: $(tail -n 3 "$log" | tr '\n' ' ')"
}

# Steps run as `if` conditions, where `set -e` is off: each chains with &&.
install() { npm install --omit=dev --ignore-scripts --no-audit --no-fund "$@"; }

# same_as PREFIX PACKAGE INTEGRITY: the package is, byte for byte, the one this script knows.
same_as() {
	node -e '
		const [lock, name, want] = process.argv.slice(1);
		const got = require(lock).packages["node_modules/" + name].integrity;
		if (got !== want) { console.error(`${name}: integrity ${got}, expected ${want}`); process.exit(1); }
	' "$1/package-lock.json" "$2" "$3"
}

fetch_node() {
	rm -rf "$part" && mkdir -p "$part/fetch" "$part/code-server" &&
		install --prefix "$part/fetch" --save-exact "node-$PLATFORM@$NODE_VERSION" &&
		same_as "$part/fetch" "node-$PLATFORM" "$NODE_INTEGRITY" &&
		mv "$part/fetch/node_modules/node-$PLATFORM" "$part/node" && rm -rf "$part/fetch" &&
		PATH=$part/node/bin:$PATH && export PATH npm_config_nodedir=$part/node
}

fetch_server() {
	cd "$part/code-server" && echo '{"private":true}' >package.json &&
		install --save-exact "code-server@$SERVER_VERSION" &&
		same_as "$part/code-server" code-server "$SERVER_INTEGRITY"
}

# What needs a compiler or belongs to features that are switched off; npm ci
# refuses the shrinkwrap after this, hence npm install.
fetch_editor() {
	cd "$vscode" && npm pkg delete \
		'dependencies.@github/copilot-sdk' 'dependencies.@microsoft/mxc-sdk' \
		'dependencies.@devcontainers/cli' 'dependencies.@vscode/sqlite3' \
		'dependencies.@vscode/windows-process-tree' 'dependencies.@vscode/windows-registry' \
		'dependencies.@vscode/sandbox-runtime' 'dependencies.@vscode/copilot-api' \
		dependencies.kerberos dependencies.ssh2 && install
}

fetch_extensions() { cd "$vscode/extensions" && install; }

# Without these two VS Code runs, but the Output panel of extensions stays empty.
compile() {
	if ! command -v g++ || ! command -v make || ! command -v python3; then
		echo 'no compiler: the log writer is left out'
		return 0
	fi
	cd "$vscode" && npm rebuild @vscode/spdlog @vscode/native-watchdog
}

trim() {
	cd "$vscode" &&
		(cd bin/remote-cli && ln -sf code-linux.sh code-server && ln -s code-linux.sh code) &&
		ln -s ../../../../node/bin/node "$server/lib/node" && # by which those find it
		(cd bin/helpers && ln -sf browser-linux.sh browser.sh) &&
		rm -rf extensions/copilot extensions/mermaid-markdown-features \
			extensions/microsoft-authentication extensions/tunnel-forwarding \
			extensions/ms-vscode.* node_modules/node-pty/third_party &&
		find node_modules/node-pty/prebuilds node_modules/@vscode/ripgrep-universal/bin \
			-mindepth 1 -maxdepth 1 ! -name "$PLATFORM" -exec rm -rf {} + &&
		find node_modules -type d \( -name obj.target -o -name .deps \) -prune -exec rm -rf {} + &&
		rm -rf node_modules/@vscode/{spdlog,native-watchdog}/{deps,src} &&
		cd "$part" && rm -rf node/include node/share &&
		find . -type f \( -name '*.map' -o -name '*.md' ! -iname 'license*' \) -delete &&
		chmod -R go+rX .
}

# Some files are only missed at run time: look before saying it is installed.
check() {
	cd "$part" &&
		node/bin/node "$server/out/node/entry.js" --version &&
		node/bin/node -e "require('$vscode/node_modules/node-pty')" &&
		"$vscode/node_modules/@vscode/ripgrep-universal/bin/$PLATFORM/rg" --version &&
		cd "$dir" && rm -rf "$key" && mv "$part" "$key" &&
		ln -sfn "$key" current.new && mv -T current.new current
}

# Running workspaces may use the version before this one; older ones are nobody's.
forget_old() {
	local before=$1 old
	for old in "$dir"/*-node*-*/; do
		old=$(basename "$old")
		[ "$old" = "$key" ] || [ "$old" = "$before" ] || rm -rf "${dir:?}/$old"
	done
}

before=$(readlink "$dir/current" 2>/dev/null || true)
server=$part/code-server/node_modules/code-server
vscode=$server/lib/vscode
step "Node.js $NODE_VERSION" fetch_node
step "code-server $SERVER_VERSION" fetch_server
step "the editor's packages" fetch_editor
step "the built-in extensions' packages" fetch_extensions
step "compiling the log writer" compile
step "trimming" trim
step "checking" check
forget_old "$before"
echo "vscode: $SERVER_VERSION installed in $dir ($(du -sm "$dir/$key" | cut -f1) MB, $SECONDS s)"
