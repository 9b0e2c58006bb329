# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad ESP packets at full speed from somebody on the way, while honest traffic goes on."""
import json
import re

from lab import GW_WAN, LAN_HOST, Failure, wait_for
from own_pair import pair

# Sees one ESP packet of the tunnel, makes bad ones of it, and sends each kind for a while as fast as
# the system can: 40 equal datagrams in each call.  Says how many of each kind it has sent.
FLOOD = r"""
import json, random, socket, struct, sys, time
target, device, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
r = random.Random(7)
ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
ear.bind((device, 0))
ear.settimeout(20)
while True:
    p, where = ear.recvfrom(65536)
    if p[9] == 17 and p[16:20] == socket.inet_aton(target) and p[20:24] == b"\x11\x94\x11\x94" and p[28:32] != bytes(4):
        esp = p[28:20 + 8 + struct.unpack("!H", p[24:26])[0] - 8]
        break
ear.close()
spi, seq = struct.unpack("!II", esp[:8])
def flipped():
    b = bytearray(struct.pack("!II", spi, seq + r.randrange(1, 500)) + esp[8:])
    b[r.randrange(8, len(b))] ^= 1 << r.randrange(8)
    return bytes(b)
kinds = {
    "replayed": lambda: esp,
    "wrong icv": flipped,
    "far ahead": lambda: struct.pack("!II", spi, seq + 10000000) + esp[8:],
    "truncated": lambda: esp[:r.choice([8, 9, 12, 16, 24, 31])],
    "tiny": lambda: esp[:r.randrange(2, 8)],
    "unknown spi": lambda: struct.pack("!I", r.getrandbits(32) | 256) + esp[4:],
    "noise": lambda: bytes(r.getrandbits(8) | 1 for _ in range(64)),
    "one octet": lambda: b"\x00",
}
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((target, 4500))
sent = {}
end = time.monotonic() + seconds
while time.monotonic() < end:
    for name, make in kinds.items():
        one = make()
        many = one * 40
        control = [(socket.SOL_UDP, 103, struct.pack("@H", len(one)))]
        until = time.monotonic() + 0.05
        while time.monotonic() < until:
            try:
                s.sendmsg([many], control)
                sent[name] = sent.get(name, 0) + 40
            except OSError:
                pass
    for data in (b"", bytes([1] * 60000)):
        s.send(data)
print(json.dumps(sent))
"""


def counters(gw):
    return {m.group(1): int(m.group(2))
            for m in re.finditer(r"^(\S+)\s+(\d+)$", gw.show("show ipsec statistics"), re.M)}


def honest(lab, mbps, seconds):
    """Paced UDP towards the flooded gateway; (megabits per second that arrived, lost percent)."""
    server = lab.start("hq", ["iperf3", "-s", "-1", "-B", "10.0.0.2"], "iperf-server.log")
    try:
        wait_for("iperf3", lambda: ":5201" in lab.run("hq", ["ss", "-Htln"]).stdout, 10)
        done = lab.run("lan", ["iperf3", "-J", "-u", "-c", "10.0.0.2", "-b", f"{mbps}M", "-l", "1200",
                               "-t", str(seconds)], timeout=seconds + 60, check=False)
        end = json.loads(done.stdout)["end"]["sum"]
        return end["bits_per_second"] * (1 - end["lost_percent"] / 100) / 1e6, end["lost_percent"]
    finally:
        lab.stop(server)


def scenario_esp_flood(make):
    lab, gw, peer = pair(make)
    quiet, _ = honest(lab, 40, 4)
    flood = lab.start("inet", ["/usr/bin/python3", "-c", FLOOD, GW_WAN, "peer0", "8"], "flood.log")
    lab.ping("lan", "10.0.0.2", count=3)  # something to see for the attacker
    loud, lost = honest(lab, 40, 4)
    state = gw.tunnel("Peer")["state"]
    flood.wait(60)
    sent = json.loads(lab.log("flood.log").strip().splitlines()[-1])
    print(f"     sent {sum(sent.values()) / 8e6:.2f} million bad packets a second; "
          f"{loud:.1f} of {quiet:.1f} Mbit/s, {lost:.1f} % lost", flush=True)
    if state != "up" or gw.tunnel("Peer")["state"] != "up":
        raise Failure("the tunnel went down")
    if loud < 0.8 * quiet:
        raise Failure(f"honest traffic: {loud:.1f} of {quiet:.1f} Mbit/s")
    count = counters(gw)
    for name, at_least in (("esp_rx_replay", 1000), ("esp_rx_auth", 1000), ("esp_rx_short", 1000),
                           ("esp_rx_unknown_spi", 1000), ("gateway_strangers_dropped", 10000)):
        if count.get(name, 0) < at_least:
            raise Failure(f"{name} is {count.get(name, 0)}: {count}, sent {sent}")
    lab.expect_ping("hq", LAN_HOST)
    lab.transfer("lan", "hq", "10.0.0.2", 5)
    gw.stop()
    peer.stop()
