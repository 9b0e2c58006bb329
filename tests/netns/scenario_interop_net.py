# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies between us and strongSwan: NAT, loss, fragments, floods, IPv6."""
import os
import stat
import time

from interop import AUTH, INIT, against, site
from lab import GW_WAN, HQ_HOST, PEER_PRIVATE, PEER_WAN, Failure, Ikeshd, wait_for

GW_WAN6, PEER_WAN6 = "2001:db8:10::10", "2001:db8:21::21"
FQDN = ["authentication-identifier fqdn"]
FQDN_ID = ["local-id fw.lyon.example.net"]


def drop(lab, percent):
    """Lose so many of the IKE and ESP datagrams of both directions on the way."""
    lab.nft("inet", "table inet loss {\nchain f {\ntype filter hook forward priority 0\nudp dport { 500, 4500 } "
            f"numgen random mod 100 < {percent} drop\nudp sport {{ 500, 4500 }} "
            f"numgen random mod 100 < {percent} drop\n}}\n}}\n")


def scenario_nat_private_identity(make):
    """Behind NAT many boxes present their private address: remote-id, as the worksheet says."""
    with against(make, site(remote=None, tunnel=[f"remote-id ipv4 {PEER_PRIVATE}"]), nat=True,
                 local_id=PEER_PRIVATE) as c:
        c.up()
        c.traffic()
        c.expect_detail("NAT")


def scenario_nat_rebinding(make):
    """The NAT forgets its mapping and gives another port: traffic and IKE follow the peer."""
    with against(make, site(*FQDN, "keepalive 5", remote=None, tunnel=FQDN_ID), nat=True,
                 local_id="fw.lyon.example.net", dpd_delay="4s") as c:
        c.up()
        c.traffic()
        c.lab.run("inet", ["nft", "flush", "ruleset"])
        c.lab.nft("inet", 'table ip nat {\nchain post {\ntype nat hook postrouting priority 100\n'
                  'oifname "gw0" meta l4proto udp masquerade to :20000-20100\n}\n}\n')
        c.lab.run("inet", ["conntrack", "-F"], check=False)
        wait_for("traffic over the new mapping",
                 lambda: c.lab.ping("lan", HQ_HOST, count=2) == (2, 2), 20)
        c.traffic()
        c.expect_detail(":200")
        c.peer.swanctl("--rekey", "--ike", "gw")
        c.gw.wait_state("Peer", "up", 2)
        c.traffic()


def scenario_force_encap(make):
    """The peer pretends a NAT as well."""
    with against(make, site(initiate=True), connection="encap = yes") as c:
        for by in ("peer", "us"):
            c.up(by)
            c.traffic()
            c.down()


def scenario_no_false_nat(make):
    """Without destination our address is that of the route: the peer sees no NAT but the one it feigns."""
    with against(make, site("udp-encapsulation nat-only", initiate=True)) as c:
        c.up(by="us")
        c.traffic()
        said = c.peer.log()
        if "parsed IKE_SA_INIT request" not in said or "remote host is behind NAT" in said:
            raise Failure("the peer saw a NAT where there is none:\n" + said)


def scenario_dynamic_address(make):
    """A peer with an FQDN comes back from another address without a word of farewell."""
    with against(make, site(*FQDN, remote=None, tunnel=FQDN_ID), local_id="fw.lyon.example.net") as c:
        c.up()
        c.traffic()
        c.peer.stop(kill=True)
        c.lab.run("peer", ["ip", "addr", "del", f"{PEER_WAN}/24", "dev", "wan0"])
        c.lab.address("peer", "wan0", "198.51.100.99/24")
        c.lab.route("peer", "203.0.113.0/24", "198.51.100.1")
        c.peer.start()
        c.peer.initiate()
        c.expect_detail("198.51.100.99")
        c.gw.wait_state("Peer", "up", 2)
        c.traffic()


