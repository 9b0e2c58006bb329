#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh [unit|exchange|cli|netns|guest|package|fuzz|lint|tidy|coverage|valgrind|bench|all]...
# Installs what the tests need, builds, runs.  No argument, or "all": everything that CI runs, which is
# all but guest, tidy, coverage, valgrind and bench.
# The last line is "N passed, N failed, N skipped"; exit 1 when anything failed.
set -u
cd "$(dirname "$0")/.." || exit 1
root=$PWD

build_packages=(build-essential cmake ninja-build ccache pkg-config libcli-dev libssl-dev libnftnl-dev
 libmnl-dev libseccomp-dev libreadline-dev libjansson-dev libsqlite3-dev libldns-dev libcurl4-openssl-dev)
if [ "$(dpkg --print-architecture)" = amd64 ]; then build_packages+=(libipsec-mb-dev); fi
test_packages=(check libsubunit-dev python3 python3-pexpect python3-scapy strace iproute2 nftables
 iputils-ping procps bird2 openssh-client jq curl python3-prometheus-client
 python3-netmiko python3-jsonschema python3-aiosmtpd rsyslog openssl)
peer_packages=(strongswan-charon strongswan-swanctl libcharon-extra-plugins
 libstrongswan-extra-plugins libstrongswan-standard-plugins iperf3 tcpdump tshark netcat-openbsd frr bind9 bind9-dnsutils knot-dnsutils unbound)
lint_packages=(git clang clang-tidy clang-format shellcheck codespell mandoc binutils)
bench_packages=(frr wireguard-go wireguard-tools)
fuzz_packages=(clang libclang-rt-14-dev llvm)

passed=0 failed=0 skipped=0

count() { # passed failed skipped
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

step() { printf '\n== %s\n' "$*"; }

need() { # packages
	if ! tests/packages.sh "$@"; then
		echo "cannot install: $*"
		count 0 1 0
		finish
	fi
}

build() { # preset
	step "build $1"
	local log=build/$1.log
	mkdir -p build
	if ! { cmake --preset "$1" && cmake --build --preset "$1"; } >"$log" 2>&1; then
		grep -nE 'error|warning|FAILED' "$log" | head -n 40
		tail -n 20 "$log"
		echo "build of preset $1 failed"
		count 0 1 0
		return 1
	fi
}

# Counts the single checks of Check programs, and one for each other test program.  Programs that
# failed run once more, alone, because some watch real clocks; a sanitizer's report is never forgiven.
ctest_label() { # preset label
	step "$2 ($1)"
	local log=build/$1/$2.log
	ctest --test-dir "build/$1" -L "^$2\$" -V --no-tests=error >"$log" 2>&1
	local status=$?
	awk '
	/^test [0-9]+$/ { checks = 0 }
	/Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+/ {
		match($0, /Checks: [0-9]+/); total += substr($0, RSTART + 8, RLENGTH - 8)
		match($0, /Failures: [0-9]+/); bad += substr($0, RSTART + 10, RLENGTH - 10)
		match($0, /Errors: [0-9]+/); bad += substr($0, RSTART + 8, RLENGTH - 8)
		checks = 1
	}
	/^ *[0-9]+\/[0-9]+ Test +#/ {
		if (!checks) { total++; if ($0 !~ /Passed/ && $0 !~ /Skipped/) bad++; if ($0 ~ /Skipped/) { total--; skip++ } }
		else if ($0 !~ /Passed/) crashed++
		checks = 0
	}
	END { if (crashed > bad) { total += crashed - bad; bad = crashed }; print total - bad, bad + 0, skip + 0 }' "$log" >"$log.count"
	local p f s
	read -r p f s <"$log.count"
	if [ $status -ne 0 ] && [ "$f" = 0 ]; then f=1; fi
	if [ "$f" != 0 ] && ! grep -qE 'Sanitizer|runtime error:' "$log"; then
		grep -E ':[FE]:|\*\*\*' "$log" | head -n 20
		echo "what failed runs once more, alone"
		if ctest --test-dir "build/$1" --rerun-failed -V >"$log.again" 2>&1; then
			p=$((p + f)) f=0
		else
			log=$log.again
		fi
	fi
	[ "$f" = 0 ] || grep -nE ':[FE]:|FAILED|ERROR:|Failed|\*\*\*|runtime error' "$log" | head -n 60
	echo "$2: $p passed, $f failed, $s skipped"
	count "$p" "$f" "$s"
}

