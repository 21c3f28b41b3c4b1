#!/usr/bin/env bash
# What the entry point of the public Postgres image does with the settings that
# docker-compose.yml gives it.
set -euo pipefail
bin=$(echo /usr/lib/postgresql/*/bin)
data=/var/lib/postgresql/data
PATH=$bin:$PATH
if [ ! -s "$data/PG_VERSION" ]; then
	initdb --pgdata "$data" --username "$POSTGRES_USER" --pwfile "$POSTGRES_PASSWORD_FILE" \
		--auth-host scram-sha-256 --auth-local trust --encoding UTF8 --locale C.UTF-8
	pg_ctl --pgdata "$data" -o "-c listen_addresses=" -w start
	createdb --username "$POSTGRES_USER" "$POSTGRES_DB"
	pg_ctl --pgdata "$data" -w stop
	echo 'host all all all scram-sha-256' >>"$data/pg_hba.conf"
fi
[ "${1:-}" != postgres ] || shift
exec postgres -D "$data" -c "listen_addresses=*" -c unix_socket_directories=/var/run/postgresql "$@"
