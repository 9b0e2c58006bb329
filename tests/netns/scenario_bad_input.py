# SPDX-License-Identifier: GPL-3.0-or-later
"""Garbage from the network: counted, no state, no crash, honest peers undisturbed."""
import re

from lab import GW_WAN, LAN_HOST, PEER_WAN, Failure, Ikeshd, wait_for
from strongswan import Charon

PSK = "correct horse battery staple"
SITE = f"""
ipsec site Branch
 native-range 10.20.0.0/24
 tunnel primary
  public-ip {PEER_WAN}
  psk "{PSK}"
"""

# Seeded, so that a failure can be repeated: pure noise, IKE headers with noise behind, a real
# IKE_SA_INIT with flipped bits and cut short, ESP for unknown SPIs, keepalives, empty datagrams.
SENDER = r"""
import random, socket, struct, sys
target, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
r = random.Random(seed)
bytes_of = lambda n: bytes(r.getrandbits(8) for _ in range(n))
ke = bytes_of(64)
def payload(next_, body):
    return struct.pack("!BBH", next_, 0, len(body) + 4) + body
def transform(last, kind, number, bits=None):
    attr = struct.pack("!HH", 0x800e, bits) if bits else b""
    return struct.pack("!BBHBBH", 0 if last else 3, 0, 8 + len(attr), kind, 0, number) + attr
ts = transform(0, 1, 20, 256) + transform(0, 2, 5) + transform(1, 4, 19)
sa = struct.pack("!BBHBBBB", 0, 0, 8 + len(ts), 1, 1, 0, 3) + ts
def init():
    body = payload(34, sa) + payload(40, struct.pack("!HH", 19, 0) + bytes_of(64)) + payload(0, bytes_of(32))
    return bytes_of(8) + bytes(8) + bytes([33, 0x20, 34, 8]) + bytes(4) + struct.pack("!I", 28 + len(body)) + body
def flipped():
    b = bytearray(init())
    for _ in range(r.randint(1, 6)):
        b[r.randrange(len(b))] ^= 1 << r.randrange(8)
    return bytes(b)
def header():
    body = bytes_of(r.randrange(200))
    return bytes_of(16) + bytes([r.randrange(256), 0x20, r.choice([34, 35, 36, 37, 43, r.randrange(256)]),
        r.choice([0, 8, 32, 40])]) + bytes_of(4) + struct.pack("!I", 28 + len(body)) + body
kinds = [lambda: bytes_of(r.randrange(1, 400)), header, flipped, lambda: init()[:r.randrange(300)],
         lambda: bytes_of(4 + r.randrange(100)), lambda: b"\xff", lambda: b""]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(count):
    natt = r.random() < 0.5
    data = r.choice(kinds)()
    if natt and r.random() < 0.6:
        data = bytes(4) + data
    s.sendto(data, (target, 4500 if natt else 500))
"""


def counters(gw):
    text = gw.show("show ipsec statistics")
    return {m.group(1): int(m.group(2)) for m in re.finditer(r"^(\S+)\s+(\d+)$", text, re.M)}


def scenario_garbage(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, psk=PSK)
    peer.initiate()
    gw.wait_state("Branch", "up", 5)
    for seed in range(5):
        lab.run("inet", ["/usr/bin/python3", "-c", SENDER, GW_WAN, "4000", str(seed)], timeout=120)
        lab.expect_ping("hq", LAN_HOST)
    bad = {k: v for k, v in counters(gw).items() if "malformed" in k or "unknown_spi" in k or "short" in k}
    if sum(bad.values()) < 1000:
        raise Failure(f"garbage was not counted: {counters(gw)}")
    tunnel = gw.tunnel("Branch")
    if tunnel["state"] != "up":
        raise Failure(f"the tunnel went {tunnel}")
    peer.swanctl("--terminate", "--ike", "gw")
    peer.initiate()
    gw.wait_state("Branch", "up", 5)
    gw.stop()
    peer.stop()


