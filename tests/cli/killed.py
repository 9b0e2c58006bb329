#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""killed.py ROUNDS: an appliance whose configuration is written over and over is killed at any moment.  Each
start must find one of the written configurations, whole: every site with the same value."""
import os
import random
import re
import signal
import subprocess
import sys
import time

SITES = 40


def ikesh(*argv, **kw):
    return subprocess.run(["ikesh", *argv], capture_output=True, text=True, timeout=60, check=False, **kw)


def start():
    daemon = subprocess.Popen(["ip", "netns", "exec", os.environ["NS"], "ikeshd", "--foreground", "--config-dir",
                               os.environ["CONFIG"], "--state-dir", os.environ["STATE"], "--socket", os.environ["SOCKET"]],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while ikesh("-c", "!").returncode != 0:
        if time.monotonic() > end or daemon.poll() is not None:
            sys.exit(f"the appliance did not start: {daemon.poll()}")
        time.sleep(0.02)
    return daemon


def look(rounds):
    text = ikesh("-c", "show startup-config errors", "-c", "show running-config").stdout
    values = re.findall(r"^ keepalive (\d+)$", text, re.M)
    if "All lines of startup-config were accepted" not in text or len(values) != SITES or len(set(values)) != 1:
        sys.exit(f"after {rounds} starts: {text[:600]}")


def main():
    rng = random.Random(8)
    path = os.path.join(os.environ["CONFIG"], "startup-config")
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(f"ipsec site S{i}\n keepalive 20\n" for i in range(SITES)) + "end\n")
    writer = ("for v in $(seq 11 40); do { echo conf t; for i in $(seq 0 %d); do echo ipsec site S$i; echo keepalive $v; done;"
              " echo end; echo write; } | ikesh; done" % (SITES - 1))
    for i in range(int(sys.argv[1])):
        daemon = start()
        look(i)
        with subprocess.Popen(["bash", "-c", writer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as busy:
            time.sleep(rng.uniform(0.05, 0.6))
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()
            busy.kill()
    daemon = start()
    look("all")
    daemon.terminate()
    daemon.wait()
    print("every start found a whole configuration")


if __name__ == "__main__":
    main()
