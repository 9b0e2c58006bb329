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
	{"* all", "Everything"},
	{"* detail", "Everything that is known"},
	{"* downstream", "Towards the site"},
	{"* errors", "Lines that were refused at the last start"},
	{"* ike", "The IKE SA instead of the Child SAs"},
	{"* file", "Name of the file"},
	{"* json", "One JSON document"},
	{"* memory", "To startup-config"},
	{"* redacted", "Without secrets"},
	{"* site", "One site"},
	{"* upstream", "From the site"},
	{"bandwidth", "Bandwidth of the site"},
	{"clear", "Reset"},
	{"clear ipsec", "IPsec"},
	{"clear ipsec sa", "SAs"},
	{"configure", "Change the configuration"},
	{"copy", "Copy a configuration"},
	{"copy running-config", "Configuration in use"},
	{"copy running-config startup-config", "Configuration that the next start uses"},
	{"copy startup-config", "Configuration that was saved"},
	{"copy startup-config running-config", "Configuration in use"},
	{"default", "Set to the default"},
	{"destination", "Own address that the tunnels of a role use"},
	{"ha", "High availability"},
	{"ipsec", "IPsec"},
	{"ipsec initiate", "Bring tunnels up now"},
	{"ipsec rekey", "Exchange the keys of tunnels now"},
	{"ipsec site", "A site that is connected by IPsec"},
	{"ipsec terminate", "Delete the SAs of tunnels and keep them down"},
	{"last-mile-bandwidth", "Bandwidth of the peer's WAN link"},
	{"license", "License"},
	{"license bandwidth", "Licensed bandwidth"},
	{"monitor", "Watch live"},
	{"monitor capture", "Record"},
	{"monitor capture ike", "IKE messages and their keys to files for Wireshark"},
	{"no", "Remove, or set to the default"},
	{"own-id", "Identity that we present"},
	{"own-id fqdn", "Domain name"},
	{"own-id ipv4", "IPv4 address"},
	{"private-ip", "Private addresses of both ends, for BGP"},
	{"private-ip pop", "On our side"},
	{"private-ip pop <pop-address> site", "On the peer's side"},
	{"show", "Show information"},
	{"show ipsec", "IPsec"},
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
