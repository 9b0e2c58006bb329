# SPDX-License-Identifier: GPL-3.0-or-later
"""A running-config pasted back over a live appliance changes nothing: no SA, no packet."""
import os
import re
import signal
import subprocess
import sys

import pexpect

from lab import HQ_HOST, LAN_HOST, PEER_WAN, Failure, Ikeshd
from scenario_esp import Pair
from strongswan import Charon

PSK = "correct horse battery staple"
CLI = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli")
CONFIG = f"""
hostname gw1
username bob privilege 5 secret not-a-real-secret
banner motd ^C
Keep out
unless you belong here.
^C
ipsec site AWS
 country Germany
 state "Hessen am Main"
 native-range 10.20.0.0/24
 connection-mode bidirectional
 initiate-connection
 init-parameters
  encryption aes-gcm-256
  dh-group 20
 tunnel primary
  name "uplink number one"
  public-ip {PEER_WAN}
  psk "{PSK}"
 tunnel secondary
  public-ip 198.51.100.77
  psk "{PSK}"
ipsec site Lyon
 native-range 10.30.0.0/24
 tunnel primary
  public-ip 198.51.100.88
  psk another-key-of-some-length
network-rule 10 voice
 match protocol udp
 site AWS
 wan-role wan1 fallback any
"""


class Person:
    """Somebody at a terminal that marks pastes."""

    def __init__(self, gw):
        self.child = pexpect.spawn(os.path.join(gw.lab.bin, "ikesh"), ["--socket", gw.socket], timeout=60,
                                   env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"}, encoding="utf-8",
                                   dimensions=(60, 200))
        self.child.expect("gw1#")

    def line(self, text, prompt):
        self.child.send(text + "\r")
        self.child.expect(re.escape(prompt) + "$")

    def paste(self, text, prompt):
        self.child.send("\x1b[200~" + text.replace("\n", "\r\n") + "\x1b[201~")
        self.child.expect(re.escape(prompt) + "$")
        return self.child.before

    def leave(self):
        self.child.close(force=True)


def sas(gw):
    """SPIs of everything that is up, and how often each was set up."""
    return re.findall(r'"(?:spi[A-Za-z]*|established|since|rekeys?)":("?[^",}]*)', gw.show("show ipsec sa json"))


def running(gw):
    return gw.show("show running-config")


def unchanged(gw, peer, what, act):
    """act changes nothing that anybody could see, while packets flow."""
    config, before, theirs = running(gw), sas(gw), peer.sas()
    log = f"ping-{abs(hash(what))}.out"
    flow = gw.lab.start("hq", ["ping", "-n", "-q", "-i", "0.02", "-c", "150", LAN_HOST], log)
    act()
    if flow.wait(60) != 0 or " 0% packet loss" not in gw.lab.log(log):
        raise Failure(f"{what}: packets were lost: {gw.lab.log(log)}")
    if running(gw) != config:
        raise Failure(f"{what}: the configuration is another one:\n{running(gw)}")
    if sas(gw) != before or not before:
        raise Failure(f"{what}: other SAs: {before} before, {sas(gw)} after")
    if ids(peer.sas()) != ids(theirs):
        raise Failure(f"{what}: the peer has other SAs: {theirs} before, {peer.sas()} after")


def ids(text):
    return re.findall(r"(?:spi[a-z-]*|uniqueid|unique-id)[=: ]+(\w+)", str(text))


