# Blocks and lines pasted.  SPDX-License-Identifier: GPL-3.0-or-later

== a block is applied
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#<NONE>
@paste
ipsec site A
 native-range 10.1.0.0/16
 tunnel primary 1
  public-ip 198.51.100.7
  psk a-key-that-is-long-enough
!
ipsec site B
 keepalive 20
@end
...
gw1(config-site)#do show run | include site
ipsec site A
ipsec site B
gw1(config-site)#do show run | include keepalive
 keepalive 20
gw1(config-site)#

== a block with a mistake is not
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#<NONE>
@paste
ipsec site A
 native-range 10.1.0.0/16
 init-parameters
  encription aes-gcm-256
@end
...
% Paste: 4 lines, 1 rejected, nothing applied
line 4: "  encription aes-gcm-256"
           ^
% Invalid input detected at '^' marker.
gw1(config)#do show run | include site
gw1(config)#

== show running-config pasted back
@startup
hostname gw1
ipsec site A
 keepalive 20
end
@end
gw1#conf t
...
gw1(config)#<NONE>
@paste
Building configuration...

Current configuration : 54 bytes
!
hostname gw1
!
ipsec site A
	keepalive 20
!
end
@end
...
gw1#show run | include keepalive
 keepalive 20
gw1#

== EXEC lines pasted run one by one
@startup
hostname gw1
end
@end
gw1#<NONE>
@paste
show privilege
show foo
show privilege
@end
...
Current privilege level is 15
...
% Invalid input detected at '^' marker.
Current privilege level is 15
gw1#

