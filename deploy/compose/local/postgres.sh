#!/usr/bin/env bash
# What the entry point of the public Postgres image does with the settings that
# docker-compose.yml and the chart give it.
set -euo pipefail
export PGDATA=${PGDATA:-/var/lib/postgresql/data}
[ "${1:-}" != postgres ] || shift
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	initdb --username "$POSTGRES_USER" --pwfile "$POSTGRES_PASSWORD_FILE" \
		--auth-host scram-sha-256 --auth-local trust --encoding UTF8 --locale C.UTF-8
	pg_ctl -o "-c listen_addresses= -c unix_socket_directories=/var/run/postgresql" -w start
	createdb --host /var/run/postgresql --username "$POSTGRES_USER" "$POSTGRES_DB"
	pg_ctl -w stop
	echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi
exec postgres -c "listen_addresses=*" -c unix_socket_directories=/var/run/postgresql "$@"
