#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""faults.py: tests/faults.tsv names for each of the 27 faults tests that exist."""
import os
import re
import sys

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
COUNT = 27


def text_of(*parts):
    try:
        with open(os.path.join(TESTS, *parts), encoding="utf-8") as f:
            return f.read()
    except OSError:
        return ""


def all_text(folder, ending):
    out = ""
    for where, _, names in os.walk(os.path.join(TESTS, folder)):
        out += "".join(text_of(where, n) for n in sorted(names) if n.endswith(ending))
    return out


def scenario(folder, name):
    """FILE.NAME; those that are made of programs are listed by their short names."""
    part, _, rest = name.partition(".")
    text = text_of(folder, f"scenario_{part}.py")
    return f"def scenario_{rest}(make" in text or f'"{rest}"' in text and "def programs()" in text


def exists(test):
    kind, _, name = test.partition(":")
    if kind in ("netns", "guest"):
        return scenario(kind, name)
    if kind == "cli":
        part, _, case = name.partition(":")
        return f"\n== {case}\n" in text_of("cli", f"{part}.t")
    if kind in ("unit", "exchange"):
        return re.search(rf"^START_TEST\({name}\)$", all_text(kind, ".c"), re.M) is not None
    if kind == "script":
        return os.access(os.path.join(TESTS, name), os.X_OK)
    return False


def main():
    bad, numbers = [], []
    for line in text_of("faults.tsv").splitlines():
        if not line or line.startswith("#"):
            continue
        number, fault, tests = line.split("\t")
        numbers.append(int(number))
        names = [t.strip() for t in tests.split(";")]
        if names[0].startswith("none: "):
            continue
        bad += [f"{number} {fault}: {t} does not exist" for t in names if not exists(t)]
    if numbers != list(range(1, COUNT + 1)):
        bad.append(f"numbers are {numbers}")
    print("\n".join(bad))
    return 1 if bad else 0


sys.exit(main())
