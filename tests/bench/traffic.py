# SPDX-License-Identifier: GPL-3.0-or-later
"""Throughput, latency, processor time and memory of a pair of gateways, one row per product.

    hq -- gw == inet == peer -- lan

All on one machine: the figures are ratios between rows of one run, never absolute.
"""
import json
import os
import re
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "netns"))

from lab import HQ_HOST, LAN_HOST, Failure, Ikeshd, Lab, run, wait_for  # noqa: E402
from strongswan import Charon  # noqa: E402

PSK = "benchmark psk benchmark psk"
SECONDS = int(os.environ.get("IKESH_BENCH_SECONDS", "2"))
RUNS = int(os.environ.get("IKESH_BENCH_RUNS", "3"))
BUDGET_S = float(os.environ.get("IKESH_BENCH_MINUTES", "9")) * 60

OURS = """
ipsec site Peer
 native-range {net}
 connection-mode bidirectional
 {initiate}
 {extra}
 auth-parameters
  encryption {encryption}
 tunnel primary
  public-ip {peer}
  psk "{psk}"
"""


def direct_links(lab):
    """The gateways side by side: routing through inet would only add noise."""
    lab.link("gw", "wan1", "198.18.0.1/24", "peer", "wan1", "198.18.0.2/24")


class Row:
    name = ""
    pids = ()

    def __init__(self, lab, bin_dir):
        self.lab, self.bin = lab, bin_dir

    def start(self):
        raise NotImplementedError

    def stop(self):
        pass


class Plain(Row):
    name = "no VPN (routing)"

    def start(self):
        self.lab.route("gw", "10.20.0.0/24", "198.18.0.2")
        self.lab.route("peer", "10.0.0.0/24", "198.18.0.1")


def pids_below(process):
    """The process and its descendants."""
    todo, found = [process.pid], []
    while todo:
        pid = todo.pop()
        found.append(pid)
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as f:
                todo += [int(p) for p in f.read().split()]
        except OSError:
            pass
    return found


class Ours(Row):
    encryption, name, extra = "aes-gcm-128", "ikesh userspace aes-gcm-128", ""

    def start(self):
        ends = []
        for name, net, peer, initiate in (("peer", "10.0.0.0/24", "198.18.0.1", ""),
                                          ("gw", "10.20.0.0/24", "198.18.0.2", "initiate-connection")):
            ends.append(Ikeshd(self.lab, name, OURS.format(net=net, peer=peer, initiate=initiate, psk=PSK,
                                                           extra=self.extra, encryption=self.encryption),
                               ["--dataplane", "userspace"]))
        ends[1].wait_state("Peer", "up", 95)
        self.ends = ends
        self.pids = [p for e in ends for p in pids_below(e.process)]

    def stop(self):
        for e in self.ends:
            e.stop()


class OursCbc(Ours):
    encryption, name = "aes-cbc-128", "ikesh userspace aes-cbc-128"


class StrongSwan(Row):
    esp, name = "aes128gcm16", "strongSwan kernel-libipsec aes-gcm-128"

    def start(self):
        common = {"psk": PSK, "ike": "aes128-sha256-ecp256", "esp": self.esp}
        self.a = Charon(self.lab, "peer", local_addrs="198.18.0.2", remote_addrs="198.18.0.1",
                        local_id="198.18.0.2", remote_id="198.18.0.1", **common)
        self.b = Charon(self.lab, "gw", local_addrs="198.18.0.1", remote_addrs="198.18.0.2",
                        local_id="198.18.0.1", remote_id="198.18.0.2", local_ts="10.0.0.0/24",
                        remote_ts="10.20.0.0/24", **common)
        self.b.initiate()
        self.pids = [p for c in (self.a, self.b) for p in pids_below(c.process)]

    def stop(self):
        self.a.stop()
        self.b.stop()


class StrongSwanCbc(StrongSwan):
    esp, name = "aes128-sha256", "strongSwan kernel-libipsec aes-cbc-128"


