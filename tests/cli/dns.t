# Names of destinations at a name server of somebody else.  SPDX-License-Identifier: GPL-3.0-or-later

== server and key, shown and taken back
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#dns zone ipsec.example.net
gw1(config)#dns update ?
~ key .*
~ server .*
gw1(config)#<C-u>dns update server 192.0.2.53 zone example.net
gw1(config)#dns update key Ikesh-Key hmac-sha256 MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=
gw1(config)#do show run | include dns update
dns update server 192.0.2.53 zone example.net
~ dns update key ikesh-key hmac-sha256 6 \S+
gw1(config)#do show run redacted | include dns update key
dns update key ikesh-key hmac-sha256 <hidden>
gw1(config)#do show dns
...
Updates go to 192.0.2.53:53, zone example.net, signed with key ikesh-key hmac-sha256
...
gw1(config)#no dns update key
gw1(config)#dns update server [2001:db8::53]:5353
gw1(config)#do show run | include dns update
dns update server [2001:db8::53]:5353
gw1(config)#no dns update server
gw1(config)#do show run | include dns update
gw1(config)#

== what is refused says what is allowed
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#dns update server nowhere
...
~ % dns update server nowhere: allowed is ADDRESS or ADDRESS:PORT.*
gw1(config)#dns update server 192.0.2.53 zone not_a_zone
...
~ % dns update server: not_a_zone is no domain name.*
gw1(config)#dns update key k hmac-sha256 this-is-no-base64
...
~ % dns update key: the secret is base64 of 1 to 64 octets.*
gw1(config)#dns update key k hmac-md5 QUJD
...
~ .*hmac-md5.*
gw1(config)#do show run | include dns
gw1(config)#
