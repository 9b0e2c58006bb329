# SPDX-License-Identifier: GPL-3.0-or-later
"""Our kernel backend against strongSwan with kernel ESP, and what happens when somebody else works on
the kernel's tables."""
import os
import random
import re
import subprocess
import time

import own_pair
from lab import HQ_HOST, LAN_HOST, PEER_WAN, Failure, Ikeshd, Skip, run, wait_for
from strongswan import Charon

PSK = "correct horse battery staple"
SITE = f"""
ipsec site Peer
 native-range 10.20.0.0/24
 connection-mode bidirectional
 tunnel primary
  public-ip {PEER_WAN}
  psk "{PSK}"
"""
NAT_SITE = f"""
ipsec site Peer
 native-range 10.20.0.0/24
 connection-mode responder-only
 authentication-identifier fqdn
 tunnel primary
  local-id branch.example.net
  psk "{PSK}"
"""


def established(make, nat=False, **settings):
    lab = make(nat=nat)
    gw = Ikeshd(lab, "gw", NAT_SITE if nat else SITE, ["--dataplane", "xfrm"])
    if nat:
        settings["local_id"] = "branch.example.net"
    peer = Charon(lab, psk=PSK, esp_plugin="", **settings)
    peer.initiate()
    gw.wait_state("Peer", "up", 20)
    return lab, gw, peer


def states(lab, name="gw"):
    """SPIs of the kernel's states that have keys."""
    out = lab.run(name, ["ip", "xfrm", "state"]).stdout
    return re.findall(r"spi (0x[0-9a-f]{8})(?:(?!\nsrc).)*(?:aead|enc) ", out, re.S)


def policies(lab, name="gw"):
    return lab.run(name, ["ip", "xfrm", "policy"]).stdout.count("if_id")


def spis(gw):
    return {"0x" + spi for pair in re.findall(r"in ([0-9a-f]{8}) out ([0-9a-f]{8})", gw.show("show ipsec sa"))
            for spi in pair}


def wait_traffic(lab, timeout):
    return wait_for("traffic", lambda: lab.ping("hq", LAN_HOST, count=1)[1] == 1, timeout)


def background_ping(lab, name="hq", target=LAN_HOST, count=600):
    return lab.start(name, ["ping", "-n", "-q", "-i", "0.02", "-c", str(count), "-W", "2", target],
                     f"ping-{name}.log")


def expect_none_lost(lab, process, name="hq"):
    process.wait(120)
    text = lab.log(f"ping-{name}.log")
    if " 0% packet loss" not in text:
        raise Failure("packets lost:\n" + text)


def expect_clean(lab):
    """Nothing of ours is left in the kernel."""
    out = lab.run("gw", ["sh", "-c", "ip xfrm state; ip xfrm policy | grep if_id; ip -o link show | grep ips"],
                  check=False).stdout
    if out:
        raise Failure("left behind:\n" + out)


def programs():
    """Test programs of the data plane that need this kernel."""
    folder = os.environ.get("IKESH_GUEST_TESTS", "")
    for name in ("dp_conformance", "dp_header", "dp_rekey", "dp_world", "dp_xfrm", "dp_xfrm_faults"):
        def scenario(make, path=os.path.join(folder, f"test_{name}")):
            del make
            if not folder:
                raise Skip("no test programs were built")
            done = run([path], check=False, timeout=300, env={**os.environ, "IKESH_TEST_DATAPLANE": "xfrm"})
            if done.returncode != 0:
                raise Failure(done.stdout + done.stderr)
        yield f"scenario_{name}", scenario


globals().update(programs())


def scenario_automatic(make):
    """auto takes the kernel here; states and policies are what ESP in tunnel mode needs."""
    lab = make()
    gw = Ikeshd(lab, "gw", SITE)
    if "xfrm (automatic: the kernel can do ESP)" not in gw.show("show version"):
        raise Failure(gw.show("show version"))
    left = lab.run("gw", ["sh", "-c", "ip xfrm state; ip -o link show | grep ikprobe"], check=False).stdout
    if left:
        raise Failure("the probe left behind:\n" + left)
    gw.stop()
    expect_clean(lab)


