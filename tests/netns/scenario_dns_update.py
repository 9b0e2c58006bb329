# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of destinations at somebody else's name server, by dynamic update: BIND, with and without the right key."""
import os
import re

from branch import NAMED_SITE, POPS, expect, report
from lab import Ikeshd, Skip, wait_for

SERVER = "203.0.113.1"
SECRET = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
WRONG = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
CONFIG = f"""
hostname gw1
dns zone ipsec.example.net
dns update server {SERVER} zone example.net
dns update key ikesh hmac-sha256 {SECRET}
""" + POPS + NAMED_SITE
NAMED = """
options {{
 directory "{dir}"; listen-on {{ {server}; }}; listen-on-v6 {{ none; }}; recursion no; pid-file none;
 session-keyfile none; dnssec-validation no; notify no;
}};
controls {{ }};
key "ikesh" {{ algorithm {algorithm}; secret "{secret}"; }};
key "stranger" {{ algorithm {algorithm}; secret "{secret}"; }};
zone "example.net" {{
 type primary; file "example.net.zone"; update-policy {{ grant ikesh subdomain ipsec.example.net ANY; }};
}};
"""
ZONE = """$TTL 300
@ SOA ns hostmaster 1 3600 600 604800 300
@ NS ns
ns A 203.0.113.1
taken.ipsec A 192.0.2.1
"""


class Bind:
    def __init__(self, lab, algorithm="hmac-sha256", secret=SECRET):
        if not os.path.exists("/usr/sbin/named"):
            raise Skip("no named")
        self.lab, self.dir = lab, os.path.join(lab.dir, "bind")
        os.makedirs(self.dir)
        with open(os.path.join(self.dir, "named.conf"), "w", encoding="ascii") as f:
            f.write(NAMED.format(dir=self.dir, server=SERVER, algorithm=algorithm, secret=secret))
        with open(os.path.join(self.dir, "example.net.zone"), "w", encoding="ascii") as f:
            f.write(ZONE)
        self.start()

    def start(self):
        self.process = self.lab.start("inet", ["/usr/sbin/named", "-g", "-n", "1", "-c", os.path.join(self.dir, "named.conf")],
                                      "named.log")
        wait_for("named", lambda: self.dig("ns.example.net") == SERVER, 20)

    def stop(self):
        self.lab.stop(self.process)

    def dig(self, name, kind="A", *more):
        return self.lab.run("inet", ["dig", f"@{SERVER}", "+time=1", "+tries=1", *(more or ["+short"]), name, kind],
                            check=False).stdout.strip()


def update(gw):
    return gw.json("show dns")["update"]


def names(gw):
    return {n["role"]: n for n in gw.json("show dns")["names"]}


def published(gw, count=2):
    return update(gw).get("published") == count and update(gw)["state"] == "ok"


def scenario_names_are_kept_at_a_server(make):
    lab = make()
    lab.address("gw", "wan0", "203.0.113.11/32")
    bind = Bind(lab)
    gw = Ikeshd(lab, "gw", CONFIG)
    took = wait_for("published", lambda: published(gw), 10)
    report(f"both names at the server {took:.1f} s after the start")
    first, second = names(gw)["primary"]["fqdn"], names(gw)["secondary"]["fqdn"]
    expect("primary", bind.dig(first) == "203.0.113.10")
    expect("secondary", bind.dig(second) == "203.0.113.11")
    answer = bind.dig(first, "A", "+noall", "+answer")
    expect(answer, re.search(r"\s30\s+IN\s+A\s", answer))
    expect("mark", bind.dig(first, "TXT") == '"heritage=ikesh"')
    expect(gw.show("show running-config"), SECRET not in gw.show("show running-config") and
           "dns update key ikesh hmac-sha256 6 " in gw.show("show running-config"))

    gw.configure("pop Frankfurt\nshutdown")
    took = wait_for("another PoP", lambda: bind.dig(first) == "203.0.113.11", 10)
    report(f"the server has the other PoP {took:.1f} s after the first was shut down")
    expect("no PoP is left, what was there stays", bind.dig(second) == "203.0.113.11")
    gw.configure("pop Frankfurt\nno shutdown")
    wait_for("and back", lambda: bind.dig(first) == "203.0.113.10", 10)

    old = first
    gw.show("ipsec regenerate fqdn site Lyon primary 1")
    first = names(gw)["primary"]["fqdn"]
    wait_for("a new name", lambda: bind.dig(first) == "203.0.113.10" and bind.dig(old) == "", 10)
    expect("nothing is left of the old one", bind.dig(old, "TXT") == "")

    gw.show("write memory")
    gw.stop()
    expect("a stop leaves the names", bind.dig(first) == "203.0.113.10")
    gw.start()
    wait_for("published again", lambda: published(gw), 10)
    expect("the name of before", names(gw)["primary"]["fqdn"] == first and bind.dig(first) == "203.0.113.10")
    old = first
    gw.show("ipsec regenerate fqdn site Lyon primary 1")
    lost = names(gw)["primary"]["fqdn"]
    wait_for("a name that is not saved", lambda: bind.dig(lost) == "203.0.113.10" and bind.dig(old) == "", 10)
    gw.stop()
    gw.start()
    wait_for("is removed by the next run", lambda: bind.dig(lost) == "" and bind.dig(old) == "203.0.113.10", 10)

    gw.configure("ipsec site Lyon\ntunnel primary 1\nfqdn taken.ipsec.example.net")
    wait_for("conflict", lambda: update(gw)["conflicts"] == 1, 10)
    expect(f"{names(gw)}", names(gw)["primary"]["update"] == "conflict")
    expect("it is left alone", bind.dig("taken.ipsec.example.net") == "192.0.2.1")
    expect(gw.show("show logging"), "taken.ipsec.example.net has records of somebody else" in gw.show("show logging"))
    second = names(gw)["secondary"]["fqdn"]
    gw.configure("no dns update server")
    wait_for("names are removed from a server that is left", lambda: bind.dig(second) == "", 10)
    expect("but not those of others", bind.dig("taken.ipsec.example.net") == "192.0.2.1")
    expect(f"{update(gw)}", update(gw)["state"] == "off")
    gw.stop()


