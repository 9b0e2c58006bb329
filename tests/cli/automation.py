#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""automation.py netmiko|dialogue KEY USER: what automation does with a router of type cisco_ios, by SSH to
127.0.0.1.  Prints one line per step; exit 1 at the first that is not as it must be.

netmiko   the library itself (python3-netmiko)
dialogue  the exchange of Ansible's cisco.ios, with its own regular expressions for prompts and errors
"""
import re
import sys
import time

import paramiko

# ansible_collections/cisco/ios/plugins/terminal/ios.py
PROMPTS = [re.compile(rb"[\r\n]?[\w\+\-\.:\/\[\]]+(?:\([^\)]+\)){0,3}(?:[>#]) ?$")]
ERRORS = [re.compile(p, f) for p, f in (
    (rb"% ?Error", 0), (rb"% ?Bad secret", 0), (rb"[\r\n%] Bad passwords", re.M), (rb"invalid input", re.I),
    (rb"(?:incomplete|ambiguous) command", re.I), (rb"connection timed out", re.I), (rb"[^\r\n]+ not found", 0),
    (rb"'[^']' +returned error code: ?\d+", 0), (rb"Bad mask", re.I), (rb"% ?(\S+) ?overlaps with ?(\S+)", re.I),
    (rb"% ?(\S+) ?Error: ?[\s]+", re.I), (rb"% ?(\S+) ?Informational: ?[\s]+", re.I),
    (rb"Command authorization failed", 0))]
ANSI = re.compile(rb"(\x1b\[\?1h\x1b=)|(\x08.)|(\x1b\[\?2004[hl]\r?)|(\x1b\[[0-9;]*[A-Za-z])|(\x1b=)|(\x1b>)")


def say(text):
    print(text, flush=True)


def expect(what, condition, seen):
    if not condition:
        say(f"not as it must be: {what}: {seen!r}")
        sys.exit(1)
    say(what)


class Dialogue:
    """Ansible's network_cli: writes a line, reads until a prompt matches at the end, looks for errors."""

    def __init__(self, key, user):
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect("127.0.0.1", username=user, key_filename=key, look_for_keys=False, allow_agent=False)
        self.client, self.channel = client, client.invoke_shell()
        self.channel.settimeout(60)
        self.error, self.raw = None, b""
        self.receive(b"")

    def receive(self, command):
        window, end = b"", time.monotonic() + 60
        while time.monotonic() < end:
            piece = self.channel.recv(4096)
            self.raw += piece
            window += piece
            text = ANSI.sub(b"", window).replace(b"\r", b"")
            if command.strip() not in text:
                continue
            tail = text[-2000:]
            if any(p.search(tail) for p in PROMPTS):
                self.error = next((e.pattern.decode() for e in ERRORS if e.search(tail)), None)
                return text.decode()
        raise TimeoutError(window)

    def send(self, command):
        self.channel.sendall(command.encode() + b"\r")
        text = self.receive(command.encode())
        return "\n".join(text.split("\n")[1:-1])

    def prompt(self):
        self.channel.sendall(b"\r")
        return self.receive(b"").split("\n")[-1]


