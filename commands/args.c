/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of arguments.  Limits, defaults, units and texts of every value that an operator can
 * type are here and nowhere else.
 */
#include "commands/args.h"

#include "dataplane/site/site_config.h"
#include "platform/base/mem.h"

#include <string.h>

#define ENCR(id, bits) (((uint32_t)(id) << 16) | (uint32_t)(bits))

static const struct arg_choice connection_modes[] = {
	{"responder-only", SITE_RESPONDER_ONLY, "Wait for the peer"},
	{"bidirectional", SITE_BIDIRECTIONAL, "Either side may begin"},
	{0},
};

static const struct arg_choice dh_groups[] = {
	{"automatic", 0, "Strongest that both sides have"},
	{"2", 2, "MODP 1024 bits (weak)"},
	{"5", 5, "MODP 1536 bits (weak)"},
	{"14", 14, "MODP 2048 bits"},
	{"15", 15, "MODP 3072 bits"},
	{"16", 16, "MODP 4096 bits"},
	{"19", 19, "Elliptic curve, 256 bits"},
	{"20", 20, "Elliptic curve, 384 bits"},
	{0},
};

static const struct arg_choice encryptions[] = {
	{"automatic", 0, "Strongest that both sides have"},
	{"aes-cbc-128", ENCR(12, 128), "AES-CBC, 128 bit key"},
	{"aes-cbc-256", ENCR(12, 256), "AES-CBC, 256 bit key"},
	{"aes-gcm-128", ENCR(20, 128), "AES-GCM, 128 bit key"},
	{"aes-gcm-256", ENCR(20, 256), "AES-GCM, 256 bit key"},
	{0},
};

static const struct arg_choice identifiers[] = {
	{"ipv4", SITE_ID_IPV4, "The peer's public address"},
	{"fqdn", SITE_ID_FQDN, "A name per tunnel"},
	{"email", SITE_ID_EMAIL, "A mail address per tunnel"},
	{"key-id", SITE_ID_KEY_ID, "An opaque text per tunnel"},
	{0},
};

static const struct arg_choice id_types[] = {
	{"ipv4", IKE_ID_IPV4_ADDR, "IPv4 address"},
	{"ipv6", IKE_ID_IPV6_ADDR, "IPv6 address"},
	{"fqdn", IKE_ID_FQDN, "Domain name"},
	{"email", IKE_ID_RFC822_ADDR, "Mail address"},
	{"key-id", IKE_ID_KEY_ID, "Opaque text, or 0x and hexadecimal digits"},
	{0},
};

static const struct arg_choice integrities[] = {
	{"automatic", 0, "Strongest that both sides have"},
	{"sha1", 2, "HMAC-SHA1-96"},
	{"sha2-256", 12, "HMAC-SHA2-256-128"},
	{"sha2-384", 13, "HMAC-SHA2-384-192"},
	{"sha2-512", 14, "HMAC-SHA2-512-256"},
	{0},
};

static const struct arg_choice prfs[] = {
	{"automatic", 0, "Strongest that both sides have"},
	{"sha1", 2, "HMAC-SHA1"},
	{"sha2-256", 5, "HMAC-SHA2-256"},
	{"sha2-384", 6, "HMAC-SHA2-384"},
	{"sha2-512", 7, "HMAC-SHA2-512"},
	{0},
};

static const struct arg_choice roles[] = {
	{"primary", SITE_PRIMARY, "HA role that carries traffic while a tunnel of it is up"},
	{"secondary", SITE_SECONDARY, "HA role that takes over"},
	{0},
};

static const struct arg_choice sides[] = {
	{"local", 0, "Networks on our side"},
	{"peer", 1, "Networks behind the peer"},
	{0},
};

static const struct arg_choice site_types[] = {
	{"branch", SITE_BRANCH, "Branch office"},
	{"headquarters", SITE_HEADQUARTERS, "Headquarters"},
	{"cloud-data-center", SITE_CLOUD_DATA_CENTER, "Network at a cloud provider"},
	{"data-center", SITE_DATA_CENTER, "Own data center"},
	{0},
};

static const struct arg_choice switches[] = {
	{"enable", SITE_ENABLE, "On, whatever the account or the box says"},
	{"disable", SITE_DISABLE, "Off, whatever the account or the box says"},
	{0},
};

