# The check for Nagios and the like.  SPDX-License-Identifier: GPL-3.0-or-later

== a site is down
@startup
hostname gw1
ipsec site Lyon
 tunnel primary
  public-ip 203.0.113.201
  psk correct-horse-battery-staple
 tunnel secondary
  public-ip 203.0.113.202
ipsec site Metz
 tunnel primary
  public-ip 203.0.113.203
  psk correct-horse-battery-staple
end
@end
$ ikesh -c 'ipsec terminate site Metz'
...
$ check_ikesh
IKESH CRITICAL - 0 of 3 tunnels up, 1 of 2 sites down: Lyon primary 1 down (waiting-for-peer), Lyon secondary 1 incomplete (psk missing)|up=0 tunnels=3 sites_down=1
[exit 2]
$ check_ikesh -c 2
IKESH WARNING - 0 of 3 tunnels up, 1 of 2 sites down: Lyon primary 1 down (waiting-for-peer), Lyon secondary 1 incomplete (psk missing)|up=0 tunnels=3 sites_down=1
[exit 1]
$ check_ikesh -c 2 -w 3
IKESH OK - 0 of 3 tunnels up, 1 of 2 sites down: Lyon primary 1 down (waiting-for-peer), Lyon secondary 1 incomplete (psk missing)|up=0 tunnels=3 sites_down=1
$ check_ikesh -s Metz
IKESH OK - 0 of 1 tunnels up, 0 of 1 sites down|up=0 tunnels=1 sites_down=0
$ check_ikesh -s Nowhere
~ ^IKESH UNKNOWN - % .*Nowhere
[exit 3]

== nobody answers, or something else
$ + mkdir $DIR/bin; export PATH=$DIR/bin:$PATH; check_ikesh -S /nowhere
~ ^IKESH UNKNOWN - ikesh: Cannot reach the appliance: socket /nowhere
[exit 3]
$ + printf '#!/bin/sh\nsleep 60\n' >$DIR/bin/ikesh; chmod +x $DIR/bin/ikesh; PATH=$DIR/bin:$PATH check_ikesh -t 1
IKESH UNKNOWN - no answer within 1 s
[exit 3]
$ + printf '#!/bin/sh\necho rubbish\n' >$DIR/bin/ikesh; PATH=$DIR/bin:$PATH check_ikesh
IKESH UNKNOWN - the answer is not understood
[exit 3]
$ + printf '#!/bin/sh\n' >$DIR/bin/ikesh; PATH=$DIR/bin:$PATH check_ikesh
IKESH UNKNOWN - the answer is empty
[exit 3]
$ + check_ikesh -w x
IKESH UNKNOWN - -w must be a number above 0
[exit 3]
$ + check_ikesh -s 'Lyon json'
IKESH UNKNOWN - "Lyon json" is no name of a site
[exit 3]

== all is well
$ + mkdir $DIR/bin; printf '#!/bin/sh\necho '"'"'{"sites":[{"name":"A","state":"connected","tunnels":[{"role":"primary","index":1,"state":"up","reason":null}]}],"summary":{"sites":1,"tunnels":1,"up":1}}'"'"'\n' >$DIR/bin/ikesh; chmod +x $DIR/bin/ikesh; PATH=$DIR/bin:$PATH check_ikesh
IKESH OK - 1 of 1 tunnels up, 0 of 1 sites down|up=1 tunnels=1 sites_down=0

== by SSH
@machine
$ check_ikesh -H olga@plain
IKESH OK - 0 of 0 tunnels up, 0 of 0 sites down|up=0 tunnels=0 sites_down=0
$ check_ikesh -H eve@plain
~ ^IKESH UNKNOWN - ikesh: User eve may not use this appliance
[exit 3]
