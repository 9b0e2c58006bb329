# SPDX-License-Identifier: GPL-3.0-or-later
"""Misconfigurations and path faults at a real strongSwan: what the status says of each within 30
seconds, and what strongSwan's own log says.  The table of both is diagnose.tsv."""
import os
import re
import time

from lab import GW_WAN, HQ_HOST, LAN_HOST, PEER_PRIVATE, PEER_WAN, Failure, Ikeshd, run, wait_for
from strongswan import Charon
from vendor import Asa

PSK = "correct horse battery staple"
LIMIT = 30  # seconds until the status must say it

SITE = f"""
ipsec site Lyon
 native-range 10.20.0.0/24
 network-range hq:10.0.0.0/24
 connection-mode bidirectional
 init-parameters
  encryption aes-cbc-256
  integrity sha2-256
  prf sha2-256
  dh-group 14
 auth-parameters
  encryption aes-gcm-256
  dh-group 14
 tunnel primary
  public-ip {PEER_WAN}
  psk "{PSK}"
"""
SITES = {"ESP AES-CBC": SITE.replace("  encryption aes-gcm-256\n", "  encryption aes-cbc-256\n  integrity sha2-256\n")}
GOOD = {"ike": "aes256-sha256-modp2048", "esp": "aes256gcm16-modp2048", "psk": PSK, "connection": "",
        "child": "", "local_id": PEER_WAN, "remote_id": GW_WAN, "local_ts": "10.20.0.0/24",
        "remote_ts": "10.0.0.0/24", "remote_addrs": GW_WAN, "ike_rekey": "4h", "child_rekey": "1h"}


class Case:
    """A row of diagnose.tsv."""

    def __init__(self, line):
        self.what, self.who, self.log, self.reason, self.cause, self.state, names, settings = line.rstrip("\n").split("\t")
        self.names = [n for n in names.split(" ;; ") if n]
        self.peer = dict(s.split("=", 1) for s in settings.split(" ; ") if s)
        self.site = SITES.get(self.peer.pop("site", None), SITE)
        self.reason, self.cause = (None if x == "-" else x for x in (self.reason, self.cause))


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "diagnose.tsv"), encoding="utf-8") as data:
    CASES = [Case(line) for line in data if not line.startswith("#")]


def check(gw, case, since, site="Lyon"):
    def there():
        t = gw.tunnel(site)
        return (t["state"], t["reason"], t["cause"]) == (case.state, case.reason, case.cause)
    try:
        wait_for(f"{case.what} ({case.who}): {case.reason} {case.cause}", there, LIMIT - (time.monotonic() - since), 0.2)
    except Failure as f:
        raise Failure(f"{f}\n{gw.show('show ipsec connection-status detail')}{gw.show('show logging')}") from None
    detail = gw.show(f"show ipsec connection-status site {site} detail")
    for name in case.names:
        if not re.search(name, detail):
            raise Failure(f"{case.what} ({case.who}): {name} is not in\n{detail}")
    return detail


def log_since(peer, at):
    return peer.log()[at:]


def table(make, who):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    # One fault follows the other within a second: half-open IKE SAs must not add up.
    peer = Charon(lab, **{**GOOD, "extra": "half_open_timeout = 1\n  block_threshold = 99"})
    failures, lines, verbose = [], [], []
    for case in [c for c in CASES if c.who == who]:
        gw.configure("no ipsec site Lyon")
        peer.swanctl("--terminate", "--ike", "gw", "--timeout", "3", check=False)
        peer.load(**{**GOOD, **case.peer})
        gw.configure(case.site)
        at, since = len(peer.log()), time.monotonic()
        if who == "the peer":
            peer.initiate(check=False, timeout=8)
        else:
            gw.show("ipsec initiate site Lyon")
        try:
            detail = check(gw, case, since)
            theirs = re.search(case.log, log_since(peer, at))
            lines.append(f"{case.what} | {case.reason} | {case.cause} | {theirs and theirs.group(0)}")
            if not theirs:
                failures.append(f"{case.what} ({who}): strongSwan's log lacks {case.log}\n{log_since(peer, at)[-1500:]}")
            verbose.append(detail)
        except Failure as f:
            failures.append(str(f))
    print("\n".join(lines))
    if os.environ.get("SHOW"):
        print("\n".join(verbose))
    if failures:
        raise Failure(f"{len(failures)} of {len(lines) + len(failures)} cases:\n" + "\n----\n".join(failures))
    gw.stop()
    peer.stop()


