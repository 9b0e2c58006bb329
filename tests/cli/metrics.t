# The page /metrics and show metrics.  SPDX-License-Identifier: GPL-3.0-or-later

== every configured tunnel has a series, with its reason
@startup
hostname gw1
ipsec site Lyon
 tunnel primary
  name fi"b\er
  wan-role wan1
  public-ip 203.0.113.201
  psk correct-horse-battery-staple
 tunnel secondary
  public-ip 203.0.113.202
ipsec site Metz
 tunnel primary 2
  public-ip 203.0.113.203
  psk correct-horse-battery-staple
end
@end
$ ikesh -c 'ipsec terminate site Metz'
...
$ ip netns exec $NS $TESTS/metrics.py series 'tunnel_up|tunnel_info|tunnel_status|ikesh_sites|ikesh_tunnels'
ikesh_sites 2
ikesh_sites_connected 0
ikesh_tunnels{state="down",reason="waiting-for-peer"} 1
ikesh_tunnels{state="incomplete",reason="psk missing"} 1
ikesh_tunnels{state="admin-down",reason="admin-down"} 1
ikesh_tunnel_info{site="Lyon",tunnel="primary-1",name="fi\"b\\er",wan_role="wan1"} 1
ikesh_tunnel_info{site="Lyon",tunnel="secondary-1",name="",wan_role=""} 1
ikesh_tunnel_info{site="Metz",tunnel="primary-2",name="",wan_role=""} 1
ikesh_tunnel_up{site="Lyon",tunnel="primary-1"} 0
ikesh_tunnel_up{site="Lyon",tunnel="secondary-1"} 0
ikesh_tunnel_up{site="Metz",tunnel="primary-2"} 0
ikesh_tunnel_status{site="Lyon",tunnel="primary-1",state="down",reason="waiting-for-peer"} 1
ikesh_tunnel_status{site="Lyon",tunnel="secondary-1",state="incomplete",reason="psk missing"} 1
ikesh_tunnel_status{site="Metz",tunnel="primary-2",state="admin-down",reason="admin-down"} 1
$ ip netns exec $NS $TESTS/metrics.py promtool
$ ip netns exec $NS $TESTS/metrics.py openmetrics
$ ip netns exec $NS $TESTS/metrics.py scrape
Lyon primary-1 0
Lyon secondary-1 0
Metz primary-2 0
$ ip netns exec $NS $TESTS/metrics.py files
$ ikesh -c 'show metrics | include ikesh_tunnel_up' | grep -c site=
3
$ ikesh -c 'show metrics' | tail -n 1
~ ^# EOF$

== receivers of notifications
$ ikesh -c 'conf t' -c 'logging host 127.0.0.1' -c 'notify webhook https://h.example.net/secret-path' -c end >/dev/null
$ ip netns exec $NS $TESTS/metrics.py series 'receiver_(sent|failing|waiting|lost)' | grep -v 'sent.*syslog\|ing.*webhook\|secret'
ikesh_receiver_sent_total{kind="webhook",receiver="https://h.example.net/...",number="2"} 0
ikesh_receiver_lost_total{kind="syslog",receiver="127.0.0.1:514 udp",number="1"} 0
ikesh_receiver_lost_total{kind="webhook",receiver="https://h.example.net/...",number="2"} 0
ikesh_receiver_waiting{kind="syslog",receiver="127.0.0.1:514 udp",number="1"} 0
ikesh_receiver_failing{kind="syslog",receiver="127.0.0.1:514 udp",number="1"} 0
$ ip netns exec $NS $TESTS/metrics.py promtool
$ ip netns exec $NS $TESTS/metrics.py openmetrics

== no site at all
$ ip netns exec $NS $TESTS/metrics.py promtool
$ ip netns exec $NS $TESTS/metrics.py openmetrics

== clients that want something else, or nothing
$ ikesh -c '!'
$ ip netns exec $NS $TESTS/metrics.py strangers
$ ip netns exec $NS $TESTS/metrics.py silent

== many sites and a client that reads slowly
$ { echo configure terminal; for i in $(seq 400); do echo "ipsec site Branch-$i"; for role in primary secondary; do echo " tunnel $role"; echo "  psk correct-horse-battery-$i"; done; done; echo end; } | ikesh >/dev/null
$ ip netns exec $NS $TESTS/metrics.py slow
$ ip netns exec $NS $TESTS/metrics.py series 'tunnel_up' | wc -l
800
$ ip netns exec $NS $TESTS/metrics.py promtool
$ ikesh -c 'show metrics' | grep -c '^ikesh_tunnel_up'
800

== where it listens
@startup
hostname gw1
end
@end
@terminal 1
gw1#show running-config all | include metrics
metrics listen 127.0.0.1:9850
gw1#configure terminal
Enter configuration commands, one per line.  End with CNTL/Z.
gw1(config)#metrics listen 203.0.113.10
...
~ allowed is ADDRESS:PORT, such as 127.0.0.1:9850
gw1(config)#metrics listen 203.0.113.10:0
...
~ allowed is ADDRESS:PORT, such as 127.0.0.1:9850
gw1(config)#metrics listen 203.0.113.10:9851
gw1(config)#do show running-config | include metrics
metrics listen 203.0.113.10:9851
$ ip netns exec $NS curl -s -o /dev/null -w '%{http_code}\n' http://203.0.113.10:9851/metrics
200
$ ip netns exec $NS curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:9850/metrics
000
[exit 7]
gw1(config)#metrics listen none
gw1(config)#do show running-config | include metrics
metrics listen none
$ ip netns exec $NS curl -s -o /dev/null -w '%{http_code}\n' http://203.0.113.10:9851/metrics
000
[exit 7]
gw1(config)#no metrics listen
gw1(config)#metrics listen [::1]:9850
gw1(config)#
$ ip netns exec $NS curl -s -o /dev/null -w '%{http_code}\n' http://[::1]:9850/metrics
200

== the port is taken
@startup
hostname gw1
end
@end
$ + ip netns exec $NS python3 -c 'import socket, time; s = socket.socket(); s.bind(("127.0.0.1", 9850)); s.listen(); time.sleep(1000)' >/dev/null 2>&1 & echo $! >$DIR/pid; for i in $(seq 100); do ip netns exec $NS ss -Hltn | grep -q :9850 && break; sleep 0.1; done
$ ikesh -c 'show privilege'
Current privilege level is 15
$ grep -c 'metrics: TCP 127.0.0.1:9850: Address already in use; tried again' $DIR/ikeshd.log; kill $(cat $DIR/pid)
1
$ for i in $(seq 300); do ip netns exec $NS curl -s -o /dev/null http://127.0.0.1:9850/metrics && break; sleep 0.1; done; ip netns exec $NS $TESTS/metrics.py promtool
