# SPDX-License-Identifier: GPL-3.0-or-later
"""The name server of destinations, asked by dig, kdig and through unbound."""
import os
import re

from branch import NAMED_SITE, POPS, expect, report
from lab import Ikeshd, Skip, wait_for

CONFIG = """
hostname gw1
dns zone ipsec.example.net
dns listen 203.0.113.10
""" + POPS + NAMED_SITE
UNBOUND = """
server:
 interface: 127.0.0.1
 port: 5300
 do-daemonize: no
 username: ""
 chroot: ""
 directory: "{dir}"
 pidfile: ""
 use-syslog: no
 module-config: "iterator"
 do-not-query-localhost: no
remote-control:
 control-enable: no
stub-zone:
 name: "ipsec.example.net"
 stub-addr: 203.0.113.10
"""


def dig(lab, *argv):
    return lab.run("inet", ["dig", "@203.0.113.10", "+time=2", "+tries=1", *argv], check=False).stdout


def short(lab, *argv):
    return dig(lab, "+short", *argv).strip()


def scenario_names_are_answered(make):
    lab = make()
    lab.address("gw", "wan0", "203.0.113.11/32")
    gw = Ikeshd(lab, "gw", CONFIG)
    names = gw.json("show dns")["names"]
    expect(f"{names}", len(names) == 2 and all(n["state"] == "settling" for n in names))
    first, second = (n["fqdn"] for n in names)
    expect(f"{first} {second}", first != second and first.startswith("p1-") and first.endswith(".ipsec.example.net"))
    expect("kept in the configuration", f"  fqdn {first}" in gw.show("show running-config"))
    expect("primary", short(lab, first) == "203.0.113.10")
    expect("secondary", short(lab, second) == "203.0.113.11")
    expect("over TCP", short(lab, "+tcp", first) == "203.0.113.10")
    expect("in capitals", short(lab, first.upper()) == "203.0.113.10")
    answer = dig(lab, first)
    expect(answer, "flags: qr aa rd" in answer and "EDNS: version: 0" in answer and re.search(r"\s30\s+IN\s+A\s", answer))
    answer = dig(lab, first, "AAAA")
    expect(answer, "status: NOERROR" in answer and "ANSWER: 0" in answer and "SOA" in answer)
    answer = dig(lab, "nobody.ipsec.example.net")
    expect(answer, "status: NXDOMAIN" in answer and re.search(r"\s30\s+IN\s+SOA\s", answer))
    expect("another zone", "status: REFUSED" in dig(lab, "www.example.org"))
    expect("EDNS 1", "status: BADVERS" in dig(lab, "+edns=1", "+noednsnegotiation", first))
    expect("SOA", "hostmaster.ipsec.example.net." in short(lab, "ipsec.example.net", "SOA"))
    expect("NS", short(lab, "ipsec.example.net", "NS") == "ns.ipsec.example.net.")
    expect("transfer", "status: REFUSED" in dig(lab, "ipsec.example.net", "AXFR", "+noall", "+comments") or
           "Transfer failed" in dig(lab, "ipsec.example.net", "AXFR"))
    for way in ([], ["+tcp"], ["+edns"]):
        said = lab.run("inet", ["kdig", "@203.0.113.10", *way, "+short", first], check=False).stdout
        expect(f"kdig {way}: {said}", said.strip() == "203.0.113.10")
    with open(os.path.join(lab.dir, "unbound.conf"), "w", encoding="ascii") as f:
        f.write(UNBOUND.format(dir=lab.dir))
    if not os.path.exists("/usr/sbin/unbound"):
        raise Skip("no unbound")
    lab.start("inet", ["/usr/sbin/unbound", "-c", os.path.join(lab.dir, "unbound.conf")], "unbound.log")

    def resolved(name):
        return lab.run("inet", ["dig", "@127.0.0.1", "-p", "5300", "+short", "+time=1", "+tries=1", name],
                       check=False).stdout.strip()
    wait_for("unbound", lambda: resolved(first) == "203.0.113.10", 15)
    gw.configure("pop Frankfurt\nshutdown")
    expect("at once", short(lab, first) == "203.0.113.11")
    took = wait_for("the resolver follows", lambda: resolved(first) == "203.0.113.11", 35, 1)
    report(f"the resolver has the other PoP after {took:.0f} s")
    expect("both at one PoP", "status: SERVFAIL" in dig(lab, second))
    renewed = gw.show("ipsec regenerate fqdn site Lyon primary 1")
    expect("the old name", "status: NXDOMAIN" in dig(lab, first) and first not in renewed)
    flood = lab.run("inet", ["sh", "-c", f"for i in $(seq 1 300); do echo {second}; done > {lab.dir}/q; "
                             f"dig @203.0.113.10 +time=1 +tries=1 +short -f {lab.dir}/q | wc -l"], check=False, timeout=300)
    expect(f"not limited: {flood.stdout}{gw.show('show dns')}", gw.json("show dns")["counters"]["limited"] > 0)
    gw.stop()


