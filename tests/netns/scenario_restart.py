# SPDX-License-Identifier: GPL-3.0-or-later
"""The appliance is killed, restarted and renewed while its tunnels carry traffic: nobody notices."""
import os
import random
import re
import signal
import subprocess
import time

from lab import GW_WAN, LAN_HOST, PEER_WAN, Failure, Ikeshd, run, wait_for
from own_pair import PSK, USERSPACE, flood, pair, site, two_ways
from strongswan import Charon

MESSAGES = ("ike_rx_messages", "ike_sa_established", "ike_initiated")


def lost(ping):
    out = ping.communicate(timeout=60)[0]
    sent, received = map(int, re.search(r"(\d+) packets transmitted, (\d+) received", out).groups())
    if sent < 50:
        raise Failure("the ping did not run: " + out)
    return sent - received


def spis(gw):
    return sorted(re.findall(r"[0-9a-f]{8,16}", gw.show("show ipsec sa json | include spi")))


def processes(gw):
    """Numbers of the processes of a namespace by their names."""
    found = {}
    for pid in run(["ip", "netns", "pids", gw.lab.ns(gw.name)]).stdout.split():
        with open(f"/proc/{pid}/comm") as f:
            found[f.read().strip()] = int(pid)
    return found


def status(pid, name):
    with open(f"/proc/{pid}/status") as f:
        return next(line.split()[1:] for line in f if line.startswith(name + ":"))


def end(gw, how):
    """The process is gone, its successor answers."""
    if how == "kill":
        gw.stop(kill=True)
        gw.start()
    elif how == "leave":
        gw.process.send_signal(signal.SIGUSR2)
        gw.process.wait(10)
        gw.start()
    elif how == "orphan":
        os.kill(processes(gw)["ikesh-priv"], signal.SIGKILL)
        if gw.process.wait(10) == 0:
            raise Failure("nobody heard that the privileged half has ended")
        gw.start()
    else:
        started = gw.show("show logging").count("TAKEN_OVER")
        gw.process.send_signal(signal.SIGHUP)
        wait_for("the renewed process", lambda: gw.ikesh(["-c", "show logging"], check=False).stdout.count(
            "%SYS-5-TAKEN_OVER") > 0 or started < 0, 10)


def unnoticed(lab, gw, peer, how, most_ms):
    before, their = spis(gw), peer.show("show logging")
    since = gw.tunnel("Peer")["since"] if "since" in gw.tunnel("Peer") else None
    ping = flood(lab, 4)
    time.sleep(0.5)
    end(gw, how)
    count = lost(ping)
    if count * 10 > most_ms:
        raise Failure(f"{how}: {count} packets at 10 ms were lost\n" + gw.show("show logging"))
    log = gw.show("show logging")
    if "TAKEN_OVER" not in log or "LINK_" in log or "SITE_" in log or "STORY" in log:
        raise Failure(f"{how}: {log}")
    if spis(gw) != before or not before:
        raise Failure(f"{how}: {before} before, now {spis(gw)}")
    if peer.show("show logging") != their:
        raise Failure(f"{how}: the peer noticed: " + peer.show("show logging"))
    if since is not None and gw.tunnel("Peer").get("since") != since:
        raise Failure(f"{how}: up since {since} before, now {gw.tunnel('Peer')}")
    print(f"   {how}: {count} packets of 10 ms lost")


def scenario_restart_unnoticed(make):
    lab, gw, peer = pair(make)
    gw.configure("story link-down threshold 10")
    gw.ikesh(["-c", "write memory"])
    for how in ("kill", "leave", "renew", "kill"):
        unnoticed(lab, gw, peer, how, 200)
    time.sleep(12)
    if gw.json("show stories")["stories"]:
        raise Failure("a false story: " + gw.show("show stories"))
    # the SAs live: each side can rekey them, and they end as they should
    gw.ikesh(["-c", "clear ipsec sa site Peer"], check=False)
    gw.wait_state("Peer", "up", 20)
    lab.expect_ping("hq", LAN_HOST)
    gw.stop()
    peer.wait_state("Peer", "connecting", 5) if peer.tunnel("Peer")["state"] != "down" else None
    peer.stop()