# A program that ends with its own "N passed, N failed, N skipped".
runner() { # name command...
	local name=$1
	shift
	step "$name"
	mkdir -p build
	"$@" 2>&1 | tee "build/$name.log" | grep -vE '^[0-9]+ passed, [0-9]+ failed' || true
	local line
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "build/$name.log" | tail -n 1)
	if [ -z "$line" ]; then
		echo "$name: ended without a result"
		count 0 1 0
		return
	fi
	echo "$name: $line"
	# shellcheck disable=SC2086
	set -- ${line//[!0-9 ]/}
	count "$1" "$2" "${3:-0}"
}

suite() {
	case $1 in
	unit | exchange)
		need "${build_packages[@]}" "${test_packages[@]}"
		build asan && ctest_label asan "$1"
		if [ "$1" = unit ]; then
			build tsan && ctest_label tsan threads
		else
			build sim && ctest_label sim seeds
		fi
		;;
	cli)
		need "${build_packages[@]}" "${test_packages[@]}"
		build asan && runner cli tests/cli/run build/asan/bin
		;;
	netns)
		need "${build_packages[@]}" "${test_packages[@]}" "${peer_packages[@]}"
		build asan && runner netns tests/netns/run -j3 build/asan/bin
		;;
	guest)
		[ -x tests/guest/run ] || return
		need "${build_packages[@]}" "${test_packages[@]}" "${peer_packages[@]}"
		build release && build dev &&
			runner guest tests/guest/run --tests build/dev/tests build/release/bin
		;;
	package)
		need "${build_packages[@]}" "${test_packages[@]}" lintian mmdebstrap systemd dpkg-dev
		build release && runner package tests/package/run build/release
		;;
	fuzz)
		need "${build_packages[@]}" "${test_packages[@]}" "${fuzz_packages[@]}"
		build fuzz && runner fuzz tests/fuzz/run build/fuzz/fuzz
		;;
	lint)
		need "${build_packages[@]}" "${test_packages[@]}" "${lint_packages[@]}"
		build dev && runner lint tests/lint/run build/dev
		;;
	tidy)
		need "${build_packages[@]}" "${test_packages[@]}" "${lint_packages[@]}"
		build dev && runner tidy tests/lint/run build/dev tidy
		;;
	coverage)
		need "${build_packages[@]}" "${test_packages[@]}"
		if build coverage; then
			find build/coverage -name '*.gcda' -delete
			for label in unit exchange fuzz; do ctest_label coverage $label; done
			runner coverage tests/lint/coverage.py build/coverage
		fi
		;;
	valgrind)
		need "${build_packages[@]}" "${test_packages[@]}" valgrind
		build dev && runner valgrind tests/exchange/valgrind build/dev
		;;
	bench)
		need "${build_packages[@]}" "${test_packages[@]}" "${peer_packages[@]}" "${bench_packages[@]}"
		build release && runner bench tests/bench/run build/release/bin
		;;
	*)
		echo "usage: tests/run.sh [unit|exchange|cli|netns|guest|package|fuzz|lint|tidy|coverage|valgrind|bench|all]..." >&2
		exit 2
		;;
	esac
}

finish() {
	printf '\n%d passed, %d failed, %d skipped\n' $passed $failed $skipped
	[ $failed -eq 0 ] && [ $passed -gt 0 ]
	exit
}

[ "$(id -u)" = 0 ] || { echo "tests/run.sh needs root: network namespaces and TUN devices" >&2; exit 1; }
export CCACHE_BASEDIR=$root
[ $# -gt 0 ] || set -- all
for s in "$@"; do
	if [ "$s" = all ]; then
		for t in lint unit exchange cli netns package fuzz; do suite $t; done
	else
		suite "$s"
	fi
done
finish
