# Network rules.  SPDX-License-Identifier: GPL-3.0-or-later

== a rule is typed, shown, saved and removed
@startup
hostname gw1
ipsec site Branch-Lyon
 native-range 10.20.0.0/16
end
@end
gw1#conf t
...
gw1(config)#network-rule 10
% There is no network rule 10: a new one needs a name
gw1(config)#network-rule 10 voice-on-fiber
gw1(config-netrule)#site Br<TAB><NONE>
@line site Branch-Lyon
gw1(config-netrule)#<CR>
gw1(config-netrule)#match destination 10.20.8.0/24
gw1(config-netrule)#match protocol udp
gw1(config-netrule)#match destination-port 16384-32767
gw1(config-netrule)#match dscp ef
gw1(config-netrule)#match dscp 64
~ ^ +\^$
% Invalid input detected at '^' marker.
% dscp 64: allowed is 0-63
gw1(config-netrule)#match source-port 9-1
~ ^ +\^$
% Invalid input detected at '^' marker.
% source-port 9-1: the first port must not be above the last one
gw1(config-netrule)#wan-role wan1 fallback wan1
% wan-role wan1 fallback wan1: the fallback must be another WAN link
gw1(config-netrule)#wan-role wan1 fallback any
gw1(config-netrule)#qos-priority 1
gw1(config-netrule)#network-rule 5 other
gw1(config-netrule)#site Nowhere
% Warning: there is no site Nowhere
gw1(config-netrule)#match protocol icmp
gw1(config-netrule)#match source-port 7
% Warning: network rule 5 never matches: protocol 1 has no ports
gw1(config-netrule)#end
gw1#show running-config | begin network-rule 5
network-rule 5 other
 site Nowhere
 match protocol icmp
 match source-port 7
network-rule 10 voice-on-fiber
 site Branch-Lyon
 match destination 10.20.8.0/24
 match protocol udp
 match destination-port 16384-32767
 match dscp ef
 wan-role wan1 fallback any
 qos-priority 1
!
end
gw1#write
...
[OK]
gw1#<NONE>
@restart TERM
gw1#conf t
...
gw1(config)#network-rule 10
gw1(config-netrule)#no match dscp
gw1(config-netrule)#no network-rule 10
gw1(config)#no network-rule 5
gw1(config)#no network-rule 5
% There is no network rule 5
gw1(config)#do show run | count network-rule
Number of lines which match regexp = 0
gw1(config)#

== rules are shown, also one whose site is gone
@startup
hostname gw1
ipsec site Lyon
 native-range 10.20.0.0/16
network-rule 10 voice
 site Lyon
 match destination 10.20.8.0/24
 match protocol udp
 match destination-port 16384-32767
 match dscp ef
 wan-role wan1 fallback wan2
 qos-priority 5
network-rule 20 all-else
end
@end
gw1#show ipsec network-rule
Rule  Name      Site   Match                                                                 WAN role  Fallback  Priority  Packets  State
10    voice     Lyon   to 10.20.8.0/24, protocol udp, destination-port 16384-32767, dscp ef  wan1      wan2      5         0        in force
20    all-else  every  everything                                                            -         none      -         0        sets nothing
gw1#show ipsec network-rule 10 json
{"rules":[{"number":10,"name":"voice","site":"Lyon","siteConfigured":true,"match":{"source":null,"destination":"10.20.8.0/24","protocol":"udp","sourcePort":null,"destinationPort":"16384-32767","dscp":"ef"},"wanRole":"wan1","fallback":"wan2","qosPriority":5,"packets":0}]}
gw1#show ipsec network-rule 30
% There is no network rule 30
gw1#conf t
...
gw1(config)#no ipsec site Lyon
?? [confirm] => 
% Warning: network rule 10 is for site Lyon
gw1(config)#do show ipsec network-rule 10 | include voice
~ its site is gone$
gw1(config)#no network-rule 10
gw1(config)#no network-rule 20
gw1(config)#do show ipsec network-rule
There is no network rule.
gw1(config)#end
gw1#show ipsec network-rule json
{"rules":[]}
gw1#

== show qos: what is configured and what is in force
@startup
hostname gw1
ipsec site Lyon
 bandwidth downstream 90 upstream 40
 tunnel primary 1
  name fiber
  last-mile-bandwidth downstream 50 upstream 20
 tunnel primary 2
  last-mile-bandwidth downstream 50 upstream 20
ipsec site Metz
 bandwidth downstream 90 upstream 40
 tunnel primary 1
  last-mile-bandwidth downstream 50 upstream 20
ipsec site Nice
end
@end
gw1#show qos
Site  Tunnel     Name   Downstream Mbps  Upstream Mbps     In force  Priorities
Lyon  all        -      90               40 (best effort)  90        0
Lyon  primary 1  fiber  50               20                50        -
Lyon  primary 2  -      50               20                50        -
Metz  all        -      90               40 (best effort)  90        0
Metz  primary 1  -      50               20                -         -
Nice  all        -      -                -                 -         0
...
% Warning: bandwidth downstream 90 Mbps is above the sum of the last-mile bandwidths (50 Mbps): QoS becomes ineffective
gw1#show qos site Nice json
{"sites":[{"site":"Nice","downstreamMbps":null,"upstreamMbps":null,"inForceMbps":null,"priorities":0,"effective":true,"tunnels":[]}]}
gw1#show qos site None
% Site None is not configured
gw1#
