# Redirection of peers.  SPDX-License-Identifier: GPL-3.0-or-later

== both directions, shown and taken back
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#redirect client
gw1(config-site)#redirect gateway 192.0.2.7
gw1(config-site)#do show run | include redirect
 redirect client
 redirect gateway 192.0.2.7
gw1(config-site)#redirect gateway gw2.example.net
gw1(config-site)#redirect gateway not/a/name
...
~ % redirect gateway not/a/name: an address or a domain name is allowed
gw1(config-site)#no redirect client
gw1(config-site)#do show run | include redirect
 redirect gateway gw2.example.net
gw1(config-site)#no redirect gateway
gw1(config-site)#do show run | include redirect
gw1(config-site)#
