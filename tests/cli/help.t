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
