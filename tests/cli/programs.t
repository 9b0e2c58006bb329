# ikesh without a person, and both programs' starts.  SPDX-License-Identifier: GPL-3.0-or-later

== commands with -c
@startup
hostname gw1
end
@end
$ ikesh -c 'show privilege'
Current privilege level is 15
$ ikesh -c 'show foo'
~ ^gw1#show foo$
         ^
% Invalid input detected at '^' marker.
[exit 1]
$ ikesh -c 'configure terminal' -c 'ipsec site A' -c 'keepalive 20' -c end
...
$ ikesh -c 'show running-config | include keepalive' -c 'show nothing' -c 'show privilege'
 keepalive 20
~ ^gw1#show nothing$
         ^
% Invalid input detected at '^' marker.
Current privilege level is 15
[exit 1]
$ ikesh -c $'show privilege\nshow privilege'
Current privilege level is 15
Current privilege level is 15
$ ikesh -c exit -c 'show foo'

== a file, with -f
@startup
hostname gw1
end
@end
$ printf 'configure terminal\nipsec site A\n native-range 10.1.0.0/16\nend\n' >$DIR/f; ikesh -f $DIR/f
...
$ printf 'configure terminal\nipsec site A\n native-rage 10.2.0.0/16\n keepalive 20\nend\n' >$DIR/f; ikesh -f $DIR/f
...
~ /f:3: +native-rage 10.2.0.0/16
...
% Invalid input detected at '^' marker.
...
[exit 1]
$ ikesh -c 'show running-config ipsec site A'
...
 native-range 10.1.0.0/16
 keepalive 20
...
$ ikesh -f $DIR/missing
~ ^ikesh: Cannot read .*/missing: No such file or directory$
[exit 1]

== standard input
@startup
hostname gw1
end
@end
$ printf 'show privilege\r\n' | ikesh
Current privilege level is 15
$ printf 'show privilege\nshow foo\n' | ikesh
Current privilege level is 15
~ ^stdin:2: show foo
...
[exit 1]
$ ikesh </dev/null
$ printf 'show privilege' | ikesh -f -
Current privilege level is 15

== lines below a refused parent are skipped
@startup
hostname gw1
ipsec site A
ipsec site B
end
@end
$ printf 'configure terminal\nipsec site A\nipsec site b@d\n keepalive 20\n tunnel primary\n  name x\nipsec site B\n keepalive 30\nend\n' | ikesh
...
~ :3: 
...
~ [Ss]kipped
...
[exit 1]
$ ikesh -c 'show running-config ipsec site A' | grep -c keepalive
0
[exit 1]
$ ikesh -c 'show running-config ipsec site B' | grep keepalive
 keepalive 30

== a file of configuration lines, with --merge
@startup
hostname gw1
end
@end
$ printf 'hostname gw2\nipsec site A\n keepalive 20\n' >$DIR/f; ikesh --merge $DIR/f
...
$ ikesh -c 'show running-config' | grep -E 'hostname|keepalive'
hostname gw2
 keepalive 20
$ printf 'hostname gw3\nnonsense\nend\n' >$DIR/f; ikesh --merge $DIR/f
...
~ /f:2: nonsense
...
[exit 1]

== a file is checked and nothing changes
@startup
hostname gw1
end
@end
$ printf 'hostname gw2\nipsec site A\n keepalive 20\nend\n' >$DIR/f; ikesh --check $DIR/f
$ printf 'hostname gw2\nipsec site A\n keepalive 200\n nonsense\nend\n' >$DIR/f; ikesh --check $DIR/f
~ /f:3: .*60
~ /f:4: 
[exit 1]
$ ikesh -c 'show running-config' | grep -E 'hostname|site'
hostname gw1
$ ikesh --check $DIR/missing
~ ^ikesh: Cannot read .*/missing: No such file or directory$
[exit 1]
$ head -c 3000 /dev/urandom >$DIR/f; ikesh --check $DIR/f >/dev/null 2>&1
[exit 1]
$ printf 'a\0b\n' >$DIR/f; ikesh --check $DIR/f
~ ^ikesh: .*/f is no text file$
[exit 1]

== show running-config reads back to itself
@startup
hostname gw1
ipsec site A
 type branch
 native-range 10.1.0.0/16
 network-range hq:10.0.0.0/16
 init-parameters
  encryption aes-gcm-256
  prf sha2-384
  dh-group 20
 tunnel primary 1
  public-ip 198.51.100.7
  psk some-key-that-is-long-enough
 tunnel secondary 2
  name lte
  public-ip 198.51.100.8
end
@end
$ ikesh -c 'show running-config' >$DIR/one; ikesh --check $DIR/one
$ ikesh -f $DIR/one; (echo configure terminal; cat $DIR/one) | ikesh
...
$ ikesh -c 'show running-config' >$DIR/two; cmp $DIR/one $DIR/two

