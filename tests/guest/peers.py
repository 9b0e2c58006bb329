# SPDX-License-Identifier: GPL-3.0-or-later
"""libreswan and openiked as peers, with the guest kernel's ESP.  Only for the throw-away guest: they
are unpacked over its root."""
import fcntl
import glob
import os
import subprocess

from lab import Failure, run, wait_for

LOCKS = {}


def unpack(name):
    """Also waits until no other scenario uses this peer: its configuration is in /etc."""
    if os.environ.get("IKESH_GUEST") != "1":
        raise Failure("peers are unpacked only inside the guest")
    LOCKS[name] = open(f"/run/{name}.lock", "a+", encoding="ascii")  # until this process ends
    fcntl.flock(LOCKS[name], fcntl.LOCK_EX)
    if LOCKS[name].tell() > 0:
        return
    for deb in glob.glob(os.path.join(os.environ["IKESH_PEERS"], name + "_*.deb")):
        # Not dpkg-deb -x: it replaces the links /bin, /lib and /sbin with folders.
        run(["sh", "-c", f"dpkg-deb --fsys-tarfile {deb} | tar -x --keep-directory-symlink -C /"])
    LOCKS[name].write("unpacked\n")
    LOCKS[name].flush()


class Libreswan:
    """pluto in namespace `name`; settings are lines of its conn section."""

    def __init__(self, lab, psk, name="peer", local_id="198.51.100.21", remote_id="203.0.113.10", **settings):
        unpack("libreswan")
        self.lab, self.name = lab, name
        self.dir = os.path.join(lab.dir, "pluto")
        os.makedirs(self.dir)
        lines = {"left": "198.51.100.21", "leftid": local_id, "leftsubnet": "10.20.0.0/24",
                 "right": "203.0.113.10", "rightid": remote_id, "rightsubnet": "10.0.0.0/24",
                 "ikev2": "insist", "authby": "secret", "auto": "add", **settings}
        with open("/etc/ipsec.conf", "w") as f:
            f.write(f"config setup\n\tlogfile={self.dir}/pluto.log\n\tplutodebug=none\n"
                    "conn gw\n" + "".join(f"\t{k.replace('_', '-')}={v}\n" for k, v in lines.items()))
        with open("/etc/ipsec.secrets", "w") as f:
            f.write(f'{local_id} {remote_id} : PSK "{psk}"\n')
        os.chmod("/etc/ipsec.secrets", 0o600)
        os.makedirs("/run/pluto", exist_ok=True)
        os.makedirs("/var/lib/ipsec/nss", exist_ok=True)
        lab.run(name, ["ipsec", "initnss"], check=False)
        self.start()

    def start(self):
        lab, name = self.lab, self.name
        self.process = lab.start(name, ["/usr/libexec/ipsec/pluto", "--nofork", "--config",
                                        "/etc/ipsec.conf"], "pluto.out")
        wait_for("pluto listens", lambda: self.whack("--status", check=False).returncode == 0, 60)
        lab.run(name, ["ipsec", "addconn", "gw"], timeout=60)

    def whack(self, *argv, check=True, timeout=60):
        return self.lab.run(self.name, ["ipsec", "whack", *argv], check=check, timeout=timeout)

    def initiate(self):
        return self.whack("--name", "gw", "--initiate", timeout=60)

    def log(self):
        with open(f"{self.dir}/pluto.log", errors="replace") as f:
            return f.read()

    def stop(self):
        self.whack("--shutdown", check=False)
        self.lab.stop(self.process)

    def kill(self):
        self.lab.stop(self.process, kill=True)
        for what in ("state", "policy"):
            self.lab.run(self.name, ["ip", "xfrm", what, "flush"])


class LibreswanText(Libreswan):
    """The text of `peer-config libreswan` run by a root shell, pluto under it."""

    def __init__(self, lab, text, name="peer"):  # pylint: disable=super-init-not-called
        unpack("libreswan")
        self.lab, self.name = lab, name
        self.dir = os.path.join(lab.dir, "pluto")
        os.makedirs(self.dir, exist_ok=True)
        with open("/etc/ipsec.conf", "w") as f:
            f.write(f"config setup\n\tlogfile={self.dir}/pluto.log\n\tplutodebug=none\ninclude /etc/ipsec.d/*.conf\n")
        with open("/etc/ipsec.secrets", "w") as f:
            f.write("include /etc/ipsec.d/*.secrets\n")
        os.chmod("/etc/ipsec.secrets", 0o600)
        os.makedirs("/etc/ipsec.d", exist_ok=True)
        for old in glob.glob("/etc/ipsec.d/*.conf") + glob.glob("/etc/ipsec.d/*.secrets"):
            os.unlink(old)
        os.makedirs("/run/pluto", exist_ok=True)
        os.makedirs("/var/lib/ipsec/nss", exist_ok=True)
        lab.run(name, ["ipsec", "initnss"], check=False)
        self.process = lab.start(name, ["/usr/libexec/ipsec/pluto", "--nofork", "--config", "/etc/ipsec.conf"],
                                 "pluto.out")
        wait_for("pluto listens", lambda: self.whack("--status", check=False).returncode == 0, 60)
        lab.run(name, ["sh", "-e"], input=text, timeout=60)


class Openiked:
    """iked in namespace `name`; policy is the text behind the psk-less policy line."""

    def __init__(self, lab, psk, name="peer", mode="passive", srcid="198.51.100.21", dstid="203.0.113.10",
                 suites="", options="", lifetimes="", text=None):
        unpack("openiked")
        for argv in (["addgroup", "--system", "--force-badname", "_iked"],
                     ["adduser", "--system", "--home", "/var/lib/openiked/empty", "--no-create-home",
                      "--disabled-password", "--gecos", "iked", "--force-badname", "--ingroup", "_iked", "_iked"]):
            subprocess.run(argv, capture_output=True, check=False)
        os.makedirs("/var/lib/openiked/empty", exist_ok=True)
        run(["sh", "-c", "test -f /etc/iked/private/local.key || { openssl ecparam -genkey -name prime256v1 "
             "-noout -out /etc/iked/private/local.key && openssl ec -in /etc/iked/private/local.key -pubout "
             "-out /etc/iked/local.pub; }"])
        self.lab, self.name = lab, name
        with open("/etc/iked.conf", "w") as f:
            f.write(text or f'{options}\nikev2 "gw" {mode} esp from 10.20.0.0/24 to 10.0.0.0/24 '
                    f'local 198.51.100.21 peer 203.0.113.10 {suites} srcid {srcid} dstid {dstid} {lifetimes} psk "{psk}"\n')
        os.chmod("/etc/iked.conf", 0o600)
        self.process = lab.start(name, ["/usr/sbin/iked", "-d", "-v", "-f", "/etc/iked.conf"], "iked.out")

    def ctl(self, *argv, check=True):
        return self.lab.run(self.name, ["ikectl", *argv], check=check)

    def stop(self):
        self.lab.stop(self.process)
