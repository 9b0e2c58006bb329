# show tech-support: complete, and free of secrets.  SPDX-License-Identifier: GPL-3.0-or-later

== every secret that is configured, in every form, is not in it
@startup
hostname gw1
enable secret 9 $9$d1GMnqVR2P2UPH$bZ4EUh3hkHsjVZDSVfJqzkzGmkTrSNi1YNGr0MfFWYs
username ops privilege 1 secret 0 operators-secret-text
dns update key gw hmac-sha256 YS1zZWNyZXQtb2YtYS1uYW1lLXNlcnZlcg==
ipsec site Lyon
 native-range 10.20.0.0/16
 connection-mode bidirectional
 tunnel primary
  public-ip 203.0.113.201
  psk correct-horse-battery-staple
 tunnel secondary
  public-ip 203.0.113.202
  psk "a key | with # signs"
ipsec site Metz
 tunnel primary 2
  public-ip 203.0.113.203
  psk hex 00ff10c3a90a0d2200112233445566778899
  ppk id lab key a-postquantum-key-of-36-characters-1
end
@end
$ ikesh -c 'write memory' -c 'debug ike packet' -c 'ipsec initiate site Lyon'
...
$ $TESTS/tech.py
secrets in force: 8, in another form: 7
$ ikesh -p 1 -c 'show tech-support'
...
[exit 1]
