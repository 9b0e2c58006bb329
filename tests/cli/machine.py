# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, and an sshd from Debian, that exist in one mount namespace only: /etc/passwd, group, shadow,
/run and /var/log are others there, the machine's own ones stay as they are.

Two daemons listen: "gw1" with the configuration that the package ships, "plain" without.

  ada    ikesh-admin, login shell ikesh      olga   ikesh-operator, login shell ikesh
  fred   ikesh-operator, shell /bin/sh       sue    ikesh-admin and sudo, shell /bin/sh
  eve    in no group of ikesh, login shell ikesh
"""
import os
import shutil
import signal
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DROP_IN = os.path.join(ROOT, "platform", "packaging", "ssh", "ikesh.conf")
UID = 61000  # and above: of nobody on a machine
USERS = {"ada": (("ikesh-admin",), "ikesh"), "olga": (("ikesh-operator",), "ikesh"),
         "fred": (("ikesh-operator",), "/bin/sh"), "sue": (("ikesh-admin", "sudo"), "/bin/sh"), "eve": ((), "ikesh")}
GROUPS = ("ikesh-admin", "ikesh-operator")
PORTS = {"gw1": 22, "plain": 2222}
LIMIT = 60


TOOLS = os.path.join(ROOT, "build", "tools")


def unpack_tools():
    """Debian packages whose services shall not run on this machine."""
    subprocess.run([os.path.join(ROOT, "tests", "unpack.sh"), TOOLS, "openssh-server", "openssh-sftp-server",
                    "libwrap0", "prometheus"], check=True, timeout=1200)


class Machine:
    def __init__(self, box):
        self.box, self.processes = box, []
        self.etc, self.bin = os.path.join(box.dir, "etc"), os.path.join(box.dir, "bin")
        self.tools = TOOLS
        os.mkdir(self.etc)
        os.mkdir(self.bin)
        shutil.copy(os.path.join(box.bin, "ikesh"), self.bin)
        self.write_users()
        self.write_ssh()
        self.write_clients()
        self.enter()
        for name, port in PORTS.items():
            self.start_sshd(name, port)

    def path(self, name):
        return os.path.join(self.etc, name)

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(self.path(name), mode)

    def write_users(self):
        passwd, group, shadow = (open("/etc/" + n, encoding="utf-8").read().splitlines()
                                 for n in ("passwd", "group", "shadow"))
        members = {g: [u for u, (groups, _) in USERS.items() if g in groups] for g in (*GROUPS, "sudo")}
        group = [line for line in group if line.split(":")[0] not in members]
        group += [f"{g}:x:{UID + 100 + i}:{','.join(users)}" for i, (g, users) in enumerate(members.items())]
        passwd = [line for line in passwd if line.split(":")[0] not in ("sshd", *USERS)]
        passwd.append(f"sshd:x:{UID + 200}:65534::/run/sshd:/usr/sbin/nologin")
        for i, (user, (_, shell)) in enumerate(USERS.items()):
            home = os.path.join(self.box.dir, "home-" + user)
            os.mkdir(home, 0o700)
            os.chown(home, UID + i, UID + i)
            shell = os.path.join(self.bin, shell) if shell == "ikesh" else shell
            passwd.append(f"{user}:x:{UID + i}:{UID + i}::{home}:{shell}")
            group.append(f"{user}:x:{UID + i}:")
            shadow.append(f"{user}:*:19000:0:99999:7:::")
        self.write("passwd", "\n".join(passwd) + "\n")
        self.write("group", "\n".join(group) + "\n")
        self.write("shadow", "\n".join(shadow) + "\n", 0o600)

    def write_ssh(self):
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path(name)], check=True,
                           timeout=LIMIT)
        with open(DROP_IN, encoding="utf-8") as f:
            self.write("drop-in.conf", f.read().replace("/usr/bin/ikesh", os.path.join(self.bin, "ikesh")))
        base = (f"HostKey {self.path('host')}\nAuthorizedKeysFile {self.path('user.pub')}\nStrictModes no\n"
                f"UsePAM no\nPasswordAuthentication no\nPidFile none\nPrintMotd no\nPrintLastLog no\n"
                f"Subsystem sftp {self.tools}/usr/lib/openssh/sftp-server\n")
        self.write("sshd-gw1", f"Include {self.path('drop-in.conf')}\n{base}")
        self.write("sshd-plain", base)
        hosts = "".join(f"Host {name}\n Port {port}\n" for name, port in PORTS.items())
        self.write("ssh_config", f"{hosts}Host *\n HostName 127.0.0.1\n IdentityFile {self.path('user')}\n"
                   "StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n LogLevel ERROR\n")

    def write_clients(self):
        """ssh, scp and sftp of the transcripts: in the namespace, and knowing the two hosts; inside runs anything."""
        for name in ("ssh", "scp", "sftp"):
            path = os.path.join(self.bin, name)
            with open(path, "w", encoding="utf-8") as f:
                f.write(f'#!/bin/sh\nexec nsenter -t $(cat {self.path("pid")}) -m -n '
                        f'/usr/bin/{name} -F {self.path("ssh_config")} "$@"\n')
            os.chmod(path, 0o755)
        path = os.path.join(self.bin, "inside")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f'#!/bin/sh\nexec nsenter -t $(cat {self.path("pid")}) -m -n "$@"\n')
        os.chmod(path, 0o755)

    def enter(self):
        script = "".join(f"mount --bind {self.path(n)} /etc/{n} && " for n in ("passwd", "group", "shadow"))
        script += "mount -t tmpfs -o mode=755 ikesh /var/log && "  # lastlog, wtmp
        script += "mount -t tmpfs -o mode=755 ikesh /run && mkdir /run/sshd && echo ready && exec sleep infinity"
        holder = subprocess.Popen(["ip", "netns", "exec", self.box.ns, "unshare", "-m", "--propagation", "private",
                                   "sh", "-c", script], stdout=subprocess.PIPE)
        self.processes.append(holder)
        if holder.stdout.readline() != b"ready\n":
            raise OSError("no mount namespace with users of its own")
        self.write("pid", str(holder.pid))
        self.prefix = ["nsenter", "-t", str(holder.pid), "-m", "-n"]

    def start_sshd(self, name, port):
        log = open(os.path.join(self.box.dir, f"sshd-{name}.log"), "wb")
        env = {**os.environ, "LD_LIBRARY_PATH": f"{self.tools}/lib/{os.uname().machine}-linux-gnu:"
               f"{self.tools}/usr/lib/{os.uname().machine}-linux-gnu"}
        with log:
            self.processes.append(subprocess.Popen(
                [*self.prefix, f"{self.tools}/usr/sbin/sshd", "-D", "-e", "-f", self.path("sshd-" + name), "-p",
                 str(port)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env))
        end = time.monotonic() + LIMIT
        while subprocess.run([*self.prefix, "bash", "-c", f"</dev/tcp/127.0.0.1/{port}"], capture_output=True,
                             check=False, timeout=LIMIT).returncode:
            if self.processes[-1].poll() is not None or time.monotonic() > end:
                with open(log.name, encoding="utf-8", errors="replace") as f:
                    raise OSError("sshd did not start:\n" + f.read())
            time.sleep(0.05)

    def close(self):
        for p in reversed(self.processes):
            p.send_signal(signal.SIGKILL)
            p.wait(LIMIT)
