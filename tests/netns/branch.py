# SPDX-License-Identifier: GPL-3.0-or-later
"""A site with several uplinks: each has a strongSwan of its own, all lead to one host.

    hq -- gw == inet == w1 \\
                    === w2 -- lan       w1.. are primary tunnels, the last ones secondary
                    === w3 /

The host answers each packet over the uplink that it came on, and notes which one that was.
"""
import collections
import json
import os
import time

from lab import LAN_HOST, Failure, Ikeshd, wait_for
from strongswan import Charon

PSK = "correct horse battery staple"
PORT = 7000
POPS = """
pop Frankfurt
 address 203.0.113.10
 location 50.11 8.68
pop Madrid
 address 203.0.113.11
 location 40.42 -3.70
"""
NAMED_SITE = """
ipsec site Lyon
 country Germany
 native-range 10.20.0.0/16
 destination primary fqdn pop automatic
 destination secondary fqdn pop automatic
 tunnel primary 1
  psk "correct horse battery staple"
 tunnel secondary 1
  psk "correct horse battery staple"
"""  # whose destinations are names

# Many UDP flows at a steady rate; every answer is noted.
SENDER = """
import json, select, socket, struct, sys, time
host, flows, rate, seconds, out = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
socks = []
for i in range(flows):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, 33, 1 << 20)  # SO_RCVBUFFORCE
    s.connect((host, 7000))
    socks.append(s)
by_fd = {s.fileno(): i for i, s in enumerate(socks)}
poll = select.epoll()
for s in socks:
    poll.register(s, select.EPOLLIN)
sent = [[] for _ in socks]
answered = [set() for _ in socks]
start = before = time.monotonic()
step, n, total = 1 / rate / flows, 0, int(rate * flows * seconds)
while True:
    now = time.monotonic()
    # on a busy machine that lets us wait: catch up at 5,000 a second, not in one burst for full queues
    limit, before = n + max(1, int((now - before) * 5000)) if now - before < 0.01 else n + 48, now
    while n < total and n < limit and start + n * step <= now:
        i = n % flows
        try:
            socks[i].send(struct.pack("!IId", i, len(sent[i]), time.monotonic()) + bytes(40))
        except OSError:
            pass
        sent[i].append(time.monotonic())
        n += 1
    if n == total and now > start + n * step + 1.5:
        break
    for fd, _ in poll.poll(0.002):
        try:
            while True:
                flow, seq, _ = struct.unpack("!IId", socks[by_fd[fd]].recv(2048)[:16])
                answered[flow].add(seq)
        except OSError:
            pass
json.dump([[(t, k in answered[i]) for k, t in enumerate(sent[i])] for i in range(flows)], open(out, "w"))
"""
RECEIVER = """
import json, signal, socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)  # SO_RCVBUFFORCE
s.setsockopt(socket.IPPROTO_IP, 8, 1)  # IP_PKTINFO
s.bind(("0.0.0.0", 7000))
s.settimeout(0.2)
names = {i: n for i, n in socket.if_nameindex()}
seen = {}
end = []
signal.signal(signal.SIGTERM, lambda *_: end.append(1))
while not end:
    try:
        data, anc, _, source = s.recvmsg(2048, 64)
    except OSError:
        continue
    flow = struct.unpack("!I", data[:4])[0]
    via = names.get(struct.unpack("=i", anc[0][2][:4])[0]) if anc else None
    moves = seen.setdefault(flow, [])
    if not moves or moves[-1][1] != via:
        moves.append((time.monotonic(), via))
    s.sendto(data, source)
json.dump(seen, open(sys.argv[1], "w"))
"""
RETURN_PATHS = """
table ip uplinks {{
 chain arrive {{
  type filter hook prerouting priority mangle
  {arrive}
 }}
 chain leave {{
  type route hook output priority mangle
  meta mark set ct mark
 }}
}}
"""


class Flows:
    """What became of each flow."""

    def __init__(self, sent, via):
        self.sent = sent
        self.via = {int(k): v for k, v in via.items()}

    def lost(self, start=0.0, end=float("inf")):
        return sum(1 for f in self.sent for t, ok in f if not ok and start <= t < end)

    def count(self, start=0.0, end=float("inf")):
        return sum(1 for f in self.sent for t, _ in f if start <= t < end)

    def last_loss(self, start=0.0, end=float("inf")):
        return max((t for f in self.sent for t, ok in f if not ok and start <= t < end), default=None)

    def at(self, flow, t):
        """Uplink of a flow at a time."""
        uplink = None
        for when, via in self.via.get(flow, []):
            if when > t:
                break
            uplink = via
        return uplink

    def spread(self, t):
        return collections.Counter(self.at(f, t) for f in self.via)

    def moved(self, before, after):
        """Flows by (uplink before, uplink after)."""
        return collections.Counter((self.at(f, before), self.at(f, after)) for f in self.via)


