/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help for fixed words that several rows share or that are not the last of their row. */
#include "commands/row.h"
#include "platform/base/mem.h"

#include <string.h>

struct word_text {
	const char *path; /* from the first word of the row; "* word": anywhere */
	const char *help;
};

/* Sorted by path. */
static const struct word_text texts[] = {
	{"* 0", "A clear text follows"},
	{"* 5", "An MD5 hash follows (weak)"},
	{"* 8", "A PBKDF2 hash follows"},
	{"* 9", "A scrypt hash follows"},
	{"* all", "Everything"},
	{"* detail", "Everything that is known"},
	{"* downstream", "Towards the site"},
	{"* errors", "Lines that were refused at the last start"},
	{"* fallback", "While that link is not usable"},
	{"* file", "Name of the file"},
	{"* force", "Do not ask"},
	{"* ike", "The IKE SA instead of the Child SAs"},
	{"* in", "After a time"},
	{"* json", "One JSON document"},
	{"* list", "Print what differs"},
	{"* memory", "To startup-config"},
	{"* port", "Port"},
	{"* privilege", "Privilege level"},
	{"* redacted", "Without secrets"},
	{"* running-config", "Configuration in use"},
	{"* secret", "Secret"},
	{"* site", "One site"},
	{"* startup-config", "Configuration that was saved"},
	{"* time", "Take it back unless it is confirmed in time"},
	{"* timer", "With a time to confirm"},
	{"* transport", "How it is sent"},
	{"* udp", "UDP"},
	{"* upstream", "From the site"},
	{"bandwidth", "Bandwidth of the site"},
	{"banner", "Texts for terminals"},
	{"clear", "Reset"},
	{"clear ipsec", "IPsec"},
	{"clear ipsec sa", "SAs"},
	{"configure", "Change the configuration"},
	{"configure replace", "Put a saved configuration in place of the running one"},
	{"configure replace archive", "A copy of the archive"},
	{"configure replace file", "A saved file"},
	{"configure replace startup-config", "The configuration that was saved last"},
	{"configure revert", "Take back an unconfirmed change"},
	{"configure session", "Change a copy of the configuration"},
	{"configure terminal", "Configure from this terminal"},
	{"configure terminal lock", "Keep all others out of configuration mode"},
	{"configure terminal lock revert", "Take the change back unless it is confirmed"},
	{"configure terminal lock revert idle", "After an idle time of this terminal"},
	{"configure terminal lock revert timer", "After this time"},
	{"configure terminal lock revert timer idle", "After an idle time of this terminal"},
	{"configure terminal revert", "Take the change back unless it is confirmed"},
	{"configure terminal revert idle", "After an idle time of this terminal"},
	{"configure terminal revert timer", "After this time"},
	{"configure terminal revert timer idle", "After an idle time of this terminal"},
	{"copy", "Copy a configuration"},
	{"copy file", "A saved file"},
	{"copy running-config", "Configuration in use"},
	{"copy running-config startup-config", "Configuration that the next start uses"},
	{"copy startup-config", "Configuration that was saved"},
	{"copy startup-config running-config", "Configuration in use"},
	{"default", "Set to the default"},
	{"destination", "Own address that the tunnels of a role use"},
	{"enable", "Secret that enable asks for"},
	{"enable secret 0", "A clear secret follows"},
	{"enable secret 5", "An MD5 hash follows (weak)"},
	{"enable secret 8", "A PBKDF2 hash follows"},
	{"enable secret 9", "A scrypt hash follows"},
	{"ha", "High availability"},
	{"ipsec", "IPsec"},
	{"ipsec initiate", "Bring tunnels up now"},
	{"ipsec rekey", "Exchange the keys of tunnels now"},
	{"ipsec site", "A site that is connected by IPsec"},
	{"ipsec terminate", "Delete the SAs of tunnels and keep them down"},
	{"key", "Keys of this appliance"},
	{"key config-key", "Master key that encrypts pre-shared keys in configurations"},
	{"last-mile-bandwidth", "Bandwidth of the peer's WAN link"},
	{"license", "License"},
	{"license bandwidth", "Licensed bandwidth"},
	{"line", "Terminals"},
	{"line exec-timeout", "Idle time after which a terminal is closed"},
	{"logging", "Where event lines go"},
	{"logging host", "Machine that event lines are sent to"},
	{"logging monitor", "Event lines that terminals show"},
	{"match", "Traffic that the rule is about"},
	{"metrics", "Measurements for Prometheus and the like"},
	{"metrics listen", "Address and port of the page /metrics"},
	{"metrics listen none", "No such page"},
	{"monitor", "Watch live"},
	{"monitor capture", "Record"},
	{"monitor capture ike", "IKE messages and their keys to files for Wireshark"},
	{"no", "Remove, or set to the default"},
	{"own-id", "Identity that we present"},
	{"own-id fqdn", "Domain name"},
	{"own-id ipv4", "IPv4 address"},
	{"ppk", "Postquantum preshared key"},
	{"ppk id", "Key that the peer has under the same name"},
	{"ppk id <ppk-id> key", "The key follows"},
	{"redirect", "Redirection of peers"},
	{"redirect gateway", "Where the peers go"},
	{"private-ip", "Private addresses of both ends, for BGP"},
	{"private-ip pop", "On our side"},
	{"private-ip pop <pop-address> site", "On the peer's side"},
	{"show", "Show information"},
	{"show archive config", "Configurations"},
	{"show archive config rollback", "Unconfirmed change"},
	{"show configuration", "Configuration sessions"},
	{"show ipsec", "IPsec"},
	{"show ipsec diagnose", "Check what is wrong and what mends it"},
	{"show ipsec sa", "IKE SAs and Child SAs with their selectors and counters"},
	{"show running-config", "Configuration in use"},
	{"show running-config ipsec", "Only a part"},
	{"show startup-config", "Configuration that the next start uses"},
	{"terminal", "Settings of this terminal"},
	{"terminal no", "Switch off"},
	{"terminal paste", "How pasted configuration is taken"},
	{"terminal paste auto", "As a whole or not at all (default)"},
	{"terminal paste block", "As a whole or not at all"},
	{"terminal paste line", "Line by line"},
	{"write", "Save, show or erase the configuration"},
};

const char *word_help(const char *path, const char *word)
{
	const char *anywhere = NULL;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (strcmp(texts[i].path, path) == 0)
			return texts[i].help;
		if (texts[i].path[0] == '*' && strcmp(texts[i].path + 2, word) == 0)
			anywhere = texts[i].help;
	}
	return anywhere;
}
