#!/usr/bin/env bash
# Tells Docker whether the program in this container serves, without curl.
#
#   healthy port PORT        something accepts connections
#   healthy http PORT PATH   it answers 200
set -euo pipefail
exec 3<>"/dev/tcp/127.0.0.1/$2"
[ "$1" = http ] || exit 0
printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$3" >&3
read -r -t 3 status <&3
[[ $status == *" 200 "* ]]
