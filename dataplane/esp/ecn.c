/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ECN tunnelling: the table of RFC 6040 figure 4, and the one change that decapsulation makes. */
#include "dataplane/esp/ecn.h"

#include "platform/base/ip.h"

enum { NOT_ECT, ECT1, ECT0, CE, DROP };

/* [inner][outer] */
static const uint8_t outgoing_ecn[4][4] = {
	[NOT_ECT] = {[NOT_ECT] = NOT_ECT, [ECT0] = NOT_ECT, [ECT1] = NOT_ECT, [CE] = DROP},
	[ECT0] = {[NOT_ECT] = ECT0, [ECT0] = ECT0, [ECT1] = ECT1, [CE] = CE},
	[ECT1] = {[NOT_ECT] = ECT1, [ECT0] = ECT1, [ECT1] = ECT1, [CE] = CE},
	[CE] = {[NOT_ECT] = CE, [ECT0] = CE, [ECT1] = CE, [CE] = CE},
};

uint8_t esp_ecn_outer(uint8_t inner_tos)
{
	return inner_tos;
}

/* Header checksum after one 16-bit word changed, RFC 1624 equation 3. */
static void fix_checksum(uint8_t *packet, uint16_t before, uint16_t after)
{
	struct reader r = reader_of(view_of(packet + 10, 2));
	struct writer w = writer_of(packet + 10, 2);
	uint32_t sum = (uint16_t)~reader_u16(&r);

	sum += (uint16_t)~before;
	sum += after;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	writer_u16(&w, (uint16_t)~sum);
}

static void set_tos(uint8_t *packet, struct esp_inner *p, uint8_t tos)
{
	if (p->family == IP_V4) {
		fix_checksum(packet, (uint16_t)(packet[0] << 8 | packet[1]),
			     (uint16_t)(packet[0] << 8 | tos));
		packet[1] = tos;
	} else {
		packet[0] = (uint8_t)(0x60 | tos >> 4);
		packet[1] = (uint8_t)((tos & 0x0f) << 4 | (packet[1] & 0x0f));
	}
	p->tos = tos;
}

bool esp_ecn_decapsulate(uint8_t *packet, struct esp_inner *p, uint8_t outer_tos)
{
	uint8_t ecn = outgoing_ecn[p->tos & 3][outer_tos & 3];

	if (ecn == DROP)
		return false;
	if (ecn != (p->tos & 3))
		set_tos(packet, p, (uint8_t)((p->tos & ~3) | ecn));
	return true;
}
