# Notifications and log hosts.  SPDX-License-Identifier: GPL-3.0-or-later

== what is configured reads back, and secrets are shown by nobody
@startup
hostname gw1
end
@end
gw1#show notifications
Nobody is told: there is no logging host, notify webhook or notify email.
gw1#notify test
% Nobody is told of stories: see notify webhook and notify email in configuration mode
gw1#conf t
...
gw1(config)#notify webhook ftp://h.example.net/x
% notify webhook: allowed is https://HOST[:PORT]/PATH, or http://
gw1(config)#notify webhook https://me:pass@h.example.net/x
% notify webhook: a name or password in front of the host is not used; see notify signing-secret
gw1(config)#notify webhook https://h.example.net:8443/T0/B1-of-the-hook
gw1(config)#notify signing-secret a-secret-for-signing
gw1(config)#notify email to somebody
% mail address somebody: allowed is NAME@DOMAIN
gw1(config)#notify email to noc@example.net
gw1(config)#notify email relay mx.example.net security tls
gw1(config)#notify email login gw1 password open-for-mail
gw1(config)#notify email relay bad_/name
% notify email relay bad_/name: allowed is a name or an address
gw1(config)#logging host 192.0.2.1 transport tcp
gw1(config)#end
gw1#show running-config | include notify|logging
logging host 192.0.2.1 transport tcp
notify webhook https://h.example.net:8443/T0/B1-of-the-hook
~ ^notify signing-secret 6 \S+$
notify email to noc@example.net
notify email relay mx.example.net security tls
~ ^notify email login gw1 password 6 \S+$
gw1#show running-config redacted | include notify
notify webhook <hidden>
notify signing-secret <hidden>
notify email to noc@example.net
notify email relay mx.example.net security tls
notify email login gw1 password <hidden>
gw1#show logging | include secret-for|B1-of|open-for
$ ikesh -c write >/dev/null
@restart
$ ikesh -c 'show running-config' | grep -c 'B1-of-the-hook\|signing-secret 6\|password 6'
3
$ ikesh -c 'show notifications' | sed 's/ [^ ]*$//' | grep -c 'webhook  https://h.example.net:8443/\.\.\. \|email    noc@example.net by mx.example.net port 465'
2
$ ikesh -c 'conf t' -c 'key config-key password-encrypt a-phrase-for-all-boxes' -c 'do write' -c end | grep -c '2 pre-shared keys encrypted anew'
1
@restart
$ ikesh -c 'show running-config' | grep -c 'signing-secret 6\|password 6'
2
$ ikesh -c 'show startup-config errors' | grep -c notify
0
[exit 1]
$ grep -rl 'open-for-mail\|secret-for-signing' "$CONFIG" "$STATE"
[exit 1]

== webhook, mail and log host are told of a story
@startup
hostname gw1
end
@end
$ $TESTS/receivers.py certificates $DIR; for r in webhook smtp rsyslog; do ip netns exec $NS $TESTS/receivers.py $r $DIR; done
$ ikesh -c 'conf t' -c 'logging host 127.0.0.1 transport tcp port 5514' -c 'notify webhook https://127.0.0.1:8443/hooks/T0' -c 'notify signing-secret "a signing secret"' -c 'notify email to noc@example.net' -c 'notify email to boss@example.net' -c 'notify email from gw1@example.net' -c 'notify email relay 127.0.0.1 port 2525' -c 'notify email login gw1 password "mail password"' -c 'notify digest 1' -c end -c write >/dev/null
$ ikesh -c 'notify test'
A test goes to 2 receivers. See show notifications.
$ until [ "$(ikesh -c 'show notifications' | grep -c failing)" = 2 ]; do sleep 0.1; done; ikesh -c 'show notifications' | grep '^ '
~ ^ webhook https://127.0.0.1:8443/\.\.\.: SSL certificate problem: 
~ ^ email noc@example.net and others by 127.0.0.1 port 2525: SSL certificate problem: 
$ ikesh -c 'conf t' -c "notify ca-file $DIR/ca.pem" -c end -c write -c 'notify test' >/dev/null
$ $TESTS/receivers.py wait $DIR/webhook.log '^(post .*)$'; $TESTS/receivers.py wait $DIR/mail.log '^(.*)$'
post /hooks/T0 application/json test True signature right stories 0
mail from gw1@example.net to noc@example.net,boss@example.net tls login b'gw1' well-formed: [gw1] Test of notifications (1 lines)
$ until [ "$(ikesh -c 'show notifications' | grep -c '  ok  ')" = 3 ]; do sleep 0.1; done; ikesh -c 'show logging' | grep -o 'RECEIVER: .*'
~ ^RECEIVER: Notifications by (webhook|email) .* fail: SSL certificate problem: .*; they are tried again$
~ ^RECEIVER: Notifications by (webhook|email) .* fail: SSL certificate problem: .*; they are tried again$
~ ^RECEIVER: Notifications by (webhook|email) .* arrive again, 0 stories were lost$
~ ^RECEIVER: Notifications by (webhook|email) .* arrive again, 0 stories were lost$
@stop
$ rm -f "$STATE"/stories.db*; printf 'this is no data base, and never was one; it is much longer than a header has to be, and so on' >"$STATE"/stories.db
@restart
$ $TESTS/receivers.py wait $DIR/webhook.log '^(gw1 1 .*)$'; $TESTS/receivers.py wait $DIR/mail.log '^(.*damaged.*)$'
gw1 1 store-damaged open None repeats 0 lost 0
mail from gw1@example.net to noc@example.net,boss@example.net tls login b'gw1' well-formed: [gw1] Story store was damaged (8 lines)
$ ikesh -c 'story 1 acknowledge'; $TESTS/receivers.py wait $DIR/webhook.log '^(gw1 1 .* closed .*)$'; $TESTS/receivers.py wait $DIR/mail.log '^.*login .* well-formed: (.*Over.*)$'
gw1 1 store-damaged closed None repeats 0 lost 0
[gw1] Over: Story store was damaged (9 lines)
$ jq -c '.stories[] | [.id, .kind, .status, .reason, .fixHere]' $DIR/webhook.json | head -n 1
[1,"store-damaged","open","damaged","Check the disk of the state directory, then acknowledge this story"]
$ $TESTS/receivers.py wait $DIR/syslog.log '^(tcp pri 188 gw1 ikesh OPENED v1 %STORY-4-OPENED: Story 1 opened: Story store was damaged)'
tcp pri 188 gw1 ikesh OPENED v1 %STORY-4-OPENED: Story 1 opened: Story store was damaged
@stop
$ $TESTS/receivers.py wait $DIR/syslog.log '^(tcp pri 189 gw1 ikesh STOPPED )' 2; touch $DIR/stop
tcp pri 189 gw1 ikesh STOPPED

