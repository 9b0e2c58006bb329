# PoPs and accounts.  SPDX-License-Identifier: GPL-3.0-or-later

== the example of two PoPs, an account and a dual tunnel reads back as it was pasted
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#pop Frankfurt
gw1(config-pop)#address 203.0.113.10
gw1(config-pop)#location 91 8
% location 91 8: latitude is -90 to 90 and longitude -180 to 180 degrees, such as 50.11 8.68
gw1(config-pop)#location 50.11 8.68
gw1(config-pop)#pop Munich
gw1(config-pop)#address 203.0.113.10
% address 203.0.113.10: PoP Frankfurt has it
gw1(config-pop)#address 192.0.2.10
gw1(config-pop)#account acme
gw1(config-account)#allocated-ip 203.0.113.11 pop Frankfurt
% allocated-ip 203.0.113.11 pop Frankfurt: PoP Frankfurt has no such address
gw1(config-account)#allocated-ip 203.0.113.10 pop Frankfurt
gw1(config-account)#allocated-ip 192.0.2.10 pop Munich
gw1(config-account)#account beta
gw1(config-account)#allocated-ip 192.0.2.10 pop Munich
% accounts beta and acme have addresses of the same PoP Munich: each account needs addresses of PoPs of its own
gw1(config-account)#reach beta
% reach beta: the sites of an account reach each other anyway
gw1(config-account)#reach nobody
% Warning: there is no account nobody
gw1(config-account)#reach acme
gw1(config-account)#do show running-config | section beta
account beta
 reach nobody
 reach acme
gw1(config-account)#no reach nobody
gw1(config-account)#no reach nobody
% Account beta does not reach nobody
gw1(config-account)#exit
gw1(config)#no account beta
gw1(config)#ipsec site AWS
gw1(config-site)#account acme
gw1(config-site)#destination primary ipv4 203.0.113.99
% destination primary ipv4 203.0.113.99 of site AWS: the address is not allocated to account acme
gw1(config-site)#destination primary ipv4 203.0.113.10
gw1(config-site)#destination secondary ipv4 203.0.113.10
% destination secondary ipv4 203.0.113.10: primary uses this address, the two roles must differ
gw1(config-site)#destination secondary fqdn pop Frankfurt
% destinations of site AWS: primary and secondary both lie at PoP Frankfurt, the two roles need different PoPs
gw1(config-site)#destination secondary fqdn pop automatic
gw1(config-site)#tunnel primary 1
gw1(config-site-tunnel)#public-ip 198.51.100.21
gw1(config-site-tunnel)#psk correct-horse-battery
gw1(config-site-tunnel)#tunnel secondary 1
gw1(config-site-tunnel)#public-ip 198.51.100.77
gw1(config-site-tunnel)#psk correct-horse-battery
gw1(config-site-tunnel)#exit
gw1(config-site)#exit
gw1(config)#no pop Munich
% Account acme has addresses of PoP Munich
gw1(config)#no account acme
% Account acme has site AWS
gw1(config)#do show ipsec connection-status
~ ^Site +HA role +# +Name +State +PoP
~ ^AWS +primary +1 +- +DOWN +Frankfurt +198.51.100.21 .* waiting-for-peer$
~ ^AWS +secondary +1 +- +DOWN +Munich +198.51.100.77 .* waiting-for-peer$
...
gw1(config)#pop Munich
gw1(config-pop)#shutdown
gw1(config-pop)#end
...
gw1#show ipsec connection-status | include secondary
~ ^AWS +secondary +1 +- +DOWN .* pop-unavailable$
gw1#show ipsec pop
~ ^PoP +State +Addresses +Location +Sites +Tunnels up$
~ ^Frankfurt +up +203.0.113.10 +50.11 8.68 +1 +0$
~ ^Munich +shutdown +192.0.2.10 +- +0 +0$
gw1#show account
~ ^Account +Address +PoP +VPN users +Sites +Routing table$
~ ^acme +203.0.113.10 +Frankfurt +10.41.0.0/16 +1 +main$
~ ^- +192.0.2.10 +Munich +- +- +-$
Two accounts may have the same networks: each then has a routing table of its own.
gw1#show run | begin ^pop
pop Frankfurt
 address 203.0.113.10
 location 50.11 8.68
pop Munich
 address 192.0.2.10
 shutdown
account acme
 allocated-ip 203.0.113.10 pop Frankfurt
 allocated-ip 192.0.2.10 pop Munich
!
ipsec site AWS
 account acme
 destination primary ipv4 203.0.113.10
 destination secondary fqdn pop automatic
...

== service addresses are kept in order, at most eight, and are in the worksheet
@startup
hostname gw1
ipsec site Lyon
end
@end
gw1#conf t
...
gw1(config)#service-address 10.254.254.253
gw1(config)#service-address 10.254.254.1
gw1(config)#service-address 10.254.254.1
gw1(config)#service-address 10.99.0.1
gw1(config)#service-address 224.0.0.5
~ ^ +\^$
% Invalid input detected at '^' marker.
% service-address 224.0.0.5: this is not the address of a host
gw1(config)#service-address 127.0.0.1
% service-address 127.0.0.1: allowed is an address that sites can send to, such as 10.254.254.1
gw1(config)#service-address 2001:db8::1
~ ^ +\^$
% Invalid input detected at '^' marker.
% service-address 2001:db8::1: allowed is an IPv4 address
gw1(config)#do show run | include service
service-address 10.99.0.1
service-address 10.254.254.1
service-address 10.254.254.253
gw1(config)#do show ipsec site Lyon peer-worksheet | section Routes
~ Routes +10.254.254.1/32
...
gw1(config)#do show ipsec site Lyon peer-worksheet | include 10.99
~ ^ +10.99.0.1/32
gw1(config)#no service-address 10.99.0.1
gw1(config)#no service-address 10.99.0.1
% There is no service-address 10.99.0.1
gw1(config)#do show run | include service
service-address 10.254.254.1
service-address 10.254.254.253
gw1(config)#end
...