def scenario_traffic(make):
    lab, gw, peer = established(make)
    lab.nft("inet", "table ip look { chain f { type filter hook forward priority 0; ip protocol esp counter; }; }")
    lab.expect_ping("hq", LAN_HOST)
    lab.expect_ping("lan", HQ_HOST, size=1300)
    lab.expect_ping("lan", HQ_HOST, size=3000)
    lab.transfer("hq", "lan", LAN_HOST, 4)
    lab.transfer("lan", "hq", HQ_HOST, 4)
    if set(states(lab)) != spis(gw) or len(spis(gw)) != 2:
        raise Failure(f"states {states(lab)}, shown {spis(gw)}")
    # no NAT: ESP goes without UDP
    passed = lab.run("inet", ["nft", "list", "table", "ip", "look"]).stdout
    if "encap type" in lab.run("gw", ["ip", "xfrm", "state"]).stdout or \
            int(re.search(r"esp counter packets (\d+)", passed).group(1)) < 5000:
        raise Failure("not as ESP alone:\n" + passed)
    time.sleep(2)
    tunnel = gw.tunnel("Peer")
    if tunnel["rxBytes"] < 4 << 20 or tunnel["txBytes"] < 4 << 20:
        raise Failure(f"counters: {tunnel}")
    peer.stop()
    gw.wait_state("Peer", "down", 10, reason="peer-deleted")
    if states(lab):
        raise Failure("states of a tunnel that is down: " + lab.run("gw", ["ip", "xfrm", "state"]).stdout)
    gw.stop()
    expect_clean(lab)


def scenario_suites(make):
    """Each kind of algorithm that the kernel has to name."""
    lab = make()
    gw = Ikeshd(lab, "gw", SITE, ["--dataplane", "xfrm"])
    for esp in ("aes128gcm16-esn", "aes128-sha1", "aes256-sha256-esn", "aes256-sha384", "aes128-sha512"):
        peer = Charon(lab, psk=PSK, esp_plugin="", esp=esp)
        peer.initiate()
        gw.wait_state("Peer", "up", 20)
        lab.expect_ping("hq", LAN_HOST, size=1000)
        lab.expect_ping("lan", HQ_HOST)
        peer.stop()
        gw.wait_state("Peer", "down", 10)
    gw.stop()


def scenario_rekey(make):
    """Rekeys by both sides, Child and IKE SA, and not one packet lost."""
    lab, gw, peer = established(make)
    lab.expect_ping("hq", LAN_HOST)
    there, back = background_ping(lab), background_ping(lab, "lan", HQ_HOST)
    for step in range(4):
        time.sleep(2)
        if step % 2 == 0:
            peer.swanctl("--rekey", "--child", "net")
        else:
            gw.show("ipsec rekey site Peer")
    time.sleep(2)
    peer.swanctl("--rekey", "--ike", "gw")
    expect_none_lost(lab, there)
    expect_none_lost(lab, back, "lan")
    peer.expect_children(1, 15)
    wait_for("old states are gone", lambda: set(states(lab)) == spis(gw) and len(spis(gw)) == 2, 15)
    gw.stop()
    peer.stop()


def scenario_nat(make):
    """The peer behind a NAT, which changes the port in the middle."""
    lab, gw, peer = established(make, nat=True)
    lab.expect_ping("hq", LAN_HOST)
    if lab.run("gw", ["ip", "xfrm", "state"]).stdout.count("encap type espinudp sport") != 2:
        raise Failure("no UDP:\n" + lab.run("gw", ["ip", "xfrm", "state"]).stdout)
    lab.run("inet", ["sysctl", "-qw", "net.netfilter.nf_conntrack_udp_timeout=1",
                     "net.netfilter.nf_conntrack_udp_timeout_stream=1"])
    lab.expect_ping("lan", HQ_HOST)  # from now on the NAT forgets soon
    lab.nft("inet", """flush ruleset
table ip nat {
 chain post {
  type nat hook postrouting priority 100
  oifname "gw0" udp dport 4500 masquerade to :40000-40100
 }
}""")
    time.sleep(3)

    def moved():
        lab.ping("lan", HQ_HOST, count=1)
        return re.search(r"sport 4500 dport 40[01]", lab.run("gw", ["ip", "xfrm", "state"]).stdout)
    wait_for("the new port is followed", moved, 15)
    lab.run("inet", ["sysctl", "-qw", "net.netfilter.nf_conntrack_udp_timeout=60",
                     "net.netfilter.nf_conntrack_udp_timeout_stream=60"])
    wait_for("traffic", lambda: lab.ping("lan", HQ_HOST, count=1)[1] == 1, 5)
    lab.expect_ping("lan", HQ_HOST)
    lab.expect_ping("hq", LAN_HOST)
    gw.stop()
    peer.stop()