def counters(gw):
    return {m.group(1): int(m.group(2)) for m in re.finditer(r"^(esp_\S+)\s+(\d+)$", gw.show("show ipsec statistics"), re.M)}


def scenario_restart_counts_on(make):
    """No counter of ESP begins anew, whatever the way to the next process was."""
    lab, gw, peer = pair(make)
    garbage = "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n" \
              f"for i in range(500):\n s.sendto(bytes([9, 9, 9, i % 256]) + bytes(60), ('{GW_WAN}', 4500))"
    lab.run("inet", ["/usr/bin/python3", "-c", garbage])
    wait_for("strangers are counted", lambda: counters(gw).get("esp_rx_unknown_spi", 0) == 500, 5)
    for how in ("kill", "leave", "renew"):
        lab.expect_ping("hq", LAN_HOST, count=20)
        before = counters(gw)
        end(gw, how)
        wait_for("it answers", lambda: gw.ikesh(["-c", "show clock"], check=False).returncode == 0, 10)
        after = counters(gw)
        less = {n: (before[n], after.get(n)) for n in before if after.get(n, 0) < before[n]}
        if less or after["esp_rx_unknown_spi"] != 500 or before["esp_tx_packets"] < 20:
            raise Failure(f"{how}: {less or after}")
    gw.stop()
    peer.stop()


def scenario_restart_follows_routes(make):
    """The way out changes after a restart, or while nobody looks: the tunnel follows."""
    lab, gw, peer = two_ways(make)

    def way(gone, there):
        lab.run("gw", ["ip", "address", "del", f"198.18.{gone}.1/24", "dev", f"wan{gone}"])
        lab.route("gw", "192.0.2.1/32", f"198.18.{there}.2")

    def followed(there):
        took = wait_for("the other address", lambda: peer.tunnel("Peer")["peer"] == f"198.18.{there}.1", 8)
        lab.expect_ping("hq", LAN_HOST)
        print(f"     the other way out after {took:.1f} s", flush=True)
    end(gw, "kill")
    if "TAKEN_OVER" not in gw.show("show logging"):
        raise Failure(gw.show("show logging"))
    way(1, 2)
    followed(2)
    lab.address("gw", "wan1", "198.18.1.1/24")
    gw.stop(kill=True)
    way(2, 1)
    gw.start()
    followed(1)
    gw.stop()
    peer.stop()


def scenario_restart_halves(make):
    """The main half has no rights, whoever it is; without the privileged one it leaves the tunnels to the next start."""
    lab, gw, peer = pair(make)
    for reachable in (False, True):
        if reachable:  # from now on the folders are given to a user of their own
            os.chmod(lab.dir, 0o755)
            end(gw, "kill")
        for how in ("renew", "orphan", "kill"):
            unnoticed(lab, gw, peer, how, 200)
            both = processes(gw)
            if both["ikeshd"] != gw.process.pid or status(gw.process.pid, "CapEff") != ["0" * 16]:
                raise Failure(f"{how}: {both}, {status(gw.process.pid, 'CapEff')}")
            if status(gw.process.pid, "Seccomp") == ["0"]:
                continue  # a build with sanitizers is as much as it needs to be
            if (status(gw.process.pid, "Uid")[1] != "0") != reachable or status(both["ikesh-priv"], "Uid")[1] != "0":
                raise Failure(f"{how}: users {status(gw.process.pid, 'Uid')} and {status(both['ikesh-priv'], 'Uid')}")
    gw.ikesh(["-c", "write memory"])
    gw.ikesh(["-c", "reload"])  # what holds is new then, and belongs to the main half's user
    wait_for("the appliance answers", lambda: gw.ikesh(["-c", "!"], check=False).returncode == 0, 10)
    gw.wait_state("Peer", "up", 20)
    unnoticed(lab, gw, peer, "kill", 200)
    gw.stop()
    if "ikeshd" in processes(gw) or "ikesh-priv" in processes(gw):
        raise Failure(f"left: {processes(gw)}")
    peer.stop()