def scenario_mobike_peer(make):
    """A peer that has MOBIKE on: extra notifies, port 4500 at once."""
    with against(make, site(initiate=True), mobike="yes") as c:
        for by in ("peer", "us"):
            c.up(by)
            c.traffic()
            c.down()


def ipv6(lab):
    lab.address("gw", "wan0", f"{GW_WAN6}/64")
    lab.address("inet", "gw0", "2001:db8:10::1/64")
    lab.address("peer", "wan0", f"{PEER_WAN6}/64")
    lab.address("inet", "peer0", "2001:db8:21::1/64")
    lab.route("gw", "2001:db8:21::/64", "2001:db8:10::1")
    lab.route("peer", "2001:db8:10::/64", "2001:db8:21::1")
    for name, other, net in (("hq", "gw", 0), ("lan", "peer", 20)):
        lab.address(name, "lan0", f"fd00:{net}::2/64")
        lab.address(other, "lan0", f"fd00:{net}::1/64")
        lab.route(name, "default", f"fd00:{net}::1")


def scenario_ipv6_outside(make):
    """IPv4 in IPv6, both roles."""
    with against(make, site(remote=PEER_WAN6, initiate=True), build=ipv6, addresses=(GW_WAN6,), local_addrs=PEER_WAN6,
                 remote_addrs=GW_WAN6, local_id=PEER_WAN6, remote_id=GW_WAN6) as c:
        for by in ("peer", "us"):
            c.up(by)
            c.traffic()
            c.peer.swanctl("--rekey", "--child", "net")
            c.traffic()
            c.down()


def scenario_ipv6_inside(make):
    """IPv6 in IPv4."""
    with against(make, site(native="fd00:20::/64"), build=ipv6, local_ts="fd00:20::/64", remote_ts="fd00:0::/64") as c:
        c.up()
        c.lab.expect_ping("hq", "fd00:20::2")
        c.lab.expect_ping("lan", "fd00:0::2", size=1200)


def scenario_ipv6_both(make):
    """Both families inside of one Child SA, IPv6 outside."""
    with against(make, site("network six fd00:20::/64", remote=PEER_WAN6, initiate=True), build=ipv6,
                 addresses=(GW_WAN6,), local_addrs=PEER_WAN6, remote_addrs=GW_WAN6, local_id=PEER_WAN6,
                 remote_id=GW_WAN6, local_ts="10.20.0.0/24,fd00:20::/64", remote_ts="10.0.0.0/24,fd00:0::/64") as c:
        for by in ("peer", "us"):
            c.up(by)
            c.traffic()
            c.lab.expect_ping("hq", "fd00:20::2")
            c.lab.expect_ping("lan", "fd00:0::2", size=1200)
            c.down()


RANGES = [f"network-range r{i}:10.{100 + i // 8}.{i % 8 * 32}.0/24" for i in range(60)]


def scenario_ike_fragments(make):
    """RFC 7383 both ways: our request has sixty selectors, the peer sends fragments of 600 octets."""
    with against(make, site(*RANGES, "network-range hq:10.0.0.0/24", initiate=True), fragmentation="force",
                 extra="fragment_size = 600") as c:
        c.up("us")
        c.traffic()
        c.peer.swanctl("--rekey", "--ike", "gw")
        c.gw.show("ipsec rekey site Peer")
        c.traffic()
        c.down()
        c.up()
        c.traffic()
        all_messages = c.capture.messages()
    ours = [m for m in c.sent if m.fragment]
    theirs = [m for m in all_messages if m.fragment and m.source == PEER_WAN]
    if not ours or not theirs or max(m.length for m in ours) > 1280:
        raise Failure(f"fragments: {len(ours)} of ours, {len(theirs)} of the peer's")
    c.capture.expect(GW_WAN, (AUTH, False, ["Identification - Initiator", "Traffic Selector - Initiator"]))


def scenario_fragments_off(make):
    """The peer knows no fragmentation: one large datagram, fragmented by IP."""
    with against(make, site(*RANGES, "network-range hq:10.0.0.0/24", initiate=True), fragmentation="no") as c:
        c.up("us")
        c.traffic()
        if any(m.fragment for m in c.capture.sent(GW_WAN)):
            raise Failure("fragments though the peer has none")


