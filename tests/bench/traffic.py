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

from lab import GW_WAN, HQ_HOST, LAN_HOST, PEER_WAN, Failure, Ikeshd, Lab, wait_for  # noqa: E402
from strongswan import Charon  # noqa: E402

PSK = "benchmark psk benchmark psk"
SECONDS = int(os.environ.get("IKESH_BENCH_SECONDS", "4"))
RUNS = int(os.environ.get("IKESH_BENCH_RUNS", "3"))

OURS = """
ipsec site Peer
 native-range {net}
 connection-mode bidirectional
 {initiate}
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
    encryption, name = "aes-gcm-128", "ikesh userspace aes-gcm-128"

    def start(self):
        ends = []
        for name, net, peer, initiate in (("peer", "10.0.0.0/24", "198.18.0.1", ""),
                                          ("gw", "10.20.0.0/24", "198.18.0.2", "initiate-connection")):
            ends.append(Ikeshd(self.lab, name, OURS.format(net=net, peer=peer, initiate=initiate, psk=PSK,
                                                           encryption=self.encryption),
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


ROWS = [Plain, StrongSwan, StrongSwanCbc, Ours, OursCbc]


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
    client = lab.start("hq", ["iperf3", "-c", LAN_HOST, "-t", str(SECONDS)], "iperf-client.log")
    time.sleep(0.5)
    try:
        return round_trip_ms(lab, int((SECONDS - 1) * 50), 0.02)
    finally:
        client.wait(SECONDS + 30)
        lab.stop(server)


def median(fn, runs=RUNS):
    return statistics.median(fn() for _ in range(runs))


def measure(row_class, bin_dir):
    lab = Lab(bin_dir)
    try:
        direct_links(lab)
        row = row_class(lab, bin_dir)
        row.start()
        lab.expect_ping("hq", LAN_HOST)
        before, start = cpu_seconds(row.pids), time.monotonic()
        result = {"name": row.name, "tcp1": median(lambda: tcp_gbit(lab, 1, False))}
        result["cpu"] = (cpu_seconds(row.pids) - before) / (time.monotonic() - start)
        result["tcp1r"] = median(lambda: tcp_gbit(lab, 1, True))
        result["tcp4"] = median(lambda: tcp_gbit(lab, 4, False))
        result["udp64"] = median(lambda: udp_mpps(lab, 64))
        result["udp1400"] = median(lambda: udp_mpps(lab, 1400))
        result["rtt"] = median(lambda: round_trip_ms(lab))
        result["rtt_loaded"] = median(lambda: loaded_round_trip_ms(lab))
        result["rss"] = rss_mib(row.pids)
        row.stop()
        return result
    finally:
        lab.close()
        lab.remove_files()
