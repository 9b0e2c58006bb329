# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machine takes from the appliance: descriptors, memory, its clock, all time.  Tunnels go on, and
whoever asks for what is not there is told so."""
import glob
import json
import os
import re
import signal
import socket
import struct
import subprocess
import time

from lab import GW_WAN, LAN_HOST, PEER_WAN, Failure, Ikeshd, Skip, run, wait_for
from own_pair import PSK, USERSPACE, flood, pair, site
from preload import LEAK, Clock, library

LONG = "IKESH_LONG" in os.environ
DAY = 86400


def expect_honest(ping, at_least=0.8):
    """Percent of the packets that came back."""
    ping.send_signal(signal.SIGINT)
    out = ping.communicate(timeout=60)[0]
    sent, received = map(int, re.search(r"(\d+) packets transmitted, (\d+) received", out).groups())
    if sent < 50 or received < at_least * sent:
        raise Failure(f"honest traffic: {received} of {sent}")
    return 100 * received / sent


def processor_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# ---- Descriptors ----------------------------------------------------------------------------------


class Session:
    """A terminal that stays."""

    def __init__(self, gw):
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.s.settimeout(10)
        self.s.connect(gw.socket)
        self.s.send(struct.pack(">BHBBHH", 1, 1, 255, 0, 24, 80))
        if self.s.recv(70000)[:1] != bytes([64]):
            raise Failure("no welcome")

    def line(self, text):
        self.s.send(bytes([2]) + text.encode())
        out = b""
        while True:
            m = self.s.recv(70000)
            if m[:1] == bytes([68]) or not m:
                return out.decode()
            if m[:1] == bytes([66]):
                out += m[1:]


def waiting_caller(gw):
    """One that connects and says nothing."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(gw.socket)
    return s


def leave_free(gw, count):
    used = {int(os.path.basename(p)) for p in glob.glob(f"/proc/{gw.process.pid}/fd/*")}
    free = [n for n in range(4096) if n not in used]
    run(["prlimit", "--pid", str(gw.process.pid), f"--nofile={free[count]}:"])


def call(gw):
    return gw.ikesh(["-c", "show clock"], check=False)


def expect_refused_with_text(gw, what):
    done = call(gw)
    if done.returncode == 0 or "no descriptors left" not in done.stdout + done.stderr:
        raise Failure(f"{what}: exit {done.returncode}: {done.stdout}{done.stderr}")


def scenario_no_descriptors(make):
    """The limit is what is in use and 0 to 5: sessions and tunnels go on, callers are told, nobody spins."""
    lab, gw, peer = pair(make)
    limit = run(["prlimit", "--pid", str(gw.process.pid), "--nofile", "--noheadings", "-o", "SOFT"]).stdout.strip()
    session = Session(gw)
    ping = flood(lab, 300, 0.02)
    most = 0
    for free in range(6):
        leave_free(gw, free)
        callers = [waiting_caller(gw) for _ in range(free)]
        wait_for("they are in", lambda n=free: len(glob.glob(f"/proc/{gw.process.pid}/fd/*")) >= n, 5)
        time.sleep(0.1)
        for n in range(3):
            expect_refused_with_text(gw, f"{free} free, caller {n}")
        if ":" not in session.line("show clock"):
            raise Failure(f"{free} free: the session does not go on")
        said = session.line("write memory")
        if "[OK]" in said or "open files" not in said:
            raise Failure(f"{free} free: write memory says {said!r}")
        # somebody holds what is left, others wait in front of the door
        callers += [waiting_caller(gw) for _ in range(5)]
        before = processor_s(gw.process.pid)
        time.sleep(1.5)
        most = max(most, (processor_s(gw.process.pid) - before) / 1.5)
        for c in callers:
            c.close()
        run(["prlimit", "--pid", str(gw.process.pid), f"--nofile={limit}:"])
        took = wait_for("callers come in again", lambda: call(gw).returncode == 0, 3)
        if took > 2:
            raise Failure(f"{took:.1f} s until callers came in again")
        if "[OK]" not in session.line("write memory"):
            raise Failure("write memory does not work again")
    percent = expect_honest(ping)
    print(f"     {percent:.1f} % of the pings, {100 * most:.0f} % of a processor at most", flush=True)
    if most > 0.5:
        raise Failure(f"{100 * most:.0f} % of a processor while nobody could come in")
    if "LINK_DOWN" in gw.show("show logging"):
        raise Failure(gw.show("show logging"))
    gw.stop()
    peer.stop()


# ---- Memory ---------------------------------------------------------------------------------------


