/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * By what the kernel's objects that ikesh makes are known: names, groups, numbers.  Whoever makes
 * one takes it from here, and so does the privileged half, which lets nothing else pass.
 */
#ifndef PLATFORM_OS_OWN_H
#define PLATFORM_OS_OWN_H

#define OWN_DEVICE_PREFIX      "ips" /* and the index of the site */
#define OWN_PROBE_DEVICE       "ikprobe"
#define OWN_TUN_PROBE_DEVICE   "ikprobe%d" /* the kernel chooses the number */
#define OWN_SITE_MAX	       99999U
#define OWN_LINK_GROUP	       73
#define OWN_ADDRESS_LABEL      "lo:ikesh"
#define OWN_TABLE	       "ikesh" /* of nftables */
#define OWN_IF_ID_OF(site)     ((site) + 1)
#define OWN_PROBE_IF_ID	       0x49535052U
#define OWN_REQID_BASE	       0x49530000U /* of IPsec states; the lower half is the slot */
#define OWN_REQID_MASK	       0xffff0000U
#define OWN_FORWARDING_SETTING "net.ipv4.ip_forward"

#endif
