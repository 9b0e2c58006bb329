#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""readme.py: the README is true: its configurations are accepted without a warning but one, its commands exist,
what peer-config prints holds their networks and addresses, and its table agrees with tests/netns/diagnose.tsv.
Prints what is wrong, then what was looked at."""
import os
import re
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PRODUCTS = {"AWS-Frankfurt": "aws", "Azure-West": "cisco-ios", "Branch-Nancy": "strongswan", "Branch-Brest": "cisco-ios",
            "Branch-Metz": "fortigate"}


def ikesh(*argv, text=None):
    done = subprocess.run(["ikesh", *argv], capture_output=True, text=True, timeout=120, check=False, input=text)
    return done.returncode, done.stdout + done.stderr


def five_lines(readme):
    block = re.search(r"## A tunnel in five lines\n\n```\n(.*?)```", readme, re.S).group(1)
    status, said = ikesh(text="\n".join(line.split("# ", 1)[1] if "# " in line else line.split(")# ")[-1]
                                        for line in block.splitlines()) + "\n")
    if status or "Branch-Lyon" not in said:
        print("five lines:", said)


def configurations(readme):
    blocks = re.findall(r"```ikesh\n(.*?)```", readme, re.S)
    for block in blocks:
        site = re.match(r"ipsec site (\S+)", block)
        name = site.group(1) if site else block.split("\n", maxsplit=1)[0]
        with tempfile.NamedTemporaryFile("w") as f:
            f.write(block + "end\n")
            f.flush()
            status, said = ikesh("--merge", f.name)
        wrong = [line for line in said.splitlines() if line.strip() and "has no secondary tunnel" not in line
                 and not line.startswith("Enter configuration commands")]
        if status or wrong:
            print(name, said)
        if not site:
            continue
        status, text = ikesh("-c", f"show ipsec site {name} peer-config {PRODUCTS[name]}")
        if status or "203.0.113.10" not in text or text.count("PSK_OF_") < block.count(" psk "):
            print(name, text)
    return len(blocks)


def commands(readme):
    """Those between backticks; NAME stands for a site."""
    found = set()
    for line in re.findall(r"`((?:show|debug|undebug|terminal monitor)\b[^`\n]*)`", readme):
        line = line.replace("NAME", "Branch-Lyon")
        if line in found:
            continue
        found.add(line)
        status, said = ikesh("-c", line)
        if status:
            print(line, said)
    return len(found)


def table(readme):
    rows = re.findall(r"^\| (?!What|-)(.*?) \| (.*?) \| (\S+) \((\S+?)\)", readme, re.M)
    with open(os.path.join(ROOT, "tests", "netns", "diagnose.tsv"), encoding="utf-8") as f:
        cases = [line.split("\t") for line in f if not line.startswith("#")]
    if len(cases) < 30:
        print("only", len(cases), "cases")
    for what, theirs, reason, cause in rows:
        if not any(c[0] == what and (c[2] == theirs or re.search(c[2], theirs)) and c[3:5] == [reason, cause] for c in cases):
            print("not a case:", what, theirs, reason, cause)
    return len(rows)


def main():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        readme = f.read()
    five_lines(readme)
    counts = configurations(readme), commands(readme), table(readme)
    print("%d configurations, %d commands, %d rows of the table" % counts)


main()
