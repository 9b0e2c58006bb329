# SPDX-License-Identifier: GPL-3.0-or-later
"""One of ours against strongSwan, with everything that we send seen by tshark."""
import contextlib
import re
import time

from lab import GW_WAN, HQ_HOST, LAN_HOST, PEER_WAN, Failure, Ikeshd, wait_for
from strongswan import Charon
from tshark import Capture

PSK = "correct horse battery staple"
INIT, AUTH, CHILD, INFO = 34, 35, 36, 37


def site(*lines, name="Peer", tunnel=(), remote=PEER_WAN, psk=PSK, initiate=False, native="10.20.0.0/24"):
    """A site with one tunnel; `initiate`: bidirectional, but only on command."""
    text = [f"ipsec site {name}", f" native-range {native}"]
    text += [" connection-mode bidirectional"] if initiate else []
    text += [f" {line}" for line in lines] + [" tunnel primary"]
    text += [f"  public-ip {remote}"] if remote else []
    text += [f'  psk "{psk}"'] if psk else []
    return "\n".join(text + [f"  {line}" for line in tunnel]) + "\n"


class Case:
    def __init__(self, lab, gw, peer, capture, name):
        self.lab, self.gw, self.peer, self.capture, self.site = lab, gw, peer, capture, name

    def up(self, by="peer", timeout=10):
        """Bring the tunnel up; `by` "peer" or "us"."""
        if by == "us":
            self.gw.show(f"ipsec initiate site {self.site}")
        else:
            self.peer.initiate()
        self.gw.wait_state(self.site, "up", timeout)

    def down(self):
        """Both sides forget everything."""
        self.gw.show(f"clear ipsec sa site {self.site}")
        self.gw.wait_state(self.site, "down", 10)
        wait_for("strongSwan is clean", lambda: "gw:" not in self.peer.sas(), 10)

    def traffic(self):
        """Packets pass, after a moment for neighbours and routes, and none is lost."""
        try:
            wait_for("a first packet", lambda: self.lab.ping("hq", LAN_HOST, count=1) == (1, 1), 5)
        except Failure as f:
            raise Failure(f"{f}\n{self.both()}") from None
        self.lab.expect_ping("hq", LAN_HOST, wait=3)
        self.lab.expect_ping("lan", HQ_HOST, size=1300, wait=3)

    def detail(self):
        return self.gw.show(f"show ipsec connection-status site {self.site} detail")

    def expect_detail(self, *texts):
        """These texts are there, soon at least."""
        try:
            wait_for(f"detail with {texts}", lambda: all(t in self.detail() for t in texts), 5)
        except Failure as f:
            raise Failure(f"{f}:\n{self.detail()}") from None

    def both(self):
        """What both sides have, for messages of failures."""
        return self.peer.sas() + self.gw.show("show ipsec sa") + self.gw.show("show logging")

    def expect_one(self, timeout=15):
        """One IKE SA with one Child SA on both sides."""
        def there():
            sas = self.peer.sas()
            return (len(re.findall(r"^gw: #", sas, re.M)) == 1 and len(self.children()) == 1 and
                    len(re.findall(r"^  \S+: #\d+.*INSTALLED", sas, re.M)) == 1)
        try:
            return wait_for("one IKE SA and one Child SA", there, timeout)
        except Failure as f:
            raise Failure(f"{f}\n{self.both()}") from None

    def children(self):
        """Our Child SAs."""
        return [c for s in self.gw.json("show ipsec sa site " + self.site)["sites"] for t in s["tunnels"]
                for c in t.get("childSas", [])]

    def counter(self, name):
        text = self.gw.show("show ipsec statistics")
        match = re.search(rf"^\s*{name}\s+(\d+)", text, re.M)
        return int(match.group(1)) if match else 0

    def pinging(self, count, interval=0.02):
        """A ping that goes on; call lossless() with it later."""
        return self.lab.start("hq", ["ping", "-n", "-q", "-i", str(interval), "-c", str(count), "-W", "2", LAN_HOST],
                              f"ping-{time.monotonic()}.log")

    def lossless(self, ping, allowed=0):
        ping.wait(120)
        name = [n for n in sorted_logs(self.lab) if n.startswith("ping-")][-1]
        match = re.search(r"(\d+) packets transmitted, (\d+) received", self.lab.log(name))
        lost = int(match.group(1)) - int(match.group(2))
        if lost > allowed:
            raise Failure(f"{lost} of {match.group(1)} packets lost\n{self.gw.show('show logging')}")

    def restart(self, kill=True):
        if kill:
            self.gw.crash()
        else:
            self.gw.stop()
        self.gw.start()
        self.capture.attach(self.gw)


def sorted_logs(lab):
    import os
    return sorted(os.listdir(lab.dir), key=lambda n: os.stat(os.path.join(lab.dir, n)).st_mtime)


@contextlib.contextmanager
def against(make, config, nat=False, name="Peer", build=None, check=True, addresses=(GW_WAN,), clean=True, **settings):
    """A gateway with this configuration, a strongSwan with these settings; at the end ours stops,
    and tshark has nothing to say against what it has sent."""
    lab = make(nat=nat)
    if build:
        build(lab)
    capture = Capture(lab)
    peer = Charon(lab, **{"psk": PSK, **settings})
    gw = Ikeshd(lab, "gw", config)
    capture.attach(gw)
    case = Case(lab, gw, peer, capture, name)
    yield case
    if clean:
        case.gw.stop()
    capture.stop()
    if check:
        case.sent = capture.check(*addresses)
    peer.stop()