class Branch:
    def __init__(self, make, primary=2, secondary=0, site="", tunnel=lambda n: "", options=(),
                 each=lambda n: {}, **charon):
        self.lab = make()
        self.count = primary + secondary
        for n in range(1, self.count + 1):
            self._uplink(n)
        self._return_paths()
        tunnels = ""
        for n in range(1, self.count + 1):
            role, index = ("primary", n) if n <= primary else ("secondary", n - primary)
            tunnels += f" tunnel {role} {index}\n  public-ip {self.wan(n)}\n  psk \"{PSK}\"\n{tunnel(n)}"
        self.gw = Ikeshd(self.lab, "gw", f"ipsec site Branch\n native-range 10.20.0.0/24\n{site}{tunnels}",
                         options)
        self.peers = [Charon(self.lab, name=f"w{n}", local_id=self.wan(n), **{**charon, **each(n)})
                      for n in range(1, self.count + 1)]
        for n in range(1, self.count + 1):
            self.connect(n)

    @staticmethod
    def wan(n):
        return f"198.51.{100 + n}.2"

    def _uplink(self, n):
        lab, name = self.lab, f"w{n}"
        lab.add(name)
        lab.link(name, "wan0", f"{self.wan(n)}/24", "inet", f"w{n}", f"198.51.{100 + n}.1/24")
        lab.link(name, "lan0", f"192.168.{n}.1/24", "lan", f"w{n}", f"192.168.{n}.2/24")
        lab.route(name, "203.0.113.0/24", f"198.51.{100 + n}.1")
        lab.route("gw", f"198.51.{100 + n}.0/24", "203.0.113.1")
        lab.route(name, f"{LAN_HOST}/32", f"192.168.{n}.2")
        lab.address(name, "lo", f"10.20.0.{100 + n}/32")  # strongSwan wants one inside its selector

    def _return_paths(self):
        lab, arrive = self.lab, ""
        for n in range(1, self.count + 1):
            arrive += f'iifname "w{n}" ct mark set {n}\n'
            lab.run("lan", ["ip", "rule", "add", "fwmark", str(n), "lookup", str(100 + n)])
            lab.run("lan", ["ip", "route", "add", "default", "via", f"192.168.{n}.1", "table", str(100 + n)])
        lab.nft("lan", RETURN_PATHS.format(arrive=arrive))

    def connect(self, n):
        self.peers[n - 1].initiate()

    def role(self, n):
        tunnels = self.gw.json("show ipsec connection-status")["sites"][0]["tunnels"]
        return tunnels[n - 1]["role"], tunnels[n - 1]["index"]

    def state(self, n):
        return self.gw.json("show ipsec connection-status")["sites"][0]["tunnels"][n - 1]["state"]

    def wait_state(self, n, state, timeout):
        return wait_for(f"tunnel over w{n} {state}", lambda: self.state(n) == state, timeout, 0.1)

    def cut(self, n):
        """Nothing passes the uplink any more; the time of it."""
        self.impair(n, "drop")
        return time.monotonic()

    def impair(self, n, verdict):
        self.heal(n)
        self.lab.nft("inet", f'table ip cut{n} {{\nchain f {{\ntype filter hook forward priority 0\n'
                     f'iifname "w{n}" {verdict}\noifname "w{n}" {verdict}\n}}\n}}\n')

    def heal(self, n):
        self.lab.run("inet", ["nft", "delete", "table", "ip", f"cut{n}"], check=False)
        return time.monotonic()

    def flows(self, seconds, script, count=48, rate=20):
        """Run flows for so long while script(start) plays; what became of them."""
        lab = self.lab
        sent, via = os.path.join(lab.dir, "sent.json"), os.path.join(lab.dir, "via.json")
        receiver = lab.start("lan", ["/usr/bin/python3", "-c", RECEIVER, via], "receiver.log")
        wait_for("receiver", lambda: f":{PORT}" in lab.run("lan", ["ss", "-Hluln"]).stdout, 10)
        sender = lab.start("hq", ["/usr/bin/python3", "-c", SENDER, LAN_HOST, str(count), str(rate),
                                  str(seconds), sent], "sender.log")
        start = time.monotonic()
        script(start)
        if sender.wait(seconds + 60) != 0:
            raise Failure("sender: " + lab.log("sender.log"))
        lab.stop(receiver)
        with open(sent, encoding="ascii") as s, open(via, encoding="ascii") as v:
            return Flows(json.load(s), json.load(v))

    def events(self):
        return self.gw.show("show logging")

    def stop(self):
        self.gw.stop()
        for p in self.peers:
            p.stop()


def expect(what, ok, branch=None):
    if not ok:
        raise Failure(what + ("\n" + branch.events() if branch else ""))


def report(text):
    print("     " + text, flush=True)


def until(start, seconds):
    time.sleep(max(0, start + seconds - time.monotonic()))
