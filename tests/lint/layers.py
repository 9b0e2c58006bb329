#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The include matrix: a layer may include only itself and what stands below it (README, layers)."""
import pathlib
import re
import subprocess
import sys

ALLOWED = {
    "platform/base": set(),
    "platform/os": {"platform/base"},
    "ikev2": {"platform/base"},
    "dataplane": {"platform/base", "platform/os", "ikev2"},
    "commands": {"platform/base", "platform/os", "ikev2", "dataplane"},
    "shell": {"platform/base", "platform/os", "ikev2", "dataplane", "commands"},
}


def layer(path):
    for name in sorted(ALLOWED, key=len, reverse=True):
        if path.startswith(name + "/"):
            return name
    return None


def main():
    files = subprocess.run(["git", "ls-files", "*.c", "*.h"], capture_output=True, text=True, check=True)
    bad = 0
    for name in files.stdout.split():
        own = layer(name)
        if own is None:
            continue
        for number, line in enumerate(pathlib.Path(name).read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            target = match.group(1)
            other = layer(target)
            if other is None:
                print(f'{name}:{number}: "{target}" is not written from the top of the tree')
                bad += 1
            elif other != own and other not in ALLOWED[own]:
                print(f"{name}:{number}: {own} may not include {other}")
                bad += 1
    return 1 if bad else 0


sys.exit(main())