static const struct arg_choice wan_roles[] = {
	{"wan1", 1, "First WAN link of the site"},
	{"wan2", 2, "Second WAN link of the site"},
	{"wan3", 3, "Third WAN link of the site"},
	{0},
};

/* Sorted by name. */
static const struct arg args[] = {
	{.name = "address", .type = VALUE_IP, .help = "Address"},
	{.name = "capture-file",
	 .type = VALUE_NAME,
	 .min = 1,
	 .max = 64,
	 .help = "Name of the files, without ending"},
	{.name = "child-lifetime",
	 .type = VALUE_U32,
	 .min = 300,
	 .max = 86400,
	 .standard = "3600",
	 .unit = "seconds",
	 .help = "Lifetime of a Child SA"},
	{.name = "command", .type = VALUE_TEXT, .min = 1, .max = 200, .help = "EXEC command"},
	{.name = "connection-mode",
	 .type = VALUE_CHOICE,
	 .standard = "responder-only",
	 .choices = connection_modes,
	 .help = "Who may begin"},
	{.name = "country",
	 .type = VALUE_TEXT,
	 .min = 1,
	 .max = 64,
	 .help = "Country by name or ISO 3166 code"},
	{.name = "dead-interval",
	 .type = VALUE_U32,
	 .min = 30,
	 .max = 300,
	 .standard = "60",
	 .unit = "seconds",
	 .help = "Silence after which the peer is dead"},
	{.name = "dh-group",
	 .type = VALUE_CHOICE,
	 .standard = "automatic",
	 .choices = dh_groups,
	 .help = "Diffie-Hellman group"},
	{.name = "downstream",
	 .type = VALUE_U32,
	 .min = 1,
	 .max = 100000,
	 .unit = "Mbps",
	 .help = "Towards the site"},
	{.name = "encryption",
	 .type = VALUE_CHOICE,
	 .standard = "automatic",
	 .choices = encryptions,
	 .help = "Encryption algorithm"},
	{.name = "failback-delay",
	 .type = VALUE_U32,
	 .min = 0,
	 .max = 3600,
	 .standard = "60",
	 .unit = "seconds",
	 .help = "Wait before traffic returns to the primary role"},
	{.name = "fqdn", .type = VALUE_WORD, .min = 1, .max = 127, .help = "Domain name"},
	{.name = "hostname",
	 .type = VALUE_NAME,
	 .min = 1,
	 .max = 63,
	 .standard = "ikesh",
	 .help = "Name of this appliance, shown in the prompt"},
	{.name = "id-type", .type = VALUE_CHOICE, .choices = id_types, .help = "Type of identity"},
	{.name = "id-value", .type = VALUE_WORD, .min = 1, .max = 127, .help = "Identity"},
	{.name = "identifier",
	 .type = VALUE_CHOICE,
	 .standard = "ipv4",
	 .choices = identifiers,
	 .help = "How the peer says who it is"},
	{.name = "ike-lifetime",
	 .type = VALUE_U32,
	 .min = 3600,
	 .max = 86400,
	 .standard = "19800",
	 .unit = "seconds",
	 .help = "Lifetime of an IKE SA"},
	{.name = "integrity",
	 .type = VALUE_CHOICE,
	 .standard = "automatic",
	 .choices = integrities,
	 .help = "Integrity algorithm"},
	{.name = "ipv4", .type = VALUE_IPV4, .help = "IPv4 address"},
	{.name = "keepalive",
	 .type = VALUE_U32,
	 .min = 5,
	 .max = 60,
	 .standard = "10",
	 .unit = "seconds",
	 .help = "Silence after which the peer is probed"},
	{.name = "label", .type = VALUE_NAME, .min = 1, .max = 64, .help = "Label of a network"},
	{.name = "license",
	 .type = VALUE_U32,
	 .min = 1,
	 .max = 100000,
	 .unit = "Mbps",
	 .help = "Licensed bandwidth"},
	{.name = "link-preference",
	 .type = VALUE_U32,
	 .min = 1,
	 .max = 255,
	 .standard = "100",
	 .help = "Weight beside the tunnels of the same role"},
	{.name = "local-id",
	 .type = VALUE_WORD,
	 .min = 1,
	 .max = 127,
	 .help = "Identity that the peer presents, of the site's authentication identifier type"},
	{.name = "native-range", .type = VALUE_PREFIX, .help = "LAN subnet behind the peer"},
	{.name = "network",
	 .type = VALUE_LABEL_RANGE,
	 .help = "Network on our side that the site reaches"},
	{.name = "network-label",
	 .type = VALUE_WORD,
	 .min = 1,
	 .max = 190,
	 .help = "Label, or label and range"},
	{.name = "ping-count",
	 .type = VALUE_U32,
	 .min = 1,
	 .max = 100000,
	 .standard = "5",
	 .help = "Number of echo requests"},
	{.name = "ping-source", .type = VALUE_IP, .help = "Own address to send from"},
	{.name = "pop-address", .type = VALUE_IPV4, .help = "Private address on our side"},
	{.name = "prf",
	 .type = VALUE_CHOICE,
	 .standard = "automatic",
	 .choices = prfs,
	 .help = "Pseudo-random function"},
	{.name = "privilege",
	 .type = VALUE_U32,
	 .min = 0,
	 .max = 15,
	 .standard = "15",
	 .help = "Privilege level"},
	{.name = "psk",
	 .type = VALUE_SECRET,
	 .min = 1,
	 .max = 64,
	 .unit = "characters",
	 .help = "Pre-shared key, in quotes when it has blanks"},
	{.name = "psk-hex",
	 .type = VALUE_HEX_SECRET,
	 .min = 1,
	 .max = 64,
	 .unit = "octets",
	 .help = "Pre-shared key in hexadecimal digits"},
	{.name = "psk-sealed",
	 .type = VALUE_WORD,
	 .min = 1,
	 .max = 250,
	 .help = "Encrypted pre-shared key as in a saved configuration"},
	{.name = "range", .type = VALUE_RANGE, .help = "Network or range of addresses"},
	{.name = "rebuild-interval",
	 .type = VALUE_U32,
	 .min = 30,
	 .max = 600,
	 .standard = "90",
	 .unit = "seconds",
	 .help = "Time between attempts to come up"},
	{.name = "rest", .type = VALUE_TEXT, .min = 1, .max = 200, .help = "Value"},
	{.name = "role", .type = VALUE_CHOICE, .choices = roles, .help = "HA role"},
	{.name = "side", .type = VALUE_CHOICE, .choices = sides, .help = "Side of the tunnel"},
	{.name = "single-ts",
	 .type = VALUE_CHOICE,
	 .choices = switches,
	 .help = "One pair of traffic selectors per Child SA"},
	{.name = "site", .type = VALUE_SITE, .min = 1, .max = 64, .help = "Site"},
	{.name = "site-address", .type = VALUE_IPV4, .help = "Private address of the peer"},
	{.name = "site-type",
	 .type = VALUE_CHOICE,
	 .choices = site_types,
	 .help = "What the site is"},
	{.name = "state", .type = VALUE_TEXT, .min = 1, .max = 64, .help = "State of the country"},
	{.name = "terminal-length",
	 .type = VALUE_U32,
	 .min = 0,
	 .max = 512,
	 .standard = "24",
	 .unit = "lines",
	 .help = "Lines of a page, 0 for no pause"},
	{.name = "terminal-width",
	 .type = VALUE_U32,
	 .min = 0,
	 .max = 512,
	 .standard = "80",
	 .unit = "columns",
	 .help = "Columns of the terminal"},
	{.name = "tunnel-index",
	 .type = VALUE_U32,
	 .min = 1,
	 .max = SITE_TUNNELS,
	 .standard = "1",
	 .help = "Number of the tunnel in its role"},
	{.name = "tunnel-name", .type = VALUE_TEXT, .min = 1, .max = 64, .help = "Name"},
	{.name = "tunnel-number",
	 .type = VALUE_U32,
	 .min = 1,
	 .max = SITE_TUNNELS,
	 .help = "Only this tunnel of the role"},
	{.name = "upstream",
	 .type = VALUE_U32,
	 .min = 1,
	 .max = 100000,
	 .unit = "Mbps",
	 .help = "From the site"},
	{.name = "wan-role",
	 .type = VALUE_CHOICE,
	 .choices = wan_roles,
	 .help = "WAN link of the site"},
};

const struct arg *arg_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(args); i++) {
		if (strcmp(args[i].name, name) == 0)
			return &args[i];
	}
	return NULL;
}

const struct arg *arg_at(size_t index)
{
	return index < ARRAY_LEN(args) ? &args[index] : NULL;
}
