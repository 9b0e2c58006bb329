# Pre-shared keys at the terminal.  SPDX-License-Identifier: GPL-3.0-or-later

== hidden prompt, twice
@startup
hostname gw1
ipsec site A
 tunnel primary 1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#tunnel primary
gw1(config-site-tunnel)#psk
?? Pre-shared key: => hidden-key-0123456789<hidden>
?? Pre-shared key again: => hidden-key-0123456789<hidden>
gw1(config-site-tunnel)#do show run | include psk
~ ^  psk 6 \S+$
@never hidden-key
gw1(config-site-tunnel)#

== two that differ
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#tunnel primary
gw1(config-site-tunnel)#psk
?? Pre-shared key: => hidden-key-0123456789<hidden>
?? Pre-shared key again: => hidden-key-9876543210<hidden>
% Keys do not match
gw1(config-site-tunnel)#do show run | include psk
gw1(config-site-tunnel)#<UP><UP><NONE>
@never hidden-key
gw1(config-site-tunnel)#<C-u><NONE>

== Ctrl-C at the hidden prompt
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#tunnel primary
gw1(config-site-tunnel)#psk
?? Pre-shared key: => half<C-c>
...
gw1(config-site-tunnel)#do show run | include psk
gw1(config-site-tunnel)#

== 64 characters fit, 65 do not and the old key stays
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#tunnel primary
gw1(config-site-tunnel)#psk 0123456789012345678901234567890123456789012345678901234567890123
gw1(config-site-tunnel)#psk 01234567890123456789012345678901234567890123456789012345678901234
...
~ % Pre-shared key is longer than 64 characters
gw1(config-site-tunnel)#do show run | count psk
~ 1
gw1(config-site-tunnel)#

== a script is not asked
@startup
hostname gw1
ipsec site A
 tunnel primary 1
end
@end
$ printf 'configure terminal\nipsec site A\ntunnel primary 1\npsk\nexit\n' | timeout 10 ikesh
...
[exit 1]
$ ikesh -c 'show running-config' | grep -c psk
0
[exit 1]

== sealed keys survive a restart
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#tunnel primary
gw1(config-site-tunnel)#public-ip 198.51.100.7
gw1(config-site-tunnel)#psk "with blanks | # ! and more"
gw1(config-site-tunnel)#end
...
gw1#write
...
[OK]
gw1#
@restart
gw1#show ipsec connection-status
...
@never missing
gw1#
$ grep -c 'with blanks' $CONFIG/startup-config
0
[exit 1]
