#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""write_faults.py: `write` of a running appliance is killed or refused at each of its system calls, by strace.
After a kill the next start has the old or the new configuration, whole; after a refusal the operator reads
why, the old file stays, and the next `write` succeeds."""
import os
import re
import subprocess
import sys
import time

from killed import ikesh, start

CALLS = ("openat", "flock", "ftruncate", "fchmod", "write", "fsync", "link", "unlink", "rename")
FOLDER = os.environ["CONFIG"]
PATH = os.path.join(FOLDER, "startup-config")
SITES = 5
MOST = 12  # calls of one kind in a single `write`


def file_text():
    with open(PATH, encoding="utf-8") as f:
        return f.read()


def value(text):
    """The one value that all sites have; None when the text is not whole."""
    found = set(re.findall(r"^ keepalive (\d+)$", text, re.M))
    return found.pop() if len(found) == 1 and text.endswith("\nend\n") and text.count("ipsec site") == SITES else None


def change(number):
    lines = "".join(f"ipsec site S{i}\nkeepalive {number}\n" for i in range(SITES))
    ikesh(input=f"configure terminal\n{lines}end\n")


def inject(pid, call, what, n):
    """strace that does it at the n-th call that concerns the folder; when it is there."""
    log = os.path.join(os.environ["DIR"], "strace")
    tracer = subprocess.Popen(["strace", "-f", "-o", log, "-p", str(pid), "-P", PATH, "-P", PATH + ".tmp", "-P", PATH + ".1",
                               "-P", FOLDER, "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={n}"],
                              stderr=subprocess.PIPE, text=True)
    while "attached" not in tracer.stderr.readline():
        if tracer.poll() is not None:
            sys.exit("strace may not attach")
    return tracer, log


def was_hit(tracer, log):
    tracer.terminate()
    tracer.wait()
    with open(log, encoding="utf-8", errors="replace") as f:
        text = f.read()
    return "INJECTED" in text or "killed by SIGKILL" in text


def main():
    kills = refusals = 0
    number = 11
    with open(PATH, "w", encoding="utf-8") as f:
        f.write("".join(f"ipsec site S{i}\n keepalive 11\n" for i in range(SITES)) + "end\n")
    daemon = start()
    for call in CALLS:
        for what in ("signal=KILL", "error=ENOSPC"):
            for n in range(1, MOST):
                old = value(file_text())
                number = 11 + (number - 10) % 40
                change(number)
                tracer, log = inject(daemon.pid, call, what, n)
                answer = ikesh("-c", "write")
                if what == "signal=KILL":
                    hit = daemon.poll() is not None or (time.sleep(0.2) or daemon.poll() is not None)
                    tracer.terminate()
                    tracer.wait()
                    if not hit:
                        break
                    kills += 1
                    daemon = start()
                    shown = value(ikesh("-c", "show startup-config").stdout.split("bytes", 1)[-1].strip() + "\n")
                    if value(file_text()) not in (old, str(number)):
                        sys.exit(f"{call} {n}: after a kill {value(file_text())}, was {old}, {number} was written ({shown})")
                    continue
                if not was_hit(tracer, log):
                    break
                now = value(file_text())
                refusals += 1
                said_ok = "[OK]" in answer.stdout
                if now != str(number) and (said_ok or now != old):
                    sys.exit(f"{call} {n}: {now} instead of {old} or {number}: {answer.stdout}")
                if not said_ok and "No space left on device" not in answer.stdout:
                    sys.exit(f"{call} {n}: not told why: {answer.stdout}")
                if "[OK]" not in ikesh("-c", "write").stdout or value(file_text()) != str(number):
                    sys.exit(f"{call} {n}: the next write fails")
    daemon.terminate()
    daemon.wait()
    if kills < 6 or refusals < 4:
        sys.exit(f"only {kills} kills and {refusals} refusals")
    print("every step of write was killed and refused")


main()
