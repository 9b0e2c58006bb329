#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Kills or fails file_write_atomic at each of its system calls, with strace as fault injector, and
# looks at what is on disk: always the whole old or the whole new content, the new one whenever
# success was reported, and a later write succeeds and leaves no temporary.
#
# usage: file_faults.sh PATH-OF-file_writer
set -u

writer=$1
size=20000
calls='open openat flock ftruncate fchmod fstat lstat newfstatat write fsync unlink link rename close'

if ! command -v strace >/dev/null || ! strace -o /dev/null true 2>/dev/null; then
	echo "skipped: strace is missing or may not trace"
	exit 77
fi
export ASAN_OPTIONS=detect_leaks=0 # does not work under ptrace
dir=$(mktemp -d /tmp/ikesh-faults-XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
file=$dir/config

# What a file holds: a letter when it is whole (SIZE bytes), "none" or "torn".
content()
{
	local letter size=${2:-$size}
	[ -e "$1" ] || { echo none; return; }
	letter=$(head -c 1 "$1")
	if [ "$(wc -c <"$1")" -eq "$size" ] && [ -z "$(tr -d "$letter" <"$1")" ]; then
		echo "$letter"
	else
		echo torn
	fi
}

faults=0 errors=0 killed=0 refused=0

complain()
{
	echo "FAIL: $*"
	errors=$((errors + 1))
}

# One run with one fault; sets rc, now (content) and kept (content of .1).
attempt()
{
	local mode=$1 call=$2 fault=$3 n=$4
	rm -f "$dir"/config*
	head -c $size /dev/zero | tr '\0' o >"$file"
	if [ "$mode" = keep ]; then
		head -c $size /dev/zero | tr '\0' p >"$file.1"
	fi
	{
		strace -f -o "$dir/trace" -e "trace=$call" -e "inject=$call:$fault:when=$n" \
			"$writer" "$file" n $size "$mode"
		rc=$?
	} 2>"$dir/said"
	now=$(content "$file")
	kept=$(content "$file.1")
}

check()
{
	local mode=$1 what=$2
	case $now in
	o | n) ;;
	*) complain "$what: content is $now" ;;
	esac
	if [ $rc -eq 0 ] && [ "$now" != n ]; then
		complain "$what: success was reported, content is $now"
	fi
	# an open that failed elsewhere is of the loader or a sanitizer, with words of its own
	if [ $rc -eq 1 ] && ! grep -q "$file" "$dir/said" &&
		! grep INJECTED "$dir/trace" | grep -E '^[0-9]+ +open' | grep -qv "$dir"; then
		complain "$what: the error does not name the file: $(cat "$dir/said")"
	fi
	if [ "$mode" = keep ]; then
		case $now$kept in
		op | oo | no) ;;
		*) complain "$what: content is $now, kept is $kept" ;;
		esac
	fi
	# without the lock it may be somebody else's
	if [ $rc -eq 1 ] && [ -e "$file.tmp" ] && [[ $what != *flock* ]]; then
		complain "$what: refused, and a temporary is left"
	fi
	# shorter, so that the rest of a leftover would be seen
	"$writer" "$file" m 100 "$mode" || complain "$what: a later write fails"
	[ "$(content "$file" 100)" = m ] || complain "$what: a later write is lost"
	if [ -e "$file.tmp" ] || [ -e "$file.1.tmp" ]; then
		complain "$what: a temporary is left"
	fi
}

# The fault at the first, second, ... call, until there is no further call to hit.
sweep()
{
	local mode=$1 call=$2 fault=$3 n
	for n in $(seq 1 40); do
		attempt "$mode" "$call" "$fault" "$n"
		grep -qE 'INJECTED|killed by' "$dir/trace" || return
		faults=$((faults + 1))
		[ $rc -eq 1 ] && refused=$((refused + 1))
		grep -q 'killed by SIGKILL' "$dir/trace" && killed=$((killed + 1))
		if [ "$mode" = naive ]; then
			[ "$now" = torn ] && torn=$((torn + 1))
		else
			check "$mode" "$mode $call $fault $n"
		fi
	done
}

# A kill cannot show what a power cut would lose: the order of the calls does.
strace -o "$dir/trace" -y -e trace=write,fsync,rename "$writer" "$file" n $size plain
order=$(grep -F "$dir" "$dir/trace" | sed -E 's/^([a-z]+)\([0-9]*("|<)([^">]*).*/\1 \3/')
expected="write $file.tmp
fsync $file.tmp
rename $file.tmp
fsync $dir"
[ "$order" = "$expected" ] || complain "order of the calls: $order"

torn=0
for fault in signal=KILL error=EIO; do
	sweep naive write $fault
done
[ $torn -ge 2 ] || complain "the torn files of a naive writer are not noticed ($torn)"
echo "naive writer: $torn of $faults faults tear the file"

faults=0 killed=0 refused=0
for mode in plain keep; do
	for call in $calls; do
		sweep $mode "$call" signal=KILL
	done
	for call in open openat flock ftruncate fchmod write fsync unlink link rename; do
		for error in ENOSPC EIO EROFS EDQUOT; do
			sweep $mode "$call" error=$error
		done
	done
done
echo "file_write_atomic: $faults faults ($killed kills, $refused refusals), $errors errors"
# Without these the injector did not do its work.
[ $killed -ge 20 ] || complain "only $killed kills"
[ $refused -ge 30 ] || complain "only $refused refusals"
[ $errors -eq 0 ]