== the line behind the last line end waits for Enter
@startup
hostname gw1
end
@end
gw1#<NONE>
@type <ESC>[200~show privilege<CR>show privilege<CR>show clo<ESC>[201~
...
@line show clo
gw1#<C-u><NONE>

== a paste without a line end is only inserted
@startup
hostname gw1
end
@end
gw1#sh<NONE>
@type <ESC>[200~ow privilege<ESC>[201~
@line show privilege
gw1#<CR>
Current privilege level is 15
gw1#

== lines pasted at a terminal without marks
@startup
hostname gw1
end
@end
@terminal vt TERM=vt100
gw1#<NONE>
@type configure terminal<CR><LF>ipsec site A<CR><LF><TAB>native-range 10.1.0.0/16<CR><LF> keepalive 20<CR><LF>end<CR><LF>
@wait 10 #end\ngw1#$
gw1#show running-config ipsec site A
...
 native-range 10.1.0.0/16
 keepalive 20
...
gw1#

== lines of a refused parent are skipped when pasted line by line
@startup
hostname gw1
ipsec site B
end
@end
@terminal vt TERM=vt100
gw1#conf t
...
gw1(config)#ipsec site B
gw1(config-site)#<NONE>
@type tunnel primary 9<CR> name stolen<CR> psk stolen-key-0123456789<CR>!<CR>keepalive 20<CR>
@wait 10 keepalive 20\n.*#$
gw1(config-site)#do show run | include stolen
gw1(config-site)#do show run | include psk
gw1(config-site)#do show run | include keepalive
 keepalive 20
gw1(config-site)#

== a long block
@startup
hostname gw1
end
@end
$ for i in $(seq 400); do printf 'ipsec site S%d\n native-range 10.%d.%d.0/24\n tunnel primary 1\n  public-ip 198.51.%d.%d\n' $i $((i/256)) $((i%256)) $((i/256)) $((i%256)); done >$DIR/f; ikesh --merge $DIR/f
...
$ ikesh -c 'show running-config | count ^ipsec.site'
~ 400

== a paste that begins in EXEC is one block from configure terminal to end
@startup
hostname gw1
end
@end
gw1#<NONE>
@paste
show privilege
conf t
ipsec site A
 native-range 10.1.0.0/16
 tunnel primary
  public-ip 198.51.100.7
  psk a-key-that-is-long-enough
end
show running-config | include site
write memory
@end
...
Current privilege level is 15
...
% Warning: site A has no secondary tunnel
ipsec site A
...
[OK]
gw1#show startup-config | include site
ipsec site A
gw1#

== a mistake in such a paste leaves everything as it was, and nothing is saved
@startup
hostname gw1
end
@end
gw1#<NONE>
@paste
configure terminal revert timer 5
ipsec site A
 native-range 10.1.0.0/16
 encription aes-gcm-256
end
write memory
@end
...
% Paste: 6 lines, 1 rejected, nothing applied
line 4: " encription aes-gcm-256"
          ^
% Invalid input detected at '^' marker.
gw1#show running-config | include site
gw1#show startup-config | include site
gw1#show archive config rollback timer
No change waits for a confirmation.
gw1#

== lines of a refused configure terminal do not run in EXEC
@startup
hostname gw1
end
@end
@terminal one
gw1#configure terminal lock
...
gw1(config)#
@terminal two
gw1#<NONE>
@paste
configure terminal
ipsec site A
 exit
!
exit
end
show privilege
@end
...
line 1: "configure terminal"
% Configuration locked by root (vty 1)
line 2: "ipsec site A"
% Skipped: parent line rejected
line 3: " exit"
% Skipped: parent line rejected
line 5: "exit"
% Skipped: parent line rejected
line 6: "end"
% Skipped: parent line rejected
Current privilege level is 15
gw1#show privilege
Current privilege level is 15
gw1#

== somebody who may not configure pastes a configuration
@startup
hostname gw1
end
@end
gw1#disable
gw1><NONE>
@paste
conf t
ipsec site A
 keepalive 20
 exit
exit
end
show privilege
@end
...
% Skipped: parent line rejected
Current privilege level is 1
gw1>show privilege
Current privilege level is 1
gw1>

== prompts that were copied along
@startup
hostname gw1
end
@end
gw1#<NONE>
@paste
gw1#configure terminal
Enter configuration commands, one per line.  End with CNTL/Z.
gw1(config)#ipsec site A
gw1(config-site)# native-range 10.1.0.0/16
gw1(config-site)#tunnel primary 1
gw1(config-site-tunnel)#public-ip 198.51.100.7
gw1(config-site-tunnel)#psk 0 not-in-the-history
gw1(config-site-tunnel)#end
gw1#
@end
...
gw1#show running-config | include range|public
 native-range 10.1.0.0/16
  public-ip 198.51.100.7
gw1#gw1#show foo
             ^
% Invalid input detected at '^' marker.
gw1#gw1(config)#psk 0 not-in-the-history
                ^
% Invalid input detected at '^' marker.
gw1#show history
  show running-config | include range|public
  show foo
  show history
gw1#

== prompts that were copied along tell what belongs to a refused line
@startup
hostname gw1
ipsec site B
end
@end
@terminal vt TERM=vt100
gw1#conf t
...
gw1(config)#ipsec site B
gw1(config-site)#<NONE>
@type gw1(config)#ipsce site A<CR>gw1(config-site)#keepalive 20<CR>gw1(config)#hostname gw2<CR>
@wait 10 #gw1\(config\)#hostname gw2\n.*#$
gw2(config)#do show running-config | include keepalive
gw2(config)#

== numbered and quoted lines are refused as a whole
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#<NONE>
@paste
1: ipsec site A
2:  keepalive 20
@end
...
% Paste: 2 lines, 2 rejected, nothing applied
...
gw1(config)#<NONE>
@paste
> ipsec site A
>  keepalive 20
@end
...
% Paste: 2 lines, 2 rejected, nothing applied
...
gw1(config)#do show running-config | include site
gw1(config)#

== CRLF, TABs, comments and blank lines in a block
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#<NONE>
@type <ESC>[200~! a comment<CR><LF><CR><LF>ipsec site A<CR><LF><TAB>! of the site<CR><LF><TAB>keepalive 20   <CR><LF><CR><LF>!<CR><LF>ipsec site B<CR><LF><TAB>keepalive<TAB>21<CR><LF><ESC>[201~
...
gw1(config-site)#do show running-config | include site|keepalive
ipsec site A
 keepalive 20
ipsec site B
 keepalive 21
gw1(config-site)#

== keys behind a paste are not lost
@startup
hostname gw1
end
@end
gw1#<NONE>
@type <ESC>[200~terminal length 5<CR>show running-config all<CR>show privilege<CR><ESC>[201~qshow clock json<CR>show history<CR>
@wait 5 \{"time"
@wait 5 ^  show clock json
@wait 5 ^gw1# *$
@never Current privilege
gw1#
