# SPDX-License-Identifier: GPL-3.0-or-later
"""One appliance with 1,000 sites of six tunnels each, all up: processor at rest, memory, time of the status screen.

The peers are one scripted initiator (handshake.c) with an identity for each tunnel.  At rest means that
no packet is forwarded; each tunnel is looked at once a second and asked when it was quiet for long.
"""
import json
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "netns"))

from handshake import INFLIGHT, INITIATOR, PSK, RESPONDER, build, pinned, processor, resident_kib  # noqa: E402
from lab import Failure, Ikeshd, Lab, run, wait_for  # noqa: E402

SITES = int(os.environ.get("IKESH_BENCH_SITES", "1000"))
TUNNELS = 6
REST_S = int(os.environ.get("IKESH_BENCH_REST", "60"))
SHOWS = 10
CPU_MAX_PERCENT, SHOW_MAX_MS = 5.0, 100.0

SITE = """ipsec site s{s}
 native-range 10.0.{b}.{c}/32
 network-range hq:10.200.0.0/16
 authentication-identifier fqdn
 ike-lifetime 86400
 child-lifetime 86400
"""
TUNNEL = """ tunnel {role} {index}
  local-id p{i}.bench
  psk "{psk}"
"""


def config():
    text, i = "", 0
    for s in range(1, SITES + 1):
        text += SITE.format(s=s, b=s >> 8, c=s & 255)
        for n in range(TUNNELS):
            i += 1
            text += TUNNEL.format(role="primary" if n < 3 else "secondary", index=n % 3 + 1, i=i, psk=PSK)
    return text


def show_ms(gw, command):
    """Time until the whole answer is there, as an operator's script sees it, and the time of an empty one."""
    times = []
    for _ in range(SHOWS):
        start = time.monotonic()
        gw.ikesh(["-c", command])
        times.append((time.monotonic() - start) * 1000)
    return statistics.median(times)


def bring_up(lab, program):
    """The initiator, once all of its tunnels are up."""
    load = subprocess.Popen(
        ["ip", "netns", "exec", lab.ns("gw"),
         *pinned(0, [program, "initiate", INITIATOR, RESPONDER, str(SITES * TUNNELS), str(INFLIGHT), "p256"])],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    lab.processes.append(load)
    if not load.stdout.readline().startswith("ready "):
        raise Failure("the initiator does not start")
    result = json.loads(load.stdout.readline())
    if result["failed"] or result["up"] != SITES * TUNNELS:
        raise Failure(f"not all tunnels came up: {result}")
    return load


def measure(bin_dir, say=print):
    build(bin_dir)
    lab = Lab(bin_dir)
    try:
        lab.link("gw", "b0", f"{INITIATOR}/24", "peer", "b0", f"{RESPONDER}/24")
        gw = Ikeshd(lab, "peer", config(), ["--dataplane", "userspace"])
        pid = gw.process.pid
        wait_for("all devices", lambda: lab.run("peer", ["ip", "-o", "link"]).stdout.count(" ips") >= SITES, 300)
        configured = resident_kib(pid)
        load = bring_up(lab, os.path.join(bin_dir, "handshake"))
        time.sleep(15)
        before = processor(pid)
        time.sleep(REST_S)
        row = {"sites": SITES, "tunnels": SITES * TUNNELS, "cpu_percent": (processor(pid) - before) / REST_S * 100,
               "configured_mib": configured / 1024, "up_mib": resident_kib(pid) / 1024,
               "empty_ms": show_ms(gw, "show clock"), "status_ms": show_ms(gw, "show ipsec connection-status"),
               "json_ms": show_ms(gw, "show ipsec connection-status json"), "health_ms": show_ms(gw, "show ipsec health"),
               "site_ms": show_ms(gw, "show ipsec connection-status site s500 detail" if SITES >= 500 else "show clock")}
        up = gw.json("show ipsec connection-status")["summary"]["up"]
        say(f"{SITES} sites, {up} of {SITES * TUNNELS} tunnels up: {row['cpu_percent']:.1f} % of a processor at rest (over {REST_S} s), "
            f"{row['up_mib']:.0f} MiB ({row['configured_mib']:.0f} before they came up)")
        say(f"show ipsec connection-status {row['status_ms']:.0f} ms, as JSON {row['json_ms']:.0f}, health {row['health_ms']:.0f}, "
            f"one site in detail {row['site_ms']:.0f}, an empty command {row['empty_ms']:.0f}")
        load.stdin.close()
        load.wait(120)
        gw.crash()
        if up != SITES * TUNNELS:
            raise Failure(f"{up} tunnels are up")
        if row["cpu_percent"] >= CPU_MAX_PERCENT or row["status_ms"] >= SHOW_MAX_MS:
            raise Failure(f"beyond {CPU_MAX_PERCENT} % or {SHOW_MAX_MS} ms")
        return row
    finally:
        lab.close()
        lab.remove_files()


if __name__ == "__main__":
    print(measure(sys.argv[1]))