def scenario_asker_tells_the_place(make):
    """A site of which nothing is known goes where other sites in the asker's network go; the network is that of the
    resolver, or the one that it asks for (EDNS client subnet)."""
    lab = make()
    lab.address("gw", "wan0", "203.0.113.11/32")
    gw = Ikeshd(lab, "gw", CONFIG.replace(" country Germany\n", "") + """
ipsec site Sevilla
 country Spain
 native-range 10.40.0.0/16
 tunnel primary 1
  public-ip 198.51.100.77
  psk "correct horse battery staple"
""")
    first, second = (n["fqdn"] for n in gw.json("show dns")["names"])
    expect("by name only", short(lab, first) == "203.0.113.10")
    expect("both are different", short(lab, second) == "203.0.113.11")
    there = ["+subnet=198.51.100.0/24"]
    expect("near Sevilla", short(lab, *there, first) == "203.0.113.11" and short(lab, *there, second) == "203.0.113.10")
    expect("elsewhere", short(lab, "+subnet=192.0.2.0/24", first) == "203.0.113.10")
    said = lab.run("inet", ["kdig", "@203.0.113.10", "+subnet=198.51.100.77/32", "+short", first], check=False).stdout
    expect(f"kdig: {said}", said.strip() == "203.0.113.11")
    own = lab.run("peer", ["dig", "@203.0.113.10", "+short", "+time=2", "+tries=1", first], check=False).stdout
    expect(f"the resolver's own network: {own}", own.strip() == "203.0.113.11")
    gw.configure("ipsec site Lyon\ncountry Germany")
    expect("what is configured is stronger", short(lab, *there, first) == "203.0.113.10")
    gw.stop()


def scenario_pop_address_is_lost(make):
    """An address of a PoP goes from the machine: its tunnel is down with the reason, the name leads elsewhere, one story;
    it comes back."""
    lab = make()
    lab.address("gw", "wan0", "203.0.113.11/32")
    gw = Ikeshd(lab, "gw", CONFIG.replace("dns listen 203.0.113.10\n", "dns listen 203.0.113.10:5353\n") + """
pop Oslo
 address 203.0.113.12
ipsec site Fixed
 native-range 10.30.0.0/16
 destination primary ipv4 203.0.113.11
 tunnel primary 1
  public-ip 198.51.100.21
  psk "correct horse battery staple"
""")

    def fixed():
        return gw.tunnel("Fixed")

    def pop(name):
        return next(p["state"] for p in gw.json("show ipsec pop")["pops"] if p["name"] == name)

    def name_of(role):
        return next(n for n in gw.json("show dns")["names"] if n["role"] == role)
    wait_for("names", lambda: name_of("secondary")["pop"] == "Madrid", 5)
    expect(f"Oslo is on another machine: {pop('Oslo')}", pop("Oslo") == "up")
    expect(f"{fixed()}", fixed()["reason"] == "waiting-for-peer")
    lab.run("gw", ["ip", "addr", "del", "203.0.113.11/32", "dev", "wan0"])
    took = wait_for("the reason", lambda: fixed()["reason"] == "pop-unavailable", 5)
    report(f"pop-unavailable {took:.1f} s after the address was lost; the name leads to {name_of('secondary')['pop']}")
    expect(f"{pop('Madrid')}", pop("Madrid") == "address-lost")
    expect(f"{name_of('secondary')}", name_of("secondary")["pop"] == "Oslo")
    expect(gw.show("show logging"), "PoP Madrid: this machine has lost the address 203.0.113.11" in gw.show("show logging"))

    def stories():
        return [(s["kind"], s["status"]) for s in gw.json("show stories")["stories"]]
    wait_for("story", lambda: stories() == [("pop-lost", "open")], 20)
    lab.address("gw", "wan0", "203.0.113.11/32")
    wait_for("back", lambda: fixed()["reason"] == "waiting-for-peer" and pop("Madrid") == "up", 5)
    wait_for("the story is closed", lambda: stories() == [("pop-lost", "closed")], 45)
    gw.stop()


scenario_pop_address_is_lost.long = True