class Cgroup:
    """Limits the memory of a process."""

    def __init__(self, pid):
        self.v1 = os.path.isdir("/sys/fs/cgroup/memory")
        base = "/sys/fs/cgroup/memory" if self.v1 else "/sys/fs/cgroup"
        self.path = os.path.join(base, f"ikesh-test-{pid}")
        try:
            if not self.v1:
                with open(os.path.join(base, "cgroup.subtree_control"), "w", encoding="ascii") as f:
                    f.write("+memory")
            os.mkdir(self.path)
            self.put("cgroup.procs", pid)
        except OSError as e:
            raise Skip(f"no memory cgroup can be made: {e}") from None
        self.home = "/sys/fs/cgroup/memory" if self.v1 else "/sys/fs/cgroup"
        self.pid = pid

    def put(self, name, value):
        with open(os.path.join(self.path, name), "w", encoding="ascii") as f:
            f.write(str(value))

    def usage(self):
        with open(os.path.join(self.path, "memory.usage_in_bytes" if self.v1 else "memory.current"), encoding="ascii") as f:
            return int(f.read())

    def limit(self, octets):
        self.put("memory.limit_in_bytes" if self.v1 else "memory.max", octets)

    def remove(self):
        try:
            for pid in open(os.path.join(self.path, "cgroup.procs"), encoding="ascii").read().split():
                with open(os.path.join(self.home, "cgroup.procs"), "w", encoding="ascii") as f:
                    f.write(pid)
            os.rmdir(self.path)
        except OSError:
            pass


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1)) * 1024


def counters(gw):
    return {m.group(1): int(m.group(2)) for m in re.finditer(r"^(\S+)\s+(\d+)$", gw.show("show ipsec statistics"), re.M)}


