# Screens of the box and of sites, on an appliance whose peers are not there.

== nothing is configured
ikesh#show ipsec connection-status
No site is configured.
ikesh#show ipsec connection-status json
{"sites":[]}
ikesh#show ipsec connection-status | json
{"sites":[]}
ikesh#show ipsec sa
No SA is established.
ikesh#show ipsec sa json
{"sites":[]}
ikesh#show ipsec site
No site is configured.
ikesh#show ipsec connection-status site X
% Site X is not configured
ikesh#show ipsec site X
% Site X is not configured
ikesh#show ipsec site X peer-worksheet
% Site X is not configured
ikesh#ipsec initiate site X
~ ^% [Ss]ite X is not configured$
ikesh#clear ipsec sa all
ikesh#clear ipsec sa
% Incomplete command.
ikesh#

== the box
@startup
hostname gw1
end
@end
gw1#show version
~ ^ikesh, IPsec IKEv2 site gateway, Version \S+$
~ ^gw1 uptime is \d+ (second|minute)s?$

~ ^Data plane    (userspace|xfrm)
~ ^Cryptography  OpenSSL 3
gw1#show version json
~ ^\{"name":"ikesh","version":"[^"]+","hostname":"gw1","uptimeSec":\d+,"started":"\d{4}-
gw1#show clock
~ ^\d\d:\d\d:\d\d\.\d{3} \S+ \w{3} \w{3} +\d+ \d{4}$
gw1#show users
   Line   User  Privilege  Mode  Monitor  Idle
~ ^\*  vty \d+  root  15         exec  no       00:00:0\d$
gw1#show logging
~ ^Log buffer: \d+ event

