# SPDX-License-Identifier: GPL-3.0-or-later
"""A laboratory of network namespaces: hosts, links, processes, all removed at the end.

    hq -- gw == inet == peer -- lan

`gw` runs ikeshd (WAN 203.0.113.10), `peer` another gateway, `inet` routes between them or
translates addresses, `hq` (10.0.0.2) and `lan` (10.20.0.2) are hosts behind either side.
"""
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

GW_WAN = "203.0.113.10"
PEER_WAN = "198.51.100.21"
PEER_PRIVATE = "172.20.0.2"
HQ_HOST = "10.0.0.2"
LAN_HOST = "10.20.0.2"


# Both ends of a transfer; the sender closes with the hash of what it sent.
SEND = """
import hashlib, os, socket, sys
s = socket.create_connection((sys.argv[1], 5999), 20)
data = os.urandom(int(sys.argv[2]) << 20)
s.sendall(data + hashlib.sha256(data).digest())
s.shutdown(socket.SHUT_WR)
s.settimeout(60)
sys.exit(s.recv(1) != b"y")
"""
RECEIVE = """
import hashlib, socket, sys
l = socket.socket()
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind((sys.argv[1], 5999))
l.listen()
s = l.accept()[0]
s.settimeout(60)
data = b"".join(iter(lambda: s.recv(1 << 16), b""))
good = len(data) > 32 and hashlib.sha256(data[:-32]).digest() == data[-32:]
print(len(data), "bytes, hash", "right" if good else "wrong")
s.sendall(b"y" if good else b"n")
sys.exit(not good)
"""


class Failure(Exception):
    """An expectation that did not hold."""


class Skip(Exception):
    """The machine lacks something that no package brings."""


def run(argv, check=True, timeout=60, **kw):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False, **kw)
    if check and done.returncode != 0:
        raise Failure(f"{' '.join(argv)}: exit {done.returncode}: {done.stdout}{done.stderr}")
    return done


def wait_for(what, condition, timeout, interval=0.1):
    """Poll until condition() is true; returns the seconds that it took."""
    start = time.monotonic()
    while True:
        if condition():
            return time.monotonic() - start
        if time.monotonic() - start > timeout:
            raise Failure(f"{what}: not within {timeout} s")
        time.sleep(interval)