def dialogue(key, user):
    d = Dialogue(key, user)
    for command in ("terminal length 0", "terminal width 512", "terminal width 0"):
        d.send(command)
        expect(command, d.error is None, d.error)
    text = d.send("show privilege")
    expect("privilege level 15", text == "Current privilege level is 15", text)
    text = d.send("show version")
    expect("show version", d.error is None and re.search(r"ersion (\S+)", text) is not None, text)
    expect("its host name", re.search(r"^(.+) uptime", text, re.M).group(1) == "gw1", text)
    text = d.send("show running-config")
    expect("show running-config", d.error is None and text.rstrip().endswith("end"), text)
    d.send("configure terminal")
    expect("configuration mode", d.prompt() == "gw1(config)#", d.prompt())
    for line in ("ipsec site Paris", "native-range 10.1.0.0/16", "tunnel primary 1", "public-ip 198.51.100.7",
                 "psk a-key-that-is-long-enough"):
        d.send(line)
        expect(line.split()[0], d.error is None, d.error)
    for line in ("native-rnage 10.1.0.0/16", "keepalive 3", "match", "public-ip", "connection-mode respond bogus"):
        d.send(line)
        expect(line + ": " + str(d.error), d.error is not None, line)
    d.send("end")
    expect("end", d.error is None and d.prompt() == "gw1#", d.error)
    text = d.send("show running-config | section ^ipsec site Paris")
    expect("section", text.startswith("ipsec site Paris\n native-range 10.1.0.0/16"), text)
    text = d.send("copy running-config startup-config")
    expect("saved", d.error is None and "[OK]" in text, text)
    text = d.send("write memory")
    expect("saved again", d.error is None and "[OK]" in text, text)
    for command in ("show foo", "show", "sh ips c"):
        d.send(command)
        expect(f"{command}: {d.error}", d.error is not None, command)
    for command in ("show ipsec connection-status", "show ipsec site Paris", "show ipsec parameters site Paris",
                    "show ipsec statistics", "show logging", "show ipsec sa", "show users", "show archive",
                    "show ipsec diagnose site Paris", "show ipsec site Paris peer-worksheet", "show history"):
        text = d.send(command)
        expect(command, d.error is None, (d.error, text))
    d.send("terminal monitor")
    other = Dialogue(key, user)
    for command in ("configure terminal", "ipsec site Lyon", "end"):
        other.send(command)
    text = d.receive(b"CONFIG_I")
    expect("an event line", "Configured from" in text, text)
    expect("no padding for old terminals", b"\0" not in d.raw, d.raw)


def netmiko(key, user):
    import netmiko as library
    c = library.ConnectHandler(device_type="cisco_ios", host="127.0.0.1", username=user, use_keys=True, key_file=key,
                               allow_agent=False, secret="the-enable-secret")
    expect("prompt gw1#", c.find_prompt() == "gw1#", c.find_prompt())
    expect("base prompt", c.base_prompt == "gw1", c.base_prompt)
    expect("enable mode", c.check_enable_mode(), "")
    text = c.send_command("show version")
    expect("show version", "gw1 uptime is" in text and "--More--" not in text, text)
    text = c.send_config_set(["ipsec site Paris", "native-range 10.1.0.0/16", "keepalive 20", "tunnel primary 1",
                              "public-ip 198.51.100.7", "psk a-key-that-is-long-enough"])
    expect("send_config_set", "% Invalid" not in text and not c.check_config_mode(), text)
    text = c.send_command("show running-config | section ^ipsec site Paris")
    expect("what it configured", " keepalive 20\n tunnel primary 1\n  public-ip 198.51.100.7" in text, text)
    text = c.send_config_set(["ipsec site Paris", "keepalive 3"])
    expect("an error", "% Invalid input detected at '^' marker." in text, text)
    text = c.send_config_set([f"ipsec site S{i}" for i in range(200)])
    expect("200 lines", "% Invalid" not in text, text)
    text = c.send_command("show running-config | count ^ipsec site S")
    expect("all of them", "= 200" in text, text)
    text = c.save_config()
    expect("save_config", "[OK]" in text, text)
    c.config_mode()
    expect("config_mode", c.check_config_mode(), "")
    c.exit_config_mode()
    expect("exit_config_mode", not c.check_config_mode(), "")
    c.send_config_set(["enable secret the-enable-secret"])
    c.send_command_timing("disable")
    expect("disable", not c.check_enable_mode(), "")
    c.enable()
    expect("enable", c.check_enable_mode(), "")
    c.disconnect()


if __name__ == "__main__":
    {"netmiko": netmiko, "dialogue": dialogue}[sys.argv[1]](*sys.argv[2:4])