== a log host in UDP and one in TCP get the same lines, the latter also what came while it was away
@startup
hostname gw1
logging host 127.0.0.1 transport tcp port 5514
end
@end
$ until ikesh -c 'show notifications' | grep -q failing; do sleep 0.1; done; ikesh -c 'show notifications' | grep '^ '
~ ^ syslog 127.0.0.1:5514 tcp: it cannot be connected: Connection refused; tried again in \d+ s$
$ for i in 1 2 3; do ikesh -c 'conf t' -c "hostname gw$i" -c end >/dev/null; done
$ ikesh -c 'show logging' | grep -c 'RECEIVER: Log host 127.0.0.1:5514 (TCP) fails: it cannot be connected: Connection refused; it is tried again'
1
$ ip netns exec $NS $TESTS/receivers.py rsyslog $DIR
$ $TESTS/receivers.py wait $DIR/syslog.log '(RESTART|hostname gw1|hostname gw2|hostname gw3|takes messages again)' 5
takes messages again
$ ikesh -c 'conf t' -c 'no logging host 127.0.0.1' -c 'logging host 127.0.0.1 transport udp port 5514' -c 'hostname gw4' -c end >/dev/null
$ $TESTS/receivers.py wait $DIR/syslog.log '^(udp pri 189 gw4 .*hostname gw4)'
udp pri 189 gw4 ikesh CFGLOG_LOGGEDCMD v1 %PARSER-5-CFGLOG_LOGGEDCMD: User:root (vty 1)  logged command:hostname gw4
$ touch $DIR/stop

== receivers that hang, refuse or answer garbage
@startup
hostname gw1
end
@end
$ ip netns exec $NS $TESTS/receivers.py bad $DIR
$ ikesh -c 'conf t' -c 'logging host 127.0.0.1 transport tcp port 9006' -c 'notify webhook http://127.0.0.1:9001/a' -c 'notify webhook http://127.0.0.1:9002/a' -c 'notify webhook http://127.0.0.1:9003/a' -c 'notify webhook http://127.0.0.1:9004/a' -c 'notify email to a@example.net' -c 'notify email relay 127.0.0.1 port 9007 security none' -c end -c 'notify test' | grep -v 'Warning\|^Enter'
A test goes to 5 receivers. See show notifications.
$ until [ "$(ikesh -c 'show notifications' | grep -c failing)" = 5 ]; do sleep 0.1; done; ikesh -c 'show notifications' | grep '^ '
~ ^ syslog 127.0.0.1:9006 tcp: (it closed the connection|the connection broke: .*); tried again in \d+ s$
~ ^ webhook http://127.0.0.1:9002/\.\.\.: \S
 webhook http://127.0.0.1:9003/...: it answers with status 500
 webhook http://127.0.0.1:9004/...: it answers with status 302
~ ^ email a@example.net by 127.0.0.1 port 9007: \S
$ ikesh -c 'conf t' -c 'no notify webhook http://127.0.0.1:9002/a' -c 'notify webhook http://127.0.0.1:9005/a' -c 'no notify email to' -c 'notify email to b@example.net' -c 'notify email relay 127.0.0.1 port 9999' -c end -c 'notify test' | grep -v 'Warning\|^Enter'
A test goes to 5 receivers. See show notifications.
$ until [ "$(ikesh -c 'show notifications' | grep -c 'status 503\|refused')" = 2 ]; do sleep 0.1; done; ikesh -c 'show notifications' | grep '9005/...: \|^ email'
 webhook http://127.0.0.1:9005/...: it answers with status 503
~ ^ email b@example.net by 127.0.0.1 port 9999: .*refused
$ until ikesh -c 'show notifications' | grep -q ' webhook http://127.0.0.1:9001/...: .*timed out'; do sleep 0.2; done
$ for i in $(seq 20); do ikesh -c 'notify test' >/dev/null; done; ikesh -c 'show logging' | grep -c 'RECEIVER: Notifications by webhook http://127.0.0.1:9003'
1
$ ikesh -c 'show logging' | grep -c 'RECEIVER: Log host'
1
$ touch $DIR/stop

== a log host that is away gets the last 2,000 lines, the others are counted
@startup
hostname gw1
logging host 127.0.0.1 transport tcp port 5514
end
@end
$ for i in $(seq 1 2600); do echo "hostname gw$i"; done >$DIR/many; ikesh --merge $DIR/many >/dev/null; ikesh -c 'show running-config' | grep -c '^hostname gw2600$'
1
$ ikesh -c 'show notifications json' | jq -c '.receivers[] | select(.kind == "syslog") | [.state, .waiting, .lost >= 600, .lost < 700]'
["failing",2000,true,true]