class OursRaw(Ours):
    name, extra = "ikesh userspace aes-gcm-128, no UDP", "udp-encapsulation nat-only"


class WireguardGo(Row):
    """Debian's: a TUN in userspace, too."""
    name = "wireguard-go"

    def start(self):
        keys = {}
        for name in ("gw", "peer"):
            private = run(["wg", "genkey"]).stdout
            keys[name] = (private, run(["wg", "pubkey"], input=private).stdout.strip())
        self.processes = []
        for name, other, remote, net in (("gw", "peer", "198.18.0.2", "10.20.0.0/24"),
                                         ("peer", "gw", "198.18.0.1", "10.0.0.0/24")):
            device = f"wg{self.lab.prefix[2:]}{name[0]}"[:15]
            self.processes.append(self.lab.start(name, ["wireguard-go", "-f", device], f"wireguard-{name}.log",
                                                 {"WG_PROCESS_FOREGROUND": "1"}))
            wait_for("wireguard-go", lambda: os.path.exists(f"/run/wireguard/{device}.sock"), 10)
            self.lab.run(name, ["wg", "set", device, "listen-port", "51820", "private-key", "/dev/stdin", "peer",
                                keys[other][1], "endpoint", f"{remote}:51820", "allowed-ips", net],
                         input=keys[name][0])
            self.lab.run(name, ["ip", "link", "set", device, "mtu", "1420", "up"])
            self.lab.run(name, ["ip", "route", "add", net, "dev", device])
        self.pids = [p for process in self.processes for p in pids_below(process)]

    def stop(self):
        for process in self.processes:
            self.lab.stop(process)


class TunPump(Row):
    """TUN to TUN, no network and no cipher: what no data plane over TUN can exceed."""
    name = "TUN pump (no crypto)"

    def start(self):
        process = self.lab.start("gw", [os.path.join(self.lab.bin, "tun_pump"),
                                        *(f"/run/netns/{self.lab.ns(n)}" for n in ("gw", "peer"))], "pump.log")
        for name, net in (("gw", "10.20.0.0/24"), ("peer", "10.0.0.0/24")):
            wait_for("pump0", lambda: "pump0" in self.lab.run(name, ["ip", "link"]).stdout, 5)
            self.lab.run(name, ["ip", "link", "set", "pump0", "mtu", "1400", "up"])
            self.lab.run(name, ["ip", "route", "add", net, "dev", "pump0"])
        self.pids = pids_below(process)


ROWS = [Plain, TunPump, StrongSwan, StrongSwanCbc, WireguardGo, Ours, OursRaw, OursCbc]


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as f:
                fields = f.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        except OSError:
            pass
    return total / os.sysconf("SC_CLK_TCK")


def rss_mib(pids):
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/status") as f:
                match = re.search(r"VmRSS:\s+(\d+)", f.read())
                total += int(match.group(1)) if match else 0
        except OSError:
            pass
    return total / 1024


def iperf(lab, source, target_name, target, *options):
    server = lab.start(target_name, ["iperf3", "-s", "-1", "-B", target], "iperf-server.log")
    try:
        wait_for("iperf3 server", lambda: "5201" in lab.run(target_name, ["ss", "-Htln"]).stdout, 5)
        done = lab.run(source, ["iperf3", "-J", "-c", target, "-t", str(SECONDS), *options],
                       timeout=SECONDS + 60, check=False)
        result = json.loads(done.stdout)
        if "error" in result:
            raise Failure(f"iperf3: {result['error']}")
        return result["end"]
    finally:
        lab.stop(server)


def tcp_gbit(lab, streams, reverse):
    ends = ("lan", "hq", HQ_HOST) if reverse else ("hq", "lan", LAN_HOST)
    return iperf(lab, *ends, "-P", str(streams))["sum_received"]["bits_per_second"] / 1e9


