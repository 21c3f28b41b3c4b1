#!/usr/bin/env bash
# Prints the commands of Docker's plugins compose and buildx. Where the machine
# has none, they are taken from the packages of a newer Debian, whose programs run
# here too, and put into .cache/docker-plugins.
#
#   eval "$(tools/docker-plugins.sh)"; "${compose[@]}" version; "${buildx[@]}" version
set -euo pipefail
cd "$(dirname "$0")/.."

readonly SUITE=trixie dir=$PWD/.cache/docker-plugins

# packages NAME… unpacks packages of the suite into the folder.
packages() {
	local part mirror
	part=$(mktemp -d)
	# shellcheck disable=SC2064 # its value of now
	trap "rm -rf '$part'" EXIT
	chmod 755 "$part"
	mirror=$(bash tools/debian-mirror.sh)
	mkdir -p "$part/lists/partial" "$part/cache/archives/partial"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $SUITE main" >"$part/sources.list"
	local apt=(apt-get -q -o "Dir::Etc::SourceList=$part/sources.list" -o Dir::Etc::SourceParts=/dev/null
		-o "Dir::State::Lists=$part/lists" -o "Dir::Cache=$part/cache" -o APT::Sandbox::User=root
		-o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
	"${apt[@]}" update
	(cd "$part" && "${apt[@]}" download "$@")
	local package
	for package in "$part"/*.deb; do dpkg-deb -x "$package" "$part/tree"; done
	mkdir -p "$dir"
	mv "$part"/tree/usr/libexec/docker/cli-plugins/* "$dir/"
}

missing=()
for plugin in compose buildx; do
	docker "$plugin" version >/dev/null 2>&1 || [ -x "$dir/docker-$plugin" ] || missing+=("docker-$plugin")
done
[ ${#missing[@]} -eq 0 ] || packages "${missing[@]}" >&2
for plugin in compose buildx; do
	if docker "$plugin" version >/dev/null 2>&1; then
		echo "$plugin=(docker $plugin)"
	else
		echo "$plugin=($dir/docker-$plugin)"
	fi
done
