# SPDX-License-Identifier: GPL-3.0-or-later
"""BGP speakers of others: FRR (zebra and bgpd) and BIRD, each in a namespace of the laboratory."""
import json
import os
import shutil

from lab import Failure, run, wait_for

FRR = "/usr/lib/frr"


class Frr:
    """`config` is what goes below `router bgp`; `address family` lines included."""

    def __init__(self, lab, name, asn, router_id, config, extra=""):
        self.lab, self.name = lab, name
        self.dir = os.path.join(lab.dir, f"frr-{name}")
        os.makedirs(self.dir, exist_ok=True)
        self.write(asn, router_id, config, extra)
        os.chmod(lab.dir, 0o711)  # its daemons are no root
        shutil.chown(self.dir, "frr", "frr")
        self.processes = []
        self.start()

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, asn, router_id, config, extra=""):
        with open(self.path("bgpd.conf"), "w", encoding="ascii") as f:
            f.write(f"log file {self.path('bgpd-debug.txt')}\nrouter bgp {asn}\n bgp router-id {router_id}\n"
                    f" no bgp ebgp-requires-policy\n no bgp network import-check\n{config}\n{extra}\n")
        with open(self.path("zebra.conf"), "w", encoding="ascii") as f:
            f.write(f"log file {self.path('zebra.txt')}\n")

    def start(self):
        for daemon, more in (("zebra", []), ("bgpd", ["-p", "179"])):
            self.processes.append(self.lab.start(
                self.name, [f"{FRR}/{daemon}", "-f", self.path(f"{daemon}.conf"), "-i",
                            self.path(f"{daemon}.pid"), "-z", self.path("zserv"), "--vty_socket", self.dir,
                            "-A", "127.0.0.1", *more], f"frr-{self.name}-{daemon}.log"))
            wait_for(daemon, lambda d=daemon: os.path.exists(self.path(f"{d}.vty")), 15)

    def vtysh(self, *commands):
        argv = ["vtysh", "--vty_socket", self.dir, "-d", "bgpd"]
        for c in commands:
            argv += ["-c", c]
        return run(["ip", "netns", "exec", self.lab.ns(self.name), *argv]).stdout

    def neighbor(self, address):
        return json.loads(self.vtysh("show bgp neighbors json")).get(address, {})

    def established(self, address):
        return self.neighbor(address).get("bgpState") == "Established"

    def routes(self):
        """prefix -> list of paths"""
        return json.loads(self.vtysh("show ip bgp json")).get("routes", {})

    def configure(self, asn, *lines):
        self.vtysh("configure terminal", f"router bgp {asn}", *lines)

    def stop(self, kill=False):
        for p in reversed(self.processes):
            self.lab.stop(p, kill)
        self.processes = []


class Bird:
    def __init__(self, lab, name, config):
        self.lab, self.name = lab, name
        self.dir = os.path.join(lab.dir, f"bird-{name}")
        os.makedirs(self.dir, exist_ok=True)
        with open(os.path.join(self.dir, "bird.conf"), "w", encoding="ascii") as f:
            f.write("protocol device {}\n" + config)
        self.process = lab.start(name, ["/usr/sbin/bird", "-f", "-c", os.path.join(self.dir, "bird.conf"), "-s",
                                        self.socket()], f"bird-{name}.log")
        wait_for("bird", lambda: os.path.exists(self.socket()), 10)

    def socket(self):
        return os.path.join(self.dir, "ctl")

    def birdc(self, command):
        done = run(["/usr/sbin/birdc", "-s", self.socket(), command], check=False)
        if done.returncode:
            raise Failure(f"birdc {command}: {done.stdout}{done.stderr}")
        return done.stdout

    def stop(self, kill=False):
        self.lab.stop(self.process, kill)
