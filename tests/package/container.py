# SPDX-License-Identifier: GPL-3.0-or-later
"""A Debian 12 of its own on this kernel: an overlay over an unpacked base, in namespaces, with systemd as
process 1 or without.  It has no network but loopback, and writes nothing outside of its overlay."""
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time

LIMIT = 120
BASE = ("systemd", "systemd-sysv", "dbus", "openssh-server", "procps", "iproute2", "iputils-ping", "bash-completion",
        "libc-bin")
HIERARCHIES = ("/sys/fs/cgroup/unified", "/sys/fs/cgroup")

SETUP = r"""
set -e
cd "$ROOT"
mount -t proc proc proc
mount --bind proc/sys/net proc/sys/net
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount --bind /proc/sys/net proc/sys/net
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=755 dev dev
mkdir dev/pts dev/shm dev/net
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for d in null zero full random urandom tty net/tun; do
	[ -e /dev/$d ] || continue
	touch dev/$d
	mount --bind /dev/$d dev/$d
done
ip link set lo up
hostname package-test
"""


def base(folder, packages):
    """Folder with an unpacked Debian that has these packages; made once."""
    wanted = sorted({*BASE, *packages})
    path = os.path.join(folder, "base-" + hashlib.sha256(" ".join(wanted).encode()).hexdigest()[:12])
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        shutil.rmtree(path + ".new", ignore_errors=True)
        tar = path + ".tar"
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=" + ",".join(wanted), "bookworm",
                        tar], check=True, timeout=1200)
        os.mkdir(path + ".new")
        subprocess.run(["tar", "-C", path + ".new", "-xf", tar], check=True, timeout=300)
        os.unlink(tar)
        os.rename(path + ".new", path)
    return path


class Container:
    def __init__(self, lower, files=()):
        self.dir = tempfile.mkdtemp(prefix="ikesh-package-")
        self.cgroup = next((os.path.join(h, os.path.basename(self.dir)) for h in HIERARCHIES
                            if os.path.exists(os.path.join(h, "cgroup.controllers"))), None)
        self.first = None
        self.log = open(os.path.join(self.dir, "boot.log"), "wb")
        for name in ("up", "work", "root"):
            os.mkdir(os.path.join(self.dir, name))
        # what is copied in before the start is part of the overlay
        for source in files:
            os.makedirs(os.path.join(self.dir, "up", "srv"), exist_ok=True)
            shutil.copy(source, os.path.join(self.dir, "up", "srv"))
        self.mount = (f"mount -t overlay overlay -o lowerdir={lower},upperdir={self.dir}/up,workdir={self.dir}/work "
                      f"{self.dir}/root")

    def start(self, command):
        if self.cgroup:
            os.makedirs(self.cgroup, exist_ok=True)
        script = f"{self.mount}\nexport ROOT={self.dir}/root\n"
        if self.cgroup:
            script += f"echo $$ >{self.cgroup}/cgroup.procs\n"
        script += (f"exec unshare -C -p --fork --kill-child sh -c '{SETUP}\nexec env -i container=test TERM=dumb "
                   f"PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . {command}'\n")
        self.first = subprocess.Popen(["unshare", "-m", "-n", "-u", "-i", "--propagation", "private", "sh", "-ec",
                                       script], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + LIMIT
        while not self.inner():
            if time.monotonic() > end or self.first.poll() is not None:
                raise AssertionError("the container did not start:\n" + self.log_text())
            time.sleep(0.1)

    def log_text(self):
        with open(self.log.name, errors="replace", encoding="utf-8") as f:
            return f.read()[-4000:]

    def inner(self):
        """Process 1 of the container, once it is inside."""
        try:
            with open(f"/proc/{self.first.pid}/task/{self.first.pid}/children", encoding="ascii") as f:
                pid = f.read().split()[0]
            return pid if os.readlink(f"/proc/{pid}/root") == f"{self.dir}/root" else None
        except (OSError, IndexError):
            return None

    def boot(self):
        self.start("/lib/systemd/systemd --log-target=console --show-status=0")
        end = time.monotonic() + LIMIT
        while self.run("systemctl", "is-system-running", check=False).strip() not in ("running", "degraded"):
            if time.monotonic() > end:
                raise AssertionError("systemd did not come up:\n" + self.log_text())
            time.sleep(0.2)

    def sleep(self):
        """Without a service manager, as in a chroot."""
        self.start("/bin/sleep infinity")

    def run(self, *command, check=True, text=None):
        """Output of a command inside."""
        r = subprocess.run(["nsenter", "-t", self.inner(), "-m", "-p", "-n", "-u", "-i", "-C", "-r", "-w", "env", "-i",
                            "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
                            "HOME=/root", *command], stdin=None if text else subprocess.DEVNULL, input=text,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                           timeout=LIMIT, check=False)
        if check and r.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: status {r.returncode}\n{r.stdout}")
        return r.stdout

    def sh(self, script, check=True):
        return self.run("sh", "-c", script, check=check)

    def wait(self, script, what):
        end = time.monotonic() + LIMIT
        while True:
            out = self.sh(f"if {script}; then echo IT-IS-SO; fi 2>&1", check=False)
            if "IT-IS-SO" in out:
                return
            if time.monotonic() > end:
                raise AssertionError(f"{what}: {out}\n" + self.sh("journalctl -b --no-pager | tail -n 30", check=False))
            time.sleep(0.1)

    def close(self):
        if self.first:
            self.first.send_signal(signal.SIGKILL)  # --kill-child
            self.first.wait(LIMIT)
        self.log.close()
        if self.cgroup and os.path.exists(self.cgroup):
            end = time.monotonic() + LIMIT
            while time.monotonic() < end:
                try:
                    for path, _, _ in os.walk(self.cgroup, topdown=False):
                        os.rmdir(path)
                    break
                except OSError:
                    time.sleep(0.1)
        shutil.rmtree(self.dir, ignore_errors=True)
