#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""boot.py [--memory MIB] [--cpus N] [--timeout S] [--verbose] -- COMMAND...

Run one command as root inside a throw-away virtual machine: Debian's cloud kernel under qemu
(software emulation), this machine's files read-only below an overlay in memory.  The guest's kernel
can do ESP, xfrm interfaces and netem, which the host's may lack.  Output and exit status are the
command's; 124: out of time, 125: the guest died.
"""
import argparse
import glob
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CACHE = os.environ.get("IKESH_GUEST_CACHE", os.path.join(ROOT, "build", "guest"))
PACKAGE = "linux-image-cloud-amd64"
BOOT_MODULES = ["virtio_pci", "virtio_console", "overlay", "virtiofs"]
MODULES = """ctr ghash-generic gcm seqiv echainiv authenc cbc sha1_generic sha256_generic
 sha512_generic esp4 esp6 xfrm_user xfrm_interface af_key tunnel4 nf_tables nft_ct nft_hash
 nft_numgen nft_limit nft_nat nft_chain_nat nft_masq nft_xfrm veth tun dummy ifb sch_netem sch_htb
 sch_tbf sch_fq_codel cls_fw cls_u32""".split()


def call(argv, **kw):
    return subprocess.run(argv, check=True, text=True, capture_output=True, **kw).stdout


def depended():
    """The package of the present kernel; None when apt knows none."""
    known = subprocess.run(["apt-cache", "depends", PACKAGE], text=True, capture_output=True, check=False)
    for line in known.stdout.splitlines():
        if line.strip().startswith("Depends: linux-image-"):
            return line.split()[1]
    return None


def updated():
    call(["apt-get", "-q", "update"])
    return True


def download(package, folder):
    """apt's lists can be older than what the archive has."""
    argv = ["apt-get", "-q", "download", "-o", "APT::Sandbox::User=root", package]
    if subprocess.run(argv, cwd=folder, capture_output=True, check=False).returncode != 0 and updated():
        call(argv, cwd=folder)


def kernel():
    """(folder, version) of the unpacked kernel package, fetched once."""
    real = depended() or updated() and depended()
    if not real:
        raise SystemExit(f"{PACKAGE}: apt does not know this package")
    tree = os.path.join(CACHE, real)
    if not os.path.exists(os.path.join(tree, "ready")):
        new = tree + ".new"
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(tree, ignore_errors=True)
        os.makedirs(new)
        download(real, new)
        call(["dpkg-deb", "-x", glob.glob(os.path.join(new, "*.deb"))[0], new])
        version = os.listdir(os.path.join(new, "lib/modules"))[0]
        call(["depmod", "-b", new, version])
        with open(os.path.join(new, "ready"), "w"):
            pass
        os.rename(new, tree)
    return tree, os.listdir(os.path.join(tree, "lib/modules"))[0]


def module_files(tree, version):
    files = []
    for name in BOOT_MODULES:
        for line in call(["modprobe", "-d", tree, "-S", version, "--show-depends", name]).splitlines():
            words = line.split()
            if words and words[0] == "insmod" and words[1] not in files:
                files.append(words[1])
    return files


INIT = """#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
for m in /mod/*.ko; do insmod $m; done
mount -t virtiofs -o ro host /host || poweroff -f
mount -t tmpfs -o size=80% tmpfs /rw; mkdir /rw/upper /rw/work
mount -t overlay -o lowerdir=/host,upperdir=/rw/upper,workdir=/rw/work root /new || poweroff -f
for d in proc sys dev; do mount --move /$d /new/$d; done
cp /bin/busybox /second /new/
exec switch_root /new /second
"""

SECOND = """#!/busybox sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
b=/busybox
$b mkdir -p /lib/modules/{version} /run /tmp /dev/pts /dev/shm
$b mount --bind {tree}/lib/modules/{version} /lib/modules/{version}
$b mount -t tmpfs tmpfs /run; $b mkdir -p /run/netns /run/lock
$b mount -t tmpfs tmpfs /tmp
$b mount -t devpts devpts /dev/pts; $b mount -t tmpfs tmpfs /dev/shm
$b ln -sf /proc/self/fd /dev/fd
/sbin/modprobe -a {modules} 2>/dev/null
$b ip link set lo up
cd {cwd}
{environment} {command} </dev/null >/dev/vport0p1 2>&1
echo "status $?" >/dev/vport0p2
$b sync
$b poweroff -f
"""


