#!/usr/bin/env bash
# Runs a command beside etcd and an API server of Kubernetes, and ends those with it:
# no nodes, no controllers, and no root.
#
#   deploy/test/k8s/api.sh COMMAND [ARGUMENT…]
#
# The command finds
#   KUBECONFIG        of an administrator
#   PATH              with kubectl of the server's version
#   ATRIUM_K8S_API    a folder of the server's: its log is kube-apiserver.log
#
# Needs openssl. Several may run at once.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '$d'; exit 2; }

bin=$(bash "$here/build.sh")
api=$(mktemp -d "${TMPDIR:-/tmp}/atrium-k8s-api-XXXXXX")
pids=()
down() {
	status=$?
	trap - EXIT INT TERM
	[ ${#pids[@]} -eq 0 ] || { kill -KILL "${pids[@]}" 2>/dev/null; wait "${pids[@]}" 2>/dev/null || true; }
	rm -rf "$api"
	exit "$status"
}
trap down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$api/api.key" -out "$api/api.crt" -days 2 -subj /CN=api \
	-addext "subjectAltName=IP:127.0.0.1" 2>/dev/null
openssl genrsa -out "$api/accounts.key" 2048 2>/dev/null
token=$(openssl rand -hex 24)
echo "$token,rig,rig,system:masters" >"$api/tokens.csv"
chmod 600 "$api"/*.key "$api/tokens.csv"

# free prints a port that nobody listens on.
free() {
	local port
	while :; do
		port=$((20000 + RANDOM % 10000)) # below what the kernel gives to connections
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
	done
	echo "$port"
}

ready() { "$bin/kubectl" --kubeconfig "$api/kubeconfig" get --raw /readyz >/dev/null 2>&1; }

# A port may be taken meanwhile: then the server ends, and is started with others.
start() {
	local clients peers port
	clients=$(free) peers=$(free) port=$(free)
	rm -rf "$api/etcd"
	"$bin/etcd" --data-dir "$api/etcd" --unsafe-no-fsync --listen-client-urls "http://127.0.0.1:$clients" --advertise-client-urls "http://127.0.0.1:$clients" \
		--listen-peer-urls "http://127.0.0.1:$peers" --initial-advertise-peer-urls "http://127.0.0.1:$peers" --initial-cluster "default=http://127.0.0.1:$peers" \
		--log-level warn >"$api/etcd.log" 2>&1 &
	pids=($!)
	"$bin/kube-apiserver" --etcd-servers "http://127.0.0.1:$clients" --bind-address 127.0.0.1 --secure-port "$port" --cert-dir "$api" \
		--tls-cert-file "$api/api.crt" --tls-private-key-file "$api/api.key" --token-auth-file "$api/tokens.csv" --authorization-mode RBAC \
		--service-cluster-ip-range 10.96.0.0/24 --service-account-issuer https://kubernetes.default.svc --allow-privileged \
		--service-account-key-file "$api/accounts.key" --service-account-signing-key-file "$api/accounts.key" >"$api/kube-apiserver.log" 2>&1 &
	pids+=($!)
	cat >"$api/kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{name: rig, cluster: {server: "https://127.0.0.1:$port", certificate-authority-data: "$(base64 -w0 "$api/api.crt")"}}]
users: [{name: rig, user: {token: "$token"}}]
contexts: [{name: rig, context: {cluster: rig, user: rig}}]
current-context: rig
END
	for _ in $(seq 600); do
		if ready; then return 0; fi
		kill -0 "${pids[@]}" 2>/dev/null || break
		sleep 0.2
	done
	kill -KILL "${pids[@]}" 2>/dev/null
	wait "${pids[@]}" 2>/dev/null
	return 1
}
for attempt in 1 2 3 none; do
	[ "$attempt" != none ] || { echo "k8s: the API server does not become ready" >&2; tail -n 4 "$api"/*.log >&2; exit 1; }
	if start; then break; fi
done

export KUBECONFIG=$api/kubeconfig PATH=$bin:$PATH ATRIUM_K8S_API=$api
"$@"
