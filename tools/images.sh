#!/usr/bin/env bash
# Builds the images of Atrium's programs.
#
#   tools/images.sh [TARGET…]                    from public bases, by BuildKit: the
#                                                same digests for the same commit
#   tools/images.sh --without-registry [TARGET…] from what "make setup" has built,
#                                                on a Debian that is made here; and,
#                                                without targets, stand-ins for the
#                                                public images of docker-compose.yml
#
# ATRIUM_IMAGES (atrium) begins the names, ATRIUM_TAG (latest) ends them. With
# ATRIUM_IMAGES_OUT, a folder, each image is written to a file TARGET.tar there
# instead of to the engine.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly TARGETS=(atrium authd chatd ided aid gatewayd) SUITE=bookworm
prefix=${ATRIUM_IMAGES:-atrium} tag=${ATRIUM_TAG:-latest}
without_registry=""
if [ "${1:-}" = --without-registry ]; then
	without_registry=yes
	shift
fi
targets=("$@")
[ $# -gt 0 ] || targets=("${TARGETS[@]}")
buildx=()
eval "$(bash tools/docker-plugins.sh)"

say() { printf 'images: %s\n' "$*"; }

# The date of the commit stands for the time in everything that tells one.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

build() {
	local target
	for target in "${targets[@]}"; do
		local name=$prefix-$target:$tag output=(--load)
		if [ -n "${ATRIUM_IMAGES_OUT:-}" ]; then
			output=(--output "type=oci,dest=$ATRIUM_IMAGES_OUT/$target.tar,rewrite-timestamp=true")
		fi
		"${buildx[@]}" build --quiet --file deploy/docker/Dockerfile --target "$target" --tag "$name" \
			--label "org.opencontainers.image.revision=$(git rev-parse HEAD)" \
			--label "org.opencontainers.image.version=$(cat pkg/version/VERSION)" \
			--provenance=false "${output[@]}" "$@" . >/dev/null
		say "$name"
	done
}

# import_tree NAME FOLDER makes an image of a folder's content.
import_tree() { tar --owner=0 --group=0 --sort=name -C "$2" -c . | docker import - "$1" >/dev/null; }

local_programs() {
	local out=.cache/images/programs
	rm -rf "$out" && mkdir -p "$out/out/programs"
	go build -buildvcs=false -o .cache/bin/ ./services/all/cmd/healthy
	ln .cache/bin/{atrium,authd,chatd,ided,workspace-keeper,aid,gatewayd,healthy} "$out/out/programs/"
	bash deploy/docker/layout.sh "$out/out"
	# Who owns what is the Dockerfile's to say.
	import_tree "$prefix-programs:$tag" "$out"
	rm -rf "$out"
}

local_editor() {
	local current
	current=$(readlink .cache/vscode/current)
	tar --owner=0 --group=0 --sort=name --transform 'flags=rh;s,^,opt/vscode/,' -C .cache/vscode -c "$current" current |
		docker import - "$prefix-editor:$tag" >/dev/null
}

# local_servers makes what docker-compose.yml takes from a registry.
local_servers() {
	local context=.cache/images/servers server
	rm -rf "$context" && mkdir -p "$context"
	bash tools/install.sh otelcol
	cp deploy/compose/local/* "$context/"
	ln .cache/bin/otelcol "$context/"
	for server in postgres redis haproxy prometheus otelcol; do
		"${buildx[@]}" build --quiet --build-arg "BASE=atrium-base:$SUITE" --target "$server" --tag "$prefix-local-$server" "$context" >/dev/null
		say "$prefix-local-$server"
	done
	rm -rf "$context"
}

if [ -z "$without_registry" ]; then
	build
	exit 0
fi
bash tools/debian-base.sh "$SUITE"
[ $# -gt 0 ] || local_servers
local_programs
local_editor
# What was built here needs this machine's C library.
build --build-arg "RUNTIME=atrium-base:$SUITE" --build-arg "DEBIAN=atrium-base:$SUITE" \
	--build-arg "PROGRAMS=$prefix-programs:$tag" --build-arg "EDITOR=$prefix-editor:$tag"