def initramfs(folder, tree, version, command):
    top = os.path.join(folder, "initramfs")
    for d in ("bin", "proc", "sys", "dev", "mod", "host", "rw", "new"):
        os.makedirs(os.path.join(top, d))
    shutil.copy(shutil.which("busybox"), os.path.join(top, "bin/busybox"))
    for number, path in enumerate(module_files(tree, version), 100):
        out = os.path.join(top, "mod", f"{number}.ko")
        if path.endswith(".xz"):
            with open(out, "wb") as f:
                subprocess.run(["xz", "-dc", path], stdout=f, check=True)
        else:
            shutil.copy(path, out)
    # By full path: started from the busybox shell, plain names would be its applets.
    program = shutil.which(command[0]) or command[0]
    second = SECOND.format(version=version, tree=shlex.quote(tree), modules=" ".join(MODULES),
                           cwd=shlex.quote(os.getcwd()),
                           environment="/usr/bin/env IKESH_GUEST=1",
                           command=" ".join(map(shlex.quote, [program] + command[1:])))
    for name, text in (("init", INIT), ("second", second)):
        with open(os.path.join(top, name), "w") as f:
            f.write(text)
        os.chmod(os.path.join(top, name), 0o755)
    archive = os.path.join(folder, "initramfs.cpio")
    with open(archive, "wb") as f:
        names = call(["find", ".", "-mindepth", "0"], cwd=top)
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=top, input=names.encode(), stdout=f,
                       check=True)
    return archive


def share(folder):
    """virtiofsd on a read-only bind mount of /, in a private mount namespace."""
    root = os.path.join(folder, "root")
    os.mkdir(root)
    daemon = shutil.which("virtiofsd") or "/usr/lib/qemu/virtiofsd"
    socket = os.path.join(folder, "fs")
    script = (f"mount --make-rprivate / && mount --bind / {root} && mount -o remount,ro,bind {root} "
              f"&& exec {daemon} --socket-path={socket} -o source={root} -o sandbox=chroot "
              "-o cache=always -o xattr -f")
    with open(os.path.join(folder, "virtiofsd.log"), "w") as log:
        process = subprocess.Popen(["unshare", "-m", "sh", "-c", script], stdout=log, stderr=log)
    for _ in range(200):
        if os.path.exists(socket):
            return process, socket
        if process.poll() is not None:
            break
        time.sleep(0.05)
    with open(os.path.join(folder, "virtiofsd.log")) as f:
        raise SystemExit("virtiofsd: " + f.read())


def boot(options, folder):
    tree, version = kernel()
    archive = initramfs(folder, tree, version, options.command)
    daemon, socket = share(folder)
    console = os.path.join(folder, "console")
    status = os.path.join(folder, "status")
    out = os.dup(1)
    try:
        qemu = subprocess.Popen([
            "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-M", "q35", "-cpu", "Nehalem",
            "-m", str(options.memory), "-smp", str(options.cpus), "-nodefaults", "-no-reboot", "-display", "none",
            "-chardev", f"file,id=con,path={console}", "-serial", "chardev:con",
            "-add-fd", f"fd={out},set=1", "-chardev", "file,id=o1,path=/dev/fdset/1,append=on",
            "-chardev", f"file,id=o2,path={status}",
            "-device", "virtio-serial-pci,id=vs",
            "-device", "virtserialport,bus=vs.0,nr=1,chardev=o1",
            "-device", "virtserialport,bus=vs.0,nr=2,chardev=o2",
            "-object", f"memory-backend-memfd,id=mem,size={options.memory}M,share=on",
            "-numa", "node,memdev=mem", "-chardev", f"socket,id=fs,path={socket}",
            "-device", "vhost-user-fs-pci,chardev=fs,tag=host",
            "-kernel", f"{tree}/boot/vmlinuz-{version}", "-initrd", archive,
            "-append", "console=ttyS0 loglevel=4 panic=-1 mitigations=off clocksource=hpet "
            "random.trust_cpu=1 net.ifnames=0"], stdin=subprocess.DEVNULL, pass_fds=[out])
        try:
            qemu.wait(options.timeout)
        except subprocess.TimeoutExpired:
            qemu.kill()
            qemu.wait()
            return 124
    finally:
        daemon.terminate()
        daemon.wait()
        if options.verbose and os.path.exists(console):
            with open(console, errors="replace") as f:
                sys.stderr.write(f.read())
    with open(status) as f:
        words = f.read().split()
    if len(words) == 2 and words[0] == "status":
        return int(words[1])
    with open(console, errors="replace") as f:
        sys.stderr.write("the guest died:\n" + f.read()[-4000:])
    return 125


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memory", type=int, default=2048)
    parser.add_argument("--cpus", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--timeout", type=int, default=600)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ikesh-guest-") as folder:
        return boot(options, folder)


if __name__ == "__main__":
    sys.exit(main())