def scenario_state_flush(make):
    """Keys that are gone are negotiated anew."""
    lab, gw, peer = established(make)
    lab.expect_ping("hq", LAN_HOST)
    before = spis(gw)
    lab.run("gw", ["ip", "xfrm", "state", "flush"])
    wait_traffic(lab, 15)
    lab.expect_ping("lan", HQ_HOST)
    if spis(gw) & before:
        raise Failure(f"the same SPIs: {before}, {spis(gw)}")
    if "the kernel lost Child SA" not in lab.log("ikeshd-gw.log"):
        raise Failure("no line in the log")
    wait_for("only the new states", lambda: set(states(lab)) == spis(gw), 10)
    gw.stop()
    peer.stop()


def scenario_policy_flush(make):
    """Policies come back by themselves, without a word to the peer."""
    lab, gw, peer = established(make)
    lab.expect_ping("hq", LAN_HOST)
    before, count = spis(gw), policies(lab)
    lab.run("gw", ["ip", "xfrm", "policy", "flush"])
    wait_traffic(lab, 12)
    if spis(gw) != before or policies(lab) != count:
        raise Failure(f"SPIs {before} became {spis(gw)}, {count} policies became {policies(lab)}")
    if f"policies differed: {count} restored" not in lab.log("ikeshd-gw.log"):
        raise Failure("no line in the log")
    gw.stop()
    peer.stop()


def scenario_device_deleted(make):
    lab, gw, peer = established(make)
    lab.expect_ping("hq", LAN_HOST)
    before = spis(gw)
    lab.run("gw", ["ip", "link", "del", "ips1"])
    wait_traffic(lab, 5)
    if spis(gw) != before:
        raise Failure("a lost device is no reason for new keys")
    lab.run("gw", ["ip", "link", "set", "ips1", "down"])
    wait_traffic(lab, 10)
    gw.stop()
    peer.stop()
    expect_clean(lab)


def scenario_killed(make):
    """Another start removes what a killed one left, and nothing of others."""
    lab, gw, peer = established(make)
    lab.expect_ping("hq", LAN_HOST)
    lab.run("gw", ["ip", "xfrm", "state", "add", "src", "192.0.2.1", "dst", "192.0.2.2", "proto", "esp", "spi",
                   "0x12345678", "mode", "tunnel", "aead", "rfc4106(gcm(aes))", "0x" + "11" * 20, "128"])
    old = states(lab)
    gw.crash()
    if set(states(lab)) != set(old):
        raise Failure("the kernel forgot states by itself?")
    gw.start()
    wait_for("orphans are gone", lambda: states(lab) == ["0x12345678"] or len(states(lab)) == 3, 5)
    if set(old) - {"0x12345678"} & set(states(lab)) - spis(gw):
        raise Failure(f"orphans: {states(lab)}")
    peer.swanctl("--terminate", "--ike", "gw", "--force", check=False)
    peer.initiate()
    gw.wait_state("Peer", "up", 20)
    lab.expect_ping("hq", LAN_HOST)
    if len(states(lab)) != 3:
        raise Failure(f"states: {states(lab)}")
    lab.run("gw", ["ip", "xfrm", "state", "delete", "src", "192.0.2.1", "dst", "192.0.2.2", "proto", "esp", "spi",
                   "0x12345678"])
    gw.stop()
    peer.stop()
    expect_clean(lab)


def scenario_on_demand(make):
    """The first packet brings the tunnel up: a trap policy asks for it."""
    lab = make()
    peer = Charon(lab, psk=PSK, esp_plugin="")
    gw = Ikeshd(lab, "gw", SITE, ["--dataplane", "xfrm"])
    wait_traffic(lab, 10)
    gw.wait_state("Peer", "up", 5)
    gw.stop()
    peer.stop()


