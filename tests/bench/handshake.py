# SPDX-License-Identifier: GPL-3.0-or-later
"""IKE_SA and Child SA per second and processor, and memory per established pair, alone and with the profile.

One scripted initiator (our engine over UDP, on one processor) against each responder (on another):
our engine alone, the whole appliance with a site for each tunnel, and strongSwan.  strongSwan's ESP
is kernel-libipsec (Debian has no null backend) with one route for all; the engine's row has no data
plane, the appliance's has a device and a route for each.
"""
import json
import os
import re
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "netns"))

from lab import Failure, Ikeshd, Lab, run, wait_for  # noqa: E402

PSK = "benchmark-psk-benchmark-psk"
INITIATOR, RESPONDER = "198.18.0.1", "198.18.0.2"
INFLIGHT = 48
SUITES = {"p256": ("aes128gcm16-prfsha256-ecp256", "aes128gcm16"), "modp2048": ("aes128-sha256-modp2048", "aes128-sha256")}
RUNS = int(os.environ.get("IKESH_BENCH_RUNS", "3"))

STRONGSWAN_CONF = """
charon {{
  load = random nonce openssl aes sha1 sha2 hmac kdf gcm gmp pem x509 pubkey pkcs1 kernel-libipsec kernel-netlink socket-default vici
  threads = 16
  dos_protection = no
  cookie_threshold = 1000000
  cookie_threshold_ip = 1000000
  block_threshold = 1000000
  ikesa_table_size = 16384
  ikesa_table_segments = 16
  install_virtual_ip = no
  filelog {{ f {{ path = {dir}/charon.log
    default = -1 }} }}
  plugins {{ vici {{ socket = unix://{dir}/vici }} }}
}}
swanctl {{ load = random nonce openssl sha1 sha2 hmac pem x509 pubkey pkcs1 }}
"""

SWANCTL_CONF = """
connections {{ gw {{
  version = 2
  local_addrs = {responder}
  proposals = {ike}
  rekey_time = 24h
  mobike = no
  unique = never
  local {{ auth = psk
    id = {responder} }}
  remote {{ auth = psk
    id = %any }}
  children {{ net {{
    local_ts = 10.200.0.0/16
    remote_ts = 10.0.0.0/16
    esp_proposals = {esp}
    rekey_time = 24h
  }} }}
}} }}
secrets {{ ike-1 {{ secret = "{psk}" }} }}
"""


def processor(pid):
    """Seconds of processor time of all threads, to the nanosecond."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat") as f:
                total += int(f.read().split()[0])
        except OSError:
            pass
    return total / 1e9


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def pinned(cpu, argv):
    return ["taskset", "-c", str(cpu % (os.cpu_count() or 1)), *argv]


def bare(process):
    """Waits until our program is ready; KiB that it had before there were any tunnels."""
    words = process.stdout.readline().split()
    if len(words) != 2 or words[0] != "ready":
        raise Failure("our program does not start")
    return int(words[1])


class Ours:
    name = "ikesh engine"

    def __init__(self, lab, program, suite, count):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", lab.ns("peer"), *pinned(1, [program, "respond", RESPONDER, "-", str(count), "0", suite])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        lab.processes.append(self.process)
        self.bare = bare(self.process)
        self.pid = self.process.pid

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)


SITE = """ipsec site s{i}
 native-range 10.{a}.{b}.{c}/32
 network-range hq:10.200.0.0/16
 authentication-identifier fqdn
 ike-lifetime 86400
 child-lifetime 86400
 keepalive 60
 dead-interval 300
 tunnel primary
  local-id p{i}.bench
  psk "{psk}"