class Lab:
    count = 0

    def __init__(self, bin_dir, nat=False):
        Lab.count += 1
        self.bin = os.path.abspath(bin_dir)
        self.prefix = f"ik{os.getpid()}x{Lab.count}"
        self.dir = tempfile.mkdtemp(prefix="ikesh-lab-")
        self.names = []
        self.processes = []
        self.gateways = []
        self.nat = nat
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def _build(self):
        for name in ("hq", "gw", "inet", "peer", "lan"):
            self.add(name)
        self.link("hq", "lan0", f"{HQ_HOST}/24", "gw", "lan0", "10.0.0.1/24")
        self.link("gw", "wan0", f"{GW_WAN}/24", "inet", "gw0", "203.0.113.1/24")
        if self.nat:
            self.link("peer", "wan0", f"{PEER_PRIVATE}/24", "inet", "peer0", "172.20.0.1/24")
        else:
            self.link("peer", "wan0", f"{PEER_WAN}/24", "inet", "peer0", "198.51.100.1/24")
        self.link("lan", "lan0", f"{LAN_HOST}/24", "peer", "lan0", "10.20.0.1/24")
        self.route("hq", "default", "10.0.0.1")
        self.route("lan", "default", "10.20.0.1")
        self.route("gw", "198.51.100.0/24", "203.0.113.1")
        self.route("peer", "203.0.113.0/24", "172.20.0.1" if self.nat else "198.51.100.1")
        if self.nat:
            self.nft("inet", 'table ip nat {\nchain post {\ntype nat hook postrouting priority 100\n'
                     'oifname "gw0" masquerade\n}\n}\n')

    def add(self, name):
        full = f"{self.prefix}-{name}"
        run(["ip", "netns", "add", full])
        self.names.append(full)
        run(["ip", "-n", full, "link", "set", "lo", "up"])
        for key in ("ipv4.ip_forward=1", "ipv6.conf.all.forwarding=1", "ipv4.conf.all.rp_filter=0",
                    "ipv4.conf.default.rp_filter=0",
                    # nobody answers neighbors from an address that is not sure of itself yet
                    "ipv6.conf.all.accept_dad=0", "ipv6.conf.default.accept_dad=0"):
            self.run(name, ["sysctl", "-qw", f"net.{key}"])

    def ns(self, name):
        return f"{self.prefix}-{name}"

    def link(self, a, a_dev, a_addr, b, b_dev, b_addr):
        run(["ip", "link", "add", a_dev, "netns", self.ns(a), "type", "veth", "peer", "name", b_dev,
             "netns", self.ns(b)])
        for name, dev, addr in ((a, a_dev, a_addr), (b, b_dev, b_addr)):
            self.address(name, dev, addr)
            run(["ip", "-n", self.ns(name), "link", "set", dev, "up"])

    def address(self, name, dev, addr):
        run(["ip", "-n", self.ns(name), "addr", "add", addr, "dev", dev] +
            (["nodad"] if ":" in addr else []))

    def route(self, name, dst, via):
        run(["ip", "-n", self.ns(name), "route", "add", dst, "via", via])

    def nft(self, name, rules):
        self.run(name, ["nft", "-f", "-"], input=rules)

    def run(self, name, argv, **kw):
        return run(["ip", "netns", "exec", self.ns(name)] + argv, **kw)

    def start(self, name, argv, log, env=None):
        """A process in namespace `name`; its output goes to the file `log` in the lab's folder."""
        path = os.path.join(self.dir, log)
        with open(path, "ab") as out:
            process = subprocess.Popen(["ip", "netns", "exec", self.ns(name)] + argv, stdout=out,
                                       stderr=out, stdin=subprocess.DEVNULL,
                                       env={**os.environ, **(env or {})})
        self.processes.append(process)
        return process

    def stop(self, process, kill=False):
        if process.poll() is None:
            if kill:
                process.kill()
            else:
                process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        if process in self.processes:
            self.processes.remove(process)
        return process.returncode

    def log(self, name):
        path = os.path.join(self.dir, name)
        if not os.path.exists(path):
            return ""
        with open(path, errors="replace") as f:
            return f.read()

    def ping(self, name, target, count=5, interval=0.05, size=56, wait=1):
        """(sent, received)"""
        out = self.run(name, ["ping", "-n", "-q", "-c", str(count), "-i", str(interval), "-s", str(size),
                              "-W", str(wait), target], check=False, timeout=count * interval + 60).stdout
        match = re.search(r"(\d+) packets transmitted, (\d+) received", out)
        return (int(match.group(1)), int(match.group(2))) if match else (0, 0)

    def expect_ping(self, name, target, tries=3, **kw):
        """All answered, in one of the tries: kernel-libipsec loses single packets on a busy machine."""
        for _ in range(tries):
            sent, received = self.ping(name, target, **kw)
            if sent != 0 and sent == received:
                break
        else:
            raise Failure(f"ping {name} -> {target}: {received} of {sent} answered")

    def transfer(self, source, target_name, target, megabytes=10):
        """TCP from namespace `source` to `target_name`: every byte arrives, in order; gives Mbit/s."""
        server = self.start(target_name, ["/usr/bin/python3", "-c", RECEIVE, target], "receiver.log")
        try:
            wait_for("receiver", lambda: ":5999" in self.run(target_name, ["ss", "-Htln"]).stdout, 10)
            start = time.monotonic()
            self.run(source, ["/usr/bin/python3", "-c", SEND, target, str(megabytes)], timeout=120)
            if server.wait(60) != 0:
                raise Failure("TCP transfer: " + self.log("receiver.log"))
            return megabytes * 8 / (time.monotonic() - start)
        finally:
            self.stop(server)

    def close(self):
        for process in list(self.processes):
            self.stop(process)
        for full in self.names:
            pids = run(["ip", "netns", "pids", full], check=False).stdout.split()
            for pid in pids:
                try:
                    os.kill(int(pid), 9)
                except ProcessLookupError:
                    pass
        for full in self.names:
            run(["ip", "netns", "del", full], check=False)
        self.names = []

    def remove_files(self):
        shutil.rmtree(self.dir, ignore_errors=True)


