# SPDX-License-Identifier: GPL-3.0-or-later
"""BGP over the tunnels of a site: the appliance's BIRD against FRR and BIRD behind strongSwan."""
import os
import signal
import time

from branch import Branch, expect, report
from lab import Ikeshd, wait_for
from routers import Bird, Frr

LOCAL_AS, PEER_AS = 65010, 64512
SITE = f" bgp\n  local-as {LOCAL_AS}\n  peer-as {PEER_AS}\n"


def ours(n):
    return f"169.254.2{n}.2"


def theirs(n):
    return f"169.254.2{n}.1"


def private(n):
    return f"  private-ip pop {ours(n)} site {theirs(n)}\n"


def children(n):
    """kernel-libipsec wants one route for each remote network, so these are two."""
    return [{"name": "net", "local_ts": "10.20.0.0/16", "remote_ts": "10.0.0.0/8"},
            {"name": "bgp", "local_ts": f"{theirs(n)}/32", "remote_ts": f"{ours(n)}/32"}]


class Cloud(Branch):
    """A branch whose uplinks speak BGP: w1 with FRR, w2 with BIRD."""

    def __init__(self, make, site=SITE, speak=True, networks=("10.20.9.0/24",), **kw):
        super().__init__(make, primary=1, secondary=1, site=site, tunnel=private, each=self.settings, **kw)
        self.networks = networks
        self.frr = self.bird = None
        if speak:
            self.speak()

    def settings(self, n):
        self.lab.address(f"w{n}", "lo", f"{theirs(n)}/32")
        return {"children": children(n)}

    def connect(self, n):
        super().connect(n)
        self.peers[n - 1].initiate("bgp")

    def speak(self, asn=PEER_AS, config=""):
        lines = f" neighbor {ours(1)} remote-as {LOCAL_AS}\n neighbor {ours(1)} ebgp-multihop 2\n" \
                f" neighbor {ours(1)} update-source {theirs(1)}\n neighbor {ours(1)} timers 3 9\n{config}"
        networks = "".join(f"  network {p}\n" for p in self.networks)
        self.frr = Frr(self.lab, "w1", asn, theirs(1), f"{lines} address-family ipv4 unicast\n{networks} exit-address-family\n")
        static = "".join(f"route {p} blackhole;" for p in self.networks)
        self.bird = Bird(self.lab, "w2", f"""router id {theirs(2)};
protocol static {{ ipv4; {static} }}
protocol bgp cloud {{ local {theirs(2)} as {asn}; neighbor {ours(2)} as {LOCAL_AS}; multihop 2; error wait time 1, 5;
  hold time 9; connect retry time 2; connect delay time 1;
  ipv4 {{ import all; export where source = RTS_STATIC; }}; }}
""")

    def bgp(self, command="show bgp summary"):
        return self.gw.json(command)

    def neighbor(self, n):
        return self.bgp()["neighbors"][n - 1]

    def wait_bgp(self, n, state, timeout, reason=None):
        def there():
            x = self.neighbor(n)
            return x["state"] == state and (reason is None or x["reason"] == reason)
        try:
            return wait_for(f"neighbor {n} {state} {reason or ''}", there, timeout, 0.1)
        except Exception as e:
            raise type(e)(f"{e}\n{self.gw.show('show bgp')}\n{self.events()}") from None

    def kernel_routes(self):
        return self.lab.run("gw", ["ip", "route", "show", "proto", "bird"]).stdout


