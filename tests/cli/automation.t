# What automation types, by SSH.  SPDX-License-Identifier: GPL-3.0-or-later

== netmiko, device type cisco_ios
@machine
@startup
hostname gw1
end
@end
$ inside /usr/bin/python3 $TESTS/automation.py netmiko $DIR/etc/user ada
prompt gw1#
base prompt
enable mode
show version
send_config_set
what it configured
an error
200 lines
all of them
save_config
config_mode
exit_config_mode
disable
enable

== the dialogue of Ansible's cisco.ios
@machine
@startup
hostname gw1
end
@end
$ inside /usr/bin/python3 $TESTS/automation.py dialogue $DIR/etc/user ada
terminal length 0
terminal width 512
...
saved again
show foo: invalid input
show: (?:incomplete|ambiguous) command
sh ips c: (?:incomplete|ambiguous) command
...
show history
an event line
no padding for old terminals

== errors in EXEC are not summed up
@startup
hostname gw1
end
@end
@terminal vt TERM=vt100
gw1#<NONE>
@type show foo<CR>show foo<CR>show foo<CR>show foo<CR>show foo<CR>show foo<CR>
@wait 10 (?s)(show foo.*){6}marker.\ngw1#$
gw1#terminal monitor
$ sleep 0.5
$ ikesh -c 'configure terminal' -c 'ipsec site A' -c end
...
@wait 10 CONFIG_I
@never rejected
gw1#