def scenario_misconfigured_peer_initiates(make):
    table(make, "the peer")


def scenario_misconfigured_peer_answers(make):
    table(make, "we")


# ---- What diagnose says is what mends it ---------------------------------------------------------

MENDED = [
    ("identity", {"local_id": "lyon.example.net"}),
    ("identity type", {"local_id": f"keyid:{PEER_WAN}"}),
    ("IKE encryption", {"ike": "aes128-sha256-modp2048"}),
    ("IKE PRF and DH group", {"ike": "aes256-sha256-prfsha512-ecp384"}),
    ("IKE AES-GCM", {"ike": "aes256gcm16-prfsha256-modp2048"}),
    ("ESP encryption", {"esp": "aes128gcm16-modp2048"}),
    ("ESP AES-CBC", {"esp": "aes256-sha256-modp2048"}),
    ("network of the peer", {"local_ts": "192.168.77.0/24"}),
    ("network here", {"remote_ts": "172.30.0.0/16"}),
]


def scenario_commands_of_diagnose_mend(make):
    """The configuration lines of the first finding are typed as they are; then the tunnel comes up."""
    lab = make()
    lab.address("peer", "lo", "192.168.77.1/24")
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **{**GOOD, "extra": "half_open_timeout = 1\n  block_threshold = 99"})
    for what, settings in MENDED:
        gw.configure("no ipsec site Lyon")
        peer.swanctl("--terminate", "--ike", "gw", "--timeout", "3", check=False)
        peer.load(**{**GOOD, **settings})
        gw.configure(SITE)
        peer.initiate(check=False, timeout=8)
        first = gw.json("show ipsec diagnose site Lyon")["findings"][0]
        lines = [line.replace("LABEL", "added") for line in first["commands"]]
        if not lines:
            raise Failure(f"{what}: no commands in {first}")
        gw.configure("\n".join(lines))
        peer.swanctl("--terminate", "--ike", "gw", "--timeout", "3", check=False)
        peer.initiate(check=False, timeout=8)
        gw.wait_state("Lyon", "up", 5)
        print(f"{what} | {'; '.join(line.strip() for line in lines[1:])}")
    peer.stop()
    gw.stop()


def scenario_packet_size(make):
    """A hole in the path: found through the tunnel, where private addresses are configured."""
    lab = make()
    gw = Ikeshd(lab, "gw", SITE.replace("  psk", "  private-ip pop 169.254.21.2 site 169.254.21.1\n  psk").replace(
        " tunnel primary", " network-range bgp:169.254.21.2/32\n network bgp 169.254.21.1/32\n tunnel primary"))
    lab.address("peer", "lo", "169.254.21.1/32")
    peer = Charon(lab, **{**GOOD, "local_ts": "10.20.0.0/24,169.254.21.1/32",
                          "remote_ts": "10.0.0.0/24,169.254.21.2/32"})
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    lab.expect_ping("hq", LAN_HOST)
    text = gw.show("show ipsec diagnose site Lyon")
    if "packets of 1400 octets pass" not in text or "(3 of 3)" not in text:
        raise Failure(text)
    fault(lab, "meta length > 1200 drop")
    found = gw.json("show ipsec diagnose site Lyon")["findings"][0]
    if found["check"] != "packet size" or "1000 octets pass" not in found["text"]:
        raise Failure(str(found))
    fault(lab, "")
    lab.run("peer", ["ip", "addr", "del", "169.254.21.1/32", "dev", "lo"])
    found = gw.json("show ipsec diagnose site Lyon")["findings"][0]
    if found["check"] != "inner reachability":
        raise Failure(str(found))
    peer.stop()
    gw.stop()