def held(lab, name, what):
    """Path of the memory that the keeper of a namespace holds."""
    for pid in lab.run(name, ["ip", "netns", "pids", lab.ns(name)]).stdout.split():
        with open(f"/proc/{pid}/comm") as f:
            if f.read().strip() != "ikesh-keep":
                continue
        for fd in os.listdir(f"/proc/{pid}/fd"):
            path = f"/proc/{pid}/fd/{fd}"
            if what in os.readlink(path):
                return path
    raise Failure("nobody holds " + what)


def refused(lab, gw, at, words):
    gw.stop(kill=True)
    with open(held(lab, "gw", "ikesh state"), "r+b", buffering=0) as f:
        if at is None:  # in what was written last
            f.seek(16)
            at = int.from_bytes(f.read(8), "little") - 9
        f.seek(at)
        old = f.read(1)
        f.seek(at)
        f.write(bytes([old[0] ^ 0x41]))
    gw.start()
    took = wait_for("traffic", lambda: lab.ping("hq", LAN_HOST, count=1)[1] == 1, 30)
    log = gw.show("show logging")
    if "NOT_TAKEN_OVER" not in log or words not in log or "TAKEN_OVER: Taken" in log:
        raise Failure(log)
    lab.expect_ping("hq", LAN_HOST)
    print(f"   {words}: traffic again after {took:.1f} s")
    if took > 5:
        raise Failure(f"{words}: {took} s")


def scenario_restart_state_refused(make):
    """State of another version, and state that was damaged: the reason is said, and all is negotiated anew."""
    lab, gw, peer = pair(make)
    refused(lab, gw, 8, "it has format 64")
    refused(lab, gw, None, "it is damaged")
    gw.stop()
    peer.stop()


def scenario_restart_other_configuration(make):
    """What was configured away while nobody looked goes, and the peer is told."""
    lab, gw, peer = pair(make)
    gw.stop(kill=True)
    path = os.path.join(gw.dir, "config", "startup-config")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("site Peer", "site Other").replace("10.20.0.0", "10.30.0.0"))
    gw.start()
    gw.wait_state("Other", "up", 20)
    wait_for("the old device is gone", lambda: "ips1:" not in lab.run("gw", ["ip", "-o", "link"]).stdout, 5)
    routes = lab.run("gw", ["ip", "route"]).stdout
    if "10.20.0.0" in routes or "10.30.0.0" not in routes:
        raise Failure(routes)
    gw.stop()
    if "ikesh-keep" in lab.run("gw", ["sh", "-c", f"ip netns pids {lab.ns('gw')} | xargs -r ps -o comm= -p"],
                               check=False).stdout:
        raise Failure("the keeper outlived a stop")
    peer.stop()


# Counts packets that leave the gateway: numbers of an ESP SA or IVs of an IKE SA that come twice for
# different octets.  Ends with SIGTERM.
SNIFF = """
import hashlib, signal, socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind((sys.argv[1], 0))
s.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)
esp, ike, bad = {}, {}, []
def done(*_):
    print(len(esp), "esp", len(ike), "ike", len(bad), "repeated", *bad[:5], flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, done)
print("ready", flush=True)
source = socket.inet_aton(sys.argv[2])
def see(table, key, value):
    if table.setdefault(key, value) != value:
        bad.append(key.hex())
while True:
    p, where = s.recvfrom(70000)
    if p[12:14] != b"\\x08\\x00" or p[26:30] != source or p[23] != 17:
        continue
    u = p[14 + 4 * (p[14] & 15):]
    data = u[8:]
    digest = hashlib.sha256(data).digest()[:8]
    if int.from_bytes(u[:2], "big") == 4500 and data[:4] != bytes(4):
        see(esp, data[:8], digest)
    else:
        m = data[4:] if data[:4] == bytes(4) else data
        if len(m) > 40 and m[16] == 46:
            see(ike, m[:16] + m[32:40], digest)
"""


