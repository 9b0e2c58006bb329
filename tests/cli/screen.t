# Pager, Ctrl-C, event lines, several terminals.  SPDX-License-Identifier: GPL-3.0-or-later

== pager
@startup
hostname gw1
ipsec site A
ipsec site B
ipsec site C
ipsec site D
ipsec site E
end
@end
@terminal small 80x10
gw1#show running-config<CR>
@wait 5 --More--
@never site E
@type <SPACE>
@wait 5 site E
gw1#show running-config<CR>
@wait 5 --More--
@type q
@wait 5 ^gw1# *$
@never site E
gw1#show running-config<CR>
@wait 5 --More--
@type /site.E<CR>
@wait 5 ipsec site E
@wait 5 ^gw1# *$
gw1#show running-config<CR>
@wait 5 --More--
@type <C-c>
@wait 5 ^gw1# *$
@never site E
gw1#show privilege
Current privilege level is 15
gw1#terminal length 0
gw1#show running-config
...
end
gw1#terminal length 5
gw1#show running-config<CR>
@wait 5 --More--
@type q
@wait 5 ^gw1# *$
gw1#show running-config | no-more
...
end
gw1#

== half a command stays when a line comes in between
@startup
hostname gw1
end
@end
@terminal one
gw1#terminal monitor
gw1#show priv<NONE>
@line show priv
$ ikesh -c 'configure terminal' -c 'ipsec site A' -c 'end'
...
@wait 5 %SYS-5-CONFIG_I: Configured from
@line show priv
@type ilege<CR>
@wait 5 Current privilege level is 15
gw1#terminal no monitor
gw1#

== Ctrl-C ends what runs
@startup
hostname gw1
end
@end
gw1#ping 203.0.113.77 count 50<CR>
@wait 5 Sending
@type <C-c>
@wait 5 ^gw1# *$
gw1#show privilege
Current privilege level is 15
gw1#

== live display and its key
@startup
hostname gw1
ipsec site A
end
@end
gw1#monitor connection-status<CR>
@wait 5 q or Ctrl-C ends
@type x
@wait 3 q or Ctrl-C ends
@type q
@wait 5 ^gw1# *$
gw1#monitor connection-status<CR>
@wait 5 q or Ctrl-C ends
@type <C-c>
@wait 5 ^gw1# *$
gw1#show privilege
Current privilege level is 15
gw1#

== a live display that is higher than the window
@startup
hostname gw1
ipsec site S01
 native-range 10.1.0.0/16
ipsec site S02
 native-range 10.2.0.0/16
ipsec site S03
 native-range 10.3.0.0/16
ipsec site S04
 native-range 10.4.0.0/16
ipsec site S05
 native-range 10.5.0.0/16
ipsec site S06
 native-range 10.6.0.0/16
ipsec site S07
 native-range 10.7.0.0/16
ipsec site S08
 native-range 10.8.0.0/16
ipsec site S09
 native-range 10.9.0.0/16
ipsec site S10
 native-range 10.10.0.0/16
ipsec site S11
 native-range 10.11.0.0/16
ipsec site S12
 native-range 10.12.0.0/16
ipsec site S13
 native-range 10.13.0.0/16
ipsec site S14
 native-range 10.14.0.0/16
ipsec site S15
 native-range 10.15.0.0/16
ipsec site S16
 native-range 10.16.0.0/16
ipsec site S17
 native-range 10.17.0.0/16
ipsec site S18
 native-range 10.18.0.0/16
ipsec site S19
 native-range 10.19.0.0/16
ipsec site S20
 native-range 10.20.0.0/16
end
@end
@terminal small 100x12
gw1#monitor connection-status<CR>
@wait 5 \.\.\. 14 more lines in a higher window
@wait 5 Sites 20: 0 connected, 20 down
@wait 5 q or Ctrl-C ends
@type q
@wait 5 ^gw1# *$
gw1#

== settings of the terminal
@startup
hostname gw1
end
@end
@terminal one 100x30
gw1#show terminal
vty 1, user root
Length: 30 lines, Width: 100 columns
Pastes are taken by block, event lines are not shown
gw1#terminal length 0
gw1#terminal width 511
gw1#terminal paste line
gw1#terminal monitor
gw1#show terminal
vty 1, user root
Length: 0 lines, Width: 511 columns
Pastes are taken by line, event lines are shown
gw1#help
~ ^\?
...
gw1#

