#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# unpack.sh DIR PACKAGE...: Debian packages unpacked below DIR and not installed, for programs whose
# installation would start a service on this machine.  Says nothing when they are there already.
set -eu
dir=$1
shift
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
for p in "$@"; do
	[ -e "$dir/.$p" ] && continue
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	chmod 755 "$work"
	if ! (cd "$work" && { apt-get download -q "$p" || { apt-get update -q && apt-get download -q "$p"; }; }) \
		>"$work/log" 2>&1; then
		cat "$work/log" >&2
		exit 1
	fi
	dpkg-deb -x "$work"/*.deb "$dir"
	touch "$dir/.$p"
	rm -rf "$work"
done
