#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""peer_config.py: `show ipsec site NAME peer-config` of several sites in the words of each product.  The
texts keep to a grammar of what the vendors document (those of strongSwan, libreswan and OpenIKED are
read by these programs themselves, see tests/netns and tests/guest), and hold keys only when these are
asked for.  Prints what is wrong, then how many texts were read."""
import json
import re
import subprocess
import tempfile

HEAD = """ipsec site Lyon-1
 native-range 10.20.0.0/24
 destination primary ipv4 203.0.113.10
 destination secondary ipv4 192.0.2.10
"""
RANGES = " network-range hq:10.0.0.0/24\n network-range odd:10.9.0.3-10.9.0.90\n"
TUNNEL = " tunnel primary\n  public-ip 198.51.100.21\n  psk a.key_of_letters\n"
NAMED = " tunnel primary\n  local-id {}\n  psk \"correct horse battery staple\"\n"
SUITES = """ init-parameters
  encryption {}
{}  prf {}
  dh-group {}
 auth-parameters
  encryption {}
{}  dh-group {}
"""
CBC, SHA1 = "  integrity sha2-384\n", "  integrity sha1\n"
SITES = {
    "automatic": HEAD + RANGES + TUNNEL,
    "all to all": HEAD + TUNNEL.replace("  psk", "  private-ip pop 169.254.21.2 site 169.254.21.1\n  psk"),
    "AES-CBC": HEAD + RANGES + SUITES.format("aes-cbc-256", CBC, "sha2-512", 15, "aes-cbc-128", CBC, 20) + TUNNEL,
    "AES-GCM": HEAD + RANGES + SUITES.format("aes-gcm-256", "", "sha2-384", 20, "aes-gcm-128", "", 14) + TUNNEL,
    "legacy": HEAD + SUITES.format("aes-cbc-128", SHA1, "sha1", 2, "aes-cbc-128", SHA1, 5) + TUNNEL,
    "lifetimes": HEAD + " ike-lifetime 86400\n child-lifetime 7200\n" + TUNNEL,
    "name": HEAD + " authentication-identifier fqdn\n" + NAMED.format("lyon.example.net"),
    "mail address": HEAD + RANGES + " authentication-identifier email\n" + NAMED.format("ops@example.net"),
    "key-id": HEAD + " authentication-identifier key-id\n" + NAMED.format("lyon-1"),
    "own name": HEAD + TUNNEL + "  own-id fqdn gw.example.net\n",
    "one pair": HEAD + RANGES + " single-traffic-selector enable\n" + TUNNEL,
    "initiates": HEAD + " connection-mode bidirectional\n initiate-connection\n" + TUNNEL,
    "any address": TUNNEL.join(("ipsec site Lyon-1\n native-range 10.20.0.0/24\n", "")),
    "key with quotes": HEAD + TUNNEL.replace("a.key_of_letters", '"a \\"key\\" # of \\\\ {many}; signs?"'),
    "key of octets": HEAD + TUNNEL.replace("a.key_of_letters", "hex 00ff10c3a90a0d2200112233445566778899"),
    "postquantum key": HEAD + RANGES + TUNNEL + "  ppk id lyon key a-postquantum-key-of-36-characters-1\n  ppk required\n",
    "BGP": HEAD + TUNNEL.replace("  psk", "  private-ip pop 169.254.21.2 site 169.254.21.1\n  psk")
           + " bgp\n  local-as 65010\n  peer-as 64512\n  password a-bgp-password\n",
    "six tunnels": HEAD + RANGES + "".join(
        f" tunnel {role} {i}\n  wan-role wan{i}\n  public-ip 198.51.100.{10 * i + n}\n  psk key_number_{i}{n}_abc\n"
        for n, role in enumerate(("primary", "secondary")) for i in (1, 2, 3)),
    "incomplete": HEAD + TUNNEL + " tunnel secondary\n",
}


MUST = {("BGP", "cisco-ios"): "router bgp 64512\n neighbor 169.254.21.2 remote-as 65010", ("BGP", "aws"): '"StaticRoutesOnly":false',
        ("BGP", "fortigate"): "set as 64512", ("BGP", "palo-alto"): "configure BGP as well, AS 64512 there, neighbor 169.254.21.2 of AS 65010",
        ("postquantum key", "strongswan"): "ppk_required = yes", ("postquantum key", "aws"): "no postquantum preshared keys"}


class Failure(Exception):
    """What is wrong with a text."""


def ikesh(*argv):
    done = subprocess.run(["ikesh", *argv], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise Failure(f"{argv}: {done.stdout}{done.stderr}")
    return done.stdout


# ---- Grammars ------------------------------------------------------------------------------------
# A text is a tree by indentation; each line must match a pattern of its parent.

IP, NAME, MASK = r"(\d+\.){3}\d+", r"[A-Za-z0-9._-]+", r"(255|254|252|248|240|224|192|128|0)(\.\d+){3}"
PREFIX = rf"{IP}/\d+"
KEY = r"(hex )?\S+"

IOS = {
    rf"crypto ikev2 proposal {NAME}": {
        r"encryption aes-(cbc|gcm)-(128|256)": {}, r"integrity sha(1|256|384|512)": {},
        r"prf sha(1|256|384|512)": {}, r"group (2|5|14|15|16|19|20)": {}},
    rf"crypto ikev2 policy {NAME}": {rf"proposal {NAME}": {}},
    rf"crypto ipsec transform-set {NAME} (esp-gcm (128|256)|esp-aes (128|256) esp-sha(256|384|512)?-hmac)":
        {r"mode tunnel": {}},
    rf"ip access-list extended {NAME}": {rf"permit ip (any|{IP} {IP}) (any|{IP} {IP})": {}},
    rf"crypto ikev2 keyring {NAME}": {rf"peer {NAME}": {
        rf"address {IP}": {}, rf"hostname {NAME}": {}, rf"pre-shared-key {KEY}": {},
        rf"ppk manual id {NAME} key {KEY}( required)?": {}}},
    rf"crypto ikev2 profile {NAME}": {
        rf"match identity remote (address {IP} 255.255.255.255|fqdn {NAME}|email \S+|key-id \S+|any)": {},
        rf"identity local (address {IP}|fqdn {NAME}|email \S+|key-id \S+)": {},
        r"authentication (local|remote) pre-share": {}, rf"keyring local {NAME}": {}, r"lifetime \d+": {},
        r"dpd \d+ \d+ periodic": {}},
    rf"crypto ipsec profile {NAME}": {
        rf"set transform-set {NAME}": {}, r"set pfs group(2|5|14|15|16|19|20)": {},
        r"set security-association lifetime seconds \d+": {}, rf"set ikev2-profile {NAME}": {}},
    r"interface Tunnel\d+": {
        rf"description {NAME}": {}, rf"ip address {IP} {MASK}": {}, r"ip unnumbered \S+": {}, r"ip mtu \d+": {},
        r"ip tcp adjust-mss \d+": {}, r"tunnel source \S+": {}, r"tunnel mode ipsec ipv4": {},
        rf"tunnel destination {NAME}": {}, rf"tunnel protection ipsec policy ipv4 {NAME}": {},
        rf"tunnel protection ipsec profile {NAME}": {}},
    rf"ip route {IP} {MASK} Tunnel\d+ \d+": {},
    r"router bgp \d+": {rf"neighbor {IP} (remote-as \d+|timers \d+ \d+|password \S+)": {}, rf"network {IP} mask {MASK}": {}},
}
ASA = {
    r"crypto ikev2 policy \d+": {
        r"encryption (aes|aes-256|aes-gcm|aes-gcm-256)": {}, r"integrity (null|sha|sha256|sha384|sha512)": {},
        r"group (2|5|14|15|16|19|20)": {}, r"prf (sha|sha256|sha384|sha512)": {}, r"lifetime seconds \d+": {}},
    r"crypto ikev2 enable outside": {},
    rf"crypto ipsec ikev2 ipsec-proposal {NAME}": {
        r"protocol esp encryption (aes|aes-256|aes-gcm|aes-gcm-256)": {},
        r"protocol esp integrity (null|sha-1|sha-256|sha-384|sha-512)": {}},
    rf"group-policy {NAME} internal": {},
    rf"group-policy {NAME} attributes": {r"vpn-tunnel-protocol ikev2": {}, r"vpn-idle-timeout none": {}},
    rf"tunnel-group {NAME} type ipsec-l2l": {},
    rf"tunnel-group {NAME} general-attributes": {rf"default-group-policy {NAME}": {}},
    rf"tunnel-group {NAME} ipsec-attributes": {
        r"isakmp keepalive threshold \d+ retry \d+": {}, rf"ikev2 (remote|local)-authentication pre-shared-key {KEY}": {}},
    rf"object-group network {NAME}": {rf"network-object {IP} {MASK}": {}},
    rf"access-list {NAME} extended permit ip object-group {NAME} object-group {NAME}": {},
    rf"nat \(inside,outside\) source static {NAME} {NAME} destination static {NAME} {NAME} no-proxy-arp route-lookup": {},
    rf"crypto map outside_map 10 (match address {NAME}|set peer( {NAME})+|set ikev2 ipsec-proposal {NAME}"
    rf"|set pfs group\d+|set security-association lifetime seconds \d+|set ikev2 local-identity (hostname|(email-id|key-id) \S+))": {},
    r"crypto map outside_map interface outside": {},
    rf"crypto ipsec profile {NAME}": {
        rf"set ikev2 ipsec-proposal {NAME}": {}, r"set pfs group\d+": {},
        r"set security-association lifetime seconds \d+": {},
        r"set ikev2 local-identity (hostname|(email-id|key-id) \S+)": {}},
    r"interface Tunnel\d+": {
        rf"nameif {NAME}": {}, rf"ip address {IP} {MASK}": {}, r"tunnel source interface outside": {},
        rf"tunnel destination {NAME}": {}, r"tunnel mode ipsec ipv4": {}, rf"tunnel protection ipsec profile {NAME}": {}},
    rf"route {NAME} {IP} {MASK} {IP} \d+": {},
}
FORTI_HASH = r"sha(1|256|384|512)"
FORTIGATE = {
    r"config vpn ipsec phase1-interface": {r'edit "[A-Za-z0-9._-]{1,15}"': {
        r'set interface "\S+"': {}, r"set type ddns": {}, rf'set remotegw-ddns "{NAME}"': {}, rf"set remote-gw {NAME}": {},
        r"set ike-version 2": {}, r"set net-device disable": {}, r"set peertype (any|one)": {}, r'set peerid "\S+"': {},
        r"set localid-type (fqdn|user-fqdn|keyid|address)": {}, r'set localid "\S+"': {},
        rf"set proposal aes(128|256)(gcm-prf{FORTI_HASH}|-{FORTI_HASH})": {}, r"set dhgrp (2|5|14|15|16|19|20)": {},
        r"set keylife \d+": {}, r"set nattraversal enable": {}, r"set dpd on-idle": {}, r"set dpd-retryinterval \d+": {},
        r"set dpd-retrycount \d+": {}, r"set passive-mode (enable|disable)": {}, r'set psksecret ("([^"\\]|\\.)*"|0x[0-9a-f]+)': {}}},
    r"config vpn ipsec phase2-interface": {r'edit "[A-Za-z0-9._-]{1,35}"': {
        rf'set phase1name "{NAME}"': {}, rf"set proposal aes(128|256)(gcm|-{FORTI_HASH})": {}, r"set pfs enable": {},
        r"set dhgrp (2|5|14|15|16|19|20)": {}, r"set keylifeseconds \d+": {}, r"set auto-negotiate (enable|disable)": {},
        rf"set (src|dst)-subnet {IP} {MASK}": {}, r"set (src|dst)-addr-type range": {}, rf"set (src|dst)-(start|end)-ip {IP}": {}}},
    r"config system interface": {rf'edit "{NAME}"': {rf"set ip {IP} 255.255.255.255": {}, rf"set remote-ip {IP} 255.255.255.252": {}}},
    r"config router bgp": {
        r"set as \d+": {}, r"config neighbor": {rf'edit "{IP}"': {r"set remote-as \d+": {}, r"set password \S+": {}}},
        r"config network": {r"edit \d+": {rf"set prefix {IP} {MASK}": {}}}},
    r"config router static": {r"edit 0": {rf"set dst {IP} {MASK}": {}, rf'set device "{NAME}"': {}, r"set distance \d+": {}}},
    r"config firewall policy": {r"edit 0": {
        rf'set (name|srcintf|dstintf|srcaddr|dstaddr|schedule|service) "{NAME}"': {}, r"set action accept": {}}},
}
PAN_KEY = r'("([^"\\]|\\.)*"|0x[0-9a-f]+)'
PALO_ALTO = [
    rf"set network ike crypto-profiles ike-crypto-profiles {NAME} (encryption aes-(128|256)-(cbc|gcm)|hash (non-auth|sha1|sha256|sha384|sha512)"
    r"|dh-group group(2|5|14|15|16|19|20)|lifetime seconds \d+)",
    rf"set network ike crypto-profiles ipsec-crypto-profiles {NAME} (esp encryption aes-(128|256)-(cbc|gcm)"
    r"|esp authentication (none|sha1|sha256|sha384|sha512)|dh-group group(2|5|14|15|16|19|20)|lifetime seconds \d+)",
    rf"set network ike gateway {NAME} (protocol version ikev2|protocol ikev2 ike-crypto-profile {NAME}|protocol ikev2 dpd (enable yes|interval \d+)"
    rf"|protocol-common (nat-traversal enable yes|fragmentation enable yes|passive-mode (yes|no))|local-address interface ethernet1/\d"
    rf"|peer-address (ip {IP}|fqdn {NAME})|(local|peer)-id (type (ipaddr|fqdn|ufqdn|keyid)|id \S+)|authentication pre-shared-key key {PAN_KEY})",
    rf"set network interface tunnel units tunnel\.\d+ (mtu \d+|ip {PREFIX})",
    r"set network virtual-router default interface tunnel\.\d+", r"set zone vpn network layer3 tunnel\.\d+",
    rf"set network tunnel ipsec {NAME} (auto-key (ike-gateway|ipsec-crypto-profile) {NAME}|tunnel-interface tunnel\.\d+"
    rf"|auto-key proxy-id {NAME} (local {PREFIX}|remote {PREFIX}|protocol any))",
    rf"set network virtual-router default routing-table ip static-route {NAME} (destination {PREFIX}|interface tunnel\.\d+|metric \d+)",
]


def check_tree(text, grammar, comment, closers=()):
    stack = [(-1, grammar, None)]
    for line in text.splitlines():
        body = line.strip()
        if not body or body.startswith(comment):
            continue
        depth = len(line) - len(line.lstrip())
        if body in closers:
            continue
        while stack[-1][0] >= depth:
            stack.pop()
        for pattern, below in stack[-1][1].items():
            if re.fullmatch(pattern, body):
                stack.append((depth, below, body))
                break
        else:
            raise Failure(f"line is not in the grammar of {stack[-1][2]}: {line!r}\n{text}")


def check_fortigate(text):
    check_tree(text, FORTIGATE, "#", ("next", "end"))
    lines = [x.strip() for x in text.splitlines()]
    if sum(x.startswith("config ") for x in lines) != lines.count("end") or \
            sum(x.startswith("edit ") for x in lines) != lines.count("next"):
        raise Failure("config/end or edit/next are not balanced:\n" + text)


def check_palo_alto(text):
    for line in text.splitlines():
        if not line.startswith("#") and not any(re.fullmatch(p, line) for p in PALO_ALTO):
            raise Failure(f"no command of PAN-OS: {line!r}")


def check_aws(text):
    """Values and ranges of the TunnelOptions of the EC2 API reference."""
    found = re.findall(r"--options '(\{.*\})'", text)
    if not found:
        raise Failure("no options in\n" + text)
    for options in map(json.loads, found):
        for t in options["TunnelOptions"]:
            for phase in ("Phase1", "Phase2"):
                enc = {x["Value"] for x in t[phase + "EncryptionAlgorithms"]}
                auth = {x["Value"] for x in t[phase + "IntegrityAlgorithms"]}
                dh = {x["Value"] for x in t[phase + "DHGroupNumbers"]}
                if not enc <= {"AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"} or \
                        not auth <= {"SHA1", "SHA2-256", "SHA2-384", "SHA2-512"} or \
                        not dh <= {2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24}:
                    raise Failure(str(t))
            if not 900 <= t["Phase1LifetimeSeconds"] <= 28800 or not 900 <= t["Phase2LifetimeSeconds"] <= 3600 or \
                    t["IKEVersions"] != [{"Value": "ikev2"}] or t["StartupAction"] not in ("add", "start") or \
                    t["DPDTimeoutAction"] not in ("clear", "none", "restart") or t["DPDTimeoutSeconds"] < 30:
                raise Failure(str(t))
            if not re.fullmatch(r"[A-Za-z1-9._][A-Za-z0-9._]{7,63}", t["PreSharedKey"]):
                raise Failure("key: " + str(t))
        if len(options["TunnelOptions"]) > 2:
            raise Failure("more than two tunnels")


PRODUCTS = {
    "strongswan": lambda text: None, "libreswan": lambda text: None, "openiked": lambda text: None,
    "cisco-ios": lambda text: check_tree(text, IOS, "!"), "cisco-asa": lambda text: check_tree(text, ASA, "!"),
    "fortigate": check_fortigate, "palo-alto": check_palo_alto, "aws": check_aws,
}

def secrets(site):
    return [s.strip('"') for s in re.findall(r"^ +(?:psk|ppk id lyon key|password) (?:hex )?(.*)$", site, re.M)]


def check(name, site, product, grammar):
    command = f"show ipsec site Lyon-1 peer-config {product}"
    text = ikesh("-c", command)
    if "include-secrets" not in text or "PSK_OF_PRIMARY_1" not in text:
        raise Failure("where the keys go is not said:\n" + text)
    if MUST.get((name, product), "") not in text:
        raise Failure(f"lacks {MUST[name, product]}:\n" + text)
    for key in secrets(site):
        if key in text:
            raise Failure("holds a key:\n" + text)
    grammar(text)
    text = ikesh("-c", command + " include-secrets")
    if re.fullmatch(r"[a-z_.]+", secrets(site)[0]) and secrets(site)[0] not in text:
        raise Failure("has no key:\n" + text)
    grammar(text)


def main():
    count = 0
    for name, site in SITES.items():
        with tempfile.NamedTemporaryFile("w") as f:
            f.write(site + "end\n")
            f.flush()
            ikesh("--merge", f.name)
        for product, grammar in PRODUCTS.items():
            try:
                check(name, site, product, grammar)
                count += 1
            except Failure as f:
                print(f"{name}, {product}: {f}")
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("no ipsec site Lyon-1\nend\n")
            f.flush()
            ikesh("--merge", f.name)
    print(count, "texts")


main()