== two terminals
@startup
hostname gw1
end
@end
@terminal one
gw1#conf t
...
gw1(config)#hostname gw2
gw2(config)#
@terminal two
gw2#show privilege
Current privilege level is 15
gw2#show users
...
@screen vty 1
@screen vty 2
gw2#exit
@closed 0
@terminal one
gw2(config)#end
...
gw2#

== disable and enable
@startup
hostname gw1
end
@end
gw1#disable
gw1>show privilege
Current privilege level is 1
gw1>configure terminal
...
gw1>exit
@closed 0

== write, restart, and what is not written is gone
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#end
...
gw1#write
Building configuration...
[OK]
gw1#conf t
...
gw1(config)#ipsec site B
gw1(config-site)#end
...
@restart
gw1#show running-config | include site
ipsec site A
gw1#

== killed after write
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#end
...
gw1#copy running-config startup-config
...
[OK]
gw1#
@restart KILL
gw1#show running-config | include site
ipsec site A
gw1#show startup-config
...
ipsec site A
...
gw1#

== refused lines of startup-config are kept
@startup
hostname gw1
nonsense 17
ipsec site A
 keepalive 999
end
@end
gw1#show startup-config errors
~ :2: nonsense 17
~ :4: keepalive 999
gw1#show running-config | include site
ipsec site A
gw1#


== reload starts the appliance again
@startup
hostname gw1
ipsec site A
end
@end
@terminal one
gw1#
@terminal two
gw1#conf t
...
gw1(config)#ipsec site B
gw1(config-site)#end
...
gw1#reload
?? Save? [yes/no]: => no
?? [confirm] => <CR>
@closed 0
@terminal one
@wait 5 % The appliance restarts
@closed 0
$ for i in $(seq 50); do ikesh -c '!' >$DIR/out 2>&1 && break; sleep 0.1; done
@terminal three
gw1#show running-config | include site
ipsec site A
gw1#

== a scheduled reload comes on time, and takes back what was not saved
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#hostname lost
lost(config)#end
...
lost#reload in 1
?? Save? [yes/no]: => no
...
?? Proceed with reload? [confirm] => <CR>
...
lost#show reload
~ ^Reload scheduled in .* by \S+ \(vty 1\)$
lost#
@wait 70 % The appliance restarts
@closed 0
$ for i in $(seq 50); do ikesh -c '!' >$DIR/out 2>&1 && break; sleep 0.1; done
@terminal two
gw1#show running-config | include hostname
hostname gw1
gw1#show reload
No reload is scheduled.
gw1#

== what is typed while a command runs waits for the prompt
@startup
hostname gw1
ipsec site A
end
@end
gw1#ping 203.0.113.77 count 1<CR>
@wait 5 Sending
@type show privilege<CR>
@wait 8 Current privilege level is 15
gw1#show ipsec diagnose site A<CR>
@type show privilege<CR>
@wait 8 Current privilege level is 15
gw1#

== event lines come behind what the command printed before
@startup
hostname gw1
end
@end
gw1#terminal monitor
gw1#write
Building configuration...
[OK]
~ %SYS-5-CONFIG_SAVED
gw1#

== the window changes its size while a line is typed
@startup
hostname gw1
ipsec site A
ipsec site B
ipsec site C
end
@end
@terminal one 100x30
gw1#show term<NONE>
@line show term
@resize 60x10
@type inal<CR>
@wait 5 ^Length: 10 lines, Width: 60 columns$
gw1#show running-config<CR>
@wait 5 --More--
@resize 60x11
@never ^gw1#(?!show)
@type q
@wait 5 ^gw1# *$
gw1#show priv<NONE>
@resize 60x40
@type ilege<CR>
@wait 5 ^Current privilege level is 15$
gw1#show running-config
...
end
gw1#terminal length 20
gw1#<NONE>
@resize 80x50
gw1#show terminal
...
Length: 20 lines, Width: 80 columns
...
gw1#