def scenario_memory_limit(make):
    """A tenth or 20 MiB more than it has, and strangers begin an IKE SA as often as they can: they are refused and
    counted, nothing grows without end, and nobody kills it."""
    # the sanitizer keeps what was freed: not so much of it
    options = ":".join(o for o in (os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=1") if o)
    env = {"ASAN_OPTIONS": options}
    lab, gw, peer = pair(make, lambda lab: env, lambda lab: None)
    lab.run("inet", ["ip", "route", "add", "local", "198.18.0.0/15", "dev", "lo"])
    lab.route("gw", "198.18.0.0/15", "203.0.113.1")
    from scenario_bad_input import FLOOD  # pylint: disable=import-outside-toplevel
    pid = gw.process.pid
    before = resident(pid)
    group = Cgroup(pid)
    try:
        # memory that it had before is not counted by all versions
        more = max(before // 10, 20 << 20)
        group.limit(group.usage() + more)
        ping = flood(lab, 120, 0.02)
        storm = lab.start("inet", ["/usr/bin/python3", "-c", FLOOD, GW_WAN, "10000", "1500"], "flood.out")
        wait_for("strangers are refused", lambda: counters(gw).get("ike_rx_dropped_load", 0) > 500, 30)
        times = []
        while storm.poll() is None and len(times) < 100:
            start = time.monotonic()
            gw.show("show clock")
            times.append(time.monotonic() - start)
        if sorted(times)[len(times) * 9 // 10] > 1:
            raise Failure(f"terminals wait: {sorted(times)[-10:]}")
        gw.configure("".join(f"ipsec site More{n}\nnative-range 10.77.{n}.0/24\n" for n in range(20)))
        storm.wait(60)
        if gw.process.poll() is not None:
            raise Failure(f"it ended with {gw.process.returncode}")
        percent = expect_honest(ping)
        after = resident(pid)
        print(f"     {before >> 20} MiB before, {after >> 20} MiB in the end, {more >> 20} MiB more allowed; "
              f"{percent:.1f} % of the pings; refused "
              f"{counters(gw)['ike_rx_dropped_load']}; 9 of 10 of {len(times)} commands within "
              f"{1000 * sorted(times)[len(times) * 9 // 10]:.0f} ms", flush=True)
        if after - before > more:
            raise Failure("it grew too much")
    finally:
        group.remove()
    if "LINK_DOWN" in gw.show("show logging"):
        raise Failure(gw.show("show logging"))
    lab.expect_ping("hq", LAN_HOST)
    gw.stop()
    peer.stop()


# ---- Clocks ---------------------------------------------------------------------------------------


def told(gw, text):
    return "%SYS-5-CLOCK_CHANGED: The clock of this machine was set " + text in gw.show("show logging")


def sas(gw):
    return sorted(re.findall(r"[0-9a-f]{8,16}", gw.show("show ipsec sa json | include spi")))


def scenario_clock_jumps(make):
    """A day forward, a day back, standing still: nothing but a line, and a mark in open stories."""
    clocks = []

    def clock(name):
        def env(lab):
            clocks.append(Clock(lab, name))
            return clocks[-1].env
        return env
    lab, gw, peer = pair(make, clock("gw"), clock("peer"), "story link-down threshold 10\n")
    mine, its = clocks
    before = sas(gw)
    ping = flood(lab, 120, 0.02)
    mine.set(DAY)
    wait_for("the line", lambda: told(gw, "forward by 1d00h"), 3)
    its.set(-DAY)
    wait_for("the line", lambda: told(peer, "back by 1d00h"), 3)
    time.sleep(2)
    mine.set(-DAY)
    its.set(0, time.time())
    time.sleep(5)
    its.set(DAY)
    time.sleep(2)
    percent = expect_honest(ping, 0.99)
    for box in (gw, peer):
        log = box.show("show logging")
        if "LINK_" in log.split("CLOCK_CHANGED", 1)[1]:
            raise Failure(log)
    if sas(gw) != before or not before:
        raise Failure(f"new SAs: {before}, {sas(gw)}")
    if gw.json("show stories")["stories"]:
        raise Failure("a false story: " + gw.show("show stories"))
    lab.stop(peer.process, kill=True)
    gw.wait_state("Peer", "down", 60)
    took = wait_for("a story", lambda: gw.json("show stories")["stories"], 20)
    if took < 5:
        raise Failure(f"the story came {took:.1f} s after the tunnel was down")
    mine.set(5 * DAY)
    wait_for("the mark", lambda: "The clock of this machine was set" in gw.show("show stories id 1"), 70, 1)
    print(f"     {percent:.1f} % of the pings, story after {took:.0f} s", flush=True)
    gw.stop()


scenario_clock_jumps.long = True


# ---- Time -----------------------------------------------------------------------------------------

# IKE messages that leave the gateway: time and hash of each.  Ends with SIGTERM.
EAR = """
import hashlib, json, signal, socket, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind((sys.argv[1], 0))
seen = []
def done(*_):
    print(json.dumps(seen), flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, done)
print("ready", flush=True)
source = socket.inet_aton(sys.argv[2])
while True:
    p, _ = s.recvfrom(70000)
    if p[12:14] != b"\\x08\\x00" or p[26:30] != source or p[23] != 17:
        continue
    u = p[14 + 4 * (p[14] & 15):]
    data = u[8:]
    if int.from_bytes(u[:2], "big") == 4500:
        if data[:4] != bytes(4):
            continue
        data = data[4:]
    if len(data) >= 28:
        seen.append((time.monotonic(), hashlib.sha256(data).hexdigest()[:16], bool(data[19] & 32)))
"""


def stopped(make, seconds):
    """The process, or the machine below it, gets no time."""
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def env(lab):
        manager.bind(os.path.join(lab.dir, "manager"))
        return {"NOTIFY_SOCKET": os.path.join(lab.dir, "manager"), "WATCHDOG_USEC": "3000000"}
    lab, gw, peer = pair(make, env, lambda lab: None)
    ear = subprocess.Popen(["ip", "netns", "exec", lab.ns("inet"), "/usr/bin/python3", "-c", EAR, "gw0", GW_WAN],
                           stdout=subprocess.PIPE, text=True)
    ear.stdout.readline()
    gw.process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    manager.setblocking(False)
    try:
        while manager.recv(4096):
            pass
    except BlockingIOError:
        pass
    manager.settimeout(2)
    began = time.monotonic()
    gw.process.send_signal(signal.SIGCONT)
    while manager.recv(4096) != b"WATCHDOG=1":
        pass
    alive = time.monotonic() - began
    took = wait_for("traffic", lambda: lab.ping("hq", LAN_HOST, count=1)[1] == 1, 30)
    gw.wait_state("Peer", "up", 5)
    time.sleep(5)
    ear.terminate()
    seen = [(t - began, digest, response) for t, digest, response in json.loads(ear.communicate(timeout=10)[0]) if t >= began]
    requests = [digest for t, digest, response in seen if t < 5 and not response]
    print(f"     alive after {alive:.2f} s, traffic after {took:.1f} s, {len(requests)} requests and "
          f"{len(seen) - len(requests)} other messages in what followed", flush=True)
    if any(requests.count(d) > 2 for d in requests) or len(requests) > 6:
        raise Failure(f"a storm: {seen}")
    if alive > 1.5:
        raise Failure(f"no sign of life for {alive} s")
    if seconds < 15 and "LINK_DOWN" in gw.show("show logging") + peer.show("show logging"):
        raise Failure(gw.show("show logging") + peer.show("show logging"))
    gw.stop()
    peer.stop()


def scenario_stopped(make):
    stopped(make, 10)


if LONG:
    def scenario_stopped_ten_minutes(make):
        stopped(make, 600)

    scenario_stopped_ten_minutes.long = True


# ---- Sanitizers -----------------------------------------------------------------------------------


def scenario_leaks_are_seen(make):
    """What all other scenarios rely on: a leak in the appliance makes its end fail, and is reported."""
    lab = make()
    if "asan" not in run(["ldd", os.path.join(lab.bin, "ikeshd")]).stdout:
        raise Skip("not built with the sanitizer")
    gw = Ikeshd(lab, "gw", site("10.20.0.0/24", PEER_WAN, initiate=False), USERSPACE,
                library(lab, "leak", LEAK))
    status = lab.stop(gw.process)
    name = "ikeshd-gw.log"
    text = lab.log(name)
    if status == 0 or "ERROR: LeakSanitizer" not in text or "24680 byte(s) leaked" not in text:
        raise Failure(f"status {status}: {text}")
    os.remove(os.path.join(lab.dir, name))  # it was meant


# ---- Many sites -----------------------------------------------------------------------------------

MANY = 10000 if LONG else 500
MANY_TUNNEL = " tunnel {role} {index}\n  local-id p{i}.example.net\n  psk \"{psk}\"\n"


def many_sites():
    text, i = "", 0
    for s in range(MANY):
        text += (f"ipsec site s{s}\n native-range 10.{64 + (s >> 8)}.{s & 255}.0/24\n"
                 " authentication-identifier fqdn\n")
        for n in range(6):
            i += 1
            text += MANY_TUNNEL.format(role="primary" if n < 3 else "secondary", index=n % 3 + 1, i=i, psk=PSK)
    return text


def first_byte_ms(gw):
    start = time.monotonic()
    with subprocess.Popen([os.path.join(gw.lab.bin, "ikesh"), "--socket", gw.socket, "-c",
                           "show ipsec connection-status"], stdout=subprocess.PIPE) as p:
        p.stdout.read(1)
        took = time.monotonic() - start
        p.stdout.read()
    return took * 1000


def scenario_many_sites(make):
    """Six tunnels each: a start, a first byte, a change that touches one site, an end."""
    lab = make()
    slow = 10 if "asan" in run(["ldd", os.path.join(lab.bin, "ikeshd")]).stdout else 1
    start = time.monotonic()
    gw = Ikeshd(lab, "gw", many_sites(), USERSPACE)
    load = time.monotonic() - start
    wait_for("all devices", lambda: lab.run("gw", ["sh", "-c", "ls /sys/class/net | grep -c ips"], check=False)
             .stdout.strip() == str(MANY), 60 * slow, 0.5)
    shown = min(first_byte_ms(gw) for _ in range(5))
    time.sleep(3 if slow == 1 else 6)  # what was lost of the news of so many devices is looked up
    log = os.path.join(lab.dir, "strace")
    tracer = subprocess.Popen(["strace", "-f", "-o", log, "-e", "trace=sendto,sendmsg", "-p",
                               str(gw.process.pid)], stderr=subprocess.PIPE, text=True)
    while "attached" not in tracer.stderr.readline():
        if tracer.poll() is not None:
            raise Skip("strace may not attach")
    gw.configure("ipsec site s7\nnative-range 10.200.7.0/24\nno native-range 10.64.7.0/24\nexit\n"
                 "ipsec site extra\nnative-range 10.201.0.0/24\ntunnel primary 1\npublic-ip 198.51.100.99\n"
                 f"psk {PSK.replace(' ', '-')}")
    time.sleep(2)
    tracer.terminate()
    tracer.wait(10)
    with open(log, encoding="utf-8", errors="replace") as f:
        messages = sum(max(1, line.count("nlmsg_type=")) for line in f if "AF_NETLINK" in line)
    start = time.monotonic()
    gw.stop()
    end = time.monotonic() - start
    print(f"     {MANY} sites: answers after {load:.1f} s, first byte after {shown:.0f} ms, {messages} netlink messages for "
          f"a change, ends within {end:.1f} s", flush=True)
    if load > 10 * slow or shown > 100 * slow or not 0 < messages <= 30 or end > 5 * slow:
        raise Failure(f"{load} s, {shown} ms, {messages} messages, {end} s")
