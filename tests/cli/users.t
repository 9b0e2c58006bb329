# Who may what, and what is written down of it.  SPDX-License-Identifier: GPL-3.0-or-later

== enable asks for the secret
@startup
hostname gw1
enable secret 9 $9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM
end
@end
gw1#disable
gw1>enable
?? Password: => wrong-one<hidden>
...
?? Password: => cisco<hidden>
gw1#show running-config | include enable
enable secret 9 $9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM
gw1#show running-config redacted | include enable
enable secret <hidden>
gw1#show running-config | include enable | redact
enable secret <hidden>
gw1#disable
gw1>show running-config | include enable
enable secret <hidden>
gw1>enable
?? Password: => no1<hidden>
...
?? Password: => no2<hidden>
...
?? Password: => no3<hidden>
% Bad secrets
gw1>enable
~ ^% Too many wrong secrets of user \S+: the next try is possible in \d seconds$
gw1>show logging | include PRIV_AUTH_PASS
~ %SYS-5-PRIV_AUTH_PASS: Privilege level set to 15 by \S+ \(vty 1\)
gw1>

== secrets are never seen again
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#enable secret
?? Secret: => hidden-secret-1<hidden>
...
?? Secret again: => hidden-secret-1<hidden>
gw1(config)#username bob privilege 5 secret typed-secret-2
gw1(config)#username bob secret 7 0822455D0A16
% Type 7 can be decrypted by anybody and is not taken: use type 8 or 9, or type the clear secret
gw1(config)#key config-key password-encrypt
?? New key: => pass phrase of eight<hidden>
...
?? Confirm key: => pass phrase of eight<hidden>
0 pre-shared keys encrypted anew. Save the configuration (write).
gw1(config)#end
gw1#show history
  conf t
  enable secret
  key config-key password-encrypt
  end
  show history
gw1#show logging | include LOGGEDCMD
~ User:\S+ \(vty 1\)  logged command:configure terminal$
~ logged command:enable secret$
~ logged command:username bob privilege 5 secret <hidden>$
~ logged command:key config-key password-encrypt$
gw1#show running-config | include secret
~ ^enable secret 9 \$9\$[./0-9A-Za-z]{14}\$[./0-9A-Za-z]{43}$
~ ^username bob privilege 5 secret 9 \$9\$[./0-9A-Za-z]{14}\$[./0-9A-Za-z]{43}$
gw1#write
...
[OK]
gw1#login bob
?? Password: => typed-secret-2
gw1#show privilege
Current privilege level is 5
gw1#configure terminal
...
gw1#

== the banner greets
@startup
hostname gw1
banner motd ^C
Authorised people only | # !
  end
^C
end
@end
gw1#<NONE>
@wait 5 ^Authorised people only . # !$
@wait 5 ^  end$
gw1#show running-config | section banner
banner motd ^C
gw1#conf t
...
gw1(config)#banner motd #
Enter TEXT message.  End with the character '#'.
@type Second<CR>banner#<CR>
...
gw1(config)#end
gw1#show running-config | begin banner
banner motd ^C
Second
banner^C
...
gw1#

== an idle terminal is closed, a busy one is not
@startup
hostname gw1
line exec-timeout 0 2
end
@end
gw1#monitor connection-status
@wait 5 q or Ctrl-C ends
@wait 5 (?s)ends.*ends.*ends.*ends
@type q
# the prompt comes back
gw1#show users
~ ^ +Line +User +Privilege +Mode +Monitor +Idle$
~ ^\* +vty 1 +\S+ +15 +exec +no +00:00:00$
gw1#<NONE>
@wait 10 ^% The terminal was idle for too long$
@closed
