# SPDX-License-Identifier: GPL-3.0-or-later
"""strongSwan as the peer: charon, ESP of its own (kernel-libipsec) or of the kernel, configured through
swanctl."""
import os
import re

from lab import Failure, run, wait_for

CHARON = "/usr/lib/ipsec/charon"

STRONGSWAN_CONF = """
charon {{
  load = random nonce openssl aes sha1 sha2 hmac kdf gcm gmp curve25519 pem x509 pubkey pkcs1 {esp_plugin} kernel-netlink socket-default vici updown
  threads = 16
  retransmit_timeout = {retransmit_timeout}
  retransmit_base = 1.5
  retransmit_tries = {retransmit_tries}
  {extra}
  filelog {{ f {{
    path = {dir}/charon.log
    flush_line = yes
    default = 1
    ike = 2
    cfg = 2
  }} }}
  plugins {{
    vici {{ socket = unix://{dir}/vici }}
    {plugins}
  }}
}}
swanctl {{ load = random nonce openssl sha1 sha2 hmac pem x509 pubkey pkcs1 }}
"""

SWANCTL_CONF = """
connections {{
  gw {{
    version = 2
    local_addrs = {local_addrs}
    remote_addrs = {remote_addrs}
    proposals = {ike}
    rekey_time = {ike_rekey}
    over_time = 600s
    dpd_delay = {dpd_delay}
    mobike = {mobike}
    fragmentation = {fragmentation}
    keyingtries = 1
    {connection}
    local {{
      auth = psk
      id = {local_id}
    }}
    remote {{
      auth = psk
      id = {remote_id}
    }}
    children {{ {children} }}
  }}
}}
secrets {{
  ike-1 {{ secret = "{psk}" }}
  ppk-1 {{
    id-1 = lyon
    secret = "{ppk}"
  }}
}}
"""

CHILD = """{name} {{
        local_ts = {local_ts}
        remote_ts = {remote_ts}
        esp_proposals = {esp}
        rekey_time = {child_rekey}
        start_action = none
        {child}
      }}
"""

DEFAULTS = {
    "local_addrs": "%any", "remote_addrs": "203.0.113.10", "ike": "default", "esp": "default",
    "ike_rekey": "4h", "child_rekey": "1h", "dpd_delay": "0s", "mobike": "no", "fragmentation": "yes",
    "local_id": "198.51.100.21", "remote_id": "203.0.113.10", "psk": "correct horse battery staple", "ppk": "unused",
    "local_ts": "10.20.0.0/24", "remote_ts": "10.0.0.0/24", "connection": "", "child": "", "extra": "",
    "retransmit_timeout": "1.0", "retransmit_tries": "5", "name": "net", "plugins": "kernel-libipsec { allow_peer_ts = no }",
    "esp_plugin": "kernel-libipsec",  # "": the kernel does ESP
}


class Charon:
    def __init__(self, lab, name="peer", children=None, **settings):
        self.lab, self.name = lab, name
        self.dir = os.path.join(lab.dir, f"charon-{name}")
        os.makedirs(self.dir, exist_ok=True)
        self.settings = {**DEFAULTS, "dir": self.dir, **settings}
        self.children = children or [{}]
        self.process = None
        self.env = {"STRONGSWAN_CONF": os.path.join(self.dir, "strongswan.conf")}
        self.start()

    def write(self):
        s = self.settings
        text = "".join(CHILD.format(**{**s, **c}) for c in self.children)
        with open(os.path.join(self.dir, "strongswan.conf"), "w") as f:
            f.write(STRONGSWAN_CONF.format(**s))
        with open(os.path.join(self.dir, "swanctl.conf"), "w") as f:
            f.write(SWANCTL_CONF.format(**{**s, "children": text}))

    def start(self):
        self.write()
        self.process = self.lab.start(
            self.name, ["unshare", "-m", "sh", "-c", f"mount -t tmpfs run /run && exec {CHARON}"],
            f"charon-{self.name}.out", env=self.env)
        wait_for("charon listens", lambda: self.swanctl("--stats", check=False).returncode == 0, 15)
        self.load()

    def load(self, **settings):
        self.settings.update(settings)
        self.write()
        self.swanctl("--load-all", "--file", os.path.join(self.dir, "swanctl.conf"))

    def load_text(self, text):
        """A whole swanctl.conf instead of ours."""
        with open(os.path.join(self.dir, "swanctl.conf"), "w") as f:
            f.write(text)
        self.swanctl("--load-all", "--file", os.path.join(self.dir, "swanctl.conf"))

    def swanctl(self, *argv, check=True, timeout=60):
        return run(["ip", "netns", "exec", self.lab.ns(self.name), "swanctl", *argv, "--uri",
                    f"unix://{self.dir}/vici"], check=check, timeout=timeout,
                   env={**os.environ, **self.env})

    def initiate(self, child="net", timeout=30, check=True):
        return self.swanctl("--initiate", "--child", child, "--timeout", str(timeout), check=check,
                            timeout=timeout + 10)

    def stop(self, kill=False):
        self.lab.stop(self.process, kill)

    def log(self):
        with open(os.path.join(self.dir, "charon.log"), errors="replace") as f:
            return f.read()

    def sas(self):
        return self.swanctl("--list-sas").stdout

    def expect_children(self, count, timeout=10):
        def there():
            return len(re.findall(r"^  \S+: #\d+.*INSTALLED", self.sas(), re.M)) == count
        try:
            wait_for(f"{count} child SAs at strongSwan", there, timeout)
        except Failure as f:
            raise Failure(f"{f}\n{self.sas()}") from None
