# Help and completion.  SPDX-License-Identifier: GPL-3.0-or-later

== question mark in mid-word
@startup
hostname gw1
end
@end
gw1#sh?
~ ^  show 
@line sh
gw1#<C-u>show ver?
~ ^  version 
@line show ver
gw1#<C-u><NONE>

== question mark alone and behind a blank
@startup
hostname gw1
end
@end
gw1#?
...
~ ^  configure 
...
~ ^  show 
...
gw1#show ?
...
~ ^  running-config 
...
@line show
gw1#<C-u>show ipsec ?
...
~ ^  connection-status 
...
@line show ipsec
gw1#<C-u><NONE>

== long help is paged, and Ctrl-C ends it
@startup
hostname gw1
end
@end
@terminal small 80x4
gw1#<NONE>
@type terminal ?
@wait 5 --More--
@type <SPACE>
@wait 5 width
@line terminal
@type <C-u>terminal ?
@wait 5 --More--
@type <C-c>
@line terminal
@never width
gw1#length 0
gw1#

== question mark shows type, range and default of a value
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#keepalive ?
~ 5.*60.*10
...
gw1(config-site)#<C-u><NONE>

== question mark behind something unknown
@startup
hostname gw1
end
@end
gw1#frob ?
~ .
@line frob
gw1#<C-u><NONE>

== Ctrl-V and quotes make it a character
@startup
hostname gw1
end
@end
gw1#! why<C-v>?<NONE>
@line ! why?
gw1#<C-u>! "why?"<NONE>
@line ! "why?"
gw1#<C-u><NONE>

== TAB completes words
@startup
hostname gw1
end
@end
gw1#sh<TAB><NONE>
@line show
gw1#<C-u>show ipsec conn<TAB><NONE>
@line show ipsec connection-status
gw1#<C-u>show runn<TAB><CR>
...
hostname gw1
...
gw1#

== TAB lists what begins alike
@startup
hostname gw1
end
@end
gw1#show ipsec s<TAB><NONE>
@wait 5 site
@wait 5 statistics
@line show ipsec s
gw1#<C-u><NONE>

== TAB completes names of sites
@startup
hostname gw1
ipsec site Branch-Lyon
ipsec site Amsterdam
end
@end
gw1#show ipsec connection-status site Br<TAB><NONE>
@line show ipsec connection-status site Branch-Lyon
gw1#<C-u><NONE>

== TAB and ? know what exists
@startup
hostname gw1
username bob privilege 5
username bobby privilege 1
logging host 192.0.2.9
pop Frankfurt
 address 203.0.113.10
account acme
 allocated-ip 203.0.113.10 pop Frankfurt
ipsec site Lyon
 account acme
 network-range hq:10.0.0.0/16
 network lab 10.9.0.0/24
 tunnel primary 2
  name vdsl
network-rule 10 voice-on-fiber
network-rule 12 backup
network-rule 300 rest
end
@end
gw1#write
...
gw1#login ?
  NAME   Name of the user, 1-63 characters
  bob    Existing user
  bobby  Existing user
  <cr>
gw1#login <C-u>show ipsec pop Fra<TAB><NONE>
@line show ipsec pop Frankfurt
gw1#<C-u>show account ac<TAB><NONE>
@line show account acme
gw1#<C-u>show ipsec network-rule 3<TAB><NONE>
@line show ipsec network-rule 300
gw1#<C-u>show ipsec network-rule ?
  10         voice-on-fiber
  12         backup
  300        rest
  <1-65535>  Number of the rule: lower ones are looked at first, 1-65535
  json       One JSON document
  |          Output modifiers
  <cr>
gw1#show ipsec network-rule <C-u>configure replace archive ?
  1              write by root (vty 1)
  <1-999999999>  Number of a copy in the archive, 1-999999999
gw1#configure replace archive <C-u>show archive config differences star<TAB><NONE>
@line show archive config differences startup-config
gw1#<C-u>clear ipsec sa site Lyon primary ?
  2      vdsl
  <1-3>  Only this tunnel of the role, 1-3
  <cr>
gw1#clear ipsec sa site Lyon primary <C-u>conf t
...
gw1(config)#no username bobb<TAB><NONE>
@line no username bobby
gw1(config)#<C-u>no logging host 1<TAB><NONE>
@line no logging host 192.0.2.9
gw1(config)#<C-u>network-rule 1<TAB><NONE>
@wait 5 (?s)10.*12
gw1(config)#<C-u>network-rule 12 b<TAB><NONE>
@line network-rule 12 backup
gw1(config)#<C-u>ipsec site Lyon
gw1(config-site)#no network-range h<TAB><NONE>
@line no network-range hq
gw1(config-site)#<C-u>no network l<TAB><NONE>
@line no network lab
gw1(config-site)#<C-u>destination primary ipv4 2<TAB><NONE>
@line destination primary ipv4 203.0.113.10
gw1(config-site)#<C-u>tunnel primary ?
  2      vdsl
  <1-3>  Number of the tunnel in its role, 1-3, default 1
  <cr>
gw1(config-site)#tunnel primary <C-u>account a<TAB><NONE>
@line account acme
gw1(config-site)#<C-u><NONE>

== history by the arrow, without secrets
@startup
hostname gw1
end
@end
gw1#show clock
...
gw1#<UP><NONE>
@line show clock
gw1#<C-u>conf t
...
gw1(config)#ipsec site A
gw1(config-site)#tunnel primary
gw1(config-site-tunnel)#psk averysecretkey1234
gw1(config-site-tunnel)#<UP><NONE>
@line tunnel primary
gw1(config-site-tunnel)#<C-u>do show history
...
~ tunnel primary
...
@never averysecret
gw1(config-site-tunnel)#

== Ctrl-C gives up the line
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#hostname nev<NONE>
@line hostname nev
@type <C-c>
@wait 5 \^C\n.*#$
gw1(config)#do show run | include hostname
hostname gw1
gw1(config)#

== a question mark behind -c
@startup
hostname gw1
ipsec site Paris
end
@end
$ ikesh -c 'show ipsec s?'
...
  site        One site
...
$ ikesh -c 'show fooo ?'
% Unrecognized command
$ ikesh -c 'configure terminal' -c 'ipsec site A' -c 'tunnel primary' -c 'psk is-this-a-key?' -c end
...
$ ikesh -c 'show clock | include UTC?'
~ UTC

== completion in bash
@startup
hostname gw1
end
@end
$ cat >$DIR/complete <<< 'source $TESTS/../../platform/packaging/bash-completion; compopt() { :; }; COMP_WORDS=(ikesh "$@"); COMP_CWORD=$#; _ikesh; printf "%s\n" "${COMPREPLY[@]}"'
$ bash $DIR/complete --ch
--check
$ bash $DIR/complete -c "'show ipsec s"
show ipsec sa
show ipsec site
show ipsec statistics
$ bash $DIR/complete -c 'cop'
copy
$ bash $DIR/complete --socket /nowhere -c 'cop'

$ bash $DIR/complete -c '"show ipsec connection-status '
show ipsec connection-status detail
show ipsec connection-status json
show ipsec connection-status site
$ ikesh -c 'configure terminal' -c 'ipsec site Paris' -c 'ipsec site Pau' -c end; bash $DIR/complete -c '"show ipsec site P'
...
show ipsec site Paris
show ipsec site Pau
