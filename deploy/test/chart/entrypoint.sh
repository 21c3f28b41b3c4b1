#!/usr/bin/env bash
# Does of the public images' entry points what the chart relies on: a first start
# of Postgres makes the database. Anything else is run as it is.
set -euo pipefail
if [ "$1" = postgres ]; then
	if [ ! -s "$PGDATA/PG_VERSION" ]; then
		initdb --username "$POSTGRES_USER" --pwfile "$POSTGRES_PASSWORD_FILE" \
			--auth-host scram-sha-256 --auth-local trust --encoding UTF8 --locale C.UTF-8
		pg_ctl -o "-c listen_addresses= -c unix_socket_directories=/var/run/postgresql" -w start
		createdb --host /var/run/postgresql --username "$POSTGRES_USER" "$POSTGRES_DB"
		pg_ctl -w stop
		echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
	fi
	set -- "$@" -c "listen_addresses=*" -c unix_socket_directories=/var/run/postgresql
fi
exec "$@"