== privilege of the start
@startup
hostname gw1
end
@end
$ ikesh -p 1 -c 'show privilege'
Current privilege level is 1
$ ikesh -p 1 -c 'configure terminal'
...
[exit 1]
$ ikesh -p 16 -c 'show privilege'
ikesh: "16" is no privilege: 0 to 15
[exit 1]

== who may not
@startup
hostname gw1
end
@end
$ setpriv --reuid=65534 --regid=65534 --clear-groups ikesh -c 'show privilege'
~ ^ikesh: User \S+ may not use this appliance
[exit 2]

== no appliance
$ + ikesh --socket $DIR/none -c 'show version'
~ ^ikesh: Cannot reach the appliance.*/none: No such file or directory
[exit 2]
$ + IKESH_SOCKET=$DIR/other ikesh -c 'show version'
~ /other: 
[exit 2]
$ + IKESH_SOCKET=$DIR/other ikesh </dev/null
~ /other: 
[exit 2]

== the appliance ends while a terminal is open
@startup
hostname gw1
end
@end
gw1#show privilege
Current privilege level is 15
@restart TERM
gw1#show privilege
Current privilege level is 15
@restart KILL
gw1#show privilege
Current privilege level is 15
gw1#

== wrong use of ikesh
$ + ikesh --nonsense
...
[exit 1]
$ + ikesh -c a -f b
ikesh: -c cannot be combined with -f, --merge or --check
[exit 1]
$ + ikesh a
ikesh: "a" is no option, see ikesh --help
[exit 1]
$ + ikesh --version
~ ^ikesh [0-9.]+$

== ikeshd: an unreadable configuration directory
$ ikeshd --foreground --config-dir $DIR/none --state-dir $STATE --socket $SOCKET
~ ^ikeshd: .*/none: No such file or directory$
[exit 1]
$ echo >$DIR/file; ikeshd --config-dir $DIR/file --state-dir $STATE --socket $SOCKET
~ ^ikeshd: .*/file: Not a directory$
[exit 1]

== ikeshd: another instance
@startup
hostname gw1
end
@end
$ ikesh -c 'show privilege'
Current privilege level is 15
$ ip netns exec $NS ikeshd --foreground --config-dir $CONFIG --state-dir $STATE --socket $SOCKET
~ ^ikeshd: .*/cli.sock
[exit 1]

== ikeshd: port in use
@startup
hostname gw1
end
@end
$ ikesh -c 'show privilege'
Current privilege level is 15
$ ip netns exec $NS ikeshd --foreground --config-dir $CONFIG --state-dir $STATE --socket $DIR/second
~ ^ikeshd: .*500.*: Address already in use$
[exit 1]
$ test -e $DIR/second
[exit 1]

== ikeshd: no TUN device
$ unshare -m bash -c 'mount -t tmpfs none /dev/net && exec ip netns exec $NS ikeshd --foreground --dataplane userspace --config-dir $CONFIG --state-dir $STATE --socket $SOCKET'
~ ^ikeshd: .*(TUN|tun)
[exit 1]

== ikeshd: wrong use
$ ikeshd --nonsense
...
[exit 1]
$ ikeshd --ike-port 0
~ ^ikeshd: --ike-port "0" 
[exit 1]
$ ikeshd --ike-port 4500
~ ^ikeshd: --ike-port and --natt-port must differ$
[exit 1]
$ ikeshd --dataplane foo
~ ^ikeshd: --dataplane "foo" 
[exit 1]
$ ikeshd --log-level loud
~ ^ikeshd: --log-level "loud" 
[exit 1]
$ ikeshd --version
~ ^ikeshd [0-9.]+$

== ikeshd --check
$ ikeshd --check --config-dir $CONFIG
~ ^ikeshd: Cannot read .*/startup-config: No such file or directory$
[exit 1]
$ printf 'hostname gw1\nend\n' >$CONFIG/startup-config; ikeshd --check --config-dir $CONFIG
startup-config is valid
$ printf 'hostname gw1\nnonsense\nend\n' >$CONFIG/startup-config; ikeshd --check --config-dir $CONFIG
~ ^startup-config:2: 
ikeshd: startup-config: 1 line refused
[exit 1]

== ikeshd in the background
@startup
hostname gw1
end
@end
$ ip netns exec $NS ikeshd --config-dir $CONFIG --state-dir $STATE --socket $SOCKET && ikesh -c 'show privilege'
Current privilege level is 15
$ + kill $(ip netns exec $NS ss -xlpH src $SOCKET | grep -o 'pid=[0-9]*' | cut -d= -f2); for i in $(seq 50); do test -e $SOCKET || break; sleep 0.1; done; test -e $SOCKET
[exit 1]

== a first start without startup-config
ikesh#show running-config
...
...
end
ikesh#
