#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Lets each netlink send and receive fail once, with strace as fault injector.  One operation may
# be refused for it, with a text; a dump repeats itself when the buffer overran; nothing hangs; the
# second pass over the same socket finds everything as wanted.
#
# usage: netlink_faults.sh PATH-OF-netlink_worker
set -u

worker=$1
if [ "$(id -u)" -ne 0 ] || ! strace -o /dev/null true 2>/dev/null; then
	echo "skipped: needs root, and strace that may trace"
	exit 77
fi
export ASAN_OPTIONS=detect_leaks=0 # does not work under ptrace
dir=$(mktemp -d /tmp/ikesh-netlink-XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT

"$worker" >"$dir/whole" || exit 1
if grep -qv ' ok ' "$dir/whole" || [ "$(wc -l <"$dir/whole")" -ne 16 ]; then
	cat "$dir/whole"
	exit 1
fi

faults=0 refused=0 errors=0

complain()
{
	echo "FAIL: $*"
	cat "$dir/out"
	errors=$((errors + 1))
}

check()
{
	local what=$1 bad
	bad=$(grep -cv ' ok ' "$dir/out")
	refused=$((refused + bad))
	[ "$bad" -le 1 ] || complain "$what: one fault, $bad refusals"
	# what is lost of the first pass may be missing in its dumps, nothing of the second
	if ! diff <(grep ^2 "$dir/whole") <(grep ^2 "$dir/out" | grep ' ok ') >/dev/null &&
		! grep -v ' ok ' "$dir/out" | grep -q ^2; then
		complain "$what: the second pass differs"
	fi
	if grep -v ' ok ' "$dir/out" | grep -qvE '^. [a-z]+ system 0 .+: .+'; then
		complain "$what: a refusal without a text"
	fi
	case $what in
	recvmsg\ ENOBUFS* | recvmsg\ EINTR*)
		! grep -v ' ok ' "$dir/out" | grep -qE '^. (addrs|routes) ' ||
			complain "$what: the dump was not repeated"
		;;
	esac
}

for call in recvmsg sendto; do
	for error in ENOBUFS EINTR ENOMEM EPERM; do
		[ "$call $error" != "sendto EINTR" ] || continue # only a blocking send knows it
		for n in $(seq 1 60); do
			timeout 30 strace -o "$dir/trace" -e "trace=$call" \
				-e "inject=$call:error=$error:when=$n" "$worker" >"$dir/out" ||
				complain "$call $error $n: failed or hung"
			grep -q INJECTED "$dir/trace" || break
			faults=$((faults + 1))
			check "$call $error $n"
		done
	done
done
echo "netlink: $faults faults, $refused refusals, $errors errors"
[ $faults -ge 50 ] && [ $refused -ge 20 ] && [ $errors -eq 0 ]
