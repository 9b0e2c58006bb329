# ikeshd below a service manager, and its log in the journal.  SPDX-License-Identifier: GPL-3.0-or-later

== ready, alive, status, stopping
@startup
hostname gw1
ipsec site A
 tunnel primary
  psk correct-horse-battery-staple
end
@end
$ ip netns exec $NS $TESTS/supervise.py $BIN/ikeshd --foreground --log-level error --config-dir $CONFIG --state-dir $STATE --socket $SOCKET
manager READY=1 STATUS=Ready MAINPID=PID
manager STATUS=1 site, 0 connected; 1 tunnel, 0 up
manager STOPPING=1 STATUS=Telling the peers
three signs of life, status 0

== log and events in the journal, with fields
@startup
hostname gw1
ipsec site Lyon
 tunnel primary
  nonsense
end
@end
$ ip netns exec $NS unshare -m sh -c 'mount -t tmpfs run /run && exec $TESTS/supervise.py --journal $BIN/ikeshd --foreground --config-dir $CONFIG --state-dir $STATE --socket $SOCKET'
manager READY=1 STATUS=Ready MAINPID=PID
manager STATUS=1 site, 0 connected; 1 tunnel, 0 up
manager STOPPING=1 STATUS=Telling the peers
~ ^journal PRIORITY=3 SYSLOG_IDENTIFIER=ikeshd MESSAGE=%SYS-3-CONFIG_ERROR: startup-config:4: .* IKESH_NUMBER=1 IKESH_FACILITY=SYS IKESH_MNEMONIC=CONFIG_ERROR$
~ ^journal PRIORITY=4 SYSLOG_IDENTIFIER=ikeshd MESSAGE=startup-config: 1 line refused.* IKESH_CATEGORY=main$
~ ^journal PRIORITY=5 .* MESSAGE=%SYS-5-RESTART: gw1 .* IKESH_MNEMONIC=RESTART$
...
three signs of life, status 0
