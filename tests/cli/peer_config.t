# The configuration of the peer in the words of its product.  SPDX-License-Identifier: GPL-3.0-or-later

== the texts of all products
$ $TESTS/peer_config.py
152 texts

== keys are shown when they are asked for, at privilege 15
@startup
hostname gw1
ipsec site Lyon
 native-range 10.20.0.0/24
 network-range hq:10.0.0.0/24
 destination primary ipv4 203.0.113.10
 tunnel primary
  public-ip 198.51.100.21
  psk correct-horse-battery-staple
 tunnel secondary
  psk correct-horse-battery-staple
end
@end
gw1#show ipsec site Lyon peer-config ?
  aws         AWS Site-to-Site VPN, AWS CLI
  cisco-asa   Cisco ASA
  cisco-ios   Cisco IOS XE
  fortigate   FortiGate, FortiOS CLI
  libreswan   libreswan, ipsec.conf and ipsec.secrets
  openiked    OpenIKED, iked.conf
  palo-alto   Palo Alto Networks, PAN-OS set commands
  strongswan  strongSwan, swanctl.conf
gw1#<C-u>show ipsec site Lyon peer-config open
~ ^# The peer of site Lyon$
~ ^# OpenIKED 7 or later: /etc/iked\.conf, mode 0600$
~ ^# Put the pre-shared keys in place of PSK_OF_\.\.\.; at privilege 15, "show ipsec site Lyon peer-config openiked include-secrets" has them$
~ ^# Left out, public-ip or local-id is missing: secondary 1$
...
psk "PSK_OF_PRIMARY_1"
gw1#show ipsec site Lyon peer-config open include-secrets
~ ^# The peer of site Lyon$
~ ^# OpenIKED 7 or later: /etc/iked\.conf, mode 0600$
~ ^# Left out, public-ip or local-id is missing: secondary 1$
...
psk "correct-horse-battery-staple"
gw1#show ipsec site Lyon peer-config strongswan | include secret
~ ^# Put the pre-shared keys in place of PSK_OF_\.\.\.; at privilege 15, "show ipsec site Lyon peer-config strongswan include-secrets" has them$
secrets {
    secret = "PSK_OF_PRIMARY_1"
gw1#show ipsec site Lyon peer-config sonicwall
~ ^ +\^
% Invalid input detected at '^' marker.
~ ^% peer-config sonicwall: allowed is aws, .*, strongswan$
gw1#show ipsec site Metz peer-config aws
% Site Metz is not configured
gw1#show logging | include battery
gw1#
$ ikesh -p 1 -c 'show ipsec site Lyon peer-config aws' | grep -c PSK_OF_PRIMARY_1
1
$ ikesh -p 1 -c 'show ipsec site Lyon peer-config aws include-secrets'
% Keys are shown at privilege 15 only
[exit 1]
