#!/usr/bin/env bash
# Builds the Kubernetes of the tests once and prints the folder that holds its
# programs (etcd, kube-apiserver, …, kubectl) and the pause image. What is in the
# folder depends on this module and Go alone, which is what names it. The first
# build takes about ten minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../../.. && pwd)

key=$(cat go.mod go.sum main.go provisioner.go pause/main.go build.sh <(go env GOVERSION GOARCH) | sha256sum | cut -c1-16)
bin=${ATRIUM_K8S_CACHE:-$root/.cache/k8s}/$key
if [ ! -e "$bin/built" ]; then
	mkdir -p "$bin/image"
	exec 9>"$bin/lock"
	flock 9
fi
if [ ! -e "$bin/built" ]; then
	export GOWORK=off CGO_ENABLED=0
	# An image is a layer and what tells of it.
	go build -trimpath -ldflags "-s -w" -o "$bin/image/pause" ./pause >&2
	tar -C "$bin/image" --owner 0 --group 0 -cf "$bin/image/layer.tar" pause
	printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["/pause"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
		"$(go env GOARCH)" "$(sha256sum <"$bin/image/layer.tar" | cut -d' ' -f1)" >"$bin/image/config.json"
	printf '[{"Config":"config.json","RepoTags":["atrium-pause:1"],"Layers":["layer.tar"]}]' >"$bin/image/manifest.json"
	tar -C "$bin/image" -cf "$bin/pause.tar" manifest.json config.json layer.tar
	# The version is what the programs tell each other.
	go build -trimpath -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)" \
		-o "$bin/kubernetes" . >&2
	for name in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy coredns provisioner kubectl; do
		ln -sf kubernetes "$bin/$name"
	done
	touch "$bin/built"
fi
echo "$bin"