# ---- Faults of the path --------------------------------------------------------------------------

FAULTS = """table inet fault {{
 chain c {{ type filter hook {hook} priority 0;
 {rules}
 }}
}}
"""


def fault(lab, rules, name="inet", hook="forward"):
    """Rules on the router between both sides (or at one of them) instead of the previous ones."""
    lab.run(name, ["nft", "delete", "table", "inet", "fault"], check=False)
    if rules:
        lab.nft(name, FAULTS.format(rules=rules, hook=hook))


def expect(gw, what, peer=None, site="Lyon"):
    """The status says of it what diagnose.tsv says within the limit, and the detail names what it shall."""
    at = time.monotonic()
    case = next(c for c in CASES if c.what == what and c.who == "-")
    detail = check(gw, case, at, site)
    theirs = case.log == "-" or peer is None or re.search(case.log, peer.log())
    if not theirs:
        raise Failure(f"{what}: strongSwan's log lacks {case.log}\n{peer.log()[-3000:]}")
    print(f"{what} | {case.reason} | {case.cause} | {time.monotonic() - at:.0f} s")
    if os.environ.get("SHOW"):
        print(detail + (peer.log()[-2500:] if peer else ""))


def scenario_path_blocked_when_we_initiate(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)

    def again():
        gw.configure("no ipsec site Lyon")
        gw.configure(SITE)
        gw.show("ipsec initiate site Lyon")

    again()
    expect(gw, "no IKE at the peer")
    peer = Charon(lab, **GOOD)
    fault(lab, "udp dport 500 drop")
    again()
    expect(gw, "UDP 500 dropped", peer)
    fault(lab, "udp dport 500 reject with icmpx admin-prohibited")
    again()
    expect(gw, "UDP 500 rejected by a firewall", peer)
    fault(lab, "ip daddr 198.51.100.21 reject with icmp host-unreachable")
    again()
    expect(gw, "host unreachable", peer)
    fault(lab, "")
    lab.run("gw", ["ip", "route", "replace", "unreachable", "198.51.100.0/24"])
    again()
    expect(gw, "no route", peer)
    lab.run("gw", ["ip", "route", "del", "unreachable", "198.51.100.0/24"])
    lab.route("gw", "198.51.100.0/24", "203.0.113.1")
    fault(lab, "udp dport 4500 drop")
    again()
    expect(gw, "UDP 4500 dropped", peer)
    fault(lab, "")
    peer.stop()
    gw.stop()


def scenario_path_blocked_when_the_peer_initiates(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE.replace("bidirectional", "responder-only"))
    peer = Charon(lab, **GOOD)
    expect(gw, "the peer never initiates", peer)
    fault(lab, "udp dport 500 drop")
    peer.initiate(check=False, timeout=2)
    expect(gw, "UDP 500 dropped, the peer initiates", peer)
    fault(lab, "udp dport 4500 drop")
    peer.swanctl("--terminate", "--ike", "gw", "--timeout", "1", check=False)
    peer.initiate(check=False, timeout=2)
    expect(gw, "UDP 4500 dropped, the peer initiates", peer)
    fault(lab, "")
    peer.stop()
    gw.stop()


def scenario_ikev1_peer(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **{**GOOD, "connection": "aggressive = no"})
    path = os.path.join(peer.dir, "swanctl.conf")
    with open(path) as f:
        text = f.read().replace("version = 2", "version = 1")
    with open(path, "w") as f:
        f.write(text)
    peer.swanctl("--load-all", "--file", path)
    peer.initiate(check=False, timeout=2)
    expect(gw, "IKEv1 peer initiates", peer)
    peer.swanctl("--terminate", "--ike", "gw", "--force", "--timeout", "1", check=False)
    gw.configure("no ipsec site Lyon")
    gw.configure(SITE)
    gw.show("ipsec initiate site Lyon")
    expect(gw, "IKEv1 peer answers", peer)
    peer.stop()
    gw.stop()


