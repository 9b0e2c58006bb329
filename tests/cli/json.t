# JSON documents and their schemas.  SPDX-License-Identifier: GPL-3.0-or-later

== nothing is configured
$ for c in 'ipsec connection-status' 'ipsec connection-status detail' 'ipsec sa' 'ipsec site' 'ipsec parameters'; do ikesh -c "show $c json" | jq -c '[.sites, .parameters | arrays | length]'; done
[0]
[0]
[0]
[0]
...
$ for c in archive 'configuration sessions' 'startup-config errors' running-config; do ikesh -c "show $c json"; done
~ ^\{"archive":\[\]|^\{"copies":\[\]
{"sessions":[]}
{"errors":[]}
{"lines":[]}

== each document is as its schema says
@startup
hostname gw1
banner motd ^C
two
 lines
^C
pop Frankfurt
 address 203.0.113.10
 location 50.11 8.68
pop Munich
 shutdown
account acme
 allocated-ip 203.0.113.10 pop Frankfurt
ipsec site Paris
 country FR
 state "Île de France"
 type branch
 license bandwidth 50
 bandwidth downstream 10 upstream 5
 native-range 10.3.0.0/16
 network-range hq:10.0.0.0/16
 network lab 10.9.0.0/16
 destination primary ipv4 203.0.113.10
 destination secondary fqdn pop automatic
 bgp
  local-as 65010
 tunnel primary 1
  name fiber
  wan-role wan1
  local-id abc
  last-mile-bandwidth downstream 5 upstream 5
  private-ip pop 169.254.1.1 site 169.254.1.2
 tunnel primary 2
  public-ip 198.51.100.3
  psk 0 0123456789abcdefgh
 tunnel secondary 1
  public-ip 2001:db8::1
network-rule 10 voice
 site Paris
 match protocol udp
 wan-role wan1
ipsec site London
 traffic-selector local 10.0.0.0/8
 traffic-selector peer 10.4.0.0/16
 authentication-identifier fqdn
 nonsense
 tunnel primary
end
@end
$ ikesh -c 'configure session evening' -c 'hostname x' -c end -c write -c write
...
$ $TESTS/schema.py
all documents are as their schemas say
$ ikesh -c 'configure terminal revert timer 5' -c 'hostname gw2' -c end -c 'reload in 30'
...
$ $TESTS/schema.py
all documents are as their schemas say

== PoPs, accounts, BGP
@startup
hostname gw1
pop Frankfurt
 address 203.0.113.10
 location 50.1 8.6
pop Munich
 address 192.0.2.10
account acme
 allocated-ip 203.0.113.10 pop Frankfurt
 allocated-ip 192.0.2.10 pop Munich
ipsec site Paris
 account acme
 native-range 10.3.0.0/16
 destination primary ipv4 203.0.113.10
 bgp
  local-as 65010
  peer-as 64512
  exit
 tunnel primary 1
  public-ip 198.51.100.3
  private-ip pop 169.254.21.2 site 169.254.21.1
  psk 0 0123456789abcdefgh
end
@end
$ ikesh -c 'debug ike packet' -c 'configure session evening' -c 'hostname x' -c end -c write
...
$ $TESTS/schema.py
all documents are as their schemas say

== a configuration as a document
@startup
hostname gw1
ipsec site A
 keepalive 20
 tunnel primary 1
  public-ip 198.51.100.7
  psk a-key-that-is-long-enough
end
@end
$ ikesh -c 'show running-config ipsec site A | json | redact'
{"lines":[{"line":"ipsec site A","lines":[{"line":"keepalive 20","lines":[]},{"line":"tunnel primary 1","lines":[{"line":"public-ip 198.51.100.7","lines":[]},{"line":"psk <hidden>","lines":[]}]}]}]}
$ ikesh -p 1 -c 'show running-config json' | jq -c '.lines[1].lines[1].lines[1].line'
"psk <hidden>"
$ ikesh -c 'show running-config json' | jq -c '.lines[1].lines[1].lines[1].line'
~ ^"psk 6
$ ikesh -c 'write' -c 'configure terminal' -c 'ipsec site A' -c 'tunnel primary' -c 'psk another-key-of-this-length' -c end >$DIR/out; ikesh -c 'show running-config diff | json | redact'
{"differences":["ipsec site A"," tunnel primary 1","  -psk <hidden>","  +psk <hidden>"]}

== what has only lines gets a document as well
@startup
hostname gw1
end
@end
$ ikesh -c 'show metrics | json' | jq -r '.lines[0]'
~ ^# TYPE
$ ikesh -c 'ping 203.0.113.10 count 1 | json' | jq -c '.lines | length'
~ ^[1-9]
$ ikesh -c 'show running-config ipsec site nosuch json'
% There is no site nosuch
[exit 1]
$ ikesh -c 'show privilege json' -c 'show history json'
{"privilege":15}
{"commands":["show privilege json","show history json"]}

== a filter that lacks its expression
@startup
hostname gw1
end
@end
$ ikesh -c 'show clock | include'
% Incomplete command.
[exit 1]
$ ikesh -c 'show running-config ipsec site nosuch | count .'
% There is no site nosuch
[exit 1]