def scenario_loss(make):
    """A fifth of all datagrams is lost, fragments as well: it comes up, and stays up over rekeys."""
    with against(make, site(*RANGES, "network-range hq:10.0.0.0/24"), fragmentation="force", extra="fragment_size = 600",
                 retransmit_tries="12", retransmit_timeout="0.3") as c:
        drop(c.lab, 20)
        c.peer.initiate(timeout=60)
        c.gw.wait_state("Peer", "up", 5)
        for _ in range(3):
            c.peer.swanctl("--rekey", "--child", "net")
            time.sleep(2)
        c.peer.swanctl("--rekey", "--ike", "gw")
        time.sleep(2)
        c.gw.wait_state("Peer", "up", 1)
        c.lab.run("inet", ["nft", "flush", "ruleset"])
        c.traffic()
        wait_for("one Child SA", lambda: len(c.children()) == 1, 30)


def scenario_loss_as_initiator(make):
    with against(make, site("initiate-connection", initiate=True), retransmit_tries="12", retransmit_timeout="0.3") as c:
        c.gw.wait_state("Peer", "up", 20)
        drop(c.lab, 20)
        c.gw.show("ipsec rekey site Peer")
        time.sleep(25)
        c.gw.wait_state("Peer", "up", 10)
        c.lab.run("inet", ["nft", "flush", "ruleset"])
        c.traffic()


scenario_loss_as_initiator.long = True


def scenario_cookie_of_peer(make):
    """strongSwan asks for a cookie, and then for another group."""
    with against(make, site(initiate=True), ike="aes256-sha256-modp3072",
                 extra="cookie_threshold = 1\n cookie_threshold_ip = 1\n half_open_timeout = 100") as c:
        flood(c.lab, PEER_WAN, 3, source="203.0.113.77")
        c.up("us")
        c.traffic()
    c.capture.expect(GW_WAN, (INIT, False, ["Notify COOKIE"]))
    c.capture.expect(PEER_WAN, (INIT, True, ["Notify COOKIE"]), (INIT, True, ["Notify INVALID_KE_PAYLOAD"]))


FLOOD = """
import random, socket, struct, sys
from scapy.all import IP, UDP, Raw
r = random.Random(7)
target, count, source = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def octets(n): return bytes(r.getrandbits(8) for _ in range(n))
def payload(next_, body): return struct.pack("!BBH", next_, 0, len(body) + 4) + body
def transform(last, kind, number, bits=None):
    attr = struct.pack("!HH", 0x800e, bits) if bits else b""
    return struct.pack("!BBHBBH", 0 if last else 3, 0, 8 + len(attr), kind, 0, number) + attr
ts = transform(0, 1, 12, 256) + transform(0, 3, 12) + transform(0, 2, 5) + transform(1, 4, 15)
sa = struct.pack("!BBHBBBB", 0, 0, 8 + len(ts), 1, 1, 0, 4) + ts
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
for i in range(count):
    body = payload(34, sa) + payload(40, struct.pack("!HH", 15, 0) + octets(384)) + payload(0, octets(32))
    ike = octets(8) + bytes(8) + bytes([33, 0x20, 34, 8]) + bytes(4) + struct.pack("!I", 28 + len(body)) + body
    src = source or f"198.19.{r.randrange(256)}.{r.randrange(1, 255)}"
    s.sendto(bytes(IP(src=src, dst=target) / UDP(sport=500, dport=500, chksum=0) / Raw(ike)), (target, 0))
"""


def flood(lab, target, count, source=""):
    lab.run("inet", ["/usr/bin/python3", "-c", FLOOD, target, str(count), source], timeout=120)


