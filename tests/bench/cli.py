# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the appliance beside FRR's vtysh (with bgpd), both configured with as many lines.

Per row: one `-c 'show version'`, fifty of them at once, LINES lines of configuration from a file, the
whole configuration shown, and the processor time that the daemon took for both.  One configuration
object is a site with two tunnels here and a BGP neighbour with its prefix-list there.  vtysh takes
milliseconds for each line, so that it loads fewer.  Then `show running-config` of SITES small sites.
What is above LIMITS fails, on a machine that does nothing else.
"""
import glob
import json
import os
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "netns"))

from lab import Failure, run, wait_for  # noqa: E402

LINES = int(os.environ.get("IKESH_BENCH_LINES", "100000"))
PER_OBJECT = 100
CALLS = 40
AT_ONCE = 50
SITES = int(os.environ.get("IKESH_BENCH_SITES", "10000"))
LIMITS = (("version_ms", 10), ("load_s", 3), ("sites_s", 0.5))


def ikesh_config(lines):
    out = []
    networks = PER_OBJECT - PER_OBJECT // 2 - 11
    for i in range(lines // PER_OBJECT):
        out += [f"ipsec site S{i:05d}", f" native-range 10.{i // 256}.{i % 256}.0/24", " keepalive 20"]
        for role in (1, 2):
            out += [f" tunnel {('primary', 'secondary')[role - 1]} 1", f"  name uplink-{role}",
                    f"  public-ip 20{role}.{i // 65536}.{i // 256 % 256}.{i % 256}", "  psk a-key-that-is-long-enough"]
        out[-8:-8] = [f" network-range r{n}:10.{n}.0.0/16" for n in range(PER_OBJECT // 2)]
        out[-8:-8] = [f" network n{n} 20.{own // 256 // 16}.{own // 16 % 256}.{own % 16 * 16}/28"
                      for n, own in enumerate(range(i * networks, (i + 1) * networks))]
    return "\n".join(out)


def small_sites(count):
    return "\n".join(f"ipsec site S{i:05d}\n native-range 10.{i // 256}.{i % 256}.0/24\n tunnel primary 1\n"
                     f"  public-ip 201.{i // 65536}.{i // 256 % 256}.{i % 256}\n  psk a-key-that-is-long-enough" for i in range(count))


def frr_config(lines):
    out = ["router bgp 65000", " no bgp default ipv4-unicast"]
    objects = lines // PER_OBJECT
    for i in range(objects):
        peer = f"10.{i // 65536}.{i // 256 % 256}.{i % 256}"
        out += [f" neighbor {peer} remote-as 65001", f" neighbor {peer} description site-{i}"]
    out.append("exit")
    for i in range(objects):
        for n in range(PER_OBJECT - 2):
            out.append(f"ip prefix-list P{i} seq {n + 5} permit 10.{n}.0.0/16")
    return "\n".join(out)


class Namespace:
    def __init__(self):
        self.name = f"ikesh-bench-{os.getpid()}"
        self.dir = tempfile.mkdtemp(prefix="ikesh-bench-")
        os.chmod(self.dir, 0o755)
        run(["ip", "netns", "add", self.name])
        run(["ip", "-n", self.name, "link", "set", "lo", "up"])
        self.daemons = []

    def start(self, argv):
        with open(os.path.join(self.dir, "log"), "ab") as log:
            self.daemons.append(subprocess.Popen(["ip", "netns", "exec", self.name] + argv, stdout=log, stderr=log,
                                                 stdin=subprocess.DEVNULL))

    def cpu(self):
        """Seconds of processor time of all daemons."""
        total = 0
        for d in self.daemons:
            with open(f"/proc/{d.pid}/stat", encoding="utf-8") as f:
                fields = f.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")

    def close(self):
        for d in self.daemons:
            d.kill()
        for d in self.daemons:
            d.wait()
        run(["ip", "netns", "delete", self.name], check=False)
        shutil.rmtree(self.dir, ignore_errors=True)


def start_ikesh(bin_dir, ns):
    socket = os.path.join(ns.dir, "cli.sock")
    for folder in ("config", "state"):
        os.mkdir(os.path.join(ns.dir, folder), 0o700)
    ns.start([os.path.join(bin_dir, "ikeshd"), "--foreground", "--config-dir", os.path.join(ns.dir, "config"),
              "--state-dir", os.path.join(ns.dir, "state"), "--socket", socket])
    return [os.path.join(bin_dir, "ikesh"), "--socket", socket], "--merge", ikesh_config


def start_frr(_, ns):
    if not glob.glob("/usr/lib/frr/bgpd"):
        raise Failure("FRR is not installed")
    owner = pwd.getpwnam("frr")
    os.chown(ns.dir, owner.pw_uid, owner.pw_gid)
    for name in ("zebra", "bgpd"):
        path = os.path.join(ns.dir, name)
        open(path + ".conf", "w", encoding="utf-8").close()
        ns.start([f"/usr/lib/frr/{name}", "-i", path + ".pid", "-z", os.path.join(ns.dir, "zserv"), "--vty_socket", ns.dir,
                  "-f", path + ".conf", "-P", "0"])
    open(os.path.join(ns.dir, "vtysh.conf"), "w", encoding="utf-8").close()
    return ["vtysh", "--vty_socket", ns.dir, "--config_dir", ns.dir], "-f", frr_config


ROWS = {"ikesh": (start_ikesh, LINES), "FRR vtysh": (start_frr, LINES // 50)}


def took(argv, **kw):
    start = time.monotonic()
    r = subprocess.run(argv, capture_output=True, text=True, timeout=600, check=False, **kw)
    if r.returncode != 0:
        raise Failure(f"{' '.join(argv[-3:])}: exit {r.returncode}: {r.stdout[-500:]}{r.stderr[-500:]}")
    return time.monotonic() - start, r.stdout


def loaded(client, load, ns, text):
    """Seconds to load a text."""
    path = os.path.join(ns.dir, "configuration")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text + "\n")
    return took(client + [load, path])[0]


def show_of_sites(bin_dir):
    """Seconds for the running-config of SITES sites, best of three."""
    ns = Namespace()
    try:
        client, load, _ = start_ikesh(bin_dir, ns)
        wait_for("ikesh", lambda: subprocess.run(client + ["-c", "!"], capture_output=True, check=False).returncode == 0, 30)
        loaded(client, load, ns, small_sites(SITES))
        shown = [took(client + ["-c", "show running-config"]) for _ in range(3)]
        if shown[0][1].count("\nipsec site ") != SITES:
            raise Failure("not every site was shown")
        return min(seconds for seconds, _ in shown)
    finally:
        ns.close()


def row(name, bin_dir):
    ns = Namespace()
    try:
        start_row, lines = ROWS[name]
        client, load, config = start_row(bin_dir, ns)
        version = client + ["-c", "show version"]
        wait_for(name, lambda: subprocess.run(version, capture_output=True, check=False).returncode == 0, 30)
        calls = [took(version)[0] for _ in range(CALLS)]
        start = time.monotonic()
        many = [subprocess.Popen(version, stdout=subprocess.DEVNULL) for _ in range(AT_ONCE)]
        if any(p.wait(60) for p in many):
            raise Failure("not every session was served")
        at_once = time.monotonic() - start
        before = ns.cpu()
        load_s = loaded(client, load, ns, config(lines))
        load_cpu, before = ns.cpu() - before, ns.cpu()
        shown, text = took(client + ["-c", "show running-config"])
        return {"name": name, "version_ms": statistics.median(calls) * 1000, "at_once_ms": at_once * 1000,
                "load_s": load_s, "load_cpu_s": load_cpu, "load_rate": lines / load_s, "show_s": shown, "show_cpu_s": ns.cpu() - before,
                "lines": text.count("\n")}
    finally:
        ns.close()


def measure(bin_dir, say):
    """Rows of all; Failure when one cannot be measured."""
    say("".ljust(14) + "".join(t.rjust(15) for t in (
        "version ms", f"{AT_ONCE} at once ms", "load s", "(daemon CPU)", "lines/s", "show s", "(daemon CPU)",
        "lines shown")))
    rows = []
    for name in ROWS:
        r = row(name, bin_dir)
        rows.append(r)
        say(name.ljust(14) + "".join(f"{r[k]:15.{d}f}" for k, d in (
            ("version_ms", 1), ("at_once_ms", 0), ("load_s", 2), ("load_cpu_s", 2), ("load_rate", 0), ("show_s", 2), ("show_cpu_s", 2),
            ("lines", 0))))
    rows[0]["sites_s"] = show_of_sites(bin_dir)
    say(f"show running-config of {SITES} sites: {rows[0]['sites_s']:.2f} s")
    above = [f"{key} is {rows[0][key]:.2f}, at most {most}" for key, most in LIMITS if rows[0][key] > most]
    if above and os.getloadavg()[0] < 1.5:
        raise Failure("; ".join(above))
    for text in above:
        say(f"not judged, the machine is busy: {text}")
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], lambda line: print(line, flush=True))))
