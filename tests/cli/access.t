# ikesh as login shell and forced command of a real sshd.  SPDX-License-Identifier: GPL-3.0-or-later

== login shell: an administrator and an operator
@machine
@startup
hostname gw1
end
@end
@terminal 1 ssh=ada@plain
gw1#show privilege
Current privilege level is 15
gw1#show users
...
~ ada
...
gw1#
@terminal 2 ssh=olga@plain
gw1>show privilege
Current privilege level is 1
gw1>conf t
...
~ Invalid input
gw1>exit
@closed 0

== login shell: one command
@machine
@startup
hostname gw1
end
@end
$ ssh ada@plain 'show privilege'
Current privilege level is 15
$ ssh olga@plain show privilege
Current privilege level is 1
$ ssh olga@plain 'show nothing'
~ ^gw1>show nothing$
         ^
% Invalid input detected at '^' marker.
[exit 1]
$ ssh ada@plain $'configure terminal\nipsec site A\nend'
...
$ printf 'show privilege\nshow running-config ipsec site A\n' | ssh ada@plain
Current privilege level is 15
...
~ ^ipsec site A
...
$ ssh -tt ada@plain 'show privilege' | tr -d '\r'
Current privilege level is 15

== login shell: the own path is no command
@machine
@startup
hostname gw1
end
@end
$ echo 'show privilege' | ssh olga@plain $DIR/bin/ikesh
Current privilege level is 1
$ echo 'show privilege' | ssh olga@plain ikesh
Current privilege level is 1
$ ssh olga@plain '/bin/ls -l /etc/shadow'
ikesh: This appliance runs no programs: "/bin/ls" is no command
[exit 1]

== login shell: files are refused in one line
@machine
$ echo secret >$DIR/file; scp $DIR/file ada@plain:
~ scp: dest open "\.": Permission denied
~ scp: failed to upload file
[exit 1]
$ scp -O $DIR/file ada@plain:
ikesh: This appliance transfers no files: scp, sftp and rsync are not available
~ ^(lost connection|scp: Connection closed)
[exit 1]
$ echo ls | sftp ada@plain
...
~ This appliance transfers no files: scp, sftp and rsync are not available
...
[exit 255]
$ ssh ada@plain 'rsync --server -e.LsfxCIvu . /tmp' </dev/null
ikesh: This appliance transfers no files: scp, sftp and rsync are not available
[exit 1]
$ ls $DIR/home-ada

== forced command: the shell of the user does not matter
@machine
@startup
hostname gw1
end
@end
@terminal 1 ssh=fred@gw1
gw1>show privilege
Current privilege level is 1
gw1>exit
@closed 0
@terminal 2 ssh=ada@gw1
gw1#show privilege
Current privilege level is 15
gw1#exit
@closed 0
$ ssh fred@gw1 'show privilege'
Current privilege level is 1
$ ssh ada@gw1 'show privilege'
Current privilege level is 15
$ ssh fred@gw1 id
...
% Invalid input detected at '^' marker.
[exit 1]
$ ssh fred@gw1 "'; id; '"
...
% Invalid input detected at '^' marker.
[exit 1]
$ ssh fred@plain 'id -un'
fred

== forced command: files and tunnels are refused
@machine
$ echo secret >$DIR/file; scp $DIR/file fred@gw1:
~ scp: dest open "\.": Permission denied
~ scp: failed to upload file
[exit 1]
$ scp -O $DIR/file ada@gw1:
ikesh: This appliance transfers no files: scp, sftp and rsync are not available
...
[exit 1]
$ echo ls | sftp fred@gw1
...
~ This appliance transfers no files: scp, sftp and rsync are not available
...
[exit 255]
$ ssh -o LogLevel=INFO -W 127.0.0.1:2222 fred@gw1 </dev/null 2>&1 | grep -o 'prohibited'
prohibited
$ ssh -o ExitOnForwardFailure=yes -N -R 2223:127.0.0.1:22 fred@gw1
~ remote port forwarding failed
[exit 255]

== who looks after the machine keeps the shell
@machine
$ ssh sue@gw1 'id -un'
sue

== in no group of the appliance
@machine
$ ssh eve@plain 'show privilege'
ikesh: User eve may not use this appliance: only root and members of the groups ikesh-admin and ikesh-operator may
[exit 2]
$ ssh -tt eve@plain | tr -d '\r'
ikesh: User eve may not use this appliance: only root and members of the groups ikesh-admin and ikesh-operator may

== the connection is cut while a line is being typed
@machine
@startup
hostname gw1
end
@end
@terminal 1 ssh=ada@plain
gw1#configure terminal
Enter configuration commands, one per line.  End with CNTL/Z.
gw1(config)#hostname gw2<NONE>
@kill
$ for i in $(seq 100); do ssh ada@plain 'show users' | grep -c ada | grep -qx 1 && break; sleep 0.1; done; ssh ada@plain 'show users' | grep -c ada
1
$ ssh ada@plain 'show running-config | include hostname'
hostname gw1

== login on a console
@machine
@startup
hostname gw1
end
@end
$ printf 'show privilege\nexit\n' | nsenter -t $(cat $DIR/etc/pid) -m -n script -qec 'login -f olga' /dev/null | tr -d '\r' | grep -E 'Current|gw1>exit'
Current privilege level is 1
~ ^gw1>exit$
