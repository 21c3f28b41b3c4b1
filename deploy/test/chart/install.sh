#!/usr/bin/env bash
# Installs the chart into the cluster of deploy/test/k8s/up.sh, whose API server
# takes restricted pods only, and walks through it: see install/doc.go.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export ATRIUM_CHART_HELM=$PWD/.cache/bin/helm ATRIUM_CHART_NEXT=v2
export HELM_CACHE_HOME=$ATRIUM_K8S_RIG/helm HELM_CONFIG_HOME=$ATRIUM_K8S_RIG/helm HELM_DATA_HOME=$ATRIUM_K8S_RIG/helm

failed() {
	kubectl get pods -A -o wide
	kubectl -n atrium get events --sort-by .lastTimestamp | tail -n 25
	for component in auth chat ide ai gateway postgres redis; do
		echo "== $component"
		kubectl -n atrium logs -l "app.kubernetes.io/component=$component" --tail 12 --prefix
	done
} >&2

mapfile -t images < <(bash deploy/test/chart/images.sh)
bash deploy/test/k8s/load.sh "${images[@]}"
kubectl create namespace atrium >/dev/null
kubectl label namespace atrium pod-security.kubernetes.io/enforce=restricted >/dev/null
begin=$SECONDS
"$ATRIUM_CHART_HELM" install atrium deploy/helm/atrium --namespace atrium --wait --timeout 5m \
	--values deploy/helm/atrium/ci/rig.yaml --set keys.offline=false --set image.tag=v1 >"$ATRIUM_K8S_RIG/logs/helm.log" 2>&1 || { tail -n 5 "$ATRIUM_K8S_RIG/logs/helm.log"; failed; exit 1; }
echo "chart: installed within $((SECONDS - begin)) s"
(cd deploy/test/chart && GOWORK=off go test -count=1 -v -timeout 12m ./install) || { failed; exit 1; }
