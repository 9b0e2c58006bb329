# debug ike and what it says where nobody listens.  SPDX-License-Identifier: GPL-3.0-or-later

== kinds, sites, ends
@startup
hostname gw1
ipsec site Lyon
 connection-mode bidirectional
 tunnel primary
  public-ip 203.0.113.201
  psk correct-horse-battery-staple
end
@end
gw1#show debugging
No debugging is on.
gw1#debug ike ?
  packet    Messages and their payloads
  proposal  What both sides offer and choose
  state     Changes of SAs, and failures
gw1#<C-u>debug ike packet site Metz
% Site Metz is not configured
gw1#debug ike packet site Lyon
IKE messages debugging is on, site Lyon
gw1#deb ike st
IKE states debugging is on
gw1#show debugging
IKE messages debugging is on, site Lyon
IKE states debugging is on
gw1#show debugging json
{"debugging":[{"kind":"packet","site":"Lyon"},{"kind":"state","site":null}]}
gw1#terminal monitor
gw1#ipsec initiate site Lyon
~ IKE-7-DEBUG: Lyon primary 1: IKE SA \S+: new -> key, begin to initiate$
~ IKE-7-DEBUG: Lyon primary 1: IKE SA \S+: key -> init-sent, send IKE_SA_INIT request$
~ IKE-7-DEBUG: Lyon primary 1: sent IKE_SA_INIT request 0 to 203.0.113.201:500, SPI [0-9a-f]{16}/0{16}, \d+ octets: SA, KEi, Ni
gw1#no debug ike packet
IKE messages debugging is off
gw1#undebug all
All possible debugging has been turned off
gw1#show debugging
No debugging is on.
gw1#show ipsec site Lyon detail
...
  Last exchanges (--> sent, <-- received)
~ ^   [\d:.]+ --> IKE_SA_INIT request 0, \d+ octets.*: SA, KEi, Ni, N\(NAT_DETECTION_SOURCE_IP\)
...
gw1#show ipsec site Lyon detail json | include lastExchanges
~ "lastExchanges":\[\{"at":"[^"]+","direction":"sent","exchange":"IKE_SA_INIT","response":false,"messageId":0,
gw1#show logging | include DEBUG
gw1#
$ ikesh -p 1 -c 'debug ike packet'
...
[exit 1]