def scenario_cookie_under_load(make):
    """600 requests from forged addresses: we ask for cookies, the honest peer gets in."""
    with against(make, site(initiate=True)) as c:
        c.up()
        flood(c.lab, GW_WAN, 600)
        c.gw.wait_state("Peer", "up", 1)
        c.traffic()
        c.down()
        flood(c.lab, GW_WAN, 50)
        c.up()
        c.traffic()
        if not any("Notify COOKIE" in m.payloads for m in c.capture.messages() if m.source == PEER_WAN):
            raise Failure("the honest peer was not asked for a cookie")


def scenario_invalid_ke(make):
    """Another group in both directions, in IKE_SA_INIT and in CREATE_CHILD_SA."""
    with against(make, site(initiate=True), ike="aes256-sha256-modp6144-modp3072", esp="aes256-sha256-modp3072") as c:
        for by in ("peer", "us"):
            c.up(by)
            c.traffic()
            c.peer.swanctl("--rekey", "--child", "net")
            time.sleep(0.5)
            c.gw.show("ipsec rekey site Peer")
            time.sleep(0.5)
            c.peer.swanctl("--rekey", "--ike", "gw")
            time.sleep(0.5)
            c.traffic()
            c.down()
    c.capture.expect(GW_WAN, (INIT, True, ["Notify INVALID_KE_PAYLOAD"]))
    c.capture.expect(PEER_WAN, (INIT, True, ["Notify INVALID_KE_PAYLOAD"]))


def scenario_vendor_ids(make):
    """Vendor IDs are skipped, a known and an unknown one."""
    with against(make, site(initiate=True), extra="send_vendor_id = yes\n cisco_unity = yes\n cisco_flexvpn = yes") as c:
        for by in ("peer", "us"):
            c.up(by)
            c.traffic()
            c.down()
        if not any("Vendor ID" in m.payloads for m in c.capture.messages()):
            raise Failure("no vendor ID was sent")


def scenario_capture(make):
    """monitor capture ike: our own file holds the same messages, headers are right, keys are root's."""
    with against(make, site()) as c:
        c.up()
        c.peer.swanctl("--rekey", "--ike", "gw")
        c.traffic()
        folder = os.path.join(c.gw.dir, "state", "captures")
        for ending in ("pcapng", "keys"):
            if stat.S_IMODE(os.stat(f"{folder}/test1.{ending}").st_mode) != 0o600:
                raise Failure(f"mode of test1.{ending}")
        done = c.gw.ikesh(["-c", "monitor capture ike file second"], check=False)
        if "% " not in done.stdout + done.stderr or os.path.exists(f"{folder}/second.pcapng"):
            raise Failure("a second capture began: " + done.stdout + done.stderr)
        wire = [(m.source, m.exchange, m.id, m.response, m.inner) for m in c.capture.messages()]
        own = [(m.source, m.exchange, m.id, m.response, m.inner) for m in c.capture.messages(f"{folder}/test1.pcapng", "wire")]
        if wire != own or len(wire) < 8:
            raise Failure(f"on the wire {wire}\nin the capture {own}")
        sums = c.lab.run("gw", ["tshark", "-r", f"{folder}/test1.pcapng", "-o", "ip.check_checksum:TRUE", "-o",
                                "udp.check_checksum:TRUE", "-Y",
                                "ip.checksum.status==0 || udp.checksum.status==0 || !udp"]).stdout
        if sums.strip():
            raise Failure("wrong checksums:\n" + sums)