def scenario_xfrm_killed_often(make):
    """At random moments, many of them within a rekey: both sides agree, no SPI twice, two states for each Child SA."""
    lab, gw, peer = established(make)
    wait_traffic(lab, 5)
    moments, seen = random.Random(7), set()
    for n in range(100 if "IKESH_LONG" in os.environ else 6):
        if n % 3 == 0:
            gw.ikesh(["-c", "ipsec rekey site Peer"], check=False)
        elif n % 3 == 1:
            peer.swanctl("--rekey", "--child", "net", check=False)
        time.sleep(moments.random() * (0.05 if n % 2 else 1))
        gw.stop(kill=True)
        gw.start()
        wait_traffic(lab, 10)
        wait_for("the rekeyed SA is gone", lambda: len(states(lab)) == 2 and len(spis(gw)) == 2, 20)
        if set(states(lab)) != spis(gw):
            raise Failure(f"{states(lab)} in the kernel, {spis(gw)} here")
        seen |= spis(gw)
    peer.expect_children(1, 10)
    theirs = set(states(lab, "peer"))
    if theirs != spis(gw):
        raise Failure(f"the peer has {theirs}, we have {spis(gw)}")
    if "LINK_DOWN" in gw.show("show logging"):
        raise Failure(gw.show("show logging"))
    gw.stop()
    peer.stop()
    expect_clean(lab)


def scenario_clock_set(make):
    """The clock of the whole machine, a day forward and two back: kernel and both sides go on.  (strongSwan's
    states would end by it: the kernel counts their lifetimes by that clock.)"""
    lab, gw, peer = own_pair.pair(make, options=["--dataplane", "xfrm"])
    wait_traffic(lab, 5)
    before = spis(gw)
    ping = background_ping(lab, count=400)
    try:
        for shift in ("+1 day", "-2 days", "+1 day"):
            run(["date", "-s", run(["date", "-d", shift, "+%Y-%m-%d %H:%M:%S"]).stdout.strip()])
            time.sleep(2)
    finally:
        ping.wait(120)
    expect_none_lost(lab, ping)
    if spis(gw) != before or "LINK_" in gw.show("show logging").split("CLOCK_CHANGED", 1)[1]:
        raise Failure(gw.show("show logging"))
    gw.stop()
    peer.stop()


def scenario_xfrm_killed(make):
    """The kernel goes on alone, the next process takes over: no packet is lost, nobody is told."""
    lab, gw, peer = established(make)
    before, known = states(lab), spis(gw)
    wait_traffic(lab, 5)
    ping = subprocess.Popen(["ip", "netns", "exec", lab.ns("hq"), "ping", "-n", "-D", "-i", "0.02", "-c", "400",
                             LAN_HOST], stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    gw.stop(kill=True)
    gw.start()
    out = ping.communicate(timeout=60)[0]
    if "400 received" not in out:
        there = set(map(int, re.findall(r"bytes from.* icmp_seq=(\d+)", out)))
        raise Failure(f"lost: {set(range(1, 401)) - there}\n" + gw.show("show logging") +
                      "".join(re.findall(r".*From.*\n", out)))
    if sorted(states(lab)) != sorted(before) or spis(gw) != known or len(before) != 2:
        raise Failure(f"{before} {known} before, now {states(lab)} {spis(gw)}")
    log = gw.show("show logging")
    if "TAKEN_OVER" not in log or "LINK_" in log or "SITE_" in log:
        raise Failure(log)
    time.sleep(1.5)  # the audit finds nothing to repair
    if policies(lab) == 0 or sorted(states(lab)) != sorted(before):
        raise Failure(lab.run("gw", ["ip", "xfrm", "policy"]).stdout)
    # configured away while nobody looked: no orphan stays, the peer is told
    gw.ikesh([], input="configure terminal\nno ipsec site Peer\nend\nwrite memory\n")
    gw.stop()
    if states(lab) or policies(lab):
        raise Failure("left behind: " + lab.run("gw", ["ip", "xfrm", "state"]).stdout)
    peer.stop()
