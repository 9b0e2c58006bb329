#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""supervise.py [--journal] COMMAND...: runs COMMAND in the foreground as systemd would, and prints what it
says: to the service manager, and with --journal to the journal (/run is an empty file system then).
Ends COMMAND by SIGTERM when it has been ready, said its status and given three signs of life."""
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

LIMIT = 60
JOURNAL = "/run/systemd/journal/socket"


def receiver(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(path)
    return s


def drain(sockets, seconds):
    found = []
    while True:
        ready, _, _ = select.select(sockets, [], [], seconds)
        if not ready:
            return found
        found += [(s, s.recv(65536).decode()) for s in ready]
        seconds = 0


def main():
    arguments = sys.argv[1:]
    journal = None
    if arguments[0] == "--journal":
        arguments.pop(0)
        os.makedirs(os.path.dirname(JOURNAL))
        journal = receiver(JOURNAL)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile(dir=folder) as err:
        notify = receiver(folder + "/notify")
        sockets = [notify] + ([journal] if journal else [])
        st = os.fstat(err.fileno())
        env = {**os.environ, "NOTIFY_SOCKET": folder + "/notify", "WATCHDOG_USEC": "300000",
               "JOURNAL_STREAM": f"{st.st_dev}:{st.st_ino}" if journal else ""}
        child = subprocess.Popen(arguments, env=env, stderr=err)
        said, logged, alive, stopping, end = [], [], 0, False, time.monotonic() + LIMIT
        over = False
        while not over and time.monotonic() < end:
            over = child.poll() is not None
            for s, text in drain(sockets, 0 if over else 0.1):
                if text == "WATCHDOG=1":
                    alive += 1
                else:
                    (logged if s is journal else said).append(text.rstrip("\n").replace("\n", " "))
            if alive >= 3 and any(t.startswith("STATUS=") for t in said) and not stopping:
                child.send_signal(signal.SIGTERM)
                stopping = True
        print("\n".join("manager " + text.replace(str(child.pid), "PID") for text in said))
        print("".join(f"journal {text}\n" for text in logged), end="")
        if child.poll() is None:
            child.kill()
        print(f"{'three signs of life' if alive >= 3 else 'not alive'}, status {child.wait(LIMIT)}")
        err.seek(0)
        sys.stdout.write(err.read().decode())


main()
