# Prompts, modes, abbreviations, ambiguity, carets.  SPDX-License-Identifier: GPL-3.0-or-later

== factory prompt and hostname
ikesh#conf t
Enter configuration commands, one per line.  End with CNTL/Z.
ikesh(config)#hostname gw1
gw1(config)#no hostname
ikesh(config)#end
ikesh#

== prompts of the modes
@startup
hostname gw1
end
@end
gw1#conf t
Enter configuration commands, one per line.  End with CNTL/Z.
gw1(config)#ipsec site A
gw1(config-site)#tunnel pri
gw1(config-site-tunnel)#exit
gw1(config-site)#init-parameters
gw1(config-site-init)#exit
gw1(config-site)#auth-p
gw1(config-site-auth)#exit
gw1(config-site)#exit
gw1(config)#exit
...
gw1#

== end and Ctrl-Z go to EXEC from anywhere
@startup
hostname gw1
end
@end
gw1#configure terminal
Enter configuration commands, one per line.  End with CNTL/Z.
gw1(config)#ipsec site A
gw1(config-site)#tunnel primary 1
gw1(config-site-tunnel)#end
...
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#tunnel secondary 3
gw1(config-site-tunnel)#name x<C-z>
...
gw1#show running-config | include name
hostname gw1
  name x
gw1#<C-z>
gw1#

== Ctrl-D leaves one level
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#<C-d>
gw1#exit
@closed 0

== words are case-insensitive, names are not
@startup
hostname gw1
end
@end
gw1#CONF T
...
gw1(config)#IPSEC SITE Lyon
gw1(config-site)#ipsec site lyon
gw1(config-site)#do sh run | include ipsec
ipsec site Lyon
ipsec site lyon
gw1(config-site)#

== a word of an outer mode is found from a submode
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#init-parameters
gw1(config-site-init)#tunnel primary
gw1(config-site-tunnel)#ipsec site B
gw1(config-site)#hostname gw2
gw2(config)#

== a refused line never changes the mode
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#hostname -bad name-
~ \^
...
gw1(config-site)#tunnel primary 4
                                ^
% Invalid input detected at '^' marker.
...
gw1(config-site)#!
gw1(config-site)#nonsense
                 ^
% Invalid input detected at '^' marker.
gw1(config-site)#

== caret in each mode
@startup
hostname gw1
end
@end
gw1#show foo
         ^
% Invalid input detected at '^' marker.
gw1#conf t
...
gw1(config)#hostnme gw2
            ^
% Invalid input detected at '^' marker.
gw1(config)#ipsec site A
gw1(config-site)#keepalive 61
                           ^
% Invalid input detected at '^' marker.
~ 5.*60
gw1(config-site)#tunnel primary
gw1(config-site-tunnel)#public-ip 300.1.1.1
                                  ^
% Invalid input detected at '^' marker.
...
gw1(config-site-tunnel)#init-parameters
gw1(config-site-init)#encryption aes-gcm-512
                                 ^
% Invalid input detected at '^' marker.
...
gw1(config-site-init)#auth-parameters
gw1(config-site-auth)#dh-group 3
                               ^
% Invalid input detected at '^' marker.
...
gw1(config-site-auth)#

== incomplete and surplus words
@startup
hostname gw1
end
@end
gw1#show
% Incomplete command.
gw1#show ipsec
% Incomplete command.
gw1#show version now
                 ^
% Invalid input detected at '^' marker.
gw1#

== ambiguous words
@startup
hostname gw1
end
@end
gw1#sh ips s
% Ambiguous command:  "sh ips s"
gw1#c t
% Ambiguous command:  "c t"
gw1#

== do runs EXEC commands in any mode
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#tunnel primary
gw1(config-site-tunnel)#do show ipsec connection-status
...
gw1(config-site-tunnel)#do
% Incomplete command.
gw1(config-site-tunnel)#do nonsense
                           ^
% Invalid input detected at '^' marker.
gw1(config-site-tunnel)#

== comments and empty lines
@startup
hostname gw1
end
@end
gw1#! nothing
gw1#conf t
...
gw1(config)#   ! nothing
gw1(config)#

== no restores the default
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#keepalive 20
gw1(config-site)#do show run | include keepalive
 keepalive 20
gw1(config-site)#no keepalive
gw1(config-site)#do show run | include keepalive
gw1(config-site)#no ipsec site A
?? [confirm] => 
gw1(config)#do show run | include site
gw1(config)#

== responder-only and initiate-connection exclude each other
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#connection-mode responder-only
gw1(config-site)#initiate-connection
~ responder-only
gw1(config-site)#do show run | include initiate
gw1(config-site)#

== both roles at one address
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#destination primary ipv4 203.0.113.10
gw1(config-site)#destination secondary ipv4 203.0.113.10
~ primary
gw1(config-site)#do show run | include destination
 destination primary ipv4 203.0.113.10
gw1(config-site)#

== en is enable, and what is hidden must be written out
@startup
hostname gw1
end
@end
gw1#disable
gw1>en
gw1#end
gw1#q
    ^
% Invalid input detected at '^' marker.
gw1#quit
@closed 0

== configure asks where from
@startup
hostname gw1
end
@end
gw1#conf
?? Configuring from terminal [terminal]? => <CR>
Enter configuration commands, one per line.  End with CNTL/Z.
gw1(config)#end
gw1#configure
?? Configuring from terminal [terminal]? => t
Enter configuration commands, one per line.  End with CNTL/Z.
gw1(config)#end
gw1#configure
?? Configuring from terminal [terminal]? => memory
~ ^% Only from the terminal
gw1#configure
?? Configuring from terminal [terminal]? => <C-c>
gw1#

== a quotation mark that is not closed, and text in UTF-8
@startup
hostname gw1
ipsec site A
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#tunnel primary
gw1(config-site-tunnel)#name "Orange fibre
                                          ^
% Invalid input detected at '^' marker.
% name "Orange fibre: the quotation mark is not closed
gw1(config-site-tunnel)#name Orange fibre éàü
gw1(config-site-tunnel)#do show running-config | include name
hostname gw1
  name "Orange fibre éàü"
gw1(config-site-tunnel)#name 5" rack
gw1(config-site-tunnel)#banner motd "
Enter TEXT message.  End with the character '"'.
@type one<CR>"<CR>
...
gw1(config)#do show running-config | begin banner
banner motd ^C
one
^C
...
gw1(config)#do show running-config | include rack
  name "5" rack"
gw1(config)#
