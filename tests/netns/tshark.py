# SPDX-License-Identifier: GPL-3.0-or-later
"""IKE on the wire as an independent decoder sees it: tcpdump in the namespace, the keys by
`monitor capture ike`, and tshark over both."""
import os
import re
import subprocess
import xml.etree.ElementTree as xml

from lab import Failure, wait_for

# IKE, not ESP in UDP; and later fragments of IP.
FILTER = ("udp port 500 or (udp port 4500 and ip and udp[8:4] = 0) or (ip6 and udp port 4500 and "
          "ip6[48:4] = 0) or (ip and ip[6:2] & 0x1fff != 0) or (ip6 and ip6[6] = 44)")
PROTECTED = (46, 53)  # SK, SKF


class Message:
    """One IKE message; names of payloads as tshark gives them, notifies as "Notify REKEY_SA"."""

    def __init__(self, packet, isakmp):
        value = {}
        for f in packet.iter("field"):
            value.setdefault(f.get("name"), f.get("show"))
        self.text = ""
        self.source = value.get("ip.src") or value.get("ipv6.src")
        self.target = value.get("ip.dst") or value.get("ipv6.dst")
        self.port = int(value["udp.srcport"])
        self.number = int(packet.find("proto[@name='geninfo']/field[@name='num']").get("show"))
        self.time = float(value["frame.time_epoch"])
        self.spi_i, self.spi_r = value["isakmp.ispi"].replace(":", ""), value["isakmp.rspi"].replace(":", "")
        self.id = int(value.get("isakmp.messageid", "0"), 16)
        self.exchange = int(value.get("isakmp.exchangetype", 0))  # absent with another major version
        self.response = bool(int(value["isakmp.flag_r"], 0)) if "isakmp.flag_r" in value else False
        self.initiator = bool(int(value["isakmp.flag_i"], 0)) if "isakmp.flag_i" in value else False
        self.length = int(value["isakmp.length"])
        self.payloads, self.inner, self.fragment = [], [], None
        self.protected = self.decrypted = self.verified = False
        for field in isakmp.findall("field[@name='isakmp.typepayload']"):
            self._outer(field)
        self.inner = [self._name(f) for c in isakmp.iter("field") if c.get("name") == "isakmp.enc.contained"
                      for f in c.findall("field[@name='isakmp.typepayload']")]
        for field in isakmp.findall("field[@name='isakmp.typepayload'][@show='53']"):  # the last one shows the whole
            self.inner += [self._name(f) for f in field.findall("field[@name='isakmp.typepayload']")]
        for field in isakmp.iter("field"):
            if field.get("name") == "isakmp.enc.decrypted":
                self.decrypted = True
            elif field.get("name") == "isakmp.enc.icd":
                self.verified = "[correct]" in field.get("showname")
            elif field.get("name") == "isakmp.frag.number":
                self.fragment = int(field.get("show"))
        self.complaints = [f.get("showname") or f.get("show") or p.get("name") for p in packet.iter()
                           for f in [p] if p.get("name", "").startswith(("_ws.expert", "_ws.malformed"))]

    @staticmethod
    def _name(field):
        shown = field.get("showname").removeprefix("Payload: ")
        match = re.match(r"(.*?) \((\d+)\)(?: - (\S+))?", shown)
        if not match:
            return shown
        return match.group(1) + (f" {match.group(3)}" if match.group(3) else "")

    def _outer(self, field):
        self.payloads.append(self._name(field))
        self.protected = self.protected or int(field.get("show")) in PROTECTED

    def __str__(self):
        names = self.inner if self.protected and self.inner else self.payloads
        return (f"{self.number}: {self.source} -> {self.target} exchange {self.exchange} id {self.id} "
                f"{'response' if self.response else 'request'} {self.length} octets "
                f"{f'fragment {self.fragment} ' if self.fragment else ''}{{{', '.join(names)}}}"
                f"{' NOT DECRYPTED' if self.protected and not self.decrypted else ''}"
                f"{' ' + str(self.complaints) if self.complaints else ''}")


class Capture:
    """From now on: what is said on the device `dev` of namespace `name`.  attach() gives it the keys
    of the gateway there; again after its restart."""

    def __init__(self, lab, name="gw", dev="wan0"):
        self.lab, self.name = lab, name
        self.gw, self.number, self.keys = None, 0, None
        self.path = os.path.join(lab.dir, f"{name}.pcap")
        self.dump = lab.start(name, ["tcpdump", "-q", "-n", "-U", "--immediate-mode", "-Z", "root", "-i", dev, "-w", self.path, FILTER],
                              f"tcpdump-{name}.out")
        wait_for("tcpdump listens", lambda: "listening on" in lab.log(f"tcpdump-{name}.out"), 10)

    def _folder(self):
        return os.path.join(self.gw.dir, "state", "captures")

    def attach(self, gw):
        self.gw = gw
        self.number += 1
        name = f"test{self.number}"
        self.keys = subprocess.Popen(
            [os.path.join(self.lab.bin, "ikesh"), "--socket", self.gw.socket, "-c", f"monitor capture ike file {name}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.lab.processes.append(self.keys)
        wait_for("capture of keys", lambda: os.path.exists(os.path.join(self._folder(), name + ".keys")), 10)

    def stop(self):
        self.lab.stop(self.dump)
        self.lab.stop(self.keys)

    def _preferences(self):
        """A folder for Wireshark with all keys so far."""
        folder = os.path.join(self.lab.dir, f"wireshark-{self.name}")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "ikev2_decryption_table"), "w") as table:
            for name in sorted(os.listdir(self._folder())):
                if name.endswith(".keys"):
                    with open(os.path.join(self._folder(), name)) as f:
                        table.write(f.read())
        return folder

    def messages(self, pcap=None, interface=None):
        wanted = "isakmp" + (f' && frame.interface_name == "{interface}"' if interface else "")
        done = subprocess.run(["tshark", "-n", "-2", "-r", pcap or self.path, "-Y", wanted, "-T", "pdml",
                               "-o", "ip.check_checksum:FALSE", "-o", "udp.check_checksum:FALSE"],
                              env={**os.environ, "WIRESHARK_CONFIG_DIR": self._preferences()},
                              capture_output=True, text=True, check=False)
        found = []
        if done.returncode not in (0, 2):  # 2: the last packet is not complete yet
            raise Failure("tshark: " + done.stderr)
        for packet in xml.fromstring(done.stdout).iter("packet"):
            isakmp = packet.find("proto[@name='isakmp']")
            if isakmp is not None and isakmp.find(".//field[@name='isakmp.ispi']") is not None:
                found.append(Message(packet, isakmp))
        return found

    def sent(self, address):
        return [m for m in self.messages() if m.source == address]

    def expect(self, address, *wanted):
        """Among the messages from `address` there is one for each of `wanted`: (exchange, response,
        payload names that it must have)."""
        sent = self.sent(address)
        for exchange, response, names in wanted:
            if not any(m.exchange == exchange and m.response == response and
                       set(names) <= set(m.inner or m.payloads) for m in sent):
                raise Failure(f"no message from {address} with exchange {exchange}, "
                              f"{'response' if response else 'request'}, {names} among:\n"
                              + "\n".join(map(str, sent)))
        return sent

    def check(self, *addresses):
        """Nothing that came from these addresses is malformed, and all SK payloads open."""
        sent = [m for m in self.messages() if m.source in addresses]
        bad = [m for m in sent if m.complaints or
               (m.protected and not (m.decrypted and m.verified))]
        if bad or not sent:
            raise Failure("messages of ours that tshark does not like:\n" + "\n".join(map(str, bad or ["none at all"])))
        return sent