def scenario_peer_closes_at_once(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **GOOD)
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    peer.swanctl("--terminate", "--ike", "gw")
    expect(gw, "peer deletes at once", peer)
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    peer.swanctl("--terminate", "--child", "net")
    expect(gw, "peer deletes the Child SA", peer)
    peer.stop()
    gw.stop()


def scenario_rekeying_fails(make):
    """The first Child SA has no DH group on the wire: a wrong one shows when it is rekeyed."""
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **{**GOOD, "esp": "aes256gcm16-ecp384"})
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    peer.swanctl("--rekey", "--child", "net", check=False)
    expect(gw, "PFS group, the peer rekeys", peer)
    gw.configure("no ipsec site Lyon")
    peer.load(esp="aes256gcm16-ecp384")
    gw.configure(SITE)
    peer.initiate(check=False)
    gw.wait_state("Lyon", "up", 5)
    gw.show("ipsec rekey site Lyon")
    expect(gw, "PFS group, we rekey", peer)
    lab.expect_ping("hq", LAN_HOST)
    peer.swanctl("--terminate", "--ike", "gw")
    peer.load(esp=GOOD["esp"])
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    gw.show("ipsec rekey site Lyon")
    time.sleep(1)
    if gw.tunnel("Lyon")["reason"] is not None:
        raise Failure("still blamed:\n" + gw.show("show ipsec connection-status detail"))
    peer.stop()
    gw.stop()


def scenario_key_changed_at_reauthentication(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **GOOD)
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    peer.load(psk="a new key that nobody told us")
    peer.swanctl("--rekey", "--ike", "gw", "--reauth", check=False)
    expect(gw, "key changed at re-authentication", peer)
    peer.stop()
    gw.stop()


def scenario_private_identity_behind_nat(make):
    lab = make(nat=True)
    gw = Ikeshd(lab, "gw", SITE.replace(PEER_WAN, "203.0.113.1"))
    peer = Charon(lab, **{**GOOD, "local_id": PEER_PRIVATE})
    peer.initiate(check=False, timeout=5)
    expect(gw, "private address behind NAT", peer)
    gw.configure(f"ipsec site Lyon\ntunnel primary\nremote-id ipv4 {PEER_PRIVATE}")
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    lab.expect_ping("hq", LAN_HOST)
    peer.stop()
    gw.stop()


def scenario_swapped_keys_and_dynamic_peers(make):
    """Two tunnels that wait for any address: a peer with the wrong name is known by its key."""
    lab = make()
    gw = Ikeshd(lab, "gw", """
ipsec site Lyon
 native-range 10.20.0.0/24
 authentication-identifier fqdn
 tunnel primary 1
  local-id one.example.net
  psk "the first of the two keys"
 tunnel primary 2
  local-id two.example.net
  psk "the second of the two keys"
""")
    peer = Charon(lab, psk="the first of the two keys", local_id="wrong.example.net")
    peer.initiate(check=False, timeout=5)
    expect(gw, "wrong name of a dynamic peer", peer)
    if gw.tunnel("Lyon", index=2)["reason"] != "waiting-for-peer":
        raise Failure("the other tunnel was blamed:\n" + gw.show("show ipsec connection-status detail"))
    peer.load(psk="the second of the two keys", local_id="one.example.net")
    peer.initiate(check=False, timeout=5)
    expect(gw, "keys of two tunnels swapped", peer)
    peer.stop()
    gw.stop()


def scenario_esp_blocked(make):
    """UDP 4500 lets IKE pass, but ESP in one direction only."""
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **GOOD)
    fault(lab, "ip saddr 198.51.100.21 udp dport 4500 @th,64,32 != 0 drop")
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    lab.ping("hq", LAN_HOST, count=10)
    expect(gw, "ESP of the peer dropped", peer)
    fault(lab, "")
    lab.expect_ping("hq", LAN_HOST)
    wait_for("all is well", lambda: gw.tunnel("Lyon")["reason"] is None, 5)
    peer.stop()
    gw.stop()


