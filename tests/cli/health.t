# Health of tunnels.  SPDX-License-Identifier: GPL-3.0-or-later

== nothing was up yet
ikesh#show ipsec health
No site is configured.
ikesh#show ipsec health json
{"sites":[]}
ikesh#show ipsec health site X
% Site X is not configured
ikesh#conf t
...
ikesh(config)#ipsec site Lyon
ikesh(config-site)#native-range 10.20.0.0/16
ikesh(config-site)#link-sla loss 101
~ ^ +\^$
% Invalid input detected at '^' marker.
% loss 101: allowed is 1-100 percent
ikesh(config-site)#link-sla loss 5
ikesh(config-site)#link-sla latency 250
ikesh(config-site)#link-sla jitter ?
  <1-10000>  Jitter, 1-10000 milliseconds, default 30
ikesh(config-site)#link-sla jitter <C-u><NONE>
ikesh(config-site)#tunnel primary 1
ikesh(config-site-tunnel)#name fiber
ikesh(config-site-tunnel)#do show running-config | include sla
 link-sla loss 5
 link-sla latency 250
ikesh(config-site-tunnel)#no link-sla loss
ikesh(config-site)#end
% Warning: site Lyon has no secondary tunnel
ikesh#show ipsec health
Site  HA role  #  Name   Health  Score  Loss %  Delay ms  Jitter ms  Share %  Last 30 s
Lyon  primary  1  fiber  -       -      -       -         -          -        -
ikesh#show ipsec health site Lyon history
Lyon primary 1 (fiber): not up, share of new flows 0 %
 It was not up since the appliance started.
ikesh#show ipsec health json
{"sites":[{"name":"Lyon","limits":{"lossPercent":3,"jitterMs":30,"latencyMs":250},"tunnels":[{"role":"primary","index":1,"name":"fiber","health":null,"score":null,"lossHundredthPercent":null,"delayUs":null,"jitterUs":null,"sharePercent":0,"history":{"seconds":[],"tenSeconds":[]}}]}]}
ikesh#
