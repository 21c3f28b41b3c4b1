#!/usr/bin/env bash
# Prints where this machine gets Debian's packages from.
#
#   tools/debian-mirror.sh
set -euo pipefail
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirrors=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Codename: $release")
[ -n "$mirrors" ] || { echo "debian mirror: none is set up for $release; run apt-get update" >&2; exit 1; }
head -n 1 <<<"$mirrors"
