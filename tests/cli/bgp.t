# BGP of a site.  SPDX-License-Identifier: GPL-3.0-or-later

== bgp is typed, checked, shown and removed
@startup
hostname gw1
ipsec site Cloud
 native-range 172.31.0.0/16
 tunnel primary 1
end
@end
gw1#show bgp
No BGP neighbor is configured.
gw1#show bgp site Nowhere
% Site Nowhere is not configured
gw1#conf t
...
gw1(config)#ipsec site Cloud
gw1(config-site)#bgp
gw1(config-site-bgp)#local-as 0
~ ^ +\^$
% Invalid input detected at '^' marker.
% local-as 0: allowed is 1-4294967295
gw1(config-site-bgp)#local-as 4200000000
gw1(config-site-bgp)#timers 60 20
% timers 60 20: keepalive must be below the hold time, a third of it is usual
gw1(config-site-bgp)#timers 1 2
% timers: the hold time is 0 (never) or 3 to 65535 seconds
gw1(config-site-bgp)#timers 10 30
gw1(config-site-bgp)#advertise 2001:db8::/32
% advertise 2001:db8::/32: only IPv4 networks are announced
gw1(config-site-bgp)#advertise 10.0.0.0/8
gw1(config-site-bgp)#password "say "x""
...
gw1(config-site-bgp)#password secret-of-bgp
gw1(config-site-bgp)#end
...
gw1#show bgp summary
BGP daemon BIRD is off, 1 neighbor, 0 established
~ ^Neighbor +AS +Site +Tunnel +Up/Down +State/PfxRcd +PfxSnt +Reason$
~ ^- +0 +Cloud +primary 1 +- +Incomplete +- +peer-as missing$
gw1#show run redacted | section bgp
 bgp
  local-as 4200000000
  advertise 10.0.0.0/8
  timers 10 30
  password <hidden>
gw1#conf t
...
gw1(config)#ipsec site Cloud
gw1(config-site)#no bgp
gw1(config-site)#do show run | section bgp
gw1(config-site)#local-as 1
...
