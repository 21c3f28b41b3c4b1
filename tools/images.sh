#!/usr/bin/env bash
# Builds the images of Atrium's programs.
#
#   tools/images.sh [TARGET…]                    from public bases, by BuildKit
#   tools/images.sh --without-registry [TARGET…] from what "make setup" has built,
#                                                on a Debian that is made here
#
# A target is a program of deploy/docker/Dockerfile: authd, chatd, ided, aid, gatewayd,
# atrium or ided-kubernetes; without a registry also a stand-in for a public image:
# local-postgres, local-redis, local-haproxy, local-prometheus, local-otelcol. Without
# targets it is all that docker-compose.yml needs.
#
# ATRIUM_IMAGES (atrium) begins the names, ATRIUM_TAG (latest) ends them. With
# ATRIUM_IMAGES_OUT, a folder, each program's image is written to a file TARGET.tar
# there instead of to the engine, with the commit's time for every other: the same
# digest for the same commit and bases. BuildKit must be 0.13 or newer for it. With
# ATRIUM_BOM_OUT, a folder, TARGET.cdx.json is the bill of materials of each program's
# image there: see tools/bom.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly PROGRAMS=(atrium authd chatd ided aid gatewayd) SUITE=bookworm
readonly SERVERS=(local-postgres local-redis local-haproxy local-prometheus local-otelcol)
prefix=${ATRIUM_IMAGES:-atrium} tag=${ATRIUM_TAG:-latest}
without_registry=""
if [ "${1:-}" = --without-registry ]; then
	without_registry=yes
	shift
fi
programs=() servers=()
for target in "$@"; do
	case $target in local-*) servers+=("$target") ;; *) programs+=("$target") ;; esac
done
if [ $# -eq 0 ]; then
	programs=("${PROGRAMS[@]}")
	[ -z "$without_registry" ] || servers=("${SERVERS[@]}")
fi
[ -n "$without_registry" ] || [ ${#servers[@]} -eq 0 ] || { echo "images: ${servers[*]} is only made --without-registry" >&2; exit 1; }
buildx=()
eval "$(bash tools/docker-plugins.sh)"

# One at a time: what is built on the way has one place.
mkdir -p .cache
exec 8>.cache/images.lock
flock 8

say() { printf 'images: %s\n' "$*"; }

# The date of the commit stands for the time in everything that tells one.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

build() {
	local target
	for target in "${programs[@]}"; do
		local name=$prefix-$target:$tag output=(--load)
		if [ -n "${ATRIUM_IMAGES_OUT:-}" ]; then
			output=(--output "type=oci,dest=$ATRIUM_IMAGES_OUT/$target.tar,rewrite-timestamp=true")
		fi
		"${buildx[@]}" build --quiet --file deploy/docker/Dockerfile --target "$target" --tag "$name" \
			--label "org.opencontainers.image.revision=$(git rev-parse HEAD)" \
			--label "org.opencontainers.image.version=$(cat pkg/version/VERSION)" \
			--provenance=false "${output[@]}" "$@" . >/dev/null
		say "$name"
		[ -z "${ATRIUM_BOM_OUT:-}" ] || bill "$target" "$name"
	done
}

# bill TARGET NAME writes what is in an image.
bill() {
	local container locks=() out=$ATRIUM_BOM_OUT/$1.cdx.json
	# What is compiled into programs from npm can't be seen in them.
	case $1 in
	atrium | gatewayd) locks=(-lock web/package-lock.json) ;;
	ided) locks=(-lock extension/package-lock.json) ;;
	esac
	[ -z "${ATRIUM_IMAGES_OUT:-}" ] || { echo "images: a bill of materials is made of an image in the engine: leave ATRIUM_IMAGES_OUT empty" >&2; exit 1; }
	container=$(docker create "$2")
	docker export "$container" | .cache/bin/bom "${locks[@]}" -modules "$(go env GOMODCACHE)" "$prefix-$1" "$(cat pkg/version/VERSION)" >"$out.part" && mv "$out.part" "$out"
	docker rm "$container" >/dev/null
	say "$out"
}

# import_tree NAME FOLDER makes an image of a folder's content.
import_tree() { tar --owner=0 --group=0 --sort=name -C "$2" -c . | docker import - "$1" >/dev/null; }

# wanted TARGET: it is among those to build.
wanted() { case " ${programs[*]} ${servers[*]} " in *" $1 "*) ;; *) return 1 ;; esac }

local_programs() {
	local out=.cache/images/programs
	rm -rf "$out" && mkdir -p "$out/out/programs"
	go build -buildvcs=false -o .cache/bin/ ./services/all/cmd/healthy
	local files=(atrium authd chatd ided workspace-keeper aid gatewayd healthy)
	if wanted ided-kubernetes; then
		(cd services/ide/kubernetes && GOWORK=off CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$OLDPWD/.cache/bin/" ./cmd/ided-kubernetes)
		files+=(ided-kubernetes)
	fi
	ln "${files[@]/#/.cache/bin/}" "$out/out/programs/"
	bash deploy/docker/layout.sh "$out/out"
	# Who owns what is the Dockerfile's to say.
	import_tree "$prefix-programs:$tag" "$out"
	rm -rf "$out"
}

local_editor() {
	local current
	current=$(readlink .cache/vscode/current)
	# A file that gets another name meanwhile counts as changed, with status 1.
	{ tar --owner=0 --group=0 --sort=name --transform 'flags=rh;s,^,opt/vscode/,' -C .cache/vscode -c "$current" current || [ $? -eq 1 ]; } |
		docker import - "$prefix-editor:$tag" >/dev/null
}

# local_servers makes what is otherwise taken from a registry.
local_servers() {
	local context=.cache/images/servers server
	rm -rf "$context" && mkdir -p "$context"
	cp deploy/compose/local/* "$context/"
	if wanted local-otelcol; then
		bash tools/install.sh otelcol
		ln .cache/bin/otelcol "$context/"
	fi
	for server in "${servers[@]}"; do
		"${buildx[@]}" build --quiet --build-arg "BASE=atrium-base:$SUITE" --target "${server#local-}" --tag "$prefix-$server:$tag" "$context" >/dev/null
		say "$prefix-$server:$tag"
	done
	rm -rf "$context"
}

if [ -n "${ATRIUM_BOM_OUT:-}" ]; then
	mkdir -p "$ATRIUM_BOM_OUT"
	go build -buildvcs=false -o .cache/bin/ ./tools/bom
	# The modules' licences are read from Go's cache, which then has them.
	go list -deps ./services/{all,auth,chat,ide,ai}/cmd/... ./gateway/cmd/... >/dev/null
	! wanted ided-kubernetes || (cd services/ide/kubernetes && GOWORK=off go list -deps ./cmd/... >/dev/null)
fi
if [ -z "$without_registry" ]; then
	build
	exit 0
fi
bash tools/debian-base.sh "$SUITE"
local_servers
[ ${#programs[@]} -gt 0 ] || exit 0
local_programs
# What was built here needs this machine's C library.
arguments=(--build-arg "RUNTIME=atrium-base:$SUITE" --build-arg "DEBIAN=atrium-base:$SUITE"
	--build-arg "PROGRAMS=$prefix-programs:$tag" --build-arg "KUBERNETES=$prefix-programs:$tag")
if wanted ided; then
	local_editor
	arguments+=(--build-arg "EDITOR=$prefix-editor:$tag")
fi
build "${arguments[@]}"
docker rmi "$prefix-programs:$tag" "$prefix-editor:$tag" >/dev/null 2>&1 || true
