# A second key exchange.  SPDX-License-Identifier: GPL-3.0-or-later

== set, shown, taken back; also for Child SAs
@startup
hostname gw1
end
@end
gw1#conf t
...
gw1(config)#ipsec site A
gw1(config-site)#init-parameters
gw1(config-site-init)#additional-key-exchange 19
gw1(config-site-init)#do show run | include additional
  additional-key-exchange 19
gw1(config-site-init)#no additional-key-exchange
gw1(config-site-init)#do show run | include additional
gw1(config-site-init)#exitgw1(config-site)#auth-parameters
gw1(config-site-auth)#additional-key-exchange 19
gw1(config-site-auth)#do show run | include additional
  additional-key-exchange 19
gw1(config-site-auth)#no additional-key-exchange
gw1(config-site-auth)#additional-key-exchange ml-kem-768
~ % additional-key-exchange ml-kem-768 is not in this build: it needs OpenSSL 3.5; 14, 15, 16, 19, 20 and 31 are
gw1(config-site-auth)#do show run | include additional
gw1(config-site-auth)#