...
~ %SYS-5-RESTART: gw1 \S+ started, data plane
...
gw1#show logging | count RESTART
~ ^.*1
gw1#show ipsec statistics json
~ ^\{"counters":\{"gateway_send_failed":0,.*"esp_rx_replay":0
gw1#clear ipsec statistics
gw1#

== what is configured, and what it lacks
@startup
hostname gw1
ipsec site Lyon
 type branch
 native-range 10.20.0.0/16
 authentication-identifier fqdn
 network-range hq:10.0.0.0/16
 tunnel primary 1
  name fiber
  wan-role wan1
  local-id p1.example.net
  psk 0 a-key-that-is-long-enough
 tunnel primary 2
  name Zürich
  local-id p2.example.net
end
@end
gw1#show ipsec connection-status
Site  HA role  #  Name    State       PoP  Peer  Uptime  Rx/Tx Mbps  Reason
Lyon  primary  1  fiber   DOWN        -    -     -       -           waiting-for-peer
Lyon  primary  2  Zürich  INCOMPLETE  -    -     -       -           psk missing
Sites 1: 0 connected, 1 down.  Tunnels 2: 0 up, 1 down, 1 incomplete.
gw1#show ipsec connection-status site Lyon detail
Site Lyon: DOWN, 2 tunnels configured, device ips1
~ ^ Tunnel primary 1 \(fiber\), WAN role wan1  State DOWN for 00:00:\d\d$
  Reason             waiting-for-peer
  Fix here           The peer has to initiate, nothing has come from it yet
  Last attempt       none so far
  Our ID             the own address in use
  Peer ID            none seen; expected p1.example.net
  IKE accepted here  automatic
~ ^ Tunnel primary 2 \(Zürich\)  State INCOMPLETE for 00:00:\d\d$
  Reason  psk missing

Sites 1: 0 connected, 1 down.  Tunnels 2: 0 up, 1 down, 1 incomplete.
gw1#show ipsec connection-status json
~ ^\{"sites":\[\{"name":"Lyon","state":"down","activeRole":null,"device":"ips1","tunnels":\[\{"role":"primary","index":1,"name":"fiber","wanRole":"wan1","state":"down","since":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ","reason":"waiting-for-peer",.*"summary":\{"sites":1,"connected":0,"tunnels":2,"up":0,"connecting":0,"down":1,"incomplete":1,"adminDown":0\},"lastUnknownPeer":null\}$
gw1#show ipsec site
Site  State  Tunnels up  Type    Mode            Peer ID  Native range  Device
Lyon  DOWN   0 of 2      branch  responder-only  fqdn     10.20.0.0/16  ips1
gw1#show ipsec site Lyon
Site Lyon: DOWN
 Type            branch
...
 Selectors       10.0.0.0/16 <> 10.20.0.0/16

HA role  #  Name    WAN role  State       Peer  Peer ID         Lacks
primary  1  fiber   wan1      DOWN        -     p1.example.net  -
primary  2  Zürich  -         INCOMPLETE  -     p2.example.net  psk missing
gw1#show ipsec site Lyon peer-worksheet
For the operator of the peer of site Lyon
...
Tunnel primary 1 (fiber)
  Remote address  an address of this appliance, UDP 500 and 4500
  Local ID        p1.example.net (type fqdn)
  Remote ID       the remote address
  Pre-shared key  as agreed, never shown
...
  Local networks   10.20.0.0/16
  Remote networks  10.0.0.0/16
...
gw1#show ipsec site Lyon peer-worksheet | count long-enough
~ ^.*0
gw1#show ipsec parameters site Lyon | include keepalive|retransmissions
keepalive            10 seconds     10             5-60
retransmissions      5              5              fixed
gw1#ipsec initiate site Lyon primary 1
% Lyon: connection-mode is responder-only, the peer has to initiate
gw1#ipsec rekey site Lyon primary 1
~ ^% Lyon primary 1 \(fiber\) is not up, there is nothing to rekey$
gw1#ipsec terminate site Lyon secondary
% Site Lyon has no secondary tunnel
gw1#ipsec terminate site Lyon primary 3
% Site Lyon has no tunnel primary 3
gw1#ipsec terminate site Lyon primary 1
gw1#show ipsec connection-status | include fiber
Lyon  primary  1  fiber   ADMIN-DOWN  -    -     -       -           admin-down
gw1#ipsec initiate site Lyon primary 1
gw1#show ipsec connection-status | include fiber
Lyon  primary  1  fiber   DOWN        -    -     -       -           waiting-for-peer
gw1#ipsec terminate site Lyon primary 4
                                      ^
% Invalid input detected at '^' marker.
...
gw1#

== long names, and a narrow terminal
@startup
hostname gw1
ipsec site a-site-with-quite-a-long-name
 native-range 10.20.0.0/16
 tunnel primary 1
  name the second line of the carrier
  public-ip 2001:db8:85a3:1111:2222:8a2e:370:7334
  psk 0 a-key-that-is-long-enough
end
@end
@terminal narrow 80x200
gw1#terminal width 80
gw1#show ipsec connection-status | include primary
~ ^a-site-with-quite-a-long-name  primary  1  the second line o\.\.\.  DOWN   -    2001:db8:85a3:1111:2
...
gw1#terminal width 511
gw1#show ipsec connection-status | include primary
...
~ the second line of the carrier
...
gw1#

== ping and monitor
ikesh#ping 127.0.0.1 count 3
Type Ctrl-C to abort.
Sending 3, 100-byte ICMP Echos to 127.0.0.1, timeout is 2 seconds:
!!!
~ ^Success rate is 100 percent \(3/3\), round-trip min/avg/max = \d+/\d+/\d+ ms$
ikesh#ping 198.18.0.1 count 2
Type Ctrl-C to abort.
Sending 2, 100-byte ICMP Echos to 198.18.0.1, timeout is 2 seconds:
UU
Success rate is 0 percent (0/2)
U = not sent: Echo request: Network is unreachable
ikesh#ping 127.0.0.1 source 198.18.0.1
% Source 198.18.0.1: Cannot assign requested address
ikesh#monitor connection-status<CR><NONE>
@wait 5 q or Ctrl-C ends
@type q
@wait 5 ikesh#$
$ ikesh -c 'show version' | head -1
~ ^ikesh, IPsec IKEv2 site gateway
