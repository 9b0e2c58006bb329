# SPDX-License-Identifier: GPL-3.0-or-later
"""A VPC of AWS with two VPN connections to two addresses of ours: strongSwan and FRR set as AWS sets
its ends (route-based, BGP hold time 30 s, AS 64512), the appliance set as the manual shows."""
from branch import report
from lab import Failure, Ikeshd, wait_for
from routers import Frr
from strongswan import Charon

PSK = "aws.Generated_pre.shared.key32xx"
EXAMPLE = f"""
hostname gw1
pop Frankfurt
 address 203.0.113.10
pop Munich
 address 192.0.2.10
account acme
 allocated-ip 203.0.113.10 pop Frankfurt
 allocated-ip 192.0.2.10 pop Munich
!
ipsec site AWS-eu-central
 account acme
 type cloud-data-center
 country Germany
 license bandwidth 500
 native-range 172.31.0.0/16
 connection-mode bidirectional
 initiate-connection
 destination primary ipv4 203.0.113.10
 destination secondary ipv4 192.0.2.10
 init-parameters
  encryption aes-gcm-256
  prf sha2-384
  dh-group 20
 auth-parameters
  encryption aes-gcm-256
  dh-group 20
 bgp
  local-as 65010
  peer-as 64512
 tunnel primary 1
  name aws-vpn-a
  wan-role wan1
  public-ip 198.51.100.21
  private-ip pop 169.254.21.2 site 169.254.21.1
  last-mile-bandwidth downstream 500 upstream 500
  psk {PSK}
 tunnel secondary 1
  name aws-vpn-b
  wan-role wan1
  public-ip 198.51.100.77
  private-ip pop 169.254.22.2 site 169.254.22.1
  last-mile-bandwidth downstream 500 upstream 500
  psk {PSK}
!
ipsec site Branch-Lyon
 type branch
 country France
 license bandwidth 90
 native-range 10.20.0.0/16
 connection-mode responder-only
 authentication-identifier fqdn
 destination primary fqdn pop automatic
 destination secondary fqdn pop automatic
 bandwidth downstream 90 upstream 40
 network-range hq:10.0.0.0/16
 network-range dc:10.1.0.0/16
 single-traffic-selector enable
 tunnel primary 1
  name fiber
  wan-role wan1
  local-id lyon-p1.9c41e7.id.example.net
  fqdn p1-5f0c2b9e.ipsec.example.net
  last-mile-bandwidth downstream 50 upstream 20
  psk {PSK}
!
network-rule 10 voice-on-fiber
 site Branch-Lyon
 match destination 10.20.8.0/24
 wan-role wan1 fallback any
"""


class Vpc:
    """Both ends of AWS, in w1 and w2; 172.31.0.10 is an instance behind either."""

    def __init__(self, make):
        self.lab = lab = make()
        lab.address("gw", "wan0", "192.0.2.10/32")
        lab.route("inet", "192.0.2.10/32", "203.0.113.10")
        self.charons, self.frrs = [], []
        for n, (public, ours) in enumerate((("198.51.100.21", "203.0.113.10"), ("198.51.100.77", "192.0.2.10")), 1):
            self._end(n, public, ours)
        lab.route("inet", "default", "198.51.100.22")
        self.gw = Ikeshd(lab, "gw", EXAMPLE)

    def _end(self, n, public, ours):
        lab, name = self.lab, f"w{n}"
        base, last = public.rsplit(".", 1)
        router = f"{base}.{int(last) + 1}"
        lab.add(name)
        lab.link(name, "wan0", f"{public}/30", "inet", name, f"{router}/30")
        lab.address(name, "lo", f"169.254.2{n}.1/32")
        lab.address(name, "lo", "172.31.0.10/32")
        lab.route(name, f"{ours}/32", router)
        lab.route("gw", f"{public}/32", "203.0.113.1")
        self.charons.append(Charon(
            lab, name=name, local_id=public, remote_addrs=ours, remote_id=ours, psk=PSK,
            ike="aes256gcm16-prfsha384-ecp384", esp="aes256gcm16-ecp384", local_ts="0.0.0.0/0",
            remote_ts="0.0.0.0/0", ike_rekey="8h", child_rekey="1h", dpd_delay="10s",
            plugins="kernel-libipsec { allow_peer_ts = yes }\n kernel-netlink { fwmark = !0x42 }\n"
                    " socket-default { fwmark = 0x42 }"))
        peer = f"169.254.2{n}.2"
        self.frrs.append(Frr(lab, name, 64512, f"169.254.2{n}.1",
                             f" neighbor {peer} remote-as 65010\n neighbor {peer} timers 10 30\n"
                             f" neighbor {peer} disable-connected-check\n neighbor {peer} update-source 169.254.2{n}.1\n"
                             " address-family ipv4 unicast\n  network 172.31.0.0/16\n exit-address-family\n"))

    def states(self):
        return [n["state"] for n in self.gw.json("show bgp summary")["neighbors"]]

    def wait(self, what, condition, timeout):
        try:
            return wait_for(what, condition, timeout, 0.1)
        except Failure as f:
            raise Failure(f"{f}\n{self.gw.show('show ipsec connection-status detail')}\n{self.gw.show('show bgp')}"
                          f"\n{self.gw.show('show logging')}") from None


def scenario_dual_tunnel_as_printed(make):
    v = Vpc(make)
    for role in ("primary", "secondary"):
        v.gw.wait_state("AWS-eu-central", "up", 60, role)
    took = v.wait("both sessions", lambda: v.states() == ["Established"] * 2, 40)
    report(f"both sessions are established {took:.1f} s after the tunnels")
    answer = v.gw.json("show ipsec connection-status site AWS-eu-central")["sites"][0]["tunnels"]
    if [t["pop"] for t in answer] != ["Frankfurt", "Munich"]:
        raise Failure(f"PoPs: {answer}")
    path = v.wait("AWS has our routes", lambda: v.frrs[1].routes().get("10.41.0.0/16"), 10) and \
        v.frrs[1].routes()["10.41.0.0/16"][0]
    if path["path"] != "65010 65010" or v.frrs[0].routes()["10.41.0.0/16"][0]["path"] != "65010":
        raise Failure(f"AS paths: {path}")
    v.lab.expect_ping("hq", "172.31.0.10")
    v.gw.configure("pop Frankfurt\nshutdown")
    v.gw.wait_state("AWS-eu-central", "down", 5, "primary", reason="pop-unavailable")
    v.wait("the primary's session has ended", lambda: v.states()[1] == "Established" != v.states()[0], 5)
    v.lab.expect_ping("hq", "172.31.0.10")
    if "reason pop-unavailable" not in v.gw.show("show logging"):
        raise Failure("no event: " + v.gw.show("show logging"))
    v.gw.configure("pop Frankfurt\nno shutdown")
    v.gw.wait_state("AWS-eu-central", "up", 30, "primary")
    v.gw.stop()
