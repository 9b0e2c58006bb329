# SPDX-License-Identifier: GPL-3.0-or-later
"""What operators watch: the last exchanges in the detail, `debug ike`, `monitor capture ike`."""
import os
import re
import subprocess

from lab import GW_WAN, PEER_WAN, Failure, Ikeshd, wait_for
from strongswan import Charon

PSK = "correct horse battery staple"
SITE = f"""
ipsec site Lyon
 native-range 10.20.0.0/24
 network-range hq:10.0.0.0/24
 connection-mode bidirectional
 tunnel primary
  public-ip {PEER_WAN}
  psk "{PSK}"
ipsec site Metz
 tunnel primary
  public-ip 198.51.100.99
  psk "{PSK}"
"""


def ladder(gw):
    for site in gw.json("show ipsec site Lyon detail")["sites"]:
        return [(s["direction"], s["exchange"], "response" if s["response"] else "request", s["outcome"])
                for s in site["tunnels"][0]["lastExchanges"]]
    return []


def expect_lines(text, *patterns):
    for p in patterns:
        if not re.search(p, text, re.M):
            raise Failure(f"{p} is not in\n{text}")


class Watcher:
    """A terminal with `terminal monitor` that types these commands."""

    def __init__(self, lab, gw, commands, user=None):
        self.lab, self.name = lab, "watcher.out"
        self.process = lab.start("gw", ["sh", "-c", "(sleep 1; for c; do echo \"$c\"; sleep .3; done; sleep 600) | TERM=dumb script -qfc '"
                                        + gw_ikesh(lab, gw) + "' /dev/null", "sh", "terminal monitor", *commands], self.name)

    def wait(self, pattern, seconds=10):
        try:
            wait_for(pattern, lambda: re.search(pattern, self.text(), re.M), seconds)
        except Failure as f:
            raise Failure(f"{f}\n{self.text()}") from None

    def text(self):
        return self.lab.log(self.name)


def gw_ikesh(lab, gw):
    return f"{lab.bin}/ikesh --socket {gw.socket}"


def scenario_ladder(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, psk="another key of the same length", dpd_delay="1s")
    peer.initiate(check=False, timeout=8)
    gw.wait_state("Lyon", "down", 10, reason="auth-failed")
    got = ladder(gw)
    if [s[:3] for s in got[-4:]] != [("received", "IKE_SA_INIT", "request"), ("sent", "IKE_SA_INIT", "response"),
                                     ("received", "IKE_AUTH", "request"), ("sent", "IKE_AUTH", "response")] or \
            got[-2][3] != "auth-failed (psk-mismatch)":
        raise Failure(f"{got}\n{gw.show('show ipsec site Lyon detail')}")
    expect_lines(gw.show("show ipsec site Lyon detail"), r"<-- IKE_SA_INIT request 0, \d+ octets: .*SA, KEi, Ni",
                 r"--> IKE_AUTH response 1, \d+ octets: N\(AUTHENTICATION_FAILED\)")
    peer.load(psk=PSK)
    gw.show("ipsec initiate site Lyon")
    gw.wait_state("Lyon", "up", 10)
    if not any(s[3] == "IKE SA established" for s in ladder(gw)):
        raise Failure(gw.show("show ipsec site Lyon detail"))
    gw.show("ipsec rekey site Lyon")
    wait_for("rekeying", lambda: any(s[3] == "Child SA rekeyed" for s in ladder(gw)), 5)
    # Liveness checks do not push the rest out.
    wait_for("checks", lambda: any(s["checksBefore"] >= 3 for s in gw.json("show ipsec site Lyon detail")[
        "sites"][0]["tunnels"][0]["lastExchanges"]), 20)
    if not any(s[3] == "Child SA rekeyed" for s in ladder(gw)):
        raise Failure(gw.show("show ipsec site Lyon detail"))
    peer.stop(kill=True)
    gw.show("ipsec rekey site Lyon")
    wait_for("repetition", lambda: "2 times until" in gw.show("show ipsec site Lyon detail"), 15)
    gw.stop()


def scenario_debug(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, ike="aes128-sha1-prfsha256-modp2048,aes256-sha256-modp2048", esp="aes256gcm16-modp2048")
    w = Watcher(lab, gw, ["debug ike packet site Lyon", "debug ike state site Metz", "debug ike proposal"])
    w.wait("IKE proposals debugging is on")
    expect_lines(gw.show("show debugging"), "IKE messages debugging is on, site Lyon", "IKE proposals debugging is on$")
    peer.initiate()
    w.wait("sent IKE_AUTH response 1")
    expect_lines(w.text(), r"IKE-7-DEBUG: received IKE_SA_INIT request 0 from 198.51.100.21:500, SPI [0-9a-f]{16}/0{16}, \d+ octets: SA, KEi, Ni",
                 r"IKE-7-DEBUG: received IKE_AUTH request 1 from \S+, .*IDi, .*AUTH, .*TSi, TSr",
                 r"the peer offers for the IKE SA in IKE_SA_INIT: aes-cbc-128/sha1/sha2-256/dh14, aes-cbc-256/",
                 r"Lyon primary 1: we choose for the Child SA in IKE_AUTH: aes-gcm-256")
    if "init-sent" in w.text() or "established" in w.text():
        raise Failure("states of another site:\n" + w.text())
    gw.show("debug ike state")
    gw.show("no debug ike packet")
    before = len(w.text())
    gw.show("clear ipsec sa site Lyon")
    w.wait(r"Lyon primary 1: IKE SA \S+: established -> deleting, send DELETE")
    if "INFORMATIONAL request" in w.text()[before:]:
        raise Failure("packets although this is off:\n" + w.text()[before:])
    peer.load(ike="aes128-sha256-modp2048", psk="a key that is nowhere else")
    gw.configure("ipsec site Lyon\ninit-parameters\nencryption aes-cbc-256")
    peer.initiate(check=False, timeout=5)
    w.wait("IKE proposal, encryption differs: here aes-cbc-256, peer aes-cbc-128")
    w.wait("ike-algorithms: ")
    gw.show("undebug all")
    if gw.show("show debugging").strip() != "No debugging is on.":
        raise Failure(gw.show("show debugging"))
    before = len(w.text())
    peer.initiate(check=False, timeout=5)
    if "IKE-7-DEBUG" in w.text()[before:] or "IKE-7-DEBUG" in gw.show("show logging"):
        raise Failure("lines although everything is off, or kept")
    if PSK in w.text():
        raise Failure("a key is shown")
    gw.stop()
    peer.stop()