def scenario_rekey_storm(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **{**GOOD, "child_rekey": "2s", "child": "rand_time = 0s"})
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    expect(gw, "lifetime of 2 s at the peer", peer)
    peer.stop()
    gw.stop()


def scenario_two_peers_with_one_identity(make):
    lab = make()
    gw = Ikeshd(lab, "gw", f"""
ipsec site Lyon
 native-range 10.20.0.0/24
 authentication-identifier fqdn
 tunnel primary 1
  local-id lyon.example.net
  psk "{PSK}"
""")
    lab.add("twin")
    lab.link("twin", "wan0", "198.51.101.21/24", "inet", "twin0", "198.51.101.1/24")
    lab.route("twin", "203.0.113.0/24", "198.51.101.1")
    lab.address("twin", "lo", "10.20.0.1/24")
    lab.route("gw", "198.51.101.0/24", "203.0.113.1")
    peers = [Charon(lab, name, psk=PSK, local_id="lyon.example.net") for name in ("peer", "twin")]
    for peer in peers * 2:
        peer.swanctl("--terminate", "--ike", "gw", "--force", "--timeout", "1", check=False)
        peer.initiate()
    expect(gw, "two peers with one identity", peer)
    for peer in peers:
        peer.stop()
    gw.stop()


MANY = "".join(f" network-range n{i}:10.{100 + i}.0.0/24\n network m{i} 10.20.{i + 1}.0/24\n" for i in range(50))


def scenario_large_messages_lost(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE.replace(" tunnel primary\n", MANY + " tunnel primary\n"))
    # the peer does not know IKE fragmentation, the path drops IP fragments
    peer = Charon(lab, **{**GOOD, "fragmentation": "no"})
    fault(lab, "ip frag-off & 0x1fff != 0 drop", hook="prerouting")
    gw.show("ipsec initiate site Lyon")
    expect(gw, "IP fragments dropped", peer)
    # the peer's fragments of IKE are larger than the path takes
    gw.configure("no ipsec site Lyon")
    gw.configure(SITE.replace("bidirectional", "responder-only"))
    many = ", ".join(f"10.20.{i}.0/24" for i in range(80))
    peer.load(fragmentation="force", local_ts=many)
    fault(lab, "ip saddr 198.51.100.21 meta length > 1000 drop")
    peer.initiate(check=False, timeout=3)
    expect(gw, "large packets dropped", peer)
    fault(lab, "")
    peer.stop()
    gw.stop()