# IKE_SA_INIT from many addresses, each of which answers a cookie when it is asked for one.
FLOOD = r"""
import random, socket, struct, sys, time
target, count, rate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
r = random.Random(1)
bytes_of = lambda n: r.getrandbits(8 * n).to_bytes(n, "big")
def payload(next_, body):
    return struct.pack("!BBH", next_, 0, len(body) + 4) + body
def transform(last, kind, number, bits=None):
    attr = struct.pack("!HH", 0x800e, bits) if bits else b""
    return struct.pack("!BBHBBH", 0 if last else 3, 0, 8 + len(attr), kind, 0, number) + attr
ts = transform(0, 1, 20, 256) + transform(0, 2, 5) + transform(1, 4, 31)
sa = struct.pack("!BBHBBBB", 0, 0, 8 + len(ts), 1, 1, 0, 3) + ts
def message(spi, first, body):
    return spi + bytes(8) + bytes([first, 0x20, 34, 8]) + bytes(4) + struct.pack("!I", 28 + len(body)) + body
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, 8, 1)  # IP_PKTINFO
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
s.bind(("0.0.0.0", 500))
s.setblocking(False)
def send(source, data):
    info = struct.pack("@I4s4s", 0, source, bytes(4))
    try:
        s.sendmsg([data], [(socket.IPPROTO_IP, 8, info)], 0, (target, 500))
    except BlockingIOError:
        pass
body = {}
sent = asked = answered = 0
begin = time.monotonic()
while sent < count or time.monotonic() < begin + count / rate + 1:
    if sent < count and sent <= (time.monotonic() - begin) * rate:
        spi = struct.pack("!Q", 0x4141000000000000 + sent)
        source = socket.inet_aton("198.18.%d.%d" % (sent // 250, sent % 250 + 1))
        body[spi] = payload(34, sa) + payload(40, struct.pack("!HH", 31, 0) + bytes_of(32)) + payload(0, bytes_of(32))
        send(source, message(spi, 33, body[spi]))
        sent += 1
    try:
        data, info, _, _ = s.recvmsg(2000, 200)
    except BlockingIOError:
        time.sleep(0.0002)
        continue
    spi = data[:8]
    source = info[0][2][8:12]
    if data[16] == 41 and data[34:36] == b"\x40\x06" and spi in body:
        asked += 1
        cookie = data[28:28 + struct.unpack("!H", data[30:32])[0]]
        send(source, message(spi, 41, b"\x21" + cookie[1:] + body[spi]))
    elif data[16] == 33:
        answered += 1
print(sent, asked, answered)
"""


def scenario_flood(make):
    """Ten thousand addresses begin an IKE SA each and answer cookies; an honest peer gets in meanwhile, and the
    tunnel that is up does not notice."""
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, psk=PSK)
    lab.run("inet", ["ip", "route", "add", "local", "198.18.0.0/15", "dev", "lo"])
    lab.route("gw", "198.18.0.0/15", "203.0.113.1")
    peer.initiate()
    gw.wait_state("Branch", "up", 5)
    flood = lab.start("inet", ["/usr/bin/python3", "-c", FLOOD, GW_WAN, "10000", "700"], "flood.out")
    lab.expect_ping("hq", LAN_HOST)
    wait_for("cookies", lambda: counters(gw).get("ike_cookies_sent", 0) > 2000, 20)
    peer.swanctl("--terminate", "--ike", "gw")
    peer.initiate(timeout=30)
    gw.wait_state("Branch", "up", 10)
    lab.expect_ping("hq", LAN_HOST)
    flood.wait(60)
    sent, asked, answered = (int(n) for n in lab.log("flood.out").split())
    print(f"     {sent} requests, {asked} cookies, {answered} half-open IKE SAs")
    if sent != 10000 or answered < 2000:
        raise Failure(f"the flood was none: {counters(gw)}")
    if counters(gw)["ike_rx_dropped_load"] < 1000:
        raise Failure(f"there was always a place: {counters(gw)}")
    gw.wait_state("Branch", "up", 1)
    lab.expect_ping("hq", LAN_HOST)
    gw.stop()
    peer.stop()


scenario_flood.long = True