class Sniffer:
    def __init__(self, lab, device, source):
        self.process = subprocess.Popen(["ip", "netns", "exec", lab.ns("inet"), "/usr/bin/python3", "-c", SNIFF,
                                         device, source], stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def end(self):
        self.process.terminate()
        out = self.process.communicate(timeout=10)[0]
        esp, ike, repeated = map(int, re.match(r"(\d+) esp (\d+) ike (\d+) repeated", out).groups())
        if repeated or esp < 100:
            raise Failure("sequence numbers or IVs: " + out)
        return esp, ike


def kill_often(make, times):
    """At random moments, many of them within a rekey: both sides agree in the end, and no (key, IV) is used twice."""
    lab, gw, peer = pair(make)
    sniffers = [Sniffer(lab, "gw0", GW_WAN)]
    ping = flood(lab, 3600, 0.005)
    moments = random.Random(times)
    for n in range(times):
        command = ("ipsec rekey site Peer ike", "ipsec rekey site Peer", "")[n % 3]
        if command:
            moment = (gw, peer)[moments.randrange(2)]
            moment.ikesh(["-c", command])
        time.sleep(moments.random() * 0.03 if n % 2 else moments.random())
        gw.stop(kill=True)
        gw.start()
        if n % 10 == 9:
            lab.expect_ping("hq", LAN_HOST, count=3)
    gw.wait_state("Peer", "up", 10)
    lab.expect_ping("hq", LAN_HOST)
    wait_for("both sides have the same SAs", lambda: len(children(gw)) == len(children(peer)) == 1 and
             {(b, a) for a, b in children(gw)} == set(children(peer)), 15)
    ping.send_signal(signal.SIGINT)
    count = lost(ping)
    log = gw.show("show logging") + peer.show("show logging")
    if "LINK_DOWN" in log.split("TAKEN_OVER", 1)[1]:
        raise Failure("a tunnel went down: " + log)
    esp, ike = sniffers[0].end()
    print(f"   {times} kills: {count} packets of 5 ms lost, {esp} ESP packets and {ike} IKE messages, no number twice")
    gw.stop()
    peer.stop()


def children(gw):
    return [(c["spiIn"], c["spiOut"]) for s in gw.json("show ipsec sa")["sites"] for t in s["tunnels"]
            for c in t.get("childSas", [])]


def scenario_restart_killed_often(make):
    kill_often(make, 12)


if "IKESH_LONG" in os.environ:
    def scenario_restart_killed_100_times(make):
        kill_often(make, 100)


def scenario_restart_strongswan(make):
    """strongSwan hears nothing of it, and both can rekey afterwards."""
    lab = make()
    gw = Ikeshd(lab, "gw", site("10.20.0.0/24", PEER_WAN, initiate=False), USERSPACE)
    peer = Charon(lab, psk=PSK)
    peer.initiate()
    gw.wait_state("Peer", "up", 20)
    lab.expect_ping("hq", LAN_HOST)
    heard = len(lab.log("charon-peer/charon.log").splitlines())
    ping = flood(lab, 4)
    time.sleep(0.5)
    end(gw, "kill")
    count = lost(ping)
    new = [line for line in lab.log("charon-peer/charon.log").splitlines()[heard:] if "parsed " in line or "generating" in line]
    if count > 20 or [line for line in new if "INFORMATIONAL" not in line]:
        raise Failure(f"{count} packets lost, strongSwan: {new}")
    print(f"   kill: {count} packets of 10 ms lost")
    for act in (lambda: peer.swanctl("--rekey", "--child", "net"), lambda: peer.swanctl("--rekey", "--ike", "gw"),
                lambda: gw.ikesh(["-c", "ipsec rekey site Peer ike"])):
        act()
        time.sleep(1)
        end(gw, "kill")
        lab.expect_ping("hq", LAN_HOST)
    if "LINK_DOWN" in gw.show("show logging"):
        raise Failure(gw.show("show logging"))
    gw.stop()
    wait_for("strongSwan is told", lambda: "ESTABLISHED" not in peer.sas(), 5)
