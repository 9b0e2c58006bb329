# What sites and tunnels must not share.  SPDX-License-Identifier: GPL-3.0-or-later

== networks of sites do not overlap, line by line
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site Lyon
gw1(config-site)#native-range 10.20.0.0/16
gw1(config-site)#network lab 10.20.4.0/24
gw1(config-site)#ipsec site Oslo
gw1(config-site)#native-range 10.20.128.0/17
% Network 10.20.128.0/17 of site Oslo overlaps 10.20.0.0/16 of site Lyon, networks of sites must not overlap
gw1(config-site)#native-range 10.21.0.0/16
gw1(config-site)#network dc 10.0.0.0/8
% Network 10.0.0.0/8 of site Oslo overlaps 10.20.0.0/16 of site Lyon, networks of sites must not overlap
gw1(config-site)#network dc 10.30.0.5-10.30.0.77
gw1(config-site)#traffic-selector peer 10.20.0.7
% Network 10.20.0.7/32 of site Oslo overlaps 10.20.0.0/16 of site Lyon, networks of sites must not overlap
gw1(config-site)#traffic-selector peer 0.0.0.0/0
gw1(config-site)#native-range 0.0.0.0/0
gw1(config-site)#ipsec site Lyon
gw1(config-site)#native-range 10.30.0.64/26
% Network 10.30.0.64/26 of site Lyon overlaps 10.30.0.5-10.30.0.77 of site Oslo, networks of sites must not overlap
gw1(config-site)#native-range fd00:1::/48
gw1(config-site)#ipsec site Oslo
gw1(config-site)#native-range 10.20.0.0/22
gw1(config-site)#network six fd00:1:0:5::/64
% Network fd00:1:0:5::/64 of site Oslo overlaps fd00:1::/48 of site Lyon, networks of sites must not overlap
gw1(config-site)#no ipsec site Lyon
?? [confirm] => 
...
gw1(config)#ipsec site Oslo
gw1(config-site)#network six fd00:1:0:5::/64
gw1(config-site)#end
...
gw1#

== ... and in a block: nothing of it is applied, both sites are named
@startup
hostname gw1
ipsec site Lyon
 native-range 10.20.0.0/16
end
@end
gw1#conf t
...
gw1(config)#<NONE>
@paste
ipsec site Oslo
 native-range 10.20.8.0/24
 tunnel primary
  public-ip 10.20.8.1
ipsec site Rome
 native-range 10.40.0.0/16
 tunnel primary
  public-ip 10.40.0.1
@end
...
~ ^% Site Oslo: public-ip 10.20.8.1 of tunnel primary 1 is in the network 10.20.8.0/24 of the site: packets for the peer would enter its own tunnel$
~ ^% Site Rome: public-ip 10.40.0.1 of tunnel primary 1 is in the network 10.40.0.0/16 of the site
% Site Oslo: its network 10.20.8.0/24 overlaps 10.20.0.0/16 of site Lyon, networks of sites must not overlap
...
gw1(config)#do show running-config | count Oslo
~ ^.*0$
gw1(config)#end
gw1#

