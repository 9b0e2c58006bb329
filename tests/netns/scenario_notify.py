# SPDX-License-Identifier: GPL-3.0-or-later
"""Notifications of a real story, beside receivers that hang: traffic and operators notice nothing of them."""
import os
import re
import shutil
import time

from branch import Branch, expect, report
from lab import LAN_HOST, wait_for
from scenario_stories import again, told

RECEIVERS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli", "receivers.py")
NAME_SERVER = "192.0.2.53"
CONFIG = """story link-down threshold 10
logging host 127.0.0.1 transport tcp port 9001
notify signing-secret "a signing secret"
notify webhook https://127.0.0.1:8443/hooks/T0
notify webhook http://127.0.0.1:9001/silent
notify webhook http://127.0.0.1:9005/endless
notify webhook https://hooks.example.net/x
notify email to noc@example.net
notify email relay 127.0.0.1 port 2526 security none
notify digest 1
"""


def scenario_receivers_that_hang(make):
    """A link goes down: the good webhook and the relay are told; one that is silent, one without end, a name server
    that does not answer and a log host that reads nothing cost no packet, no line twice and no operator a second."""
    folders = []

    def with_name_server():
        lab = make()
        folders.append("/etc/netns/" + lab.ns("gw"))
        os.makedirs(folders[0])
        with open(folders[0] + "/resolv.conf", "w", encoding="ascii") as f:
            f.write(f"nameserver {NAME_SERVER}\n")
        lab.route("gw", NAME_SERVER + "/32", "203.0.113.1")
        lab.run("inet", ["ip", "route", "add", "blackhole", NAME_SERVER + "/32"])
        for what in ("certificates", "webhook", "relay", "bad"):
            lab.run("gw", [RECEIVERS, what, lab.dir])
        return lab
    try:
        b = Branch(with_name_server, primary=2)
        hook, mail = (os.path.join(b.lab.dir, n) for n in ("webhook.log", "mail.log"))
        for n in (1, 2):
            b.wait_state(n, "up", 30)
        b.gw.configure(CONFIG + f"notify ca-file {b.lab.dir}/ca.pem\n")
        b.cut(1)
        b.lab.start("hq", ["ping", "-q", "-i", "0.2", LAN_HOST], "before.log")
        b.wait_state(1, "down", 40)
        ping = b.lab.start("hq", ["ping", "-q", "-i", "0.02", "-c", "1500", LAN_HOST], "ping.log")
        slowest, end = 0, time.monotonic() + 25
        while time.monotonic() < end:
            start = time.monotonic()
            b.gw.ikesh(["-c", "show clock", "-c", "notify test"])
            slowest = max(slowest, time.monotonic() - start)
            time.sleep(0.1)
        ping.wait(120)
        text = b.lab.log("ping.log")
        expect("packets were lost: " + text, re.search(r"\b0% packet loss", text), b)
        report(f"1,500 echo requests, none lost; the slowest command took {slowest * 1000:.0f} ms")
        expect("commands were slow", slowest < 2, b)
        told(b, "link-down", 15)
        for path, what in ((hook, r" 1 link-down open Branch repeats 0 lost 0"), (mail, r"Link is down, Branch primary 1")):
            wait_for(what, lambda path=path, what=what: os.path.exists(path) and re.search(what, open(path).read()), 10)
        expect("told twice", open(hook).read().count("link-down open") == 1, b)
        receivers = b.gw.json("show notifications")["receivers"]
        bad = [r for r in receivers if r["state"] == "failing"]
        expect(f"states {receivers}", {r["receiver"] for r in bad} >= {
            "http://127.0.0.1:9001/...", "http://127.0.0.1:9005/...", "https://hooks.example.net/..."}, b)
        expect("waits no more", all(r["waiting"] == 1 for r in bad if r["kind"] == "webhook"), b)
        for r in bad:
            expect(f"{r['receiver']} was not said once", len(re.findall(
                rf"RECEIVER: \S.* {re.escape(r['receiver'].removesuffix(' tcp'))} .*fails?:", b.events())) == 1, b)
        b.heal(1)
        again(b, 1)
        told(b, "link-down", 60, "closed")
        wait_for("the end", lambda: "link-down closed Branch" in open(hook).read() and
                 "Over: Link is down, Branch primary 1" in open(mail).read(), 10)
        start = time.monotonic()
        b.stop()
        report(f"stopped within {time.monotonic() - start:.1f} s")
        expect("a receiver kept it from ending", time.monotonic() - start < 10)
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
            try:
                os.rmdir("/etc/netns")
            except OSError:
                pass


scenario_receivers_that_hang.long = True