def scenario_certificate(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    peer = Charon(lab, **GOOD)
    peer.env["SWANCTL_DIR"] = peer.dir  # it takes keys from the folder private there
    os.makedirs(os.path.join(peer.dir, "private"))
    key, cert = (os.path.join(peer.dir, name) for name in ("private/key.pem", "cert.pem"))
    run(["openssl", "genrsa", "-traditional", "-out", key, "2048"])
    run(["openssl", "req", "-x509", "-new", "-key", key, "-out", cert, "-subj", "/CN=lyon",
         "-addext", f"subjectAltName=IP:{PEER_WAN}"])
    path = os.path.join(peer.dir, "swanctl.conf")
    with open(path) as f:
        text = f.read().replace("auth = psk", f"auth = pubkey\n      certs = {cert}", 1)
    peer.load_text(text)
    peer.initiate(check=False, timeout=5)
    expect(gw, "peer authenticates with a certificate", peer)
    peer.stop()
    gw.stop()


def scenario_two_tunnels_for_one_peer(make):
    """Refused where it is typed; what is left of the second one says what it lacks."""
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    try:
        gw.configure(SITE.replace("site Lyon", "site Metz"))
    except Failure as refused:
        if "site Lyon tunnel primary 1 has it, each tunnel needs its own" not in str(refused):
            raise
    expect(gw, "two tunnels for one peer", site="Metz")
    gw.stop()


def scenario_peer_dies(make):
    lab = make()
    gw = Ikeshd(lab, "gw", SITE + " keepalive 5\n dead-interval 30\n")
    peer = Charon(lab, **GOOD)
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    pings = lab.start("hq", ["ping", "-i", ".2", "-q", LAN_HOST], "ping.out")
    peer.stop(kill=True)
    expect(gw, "peer dies without a word")
    lab.stop(pings)
    gw.stop()


def scenario_nat_rebinds(make):
    """Nothing breaks, and the detail shows the new port."""
    lab = make(nat=True)
    gw = Ikeshd(lab, "gw", SITE.replace(PEER_WAN, "203.0.113.1"))
    peer = Charon(lab, **{**GOOD, "local_id": "203.0.113.1"})
    peer.initiate()
    gw.wait_state("Lyon", "up", 5)
    before = gw.tunnel("Lyon")["peer"]
    lab.run("inet", ["nft", "flush", "chain", "ip", "nat", "post"])
    lab.run("inet", ["nft", "add", "rule", "ip", "nat", "post", "oifname", "gw0", "ip", "protocol", "udp", "masquerade", "to", ":40000-40099"])
    lab.run("inet", ["conntrack", "-F"], check=False)
    lab.ping("lan", HQ_HOST)
    wait_for("another port", lambda: ":400" in gw.show("show ipsec site Lyon detail").split("Addresses")[1].split("\n")[0], LIMIT)
    expect(gw, "NAT gives the peer another port", peer)
    lab.expect_ping("hq", LAN_HOST)
    print(before, "->", gw.tunnel("Lyon")["peer"])
    peer.stop()
    gw.stop()


# ---- What strongSwan does not do: the scripted peer of vendor.py -----------------------------------

SCRIPTED = SITE.replace("""  encryption aes-gcm-256
  dh-group 14
 tunnel""", """  encryption aes-cbc-256
  integrity sha2-256
 tunnel""")


def scenario_peer_asks_for_cookies(make):
    lab = make()
    peer = Asa(lab, "peer", PSK, habit="cookies")
    gw = Ikeshd(lab, "gw", SCRIPTED)
    gw.show("ipsec initiate site Lyon")
    expect(gw, "the peer does not accept its own cookies")
    peer.stop()
    gw.stop()


def scenario_peer_takes_one_pair(make):
    """Found out and done by itself; the detail says so."""
    lab = make()
    peer = Asa(lab, "peer", PSK)
    gw = Ikeshd(lab, "gw", SCRIPTED.replace(" tunnel", " network lab 10.21.0.0/24\n tunnel"))
    gw.show("ipsec initiate site Lyon")
    gw.wait_state("Lyon", "up", 15)
    wait_for("a Child SA for each pair", lambda: len(peer.pairs()) == 2, LIMIT)
    expect(gw, "the peer takes one pair of networks per Child SA")
    peer.stop()
    gw.stop()


def scenario_peer_widens_at_rekeying(make):
    lab = make()
    peer = Asa(lab, "peer", PSK, habit="widens")
    gw = Ikeshd(lab, "gw", SCRIPTED)
    gw.show("ipsec initiate site Lyon")
    gw.wait_state("Lyon", "up", 15)
    gw.show("ipsec rekey site Lyon")
    expect(gw, "the peer widens the networks when we rekey")
    peer.stop()
    gw.stop()


def scenario_peer_forgets(make):
    """It comes back without its SAs, says so, and does not answer anything new."""
    lab = make()
    peer = Asa(lab, "peer", PSK)
    gw = Ikeshd(lab, "gw", SCRIPTED + " keepalive 5\n")
    gw.show("ipsec initiate site Lyon")
    gw.wait_state("Lyon", "up", 15)
    peer.stop()
    peer = Asa(lab, "peer", PSK, habit="deaf")
    expect(gw, "the peer forgot the tunnel")
    peer.stop()
    gw.stop()
