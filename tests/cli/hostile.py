#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""hostile.py: clients on the appliance's socket that do what ikesh never does.  After each kind the appliance
serves others at once, and keeps nobody.  Prints one line per kind; exit 1 at the first that does harm."""
import json
import os
import random
import socket
import struct
import subprocess
import sys
import time

HELLO, LINE, TEXT, PASTE, ANSWER, INTERRUPT = 1, 2, 3, 4, 6, 7
CLIENT_TYPES = range(1, 15)


def connect(hello=True):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(os.environ["IKESH_SOCKET"])
    s.settimeout(20)
    if hello:
        s.send(struct.pack(">BHBBHH", HELLO, 1, 255, 0, 24, 80))
        if s.recv(70000)[:1] != bytes([64]):
            raise OSError("no welcome")
    return s


def send(s, data):
    """False when the appliance has had enough of us."""
    try:
        s.send(data)
        return True
    except OSError:
        return False


def served(what, limit=10.0):
    """Somebody else gets his answer, soon, and whoever left is gone."""
    start = time.monotonic()
    r = subprocess.run(["ikesh", "-c", "show users json"], capture_output=True, text=True, timeout=60, check=False)
    took = time.monotonic() - start
    users = json.loads(r.stdout)["users"] if r.returncode == 0 else None
    if users is None or took > limit or len(users) != 1:
        print(f"{what}: exit {r.returncode} after {took:.1f} s: {r.stdout[-300:]}{r.stderr[-300:]}")
        sys.exit(1)
    print(what, flush=True)


def rubbish(rng):
    for _ in range(300):
        s = connect(hello=False)
        for _ in range(rng.randrange(1, 4)):
            if not send(s, rng.randbytes(rng.randrange(0, 300))):
                break
        s.close()


def out_of_turn(_):
    for kind in [*CLIENT_TYPES, *range(64, 78), 0, 255]:
        s = connect(hello=False)
        send(s, bytes([kind]) + b"show version")
        s.close()


def any_messages(rng):
    """Well-formed conversations of nonsense, sent without reading the answers."""
    words = [b"show", b"configure", b"terminal", b"ipsec", b"site", b"A", b"no", b"psk", b"end", b"|", b"include", b"json",
             b"banner motd ^C", b"\x1b[2J", b"\xff\xfe", b"\xc3", b'"', b"?", b"do", b"exit", b"tunnel primary", b"x" * 3000]
    for _ in range(150):
        s = connect()
        for _ in range(30):
            text = b" ".join(rng.choices(words, k=rng.randrange(0, 6)))
            if not send(s, bytes([rng.choice([*CLIENT_TYPES[1:], LINE, LINE])]) + text):
                break
        s.close()


def too_long(_):
    for size in (32768, 32769, 33000, 100000, 200000):
        s = connect()
        send(s, bytes([LINE]) + b"a" * size)
        s.close()
    s = connect()
    for _ in range(400):  # 13 MB of one paste
        if not send(s, bytes([TEXT]) + b"ipsec site A\n" * 2500):
            break
    send(s, bytes([PASTE]))
    s.close()


def does_not_read(_):
    """The output of many commands stays unread while others work."""
    stuck = [connect() for _ in range(10)]
    for s in stuck:
        s.setblocking(False)
        for _ in range(2000):
            if not send(s, bytes([LINE]) + b"show running-config all"):
                break
    start = time.monotonic()
    r = subprocess.run(["ikesh", "-c", "show clock"], capture_output=True, timeout=60, check=False)
    if r.returncode != 0 or time.monotonic() - start > 10:
        print("others wait for a client that does not read")
        sys.exit(1)
    for s in stuck:
        s.close()


def dies_in_mid_command(_):
    for line in (b"ping 203.0.113.77 count 1000", b"monitor connection-status", b"show metrics", b"show running-config",
                 b"configure terminal lock", b"configure", b"show ipsec diagnose site A"):
        for _ in range(10):
            s = connect()
            send(s, bytes([LINE]) + line)
            s.close()


def dies_in_a_paste(_):
    for _ in range(20):
        s = connect()
        send(s, bytes([LINE]) + b"configure terminal")
        send(s, bytes([TEXT]) + b"ipsec site Never\n keepalive 20\n")
        s.close()


def says_nothing(_):
    quiet = [connect(hello=False) for _ in range(20)]
    time.sleep(0.2)
    for s in quiet:
        s.close()


def main():
    rng = random.Random(7296)
    served("an honest client")
    for kind in (rubbish, out_of_turn, any_messages, too_long, does_not_read, dies_in_mid_command, dies_in_a_paste,
                 says_nothing):
        kind(rng)
        served(kind.__name__.replace("_", " "))


main()