def scenario_two_speakers_and_failover(make):
    """Both sessions come up; routes go both ways; the primary's death moves everything."""
    c = Cloud(make)
    up = max(c.wait_bgp(n, "Established", 30) for n in (1, 2))
    report(f"both sessions are up after {up:.1f} s")
    wait_for("learned route in the kernel", lambda: "10.20.9.0/24" in c.kernel_routes(), 10)
    answer = wait_routes(c, 2)
    best = [r for r in answer if r["best"]]
    expect(f"not the primary is best: {answer}", len(best) == 1 and best[0]["role"] == "primary")
    wait_for("FRR has ours", lambda: "10.41.0.0/16" in c.frr.routes(), 10)
    path = c.frr.routes()["10.41.0.0/16"][0]
    expect(f"primary: {path}", path["path"] == str(LOCAL_AS) and path["metric"] == 100)
    text = c.bird.birdc("show route all 10.41.0.0/16")
    expect(f"secondary: {text}", f"as_path: {LOCAL_AS} {LOCAL_AS}\n" in text and "med: 200" in text)
    start = time.monotonic()
    c.peers[0].swanctl("--terminate", "--ike", "gw")
    moved = wait_for("secondary is best", lambda: [r["role"] for r in wait_routes(c, 1) if r["best"]] == ["secondary"], 20)
    report(f"peer deleted the primary tunnel: routes on the secondary after {moved:.2f} s "
           f"({time.monotonic() - start:.2f} s with the command)")
    expect(c.gw.show("show bgp summary"), c.neighbor(1)["reason"] == "tunnel-down")
    expect("no event", "BGP session with 169.254.21.1 disconnected, reason tunnel-down" in c.events())
    expect("the kernel has lost the route", "10.20.9.0/24" in c.kernel_routes())
    c.stop()


def wait_routes(c, count):
    found = []

    def there():
        found[:] = [r for r in c.gw.json("show bgp site Branch").get("routes", []) if r["refused"] is None]
        return len(found) == count
    wait_for(f"{count} routes", there, 20)
    return found


def scenario_silent_death(make):
    """The primary's line goes silent: traffic and routes are on the secondary within 30 s."""
    c = Cloud(make)
    for n in (1, 2):
        c.wait_bgp(n, "Established", 30)
    wait_routes(c, 2)
    c.cut(1)
    moved = wait_for("secondary is best", lambda: [r["role"] for r in wait_routes(c, 1) if r["best"]] == ["secondary"], 45)
    report(f"silent death: routes on the secondary after {moved:.1f} s")
    expect("later than 32 s", moved <= 32, c)
    c.heal(1)
    c.wait_state(1, "up", 120)
    c.wait_bgp(1, "Established", 120)
    c.stop()


scenario_silent_death.long = True


def scenario_wrong_as_and_silence(make):
    """The peer has another AS; then nobody speaks BGP: reason and hint, tunnels up."""
    c = Cloud(make, speak=False)
    c.wait_bgp(1, c.neighbor(1)["state"], 20)
    wait_for("a reason", lambda: c.neighbor(1)["reason"] == "connection-refused", 30)
    c.speak(asn=64999)
    for n in (1, 2):
        wait_for(f"as-mismatch of {n}", lambda k=n: c.neighbor(k)["reason"] == "as-mismatch", 40)
    expect(c.gw.show("show bgp"), "local-as and peer-as" in c.neighbor(1)["hint"])
    expect("no event", "no BGP session with 169.254.21.1, reason as-mismatch" in c.events())
    expect("a tunnel is down", c.state(1) == "up" and c.state(2) == "up", c)
    found = [f for f in c.gw.json("show ipsec diagnose site Branch")["findings"] if f["check"] == "BGP"]
    expect(found, len(found) == 2 and [line.strip() for line in found[0]["commands"]][1:] == ["bgp", "peer-as NUMBER"])
    c.gw.configure("\n".join(found[0]["commands"]).replace("NUMBER", "64999"))
    for n in (1, 2):
        c.wait_bgp(n, "Established", 60)
    c.stop()


