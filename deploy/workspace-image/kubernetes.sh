#!/usr/bin/env bash
# Builds the image that workspaces in a Kubernetes cluster run in, from the image
# that build.sh makes and the VS Code that deploy/vscode/install.sh installed.
#
#   deploy/workspace-image/kubernetes.sh [NAME]
#
# NAME defaults to atrium-workspace-kubernetes:dev; push it to where your cluster
# finds it. BASE and ATRIUM_VSCODE_DIR say where the two parts are, if elsewhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=${1:-atrium-workspace-kubernetes:dev}

context=$(mktemp -d .cache/workspace-image-XXXXXX)
trap 'rm -rf "$context"' EXIT
vscode=$(readlink -e "${ATRIUM_VSCODE_DIR:-.cache/vscode}/current") || { echo "workspace image: VS Code is missing: deploy/vscode/install.sh installs it" >&2; exit 1; }
cp -al "$vscode" "$context/vscode" 2>/dev/null || { rm -rf "$context/vscode"; cp -a "$vscode" "$context/vscode"; }
CGO_ENABLED=0 go build -trimpath -o "$context/workspace-keeper" ./services/ide/cmd/workspace-keeper
chmod 0755 "$context/vscode" "$context/workspace-keeper"
DOCKER_BUILDKIT=0 docker build -q --build-arg "BASE=${BASE:-atrium-workspace}" -f deploy/workspace-image/kubernetes.Dockerfile -t "$name" "$context" >/dev/null
echo "workspace image: $name"