def udp_mpps(lab, size):
    # iperf3 gives up when it learns the path MTU in the middle
    lab.run("hq", ["ping", "-n", "-c", "2", "-i", "0.1", "-W", "1", "-M", "do", "-s", str(size), LAN_HOST], check=False)
    end = iperf(lab, "hq", "lan", LAN_HOST, "-u", "-b", "0", "-l", str(size))["sum"]
    return end["packets"] * (1 - end["lost_percent"] / 100) / end["seconds"] / 1e6


def round_trip_ms(lab, count=200, interval=0.005):
    out = lab.run("hq", ["ping", "-n", "-q", "-c", str(count), "-i", str(interval), LAN_HOST],
                  check=False).stdout
    match = re.search(r"= [\d.]+/([\d.]+)/", out)
    return float(match.group(1)) if match else float("nan")


def loaded_round_trip_ms(lab):
    server = lab.start("lan", ["iperf3", "-s", "-1", "-B", LAN_HOST], "iperf-server.log")
    wait_for("iperf3 server", lambda: "5201" in lab.run("lan", ["ss", "-Htln"]).stdout, 5)
    length = max(SECONDS, 3)
    client = lab.start("hq", ["iperf3", "-c", LAN_HOST, "-t", str(length)], "iperf-client.log")
    time.sleep(0.5)
    try:
        return round_trip_ms(lab, int((length - 1) * 50), 0.02)
    finally:
        client.wait(length + 30)
        lab.stop(server)


def build(bin_dir):
    run(["cmake", "--build", os.path.dirname(os.path.abspath(bin_dir)), "--target", "tun_pump"], timeout=600)


def once(row_class, bin_dir):
    """One run of a row: everything is started anew."""
    lab = Lab(bin_dir)
    try:
        direct_links(lab)
        row = row_class(lab, bin_dir)
        row.start()
        lab.expect_ping("hq", LAN_HOST)
        result = {"load": os.getloadavg()[0]}
        before, start = cpu_seconds(row.pids), time.monotonic()
        result["tcp1"] = tcp_gbit(lab, 1, False)
        result["cpu"] = (cpu_seconds(row.pids) - before) / (time.monotonic() - start)
        result["tcp1r"] = tcp_gbit(lab, 1, True)
        result["tcp4"] = tcp_gbit(lab, 4, False)
        result["tcp4r"] = tcp_gbit(lab, 4, True)
        result["udp64"] = udp_mpps(lab, 64)
        result["udp1400"] = udp_mpps(lab, 1400)
        result["rtt"] = round_trip_ms(lab)
        result["rtt_loaded"] = loaded_round_trip_ms(lab)
        result["rss"] = rss_mib(row.pids)
        row.stop()
        return result
    finally:
        lab.close()
        lab.remove_files()


def measure(row_classes, bin_dir, say, runs=RUNS):
    """Rows in turn, several times, so that what else the machine does hits all alike; medians.
    After the first run of each, no row begins that would not end in time.  Rows, and how many failed."""
    build(bin_dir)
    runs_of = {row: [] for row in row_classes}
    failed = {}
    began, longest = time.monotonic(), 0
    for number in range(runs):
        for row in row_classes:
            if row in failed:
                continue
            start = time.monotonic()
            if number > 0 and start - began + longest > BUDGET_S:
                say(f"run {number + 1}: {row.name}: no time left")
                continue
            try:
                runs_of[row].append(once(row, bin_dir))
                say(f"run {number + 1}: {row.name}: "
                    + ", ".join(f"{k} {v:.3f}" for k, v in runs_of[row][-1].items()))
            except Exception as e:  # pylint: disable=broad-except
                failed[row] = e
                say(f"FAIL {row.name}: {e}")
            longest = max(longest, time.monotonic() - start)
    rows = [{"name": row.name, **{k: statistics.median(r[k] for r in done) for k in done[0]}}
            for row, done in runs_of.items() if done and row not in failed]
    return rows, len(failed)
