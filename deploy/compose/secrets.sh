#!/usr/bin/env bash
# Makes the files of secrets that docker-compose.yml mounts, where there are none
# yet: passwords of the databases and of the first administrator are made up, what
# you have to know yourself is empty.
#
#   deploy/compose/secrets.sh [DIR]        DIR defaults to secrets/
#
# Only you can enter the folder. The files in it can be read by the containers'
# users, who have other ids than you.
set -euo pipefail
dir=${1:-$(dirname "$0")/../../secrets}
mkdir -p "$dir"
chmod 700 "$dir"
cd "$dir"

# keep NAME writes what comes in, unless the file is there.
keep() {
	[ -e "$1" ] || { cat >"$1.new" && chmod 644 "$1.new" && mv "$1.new" "$1"; }
}
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

random | keep postgres-password
random | keep redis-password
random | keep admin-password
printf 'postgres://atrium:%s@postgres:5432/atrium' "$(cat postgres-password)" | keep database-url
printf 'redis://:%s@redis:6379/0' "$(cat redis-password)" | keep redis-url
# A key of Anthropic's API, an OpenID Connect client's secret, a mail server, and a
# certificate with its chain and key: empty is none.
for name in anthropic-api-key oidc-client-secret smtp-url tls.pem; do keep "$name" </dev/null; done
echo "secrets: in $PWD; the first administrator's password is in admin-password"
