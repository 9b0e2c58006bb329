# Changes with a net.  SPDX-License-Identifier: GPL-3.0-or-later

== an unconfirmed change goes back, and every terminal hears of it
@startup
hostname gw1
ipsec site A
 keepalive 20
end
@end
@terminal one
gw1#<NONE>
@terminal two
gw1#show priv<NONE>
@terminal one
gw1#configure session s
Lines change session s only, until it is committed.
gw1(config-s-s)#hostname gw2
gw1(config-s-s)#ipsec site A
gw1(config-s-s-site)#keepalive 30
gw1(config-s-s-site)#commit timer 00:00:02
Session s is committed.
The configuration reverts unless "configure confirm" is entered in time.
gw2#write
~ ^% Configuration not confirmed, 0:0[12] left$
gw2#<NONE>
@wait 10 ^% Configuration reverted to the state before the change by \S+ \(vty 1\): not confirmed within 0:02$
gw2#show running-config | include keepalive
 keepalive 20
gw1#show logging | include REVERTED
~ %ARCHIVE-5-REVERTED: Configuration reverted to the state before the change
gw1#<NONE>
@terminal two
@wait 5 ^% Configuration reverted
@line show priv
gw1#ilege
Current privilege level is 15
gw1#

== a confirmed change stays
@startup
hostname gw1
end
@end
gw1#conf t revert timer 1
The configuration reverts in 1 minute unless "configure confirm" is entered.
Enter configuration commands, one per line.  End with CNTL/Z.
gw1(config)#hostname gw2
gw2(config)#do show archive config rollback timer
~ ^Timer type +absolute$
~ ^Time remaining +(1:00|0:5.)$
...
gw2(config)#end
~ ^% Configuration not confirmed, .* left: "configure confirm" keeps it$
gw2#configure confirm
Configuration confirmed
gw2#show archive config rollback timer
No change waits for a confirmation.
gw2#write
Building configuration...
[OK]
gw2#show archive
~ ^Number +Saved +Bytes +Why$
~ ^1 +20.*Z +\d+ +write by \S+ \(vty 1\)$
1 copies, at most 14 are kept.
gw2#

== a killed appliance comes back with the state before the change
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#hostname unsaved
unsaved(config)#end
unsaved#conf t revert timer 10
...
unsaved(config)#hostname broken
broken(config)#<NONE>
@restart KILL
@terminal again
unsaved#show logging | include REVERTED
~ %ARCHIVE-5-REVERTED: Configuration reverted: the appliance started again before it was confirmed
unsaved#show archive config rollback timer
No change waits for a confirmation.
unsaved#write
...
[OK]
unsaved#

== locked by another
@startup
hostname gw1
end
@end
@terminal one
gw1#conf t lock
...
gw1(config)#<NONE>
@terminal two
gw1#conf t
~ ^% Configuration locked by \S+ \(vty 1\)$
gw1#show version
...
gw1#<NONE>
@terminal one
gw1(config)#end
gw1#<NONE>
@terminal two
gw1#conf t
Enter configuration commands, one per line.  End with CNTL/Z.
gw1(config)#

== replace shows what it does and asks
@startup
hostname gw1
ipsec site A
 keepalive 20
end
@end
gw1#write
...
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#keepalive 30
gw1(config-site)#ipsec site B
gw1(config-site)#end
gw1#show running-config diff
!Contextual Config Diffs:
ipsec site A
 -keepalive 20
 +keepalive 30
+ipsec site B
gw1#configure replace archive 1 list
!List of Rollback Commands:
ipsec site A
 -keepalive 30
 +keepalive 20
-ipsec site B
...
?? This replaces the running configuration as a whole. Proceed? [no]: => y
Rollback Done
gw1#show run | include keepalive|site
ipsec site A
 keepalive 20
gw1#copy running-config file before-upgrade
~ ^\d+ bytes copied$
gw1#configure replace file before<TAB><NONE>
@line configure replace file before-upgrade
gw1# force
The running configuration is the same already, nothing to replace
gw1#

== a restart that is taken back
@startup
hostname gw1
end
@end
gw1#reload in 5
~ ^Reload scheduled in 5 minutes by \S+ \(vty 1\)$
...
?? Proceed with reload? [confirm] => 
...
gw1#show reload
~ ^Reload scheduled in [45] minutes and \d+ seconds by \S+ \(vty 1\)$
gw1#reload cancel
...
*** --- SHUTDOWN ABORTED ---
...
gw1#show reload json
{"reload":{"scheduled":false}}
gw1#

== a question is asked until it is answered
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#hostname gw2
gw2(config)#end
gw2#reload in 5
?? Save? [yes/no]: => 
...
?? Save? [yes/no]: => perhaps
...
?? Save? [yes/no]: => <C-c>
...
gw2#show reload
No reload is scheduled.
gw2#