def scenario_default_route_and_loops(make):
    """A peer announces what would break the gateway: it is refused, and said why."""
    c = Cloud(make, networks=("0.0.0.0/0", "10.20.9.0/24", "198.51.101.0/24", "128.0.0.0/1"))
    for n in (1, 2):
        c.wait_bgp(n, "Established", 30)
    refused = {}

    def there():
        refused.clear()
        for r in c.gw.json("show bgp").get("routes", []):
            if r["refused"]:
                refused[(r["prefix"], r["role"])] = r["refused"]
        return len(refused) >= 6
    wait_for("refusals", there, 20)
    expect(f"{refused}", refused[("0.0.0.0/0", "primary")] == "default route" and
           refused[("128.0.0.0/1", "secondary")] == "too wide" and
           refused[("198.51.101.0/24", "primary")] == "covers an address of the tunnels")
    expect(c.kernel_routes(), "10.20.9.0/24" in c.kernel_routes() and "default" not in c.kernel_routes() and
           "198.51" not in c.kernel_routes())
    wait_for("count of refused ones", lambda: c.neighbor(1)["refused"] >= 3, 5)
    c.stop()


def scenario_bird_dies_hangs_and_is_adopted(make):
    """BIRD is killed, stopped, and outlives us: tunnels stay, sessions come back."""
    c = Cloud(make)
    for n in (1, 2):
        c.wait_bgp(n, "Established", 30)
    pid = c.bgp()["daemon"]["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_for("another BIRD", lambda: c.bgp()["daemon"]["pid"] not in (pid, None), 15)
    for n in (1, 2):
        c.wait_bgp(n, "Established", 60)
    expect("no event", "BIRD failed: the process ended" in c.events(), c)
    pid = c.bgp()["daemon"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    took = wait_for("hung", lambda: c.bgp()["daemon"]["state"] == "hung" or c.bgp()["daemon"]["pid"] != pid, 20)
    report(f"a BIRD that hangs is replaced after {took:.1f} s")
    for n in (1, 2):
        c.wait_bgp(n, "Established", 60)
    expect("a tunnel went down", "LINK_DOWN" not in c.events(), c)
    pid = c.bgp()["daemon"]["pid"]
    c.gw.stop(kill=True)
    os.kill(pid, 0)
    c.gw.start()
    wait_for("adopted", lambda: c.bgp()["daemon"]["state"] == "running", 20)
    expect("another BIRD was started", c.bgp()["daemon"]["pid"] == pid, c)
    for n in (1, 2):
        c.peers[n - 1].swanctl("--terminate", "--ike", "gw", "--force", check=False)
        c.connect(n)
        c.wait_bgp(n, "Established", 90)  # the primary role takes over again after a minute
    c.gw.configure("ipsec site Branch\nno bgp")
    wait_for("BIRD ends", lambda: not os.path.exists(f"/proc/{pid}"), 10)
    expect("routes are left", c.kernel_routes().strip() == "", c)
    c.stop()


scenario_bird_dies_hangs_and_is_adopted.long = True


def bgp_stories(c):
    return [s for s in c.gw.json("show stories")["stories"] if s["kind"] == "bgp-down"]


def scenario_too_many_routes(make):
    """More routes than maximum-prefix: the session ends with prefix-limit and a story, the other one stays.  Timers that
    change, which makes sessions anew, are no story."""
    c = Cloud(make, site=SITE + "  maximum-prefix 50\n")
    for n in (1, 2):
        c.wait_bgp(n, "Established", 30)
    c.gw.configure("ipsec site Branch\nbgp\ntimers 5 15\n")
    time.sleep(2)
    for n in (1, 2):
        c.wait_bgp(n, "Established", 30)
    lines = [f"network 10.20.{100 + i // 64}.{4 * (i % 64)}/30" for i in range(200)]
    c.frr.configure(PEER_AS, "address-family ipv4 unicast", *lines)
    wait_for("prefix-limit", lambda: c.neighbor(1)["reason"] == "prefix-limit", 30)
    expect("the secondary suffers", c.neighbor(2)["state"] == "Established", c)
    expect("a tunnel is down", c.state(1) == "up", c)
    expect(f"a false story {bgp_stories(c)}", bgp_stories(c) == [], c)
    told = wait_for("story of the session", lambda: bgp_stories(c), 30)
    story = bgp_stories(c)[0]
    report(f"story {told:.1f} s later: {story['indication']}, {story['events'][-1]['text']}")
    expect(f"wrong story {bgp_stories(c)}", len(bgp_stories(c)) == 1 and story["status"] == "open" and
           (story["role"], story["index"], story["indication"]) == ("primary", 1, "BGP session disconnected"), c)
    c.stop()


def scenario_hundred_thousand_routes(make):
    """A peer that announces 100,000 prefixes: its session ends with prefix-limit, kernel and tunnels stay as they are."""
    c = Cloud(make)
    for n in (1, 2):
        c.wait_bgp(n, "Established", 30)
    wait_routes(c, 2)
    c.bird.stop()
    flood = "".join(f"route 10.{64 + (i >> 14)}.{i >> 6 & 255}.{4 * (i & 63)}/30 blackhole;" for i in range(100000))
    c.bird = Bird(c.lab, "w2", f"""router id {theirs(2)};
protocol static {{ ipv4; {flood} }}
protocol bgp cloud {{ local {theirs(2)} as {PEER_AS}; neighbor {ours(2)} as {LOCAL_AS}; multihop 2; error wait time 1, 5;
  hold time 9; connect retry time 2; connect delay time 1;
  ipv4 {{ import all; export where source = RTS_STATIC; }}; }}
""")
    took = wait_for("prefix-limit", lambda: c.neighbor(2)["reason"] == "prefix-limit", 60)
    report(f"prefix-limit {took:.1f} s after the peer began with 100,000 prefixes")
    expect("the primary suffers", c.neighbor(1)["state"] == "Established", c)
    expect("a tunnel is down", "LINK_DOWN" not in c.events(), c)
    expect("routes of the flood", len(c.kernel_routes().splitlines()) < 20, c)
    start = time.monotonic()
    c.gw.show("show bgp")
    expect(f"show bgp took {time.monotonic() - start:.1f} s", time.monotonic() - start < 3, c)
    c.stop()


scenario_hundred_thousand_routes.long = True


def scenario_thousand_neighbours(make):
    """500 sites with two sessions each: one BIRD with little memory; a change of one site takes little time."""
    lab = make()
    text = ""
    for i in range(500):
        text += f"ipsec site s{i}\n native-range 10.{100 + (i >> 8)}.{i & 255}.0/24\n authentication-identifier fqdn\n" + SITE
        for n, role in ((1, "primary"), (2, "secondary")):
            text += f" tunnel {role}\n  local-id p{i}-{n}.example.net\n  psk correct-horse-battery\n" \
                    f"  private-ip pop 169.254.{i >> 5}.{(i & 31) * 8 + 4 * n - 3} site 169.254.{i >> 5}.{(i & 31) * 8 + 4 * n - 2}\n"
    gw = Ikeshd(lab, "gw", text)

    def summary():
        return gw.json("show bgp summary")
    took = wait_for("all neighbors", lambda: summary()["daemon"]["state"] == "running" and
                    len(summary()["neighbors"]) == 1000, 60, 1)
    pid = summary()["daemon"]["pid"]
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        mib = next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) / 1024
    report(f"1,000 neighbors configured after {took:.1f} s; BIRD has {mib:.1f} MiB")
    expect("BIRD is large", mib < 40)
    start = time.monotonic()
    gw.configure("ipsec site s7\nbgp\ntimers 5 15\n")
    wait_for("applied", lambda: summary()["daemon"]["state"] == "running", 10)
    report(f"one site changed after {time.monotonic() - start:.1f} s")
    expect("another BIRD was started", summary()["daemon"]["pid"] == pid)
    expect("tunnels and BGP are waiting for peers", {n["reason"] for n in summary()["neighbors"]} == {"tunnel-down"})
    gw.stop()


scenario_thousand_neighbours.long = True
