#!/usr/bin/env bash
# Puts images of Docker's into the cluster of up.sh.
#
#   deploy/test/k8s/load.sh IMAGE…
#
# An image needs a tag other than latest, or the kubelet asks a registry for it.
set -euo pipefail
docker save "$@" | ctr --address "${ATRIUM_K8S_RIG:?is set by up.sh}/containerd.sock" -n k8s.io images import - >/dev/null
