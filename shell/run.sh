#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh [--demo] [--no-console] [OPTION OF ikeshd]...
#
# From a fresh copy of the source to a running appliance: installs what building and running need,
# builds the release preset, starts ikeshd in the foreground and a console on this terminal.  The
# appliance ends with the console, or by Ctrl-C with --no-console.
#   --demo        everything in own network namespaces, with a second appliance as the firewall of
#                 a branch and a host on each side; removed again at the end (shell/demo.sh)
#   --no-console  no console; the log goes to standard error
set -eu
cd "$(dirname "$0")/.."

demo=false console=true options=()
for a in "$@"; do
	case $a in
	--demo) demo=true ;;
	--no-console) console=false ;;
	-h | --help)
		sed -n 's/^# \{0,1\}//; 2,12p' "$0"
		exit 0
		;;
	*) options+=("$a") ;;
	esac
done

packages=(build-essential cmake ninja-build pkg-config bird2 libcli-dev libssl-dev libnftnl-dev libmnl-dev libseccomp-dev
	libreadline-dev libjansson-dev libsqlite3-dev libldns-dev libcurl4-openssl-dev iproute2)
if [ "$(dpkg --print-architecture)" = amd64 ]; then packages+=(libipsec-mb-dev); fi
if $demo; then packages+=(iputils-ping procps); fi

[ "$(id -u)" = 0 ] || { echo "run.sh needs root, for UDP port 500 and network devices: sudo $0" >&2; exit 1; }

build() {
	local log=build/release.log
	mkdir -p build
	[ -x build/release/bin/ikeshd ] || echo "building ikesh, this takes a minute"
	if ! { cmake --preset release && cmake --build --preset release; } >"$log" 2>&1; then
		tail -n 40 "$log" >&2
		echo "the build failed, see $log" >&2
		exit 1
	fi
}

# The options decide where the console finds the appliance.
socket_of() {
	local path=/run/ikesh/cli.sock
	while [ $# -gt 0 ]; do
		case $1 in
		--socket) path=${2:-} ;;
		--socket=*) path=${1#--socket=} ;;
		esac
		shift
	done
	echo "$path"
}

# The log would write into the console: it goes to a file.
with_console() {
	local bin=$PWD/build/release/bin socket log pid status=0
	socket=$(socket_of "$@")
	log=$(mktemp /tmp/ikeshd.log.XXXXXX)
	setsid "$bin/ikeshd" --foreground "$@" 2>"$log" </dev/null & # Ctrl-C is for the console
	pid=$!
	trap 'kill $pid 2>/dev/null; wait $pid 2>/dev/null; rm -f "$log"' EXIT
	trap 'exit 130' INT TERM HUP
	# a comment line succeeds as soon as the appliance answers
	until "$bin/ikesh" --socket "$socket" -c '!' >/dev/null 2>&1; do
		if ! kill -0 $pid 2>/dev/null; then
			cat "$log" >&2
			exit 1
		fi
		sleep 0.1
	done
	cat "$log"
	trap '' INT
	"$bin/ikesh" --socket "$socket" || status=$?
	exit $status
}

tests/packages.sh "${packages[@]}"
build
if $demo; then
	arguments=(build/release/bin)
	$console || arguments=(--no-console "${arguments[@]}")
	exec shell/demo.sh "${arguments[@]}"
elif $console; then
	with_console ${options[@]+"${options[@]}"}
else
	exec build/release/bin/ikeshd --foreground ${options[@]+"${options[@]}"}
fi
