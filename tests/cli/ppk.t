# Postquantum preshared keys at the terminal.  SPDX-License-Identifier: GPL-3.0-or-later

== hidden prompt, twice; shown and saved encrypted
@startup
hostname gw1
ipsec site A
 tunnel primary 1
  psk a-key-that-is-long-enough
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#tunnel primary
gw1(config-site-tunnel)#ppk id lyon
?? Postquantum preshared key: => hidden-key-0123456789-0123456789<hidden>
?? Postquantum preshared key again: => hidden-key-0123456789-0123456789<hidden>
gw1(config-site-tunnel)#ppk required
gw1(config-site-tunnel)#do show run | include ppk
~ ^  ppk id lyon key 6 \S+$
  ppk required
gw1(config-site-tunnel)#do show run | include ppk | redact
  ppk id lyon key <hidden>
  ppk required
gw1(config-site-tunnel)#no ppk required
gw1(config-site-tunnel)#no ppk id paris
...
~ % This tunnel has no ppk id paris
gw1(config-site-tunnel)#no ppk
gw1(config-site-tunnel)#do show run | include ppk
@never hidden-key
gw1(config-site-tunnel)#

== in clear and in hexadecimal digits, short ones with a warning
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#tunnel primary
gw1(config-site-tunnel)#ppk id a key short-one
% Warning: the postquantum preshared key is shorter than 32 characters
gw1(config-site-tunnel)#ppk id b key hex 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
gw1(config-site-tunnel)#ppk id b key hex 000
...
~ % Postquantum preshared key after hex needs two digits for each octet
gw1(config-site-tunnel)#do show run | include ppk
~ ^  ppk id b key 6 \S+$
gw1(config-site-tunnel)#ppk id b key <hidden>
...
~ % ppk id b key <hidden>: this configuration was saved without its keys
gw1(config-site-tunnel)#

== required without a key is incomplete, and says so
@startup
hostname gw1
ipsec site A
 tunnel primary 1
  public-ip 198.51.100.7
  psk a-key-that-is-long-enough
  ppk required
end
@end
gw1#show ipsec connection-status | include primary
~ INCOMPLETE .* ppk missing
gw1#

== it survives a restart
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#tunnel primary
gw1(config-site-tunnel)#ppk id lyon key "with blanks | # ! and thirty-two octets"
gw1(config-site-tunnel)#end
...
gw1#write
...
[OK]
gw1#
@restart
gw1#show running-config | include ppk
~ ^  ppk id lyon key 6 \S+$
gw1#
$ grep -c 'with blanks' $CONFIG/startup-config
0
[exit 1]
