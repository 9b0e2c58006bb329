# Stories.  SPDX-License-Identifier: GPL-3.0-or-later

== nothing is told
ikesh#show stories
There is no story.
ikesh#show stories json
{"stories":[]}
ikesh#show stories open | json
{"stories":[]}
ikesh#show stories id 7
% There is no story 7
ikesh#story 7 acknowledge
% There is no story 7
ikesh#story 7 comment hello there
% There is no story 7
ikesh#show stories site X
% Site X is not configured and has no stories
ikesh#story 7
% Incomplete command.
ikesh#clear stories closed
ikesh#show stories o?
  open  Only those that last
ikesh#<C-u>conf t
...
ikesh(config)#story link-down threshold 9
~ ^ +\^$
% Invalid input detected at '^' marker.
% threshold 9: allowed is 10-600 seconds
ikesh(config)#story link-down threshold 20
ikesh(config)#do show running-config | include story
story link-down threshold 20
ikesh(config)#no story link-down threshold
ikesh(config)#do show running-config | include story
ikesh(config)#end
ikesh#

== stories come back after a restart, are read, answered and forgotten
@startup
hostname gw1
ipsec site Lyon
 native-range 10.20.0.0/16
 tunnel primary 2
  name vdsl
  public-ip 198.51.100.2
  psk 0 a-key-that-is-long-enough
end
@end
gw1#show stories
There is no story.
@stop
$ python3 "$TESTS"/stories.py "$STATE"/stories.db
@restart
gw1#show stories
Id  Indication    Site  Link            Status  Crit  Opened           Updated          Events  Reason
18  Link is down  Lyon  primary 2 vdsl  open    4     Nov 21 14:02:32  Nov 21 14:02:32  2       auth-failed
17  HA switch     Lyon  -               closed  7     Nov 20 09:00:00  Nov 20 09:10:00  1       dead-peer
Stories 2: 1 open, 1 closed.
gw1#show stories closed | include switch
17  HA switch   Lyon  -     closed  7     Nov 20 09:00:00  Nov 20 09:10:00  1       dead-peer
gw1#story 18 acknowledge
gw1#story 18 comment carrier told, ticket "4711", # 50 %
gw1#show stories id 18
Story 18: Link is down, Lyon primary 2 vdsl, acknowledged, criticality 4
 Began            Nov 21 14:00:02, opened Nov 21 14:02:32
~ ^ Lasts            \S+$
 Reason           auth-failed: The pre-shared keys differ
 Fix here         Check the PSK on both sides, set it again with psk
 Fix at the peer  Set the pre-shared key that is configured here
~ ^ Acknowledged     \d\d:\d\d:\d\d by root$
~ ^ Comments         \d\d:\d\d:\d\d root: carrier told, ticket "4711", # 50 %$
 Events           Nov 21 14:00:02 Lyon primary 2 (vdsl) is down, reason dead-peer
                  Nov 21 14:00:40 Lyon primary 2 (vdsl) could not come up, reason auth-failed

Stories 1: 1 open, 0 closed.
gw1#show stories id 18 json
~ ^\{"stories":\[\{"id":18,"kind":"link-down","indication":"Link is down","site":"Lyon","role":"primary","index":2,"link":"vdsl","status":"open","acknowledged":true,"acknowledgedBy":"root",.*"eventCount":2,"reason":"auth-failed","cause":"psk-mismatch","probableCause":"The pre-shared keys differ",.*"summary":\{"open":1,"closed":0\},"notSaved":null\}$
gw1#clear stories closed
gw1#show stories | count switch
~ ^.*0$
@restart
gw1#show stories | include vdsl
~ ^18  Link is down  Lyon  primary 2 vdsl  acknowledged  4  
gw1#conf t
...
gw1(config)#no ipsec site Lyon
?? [confirm] => 
gw1(config)#end
$ until ikesh -c 'show stories' | grep -q "1 closed"; do sleep 0.2; done
gw1#show stories
Id  Indication    Site  Link            Status  Crit  Opened           Updated   Events  Reason
~ ^18  Link is down  Lyon  primary 2 vdsl  closed  4     Nov 21 14:02:32  \d\d:\d\d:\d\d  2       auth-failed$
Stories 1: 0 open, 1 closed.
gw1#show logging | include STORY
~ STORY-5-CLOSED: Story 18 closed: Link is down, Lyon primary 2 \(vdsl\), not configured any more, or terminated by an operator$
gw1#

== a file that is damaged is put aside, one that is newer is left alone
ikesh#show stories
There is no story.
@stop
$ printf 'this is no data base, and never was one; it is much longer than a header has to be, and so on' >"$STATE"/stories.db
@restart
ikesh#show stories
Id  Indication               Site  Link  Status  Crit  Opened    Updated   Events  Reason
~ ^1   Story store was damaged  -     -     open    3     \S+  \S+  1       damaged$
Stories 1: 1 open, 0 closed.
$ ls "$STATE" | grep stories.db.damaged$
stories.db.damaged
ikesh#story 1 acknowledge
ikesh#show stories open
There is no story.
ikesh#
@stop
$ rm -f "$STATE"/stories.db* && mkdir "$STATE"/stories.db
@restart
ikesh#show stories
There is no story.
~ ^Not saved: Cannot use \S+/stories.db: unable to open database file$
ikesh#show logging | include STORE
~ %STORY-4-STORE: Stories are kept in memory only: Cannot use \S+/stories.db: unable to open database file$
ikesh#