== tunnels are told apart
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site Lyon
gw1(config-site)#native-range 10.20.0.0/16
gw1(config-site)#tunnel primary 4
~ ^ +\^$
% Invalid input detected at '^' marker.
~ allowed is 1-3
gw1(config-site)#tunnel primary 1
gw1(config-site-tunnel)#public-ip 10.20.0.1
% public-ip 10.20.0.1 of tunnel primary 1 is in the network 10.20.0.0/16 of the site: packets for the peer would enter its own tunnel
gw1(config-site-tunnel)#public-ip 198.51.100.1
gw1(config-site-tunnel)#network lab 198.51.100.0/24
% public-ip 198.51.100.1 of tunnel primary 1 is in the network 198.51.100.0/24 of the site: packets for the peer would enter its own tunnel
gw1(config-site-tunnel)#tunnel secondary 1
gw1(config-site-tunnel)#public-ip 198.51.100.1
% public-ip 198.51.100.1: site Lyon tunnel primary 1 has it, each tunnel needs its own
gw1(config-site-tunnel)#ipsec site Oslo
gw1(config-site)#authentication-identifier fqdn
gw1(config-site)#tunnel primary 1
gw1(config-site-tunnel)#local-id p1.example.net
gw1(config-site-tunnel)#tunnel primary 2
gw1(config-site-tunnel)#local-id p1.example.net
% local-id p1.example.net: site Oslo tunnel primary 1 has it, each tunnel needs its own
gw1(config-site-tunnel)#remote-id fqdn p1.example.net
% remote-id p1.example.net: site Oslo tunnel primary 1 has it, each tunnel needs its own
gw1(config-site-tunnel)#remote-id email p1@example.net
gw1(config-site-tunnel)#tunnel secondary 1
gw1(config-site-tunnel)#remote-id email p1@example.net
% remote-id p1@example.net: site Oslo tunnel primary 2 has it, each tunnel needs its own
gw1(config-site-tunnel)#public-ip 198.51.100.9
gw1(config-site-tunnel)#remote-id email p1@example.net
gw1(config-site-tunnel)#last-mile-bandwidth downstream 0 upstream 5
~ ^ +\^$
% Invalid input detected at '^' marker.
~ allowed is 1-100000
gw1(config-site-tunnel)#end
gw1#

== bandwidth that is not there
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site Lyon
gw1(config-site)#license bandwidth 90
gw1(config-site)#bandwidth downstream 95 upstream 40
% Warning: bandwidth downstream 95 Mbps is above the license (90 Mbps)
gw1(config-site)#bandwidth downstream 80 upstream 40
gw1(config-site)#bandwidth downstream 100001 upstream 40
~ ^ +\^$
% Invalid input detected at '^' marker.
~ allowed is 1-100000
gw1(config-site)#tunnel primary 1
gw1(config-site-tunnel)#last-mile-bandwidth downstream 50 upstream 20
gw1(config-site-tunnel)#do show clock
~ UTC
gw1(config-site-tunnel)#end
% Warning: site Lyon has no secondary tunnel
% Warning: bandwidth downstream 80 Mbps is above the sum of the last-mile bandwidths (50 Mbps): QoS becomes ineffective
gw1#conf t
...
gw1(config)#ipsec site Lyon
gw1(config-site)#tunnel primary 2
gw1(config-site-tunnel)#last-mile-bandwidth downstream 30 upstream 20
gw1(config-site-tunnel)#end
% Warning: site Lyon has no secondary tunnel
gw1#

== ... but two accounts may have the same ones, as long as no reach joins them
@startup
hostname gw1
account acme
account beta
account gamma
ipsec site Lyon
 account acme
 native-range 10.20.0.0/16
ipsec site Rome
 account gamma
 native-range 10.50.0.0/16
end
@end
gw1#conf t
...
gw1(config)#ipsec site Oslo
gw1(config-site)#native-range 10.20.4.0/24
% Network 10.20.4.0/24 of site Oslo overlaps 10.20.0.0/16 of site Lyon, networks of sites must not overlap, unless they are of different accounts that no reach joins: enter account first
gw1(config-site)#account beta
gw1(config-site)#native-range 10.20.4.0/24
gw1(config-site)#ipsec site Metz
gw1(config-site)#account beta
gw1(config-site)#native-range 10.20.4.128/25
~ % Network 10.20.4.128/25 of site Metz overlaps 10.20.4.0/24 of site Oslo, networks of sites must not overlap, .*
gw1(config-site)#account beta
gw1(config-site)#reach gamma
...
~ .*marker.
gw1(config-site)#account gamma
gw1(config-site)#exit
gw1(config)#account beta
gw1(config-account)#reach gamma
% reach gamma: Site Oslo: its network 10.20.4.0/24 overlaps 10.20.0.0/16 of site Lyon, networks of sites must not overlap
gw1(config-account)#ipsec site Oslo
gw1(config-site)#no account
~ % Network 10.20.4.0/24 of site Oslo overlaps 10.20.0.0/16 of site Lyon, networks of sites must not overlap, .*
gw1(config-site)#end
...
gw1#show account beta
~ Account +Address +PoP +VPN users +Sites +Routing table
~ beta +- +- +10.41.0.0/16 +1 +7300000\d\d
Two accounts may have the same networks: each then has a routing table of its own.
gw1#
