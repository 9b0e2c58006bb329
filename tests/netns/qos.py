# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams that compete for the bandwidth of a site, and the network rules that say which of them goes first."""
import time

from lab import LAN_HOST, Failure, wait_for

PRIORITIES = """
network-rule 10 voice
 site Branch
 match protocol udp
 match destination-port 5202
 qos-priority 1
network-rule 20 mail
 match protocol udp
 match destination-port 5203
 qos-priority 7
"""


# Packets of 1,200 octets to three ports at a steady rate each, counted by port where they arrive.
PACED = """
import socket, sys, time
host, seconds = sys.argv[1], float(sys.argv[2])
rates = [(int(p), float(r) * 1e6 / 8 / 1200) for p, r in (a.split(":") for a in sys.argv[3:])]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sent, skipped = {p: 0 for p, _ in rates}, {p: 0 for p, _ in rates}
start = time.monotonic()
while time.monotonic() < start + seconds:
    for port, rate in rates:
        due = int((time.monotonic() - start) * rate) - sent[port] - skipped[port]
        skipped[port] += max(0, due - 8)  # a machine that let us wait gets no burst for it
        for _ in range(min(due, 8)):
            s.sendto(bytes(1172), (host, port))
            sent[port] += 1
    time.sleep(0.001)
print(*(sent[p] for p, _ in rates))
"""
COUNTED = """
import select, socket, sys, time
ports, seconds = sys.argv[2:], float(sys.argv[1])
socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in ports]
for s, port in zip(socks, ports):
    s.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)  # SO_RCVBUFFORCE
    s.bind(("0.0.0.0", int(port)))
got, end = [0] * len(socks), None
while end is None or time.monotonic() < end:
    for s in select.select(socks, [], [], 0.2)[0]:
        s.recv(2048)
        end = end or time.monotonic() + seconds
        got[socks.index(s)] += 1
print(*got)
"""
WANT = {"bulk": (5201, 24), "voice": (5202, 4), "mail": (5203, 6)}


def compete(lab, scale, late, seconds=6):
    """Three streams that want 24, 4 and 6 of 10 Mbit/s: what came through of each, and its loss in percent."""
    counter = f"counter-{time.monotonic()}.log"
    receiver = lab.start("lan", ["/usr/bin/python3", "-c", COUNTED, str(seconds + late), *(str(p) for p, _ in WANT.values())], counter)
    wait_for("counter", lambda: lab.run("lan", ["ss", "-Huln"]).stdout.count(":520") == 3, 10)
    sent = lab.run("hq", ["/usr/bin/python3", "-c", PACED, LAN_HOST, str(seconds),
                          *(f"{p}:{mbps * scale}" for p, mbps in WANT.values())]).stdout.split()
    receiver.wait(30)
    got = lab.log(counter).split()
    return {name: (int(g) * 9600 / seconds / 1e6 / scale, 100 - 100 * int(g) / int(s)) for name, g, s in zip(WANT, got, sent)}


def priorities(lab, gw, scale=1.0, late=0.1):
    """The share of a saturated site of 10 Mbit/s * scale goes by the priority of its network rules.  late: seconds
    for which packets still count, on a machine that is slow itself."""
    without = compete(lab, scale, late)
    gw.configure(PRIORITIES)
    by_rule = compete(lab, scale, late)
    gw.configure("network-rule 10 voice\nno qos-priority\nnetwork-rule 20 mail\nqos-priority 3\n")
    turned = compete(lab, scale, late)
    for what, got in (("no priorities", without), ("voice 1, mail 7", by_rule), ("mail 3", turned)):
        print(f"     {what}: " + ", ".join(f"{n} {r:.2f} Mbit/s ({lost:.1f} % lost)" for n, (r, lost) in got.items()),
              flush=True)
    if without["voice"][1] < 20:
        raise Failure("without a rule voice should lose, too: the link is not short")
    if by_rule["voice"][1] > 0.5 or by_rule["mail"][1] > 12 or by_rule["bulk"][1] < 60:
        raise Failure(f"voice first, then mail, then the rest: {by_rule}")
    if turned["mail"][1] > 1 or turned["voice"][1] < 20:
        raise Failure(f"mail first, voice is bulk: {turned}")