def scenario_server_refuses_and_is_away(make):
    lab = make()
    lab.address("gw", "wan0", "203.0.113.11/32")
    bind = Bind(lab)
    gw = Ikeshd(lab, "gw", CONFIG)
    wait_for("published", lambda: published(gw), 10)

    def reason(wanted, timeout=12):
        wait_for(wanted, lambda: update(gw).get("reason") == wanted, timeout)
        u = update(gw)
        expect(f"{u}", u["state"] == "failing" and u["fix"] and u["detail"])
        text = gw.show("show dns")
        expect(text, f"Updates fail, {wanted}: " in text and u["fix"] in text)
    for line, wanted in ((f"dns update key ikesh hmac-sha256 {WRONG}", "bad-signature"),
                         (f"dns update key nobody hmac-sha256 {SECRET}", "unknown-key"),
                         (f"dns update key stranger hmac-sha256 {SECRET}", "refused"),
                         ("no dns update key", "refused")):
        gw.configure(line)
        reason(wanted)
        expect(gw.show("show logging"), "%DNS-4-UPDATE: DNS server" in gw.show("show logging"))
    gw.configure(f"dns update key ikesh hmac-sha256 {SECRET}")
    wait_for("the right key", lambda: published(gw), 10)
    expect(gw.show("show logging"), "takes updates again" in gw.show("show logging"))

    first = names(gw)["primary"]["fqdn"]
    bind.stop()
    gw.configure("pop Frankfurt\nshutdown")
    reason("port-closed")
    lab.nft("inet", "table ip filter {\nchain in {\ntype filter hook input priority 0\nudp dport 53 drop\n}\n}\n")
    reason("no-answer", 40)
    expect("nothing else suffers", "Lyon" in gw.show("show ipsec connection-status"))
    lab.run("inet", ["nft", "delete", "table", "ip", "filter"])
    bind.start()
    took = wait_for("back", lambda: bind.dig(first) == "203.0.113.11", 40)
    report(f"the server is up to date {took:.1f} s after it came back")
    wait_for("fine", lambda: published(gw), 5)
    expect(gw.show("show ipsec statistics"), update(gw)["timeouts"] > 0)
    gw.configure(f"dns update server {SERVER} zone net")
    reason("not-authoritative")
    gw.stop()


def scenario_update_with_sha_512(make):
    lab = make()
    secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg=="
    bind = Bind(lab, "hmac-sha512", secret)
    gw = Ikeshd(lab, "gw", CONFIG.replace(f"hmac-sha256 {SECRET}", f"hmac-sha512 {secret}").replace("pop Madrid", "pop Brest"))
    wait_for("published", lambda: published(gw), 10)
    expect("primary", bind.dig(names(gw)["primary"]["fqdn"]) == "203.0.113.10")
    gw.stop()


scenario_server_refuses_and_is_away.long = True