class Ikeshd:
    """The appliance in a namespace, talked to through `ikesh`."""

    def __init__(self, lab, name, config="", options=(), env=None):
        self.lab, self.name, self.env = lab, name, env
        self.dir = os.path.join(lab.dir, f"ikeshd-{name}")
        self.socket = os.path.join(self.dir, "cli.sock")
        self.options = list(options)
        os.makedirs(os.path.join(self.dir, "config"), exist_ok=True)
        if config:
            with open(os.path.join(self.dir, "config", "startup-config"), "w") as f:
                f.write(config.strip() + "\nend\n")
        self.process = None
        self.start()
        lab.gateways.append(self)

    def start(self):
        self.process = self.lab.start(
            self.name,
            [os.path.join(self.lab.bin, "ikeshd"), "--foreground", "--config-dir",
             os.path.join(self.dir, "config"), "--state-dir", os.path.join(self.dir, "state"),
             "--socket", self.socket, *self.options],
            f"ikeshd-{self.name}.log", self.env)

        def answers():
            if self.process.poll() is not None:
                raise Failure(f"ikeshd ended with {self.process.returncode}: "
                              + self.lab.log(f"ikeshd-{self.name}.log")[-2000:])
            return os.path.exists(self.socket) and self.ikesh(["-c", "show version"], check=False).returncode == 0
        wait_for("ikeshd answers", answers, 20)

    def stop(self, kill=False):
        status = self.lab.stop(self.process, kill)
        if not kill and status != 0:
            raise Failure(f"ikeshd ended with {status}: " + self.lab.log(f"ikeshd-{self.name}.log")[-2000:])

    def crash(self):
        """As a power failure: nothing that could be taken over is left, either."""
        self.stop(kill=True)
        for pid in run(["ip", "netns", "pids", self.lab.ns(self.name)], check=False).stdout.split():
            try:
                with open(f"/proc/{pid}/comm") as f:
                    if f.read().strip() == "ikesh-keep":
                        os.kill(int(pid), 9)
            except (FileNotFoundError, ProcessLookupError):
                pass

    def ikesh(self, argv, check=True, **kw):
        return run([os.path.join(self.lab.bin, "ikesh"), "--socket", self.socket] + argv, check=check, **kw)

    def show(self, command):
        return self.ikesh(["-c", command]).stdout

    def json(self, command):
        return json.loads(self.show(command + " json"))

    def configure(self, text):
        """Lines in configuration mode, as typed."""
        done = self.ikesh([], input="configure terminal\n" + text.strip() + "\nend\n", check=False)
        if done.returncode != 0:
            raise Failure("configuration refused: " + done.stdout + done.stderr)

    def tunnel(self, site, role="primary", index=1):
        for s in self.json("show ipsec connection-status")["sites"]:
            if s["name"] == site:
                for t in s["tunnels"]:
                    if t["role"] == role and t["index"] == index:
                        return t
        raise Failure(f"no tunnel {site} {role} {index}")

    def wait_state(self, site, state, timeout, role="primary", index=1, reason=None):
        def there():
            t = self.tunnel(site, role, index)
            return t["state"] == state and (reason is None or t.get("reason") == reason)
        try:
            return wait_for(f"{site} {role} {index} {state} {reason or ''}", there, timeout, 0.2)
        except Failure as f:
            raise Failure(f"{f}\n{self.show('show ipsec connection-status detail')}"
                          f"\n{self.show('show logging')}") from None
