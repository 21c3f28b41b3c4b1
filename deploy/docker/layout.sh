#!/usr/bin/env bash
# Lays out what the images have beside their programs: OUT/root for files of the
# system, OUT/own for folders that belong to the programs' user.
#
#   deploy/docker/layout.sh OUT
set -euo pipefail
out=$1
umask 022
install -D -m 0644 /etc/ssl/certs/ca-certificates.crt "$out/root/etc/ssl/certs/ca-certificates.crt"
printf 'root:x:0:0::/:/sbin/nologin\natrium:x:10001:10001::/var/lib/atrium:/sbin/nologin\n' >"$out/root/etc/passwd"
printf 'root:x:0:\natrium:x:10001:\n' >"$out/root/etc/group"
install -d -m 1777 "$out/root/tmp"
# A volume that is mounted on a folder for the first time gets its owner.
for folder in keys/identity keys/public keys/deployment keys/service \
	keys/services/{gateway,auth,chat,ide,ai} var/lib/atrium; do
	install -d -m 0700 "$out/own/$folder"
done
chmod 0700 "$out/own/keys" "$out/own/keys/services"
chmod 0755 "$out/own/var" "$out/own/var/lib"