def scenario_debug_is_bounded(make):
    """A flood of requests does not become a flood of lines, and it is said that lines are missing."""
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    w = Watcher(lab, gw, ["debug ike packet"])
    w.wait("debugging is on")
    lab.run("peer", ["/usr/bin/python3", "-c", f"""
import os, socket, struct, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("{GW_WAN}", 500))
for i in range(3000):
    s.send(os.urandom(8) + bytes(8) + bytes([0, 0x20, 37, 8]) + struct.pack("!II", 0, 28))
    if i % 100 == 0:
        time.sleep(.02)
time.sleep(1.2)
s.send(os.urandom(8) + bytes(8) + bytes([0, 0x20, 37, 8]) + struct.pack("!II", 0, 28))
"""], timeout=60)
    w.wait(r"\d+ lines left out")
    per_second = {}
    for second in re.findall(r"^\*\w+ +\d+ (\S+)\.\d+: %IKE-7-DEBUG", w.text(), re.M):
        per_second[second] = per_second.get(second, 0) + 1
    if max(per_second.values()) > 402:  # seconds of two clocks
        raise Failure(str(per_second))
    gw.stop()


def scenario_capture_opens_in_clear(make):
    """tshark shows the payloads of IKE_AUTH without any setting; with the keys it opens the messages as they
    were on the wire, and sees the same."""
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, child="copy_dscp = out", connection="send_cert = never")
    w = lab.start("gw", ["sh", "-c", gw_ikesh(lab, gw) + " -c 'monitor capture ike site Lyon file one'"], "capture.out")
    path = os.path.join(gw.dir, "state", "captures", "one.pcapng")
    wait_for("capture", lambda: os.path.exists(path), 10)
    peer.initiate()
    peer.swanctl("--rekey", "--ike", "gw")
    gw.show("ipsec rekey site Lyon")
    support = gw.show("show tech-support")
    gw.show("ipsec terminate site Lyon")
    wait_for("delete", lambda: "INSTALLED" not in peer.sas(), 10)
    lab.stop(w)

    def tshark(*argv, **env):
        done = subprocess.run(["tshark", "-n", "-r", path, *argv], capture_output=True, text=True, check=False,
                              env={**os.environ, **env})
        if done.returncode:
            raise Failure(done.stderr)
        return done.stdout

    plain = os.path.join(lab.dir, "nothing")
    os.makedirs(plain)
    auth = tshark("-V", "-Y", 'isakmp.exchangetype == 35 && frame.interface_name == "clear"', WIRESHARK_CONFIG_DIR=plain)
    expect_lines(auth, r"Payload: Identification - Initiator \(35\)", r"ID_IPV4_ADDR.*198\.51\.100\.21|Identification Data:198\.51\.100\.21",
                 r"Payload: Authentication \(39\)", r"Payload: Traffic Selector - Initiator \(44\)", r"Starting Addr: 10\.20\.0\.0")
    if "Malformed" in tshark("-V", WIRESHARK_CONFIG_DIR=plain):
        raise Failure("malformed messages")
    if "Payload: Identification" in tshark("-V", "-Y", 'isakmp.exchangetype == 35 && frame.interface_name == "wire"',
                                  WIRESHARK_CONFIG_DIR=plain):
        raise Failure("IKE_AUTH is not encrypted on the wire")
    with open(path[:-6] + "keys") as keys, open(os.path.join(plain, "ikev2_decryption_table"), "w") as table:
        rows = keys.read()
        table.write(rows)
    for key in [PSK, *re.findall(r"[0-9a-f]{32,}", rows)]:
        if key in support or key in gw.show("show logging"):
            raise Failure("show tech-support holds " + key)
    if "=> IKE SA established" not in support:
        raise Failure(support)
    if rows.count("\n") < 2:
        raise Failure("keys: " + rows)
    fields = ("-T", "fields", "-e", "isakmp.id.data.ipv4_addr", "-e", "isakmp.ts.start_ipv4", "-e", "isakmp.notify.msgtype")
    both = [tshark("-Y", f'isakmp.exchangetype == {exchange} && frame.interface_name == "{i}"', *fields, WIRESHARK_CONFIG_DIR=plain)
            for exchange in (35, 36, 37) for i in ("wire", "clear")]
    for wire, clear in zip(both[::2], both[1::2]):
        if wire != clear or not wire.strip() and wire.count("\n") < 2:
            raise Failure(f"on the wire:\n{wire}\nin clear:\n{clear}")
    with open(path, "rb") as f:
        if rows.splitlines()[0].encode() not in f.read():
            raise Failure("no keys in the file")
    gw.stop()
    peer.stop()
