# Input that nobody means well with.  SPDX-License-Identifier: GPL-3.0-or-later

== clients on the socket that are not ikesh
@startup
hostname gw1
ipsec site Old
 keepalive 20
end
@end
$ $TESTS/hostile.py
an honest client
rubbish
out of turn
any messages
too long
does not read
dies in mid command
dies in a paste
says nothing
$ ikesh -c 'show running-config' | grep -c 'site Never'
0
[exit 1]

== lines that are too long, or hold what is no text
@startup
hostname gw1
end
@end
$ head -c 1048576 /dev/zero | tr '\0' a >$DIR/f; echo >>$DIR/f; ikesh -f $DIR/f 2>&1 | cut -c1-100; ikesh <$DIR/f 2>&1 | cut -c1-100; ikesh --merge $DIR/f 2>&1 | cut -c1-100; ikesh --check $DIR/f 2>&1 | cut -c1-100
...
$ ikesh -c "$(head -c 100000 /dev/zero | tr '\0' a)" 2>&1 | cut -c1-100
~ at most|longer|Invalid
$ printf 'configure terminal\nhost\0name gw9\nipsec site \377\376\n\033[2J\001\002hostname gw8\nbanner motd "unbalanced\nipsec site "A\nhostname gw2\nend\n' >$DIR/f; ikesh -f $DIR/f >$DIR/out 2>&1; grep -c Invalid $DIR/out; grep -P '[\x00-\x08\x0e-\x1f]' $DIR/out | head -3
~ ^[2-9]
$ ikesh -c 'show running-config | include hostname'
hostname gw2
$ ikesh -c "show clock $(for i in $(seq 100); do printf '| include : '; done)" 2>&1 | tail -n 1
% more than 8 filters
$ ikesh -c "show clock $(for i in $(seq 30000); do printf '|'; done)" 2>&1 | tail -n 1
~ ^% (Incomplete command.|there is no such filter|a filter is missing)
$ ikesh -c 'show running-config | include ((((((((((((((((((((((((((((((a{1,255}){1,255}){1,255}){1,255}){1,255}){1,255})' 2>&1 | tail -n 1
% the regular expression repeats more than 255 times, or refers back
$ ikesh -c 'show running-config | include ((a*)*)\1' 2>&1 | tail -n 1
% the regular expression repeats more than 255 times, or refers back
$ p=a; for i in $(seq 40); do p="($p)*"; done; ikesh -c "show running-config | include ${p}zz" -c 'show running-config | include ^h.{3}name{1,2}'
hostname gw2
$ ikesh -c 'show clock'
~ UTC

== the disk is full
@startup
hostname gw1
ipsec site Old
end
@end
$ mkdir $DIR/small; mount -t tmpfs -o size=64k none $DIR/small; cp -a $CONFIG/. $DIR/small; mount --move $DIR/small $CONFIG 2>/dev/null || mount --bind $DIR/small $CONFIG
@restart
$ head -c 1000000 /dev/zero >$CONFIG/fill 2>/dev/null; ikesh -c 'configure terminal' -c 'ipsec site New' -c end -c write 2>&1 | tail -n 1
% Cannot write startup-config: No space left on device
$ ikesh -c 'show startup-config | include site' -c 'show running-config | include site'
ipsec site Old
ipsec site New
ipsec site Old
$ rm $CONFIG/fill; ikesh -c write | tail -n 1
[OK]
$ ikesh -c 'show startup-config | count ^ipsec'
Number of lines which match regexp = 2
@stop
$ + umount $CONFIG; umount $DIR/small 2>/dev/null; true

== killed while it writes, again and again: the old or the new configuration, whole
@startup
hostname gw1
end
@end
$ + $TESTS/killed.py 12
every start found a whole configuration

== killed and refused at each step of write
@startup
hostname gw1
end
@end
$ + $TESTS/write_faults.py
every step of write was killed and refused

== a configuration of another version, or from an editor elsewhere: what is not known is named, the rest works
@startup
hostname gw1
end
@end
@stop
$ printf '\357\273\277! made by an editor elsewhere\r\nversion 0.0\r\nsnmp-server enable\r\nhostname gw7\r\nipsec site Lyon\r\n\tnative-range 10.20.0.0/16\r\n  ike-version 1\r\n tunnel primary\r\n  public-ip 198.51.100.2\r\nlogging host 192.0.2.1 transport udp port 514\r\nend\r\n' >"$CONFIG"/startup-config
@restart
$ ikesh -c 'show running-config | include hostname|site|range|public-ip|logging'
hostname gw7
logging host 192.0.2.1
ipsec site Lyon
 native-range 10.20.0.0/16
  public-ip 198.51.100.2
$ ikesh -c 'show startup-config errors'
startup-config:2: version 0.0 : Invalid input detected at '^' marker.
startup-config:3: snmp-server enable : Invalid input detected at '^' marker.
startup-config:7: ike-version 1 : Invalid input detected at '^' marker.
$ ikesh -c 'show logging' | grep -c CONFIG_ERROR
3