def scenario_running_config_again(make):
    """The whole running-config, by every way it can come: not one packet is lost."""
    lab = make()
    gw = Ikeshd(lab, "gw", CONFIG)
    peer = Charon(lab, psk=PSK)
    gw.wait_state("AWS", "up", 20)
    lab.expect_ping("hq", LAN_HOST)
    lab.expect_ping("lan", HQ_HOST)
    text = running(gw)
    path = os.path.join(lab.dir, "again")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    with open(path + ".keys", "w", encoding="utf-8") as f:
        f.write("configure terminal\n" + text)
    person = Person(gw)

    def in_configuration_mode():
        person.line("configure terminal", "gw1(config)#")
        seen = person.paste(text, "gw1#")
        if "rejected" in seen:
            raise Failure(seen)

    def from_exec():
        seen = person.paste("configure terminal\n" + text, "gw1#")
        if "rejected" in seen:
            raise Failure(seen)

    def through_a_copy():
        gw.ikesh(["-c", "copy running-config file again", "-c", "copy file again running-config"])

    unchanged(gw, peer, "pasted in configuration mode", in_configuration_mode)
    unchanged(gw, peer, "pasted in EXEC", from_exec)
    unchanged(gw, peer, "typed by -f", lambda: gw.ikesh(["-f", path + ".keys"]))
    unchanged(gw, peer, "merged", lambda: gw.ikesh(["--merge", path]))
    unchanged(gw, peer, "copied", through_a_copy)
    unchanged(gw, peer, "refused", lambda: person.paste("conf t\nipsec site AWS\n keepalive 30\n kepalive 3\nend\n",
                                                        "gw1#"))
    person.leave()
    gw.stop()
    peer.stop()


def scenario_public_ips_swapped(make):
    """Two tunnels swap their addresses in one paste; the tunnel of another site does not notice."""
    lab = make()
    gw = Ikeshd(lab, "gw", CONFIG + """
ipsec site Nice
 tunnel primary
  public-ip 198.51.100.99
  psk a-third-key-of-some-length
""")
    peer = Charon(lab, psk=PSK)
    gw.wait_state("AWS", "up", 20)
    before = sas(gw)
    person = Person(gw)
    seen = person.paste("""conf t
ipsec site Lyon
 tunnel primary
  public-ip 198.51.100.99
ipsec site Nice
 tunnel primary
  public-ip 198.51.100.88
end
""", "gw1#")
    if "rejected" in seen:
        raise Failure(seen)
    config = running(gw)
    if not re.search(r"site Lyon\n.*?public-ip 198\.51\.100\.99\n(.|\n)*site Nice\n(.|\n)*?public-ip 198\.51\.100\.88\n",
                     config, re.S):
        raise Failure("not swapped:\n" + config)
    lab.expect_ping("hq", LAN_HOST)
    if sas(gw) != before:
        raise Failure(f"other SAs: {before} before, {sas(gw)} after")
    person.leave()
    gw.stop()
    peer.stop()


def scenario_json_of_live_tunnels(make):
    """Each `show ... json` is as its schema says while a tunnel is up and another one is down."""
    lab = make()
    gw = Ikeshd(lab, "gw", CONFIG.replace("site AWS", "site Paris"))
    peer = Charon(lab, psk=PSK)
    gw.wait_state("Paris", "up", 20)
    lab.expect_ping("hq", LAN_HOST)
    gw.show("write memory")
    gw.ikesh([], input="configure session evening\nhostname gw2\nend\n")
    lab.run("gw", [sys.executable, os.path.join(CLI, "schema.py"), *os.environ.get("IKESH_SCHEMA", "").split()],
            env={**os.environ, "IKESH_SOCKET": gw.socket, "PATH": lab.bin + ":" + os.environ["PATH"]}, timeout=120)
    gw.stop()
    peer.stop()


def scenario_hostile_clients(make):
    """Whatever clients do at the socket, while they do it not one packet is lost."""
    pair = Pair(make)
    gw = pair.gw
    before = sas(gw)
    flow = gw.lab.start("hq", ["ping", "-n", "-q", "-i", "0.01", "-c", "3000", LAN_HOST], "ping.out")
    env = {**os.environ, "IKESH_SOCKET": gw.socket, "PATH": f"{gw.lab.bin}:{os.environ['PATH']}"}
    done = subprocess.run([os.path.join(CLI, "hostile.py")], capture_output=True, text=True, env=env, timeout=300,
                          check=False)
    if done.returncode != 0:
        raise Failure(done.stdout + done.stderr)
    flow.send_signal(signal.SIGINT)  # it says how it went
    flow.wait(60)
    sent, lost = re.search(r"(\d+) packets transmitted, .* ([\d.]+)% packet loss", gw.lab.log("ping.out")).groups()
    if int(sent) < 20 or float(lost) != 0 or sas(gw) != before:
        raise Failure(f"{lost} % of {sent} packets were lost: {before} before, {sas(gw)} after")
    pair.stop()
