#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""coverage.py BUILD_DIR: lines that the tests ran in a build with gcov, by group of files and by file.
The last line is "N passed, N failed, 0 skipped": one result for each group, which fails below its floor."""
import collections
import concurrent.futures
import fnmatch
import glob
import json
import os
import subprocess
import sys

# What reads octets of others: held to more than the rest.
DECODERS = ["ikev2/payload_*.c", "ikev2/message.c", "ikev2/frag.c", "ikev2/sk.c", "ikev2/record_value.c",
            "platform/base/bytes.c", "dataplane/dns/dns_answer.c", "shell/wire.c"]
GROUPS = [("ikev2", ["ikev2/*.c"], 90.0), ("platform/base", ["platform/base/*.c"], 90.0), ("decoders", DECODERS, 95.0)]
SAID = ["platform/os", "dataplane", "commands", "shell"]  # without a floor


def gcov(path):
    """{source: {line: count}} of one object."""
    done = subprocess.run(["gcov", "--json-format", "--stdout", path], capture_output=True, check=False,
                          cwd=os.path.dirname(path))
    lines = collections.defaultdict(dict)
    for text in done.stdout.splitlines():
        data = json.loads(text)
        for one in data["files"]:
            source = os.path.join(data["current_working_directory"], one["file"])
            for line in one["lines"]:
                n = line["line_number"]
                lines[source][n] = max(lines[source].get(n, 0), line["count"])
    return lines


def collect(build, root):
    """{source below root: {line: count}}"""
    notes = [p for p in glob.glob(os.path.join(build, "**", "*.gcno"), recursive=True)
             if any(f"/{d}/CMakeFiles/" in p for d in ["ikev2", "platform/base", *SAID])]
    all_lines = collections.defaultdict(dict)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for lines in pool.map(gcov, notes):
            for source, counts in lines.items():
                source = os.path.relpath(source, root)
                for n, count in counts.items():
                    all_lines[source][n] = max(all_lines[source].get(n, 0), count)
    return all_lines


def gaps(counts):
    """Lines that did not run, as ranges."""
    missed, out = sorted(n for n, c in counts.items() if c == 0), []
    for n in missed:
        if out and n <= out[-1][1] + 2:
            out[-1][1] = n
        else:
            out.append([n, n])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in out)


def main():
    build, root = os.path.abspath(sys.argv[1]), os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
    lines = collect(build, root)
    passed = failed = 0
    for name, patterns, floor in GROUPS:
        files = sorted(f for f in lines if any(fnmatch.fnmatch(f, p) and "/" not in f[len(p.split("*")[0]):] for p in patterns))
        total = sum(len(lines[f]) for f in files)
        ran = sum(1 for f in files for c in lines[f].values() if c)
        percent = 100 * ran / total if total else 0.0
        good = percent >= floor
        passed, failed = passed + good, failed + (not good)
        print(f"{'ok  ' if good else 'FAIL'} {name}: {percent:.1f} % of {total} lines (at least {floor:.0f} %)")
        for f in files:
            part = 100 * sum(1 for c in lines[f].values() if c) / max(1, len(lines[f]))
            if part < floor:
                print(f"       {part:5.1f} % {f}: {gaps(lines[f])}")
    for name in SAID:
        counts = [c for f in lines if f.startswith(name + "/") for c in lines[f].values()]
        print(f"     {name}: {100 * sum(1 for c in counts if c) / max(1, len(counts)):.1f} % of {len(counts)} lines")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


sys.exit(main())