ODD = """
import os, socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[2], 500))
s.settimeout(3)
def header(version, exchange, first, body, spi_r=bytes(8), flags=8, ident=0):
    return os.urandom(8) + spi_r + bytes([first, version, exchange, flags]) + struct.pack("!II", ident, 28 + len(body)) + body
def payload(next_, body, critical=0): return struct.pack("!BBH", next_, critical, len(body) + 4) + body
def transform(last, kind, number, bits=None):
    attr = struct.pack("!HH", 0x800e, bits) if bits else b""
    return struct.pack("!BBHBBH", 0 if last else 3, 0, 8 + len(attr), kind, 0, number) + attr
def init(groups, key, extra=b"", first=33):
    ts = transform(0, 1, 12, 256) + transform(0, 3, 12) + transform(0, 2, 5)
    for i, g in enumerate(groups):
        ts += transform(i + 1 == len(groups), 4, g)
    sa = struct.pack("!BBHBBBB", 0, 0, 8 + len(ts), 1, 1, 0, 3 + len(groups)) + ts
    body = payload(34, sa) + payload(40, struct.pack("!HH", groups[0], 0) + os.urandom(key)) + payload(0, os.urandom(32))
    return header(0x20, 34, first, extra + body)
odd = [header(0x30, 34, 33, os.urandom(200)),                                # another major version
       header(0x20, 37, 46, payload(0, os.urandom(64)), os.urandom(8)),      # an IKE SA that does not exist
       init([22, 19], 128),                                                  # a group that we do not have, then one
       init([24], 256),                                                      # only one that we do not have
       init([19], 64, payload(33, b"future", 0x80), 200)]                    # unknown and critical
for message in odd:
    s.sendto(message, (sys.argv[1], 500))
    print(len(s.recv(2000)))
"""


def scenario_errors_dissect(make):
    """Every unprotected error of ours: tshark reads it, it is smaller than what it answers."""
    with against(make, site()) as c:
        c.lab.address("inet", "gw0", "203.0.113.66/24")
        c.lab.run("inet", ["/usr/bin/python3", "-c", ODD, GW_WAN, "203.0.113.66"])
        c.up()
    said = {n for m in c.sent if m.target == "203.0.113.66" for n in m.payloads}
    wanted = {"Notify INVALID_MAJOR_VERSION", "Notify INVALID_IKE_SPI", "Notify QUICK_CRASH_DETECTION",
              "Notify INVALID_KE_PAYLOAD", "Notify NO_PROPOSAL_CHOSEN", "Notify UNSUPPORTED_CRITICAL_PAYLOAD"}
    if said != wanted:
        raise Failure(f"{said} instead of {wanted}")


def scenario_redirect(make):
    """strongSwan is sent to another gateway: in IKE_SA_INIT, after IKE_AUTH, and while it is up."""
    other_wan = "203.0.114.10"

    def build(lab):
        lab.add("gw2")
        lab.link("gw2", "wan0", f"{other_wan}/24", "inet", "gw20", "203.0.114.1/24")
        lab.route("gw2", "198.51.100.0/24", "203.0.114.1")
        lab.route("peer", "203.0.114.0/24", "198.51.100.1")

    def at(up, down):
        up.wait_state("Peer", "up", 15)
        down.wait_state("Peer", "down", 30)

    with against(make, site(f"redirect gateway {other_wan}"), build=build) as c:
        gw2 = Ikeshd(c.lab, "gw2", site(tunnel=[f"own-id ipv4 {GW_WAN}"]))
        c.peer.initiate(check=False)
        at(gw2, c.gw)
        if "parsed IKE_SA_INIT response 0 [ N(REDIR) ]" not in c.peer.log():
            raise Failure("not redirected in IKE_SA_INIT")
        gw2.show("clear ipsec sa site Peer")
        gw2.wait_state("Peer", "down", 10)
        # another tunnel for any peer stays: which one it is shows in IKE_AUTH only, then it is told
        c.gw.configure("ipsec site Other\nnative-range 10.21.0.0/24\nauthentication-identifier fqdn\ntunnel primary\n"
                       "local-id other.example.net\npsk another-key-of-some-length")
        c.peer.initiate(check=False)
        at(gw2, c.gw)
        if "INFORMATIONAL request 0 [ N(REDIR) ]" not in c.peer.log():
            raise Failure("not redirected after IKE_AUTH")
        gw2.show("clear ipsec sa site Peer")
        c.gw.configure("ipsec site Peer\nno redirect gateway")
        c.up()
        c.traffic()
        c.gw.configure(f"ipsec site Peer\nredirect gateway {other_wan}")
        at(gw2, c.gw)
        gw2.stop()