"""


class Whole:
    """The appliance with a site for each tunnel: devices, routes, ESP SAs, events and all."""
    name = "ikesh appliance"

    def __init__(self, lab, _program, _suite, count):
        config = "".join(SITE.format(i=i, a=i >> 16, b=i >> 8 & 255, c=i & 255, psk=PSK) for i in range(1, count + 1))
        self.gw = Ikeshd(lab, "peer", config, ["--dataplane", "userspace"])
        self.pid = self.gw.process.pid
        wait_for("all devices", lambda: lab.run("peer", ["ip", "-o", "link"]).stdout.count(" ips") >= count, 120)
        run(["taskset", "-a", "-p", "-c", str(1 % (os.cpu_count() or 1)), str(self.pid)])

    def stop(self):
        self.gw.stop(kill=True)


class StrongSwan:
    name = "strongSwan 5.9.8"

    def __init__(self, lab, _program, suite, _count):
        self.lab, self.dir = lab, lab.dir
        ike, esp = SUITES[suite]
        for name, text in (("strongswan.conf", STRONGSWAN_CONF), ("swanctl.conf", SWANCTL_CONF)):
            with open(os.path.join(self.dir, name), "w") as f:
                f.write(text.format(dir=self.dir, responder=RESPONDER, ike=ike, esp=esp, psk=PSK))
        lab.address("peer", "lo", "10.200.0.1/16")  # for the one route
        self.env = {**os.environ, "STRONGSWAN_CONF": os.path.join(self.dir, "strongswan.conf")}
        self.process = lab.start("peer", pinned(1, ["unshare", "-m", "sh", "-c",
                                 "mount -t tmpfs run /run && exec /usr/lib/ipsec/charon"]), "charon.out", env=self.env)
        wait_for("charon listens", lambda: self.swanctl("--stats", check=False).returncode == 0, 20)
        self.swanctl("--load-all", "--file", os.path.join(self.dir, "swanctl.conf"))
        self.pid = self.process.pid

    def swanctl(self, *argv, check=True):
        return run(["ip", "netns", "exec", self.lab.ns("peer"), "swanctl", *argv, "--uri", f"unix://{self.dir}/vici"],
                   check=check, env=self.env)

    def stop(self):
        self.lab.stop(self.process, kill=True)




def one(bin_dir, responder, suite, count):
    program = os.path.join(bin_dir, "handshake")
    lab = Lab(bin_dir)
    try:
        lab.link("gw", "b0", f"{INITIATOR}/24", "peer", "b0", f"{RESPONDER}/24")
        row = responder(lab, program, suite, count)
        load = subprocess.Popen(
            ["ip", "netns", "exec", lab.ns("gw"),
             *pinned(0, [program, "initiate", INITIATOR, RESPONDER, str(count), str(INFLIGHT), suite])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        lab.processes.append(load)
        before = processor(row.pid), resident_kib(row.pid)
        own_bare = bare(load)
        own = processor(load.pid), resident_kib(load.pid)
        result = json.loads(load.stdout.readline())
        after = processor(row.pid), resident_kib(row.pid)
        own_after = processor(load.pid), resident_kib(load.pid)
        load.stdin.close()
        load.wait(60)
        row.stop()
        if result["failed"] or result["up"] != count:
            raise Failure(f"{responder.name}: {result}")
        return {"name": responder.name, "suite": suite, "count": count, "wall": count / result["seconds"],
                "us": (after[0] - before[0]) / count * 1e6, "kib": (after[1] - before[1]) / count,
                "us_initiator": (own_after[0] - own[0]) / count * 1e6, "kib_initiator": (own_after[1] - own[1]) / count,
                "kib_all": (after[1] - row.bare) / count if hasattr(row, "bare") else None,
                "kib_all_initiator": (own_after[1] - own_bare) / count}
    finally:
        lab.close()
        lab.remove_files()


def median(bin_dir, responder, suite, count, runs):
    rows = [one(bin_dir, responder, suite, count) for _ in range(runs)]
    middle = dict(rows[0])
    for key in ("wall", "us", "kib", "us_initiator", "kib_initiator", "kib_all", "kib_all_initiator"):
        middle[key] = None if rows[0][key] is None else statistics.median(r[key] for r in rows)
    return middle


def build(bin_dir):
    run(["cmake", "--build", os.path.dirname(os.path.abspath(bin_dir)), "--target", "handshake"], timeout=600)


HEAD = f"{'responder':22}{'suite':>10}{'pairs':>8}{'per s, core':>13}{'us each':>10}{'KiB/pair':>10}{'+ profile':>11}{'wall/s':>9}{'init us':>9}{'init KiB':>10}{'+ profile':>11}"


def line(r):
    return (f"{r['name']:22}{r['suite']:>10}{r['count']:>8}{1e6 / r['us']:>13.0f}{r['us']:>10.0f}{r['kib']:>10.2f}"
            f"{'-' if r['kib_all'] is None else format(r['kib_all'], '.2f'):>11}"
            f"{r['wall']:>9.0f}{r['us_initiator']:>9.0f}{r['kib_initiator']:>10.2f}{r['kib_all_initiator']:>11.2f}")


def measure(bin_dir, say=print):
    """All rows; figures are ratios between rows of one run, never absolute."""
    build(bin_dir)
    rows = []
    say(HEAD)
    for suite, count, runs in (("p256", 1000, RUNS), ("modp2048", 1000, RUNS), ("p256", 10000, 1)):
        for responder in (StrongSwan, Whole, Ours) if count <= 1000 else (StrongSwan, Ours):
            rows.append(median(bin_dir, responder, suite, count, runs))
            say(line(rows[-1]))
    return rows


if __name__ == "__main__":
    build(sys.argv[1])
    print(HEAD)
    for which in (Ours, Whole, StrongSwan):
        if sys.argv[4:] and sys.argv[4] not in which.__name__.lower():
            continue
        print(line(one(sys.argv[1], which, sys.argv[2], int(sys.argv[3]))), flush=True)
