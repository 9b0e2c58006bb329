/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two TS payload bodies, the first one's length in front: narrowed to each other and to a policy.
 * Whatever comes out lies within offer and policy, and survives writing and reading. */
#include "ikev2/payload_ts.h"
#include "ikev2/ts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void round_trip(const struct ike_ts_list *l)
{
	static uint8_t buf[8192];
	struct message_builder b;
	struct payload_ts back;
	struct view out;

	message_chain_start(&b, buf, sizeof(buf));
	payload_ts_write(&b, IKE_PAYLOAD_TSI, l);
	must(message_finish(&b, &out) == 0);
	must(payload_ts_read(view_of(out.data + 4, out.len - 4), &back) == 0);
	must(ts_list_equal(&back.list, l));
}

static void narrow(const struct ike_ts_list *i, const struct ike_ts_list *r,
		   const struct ike_ts_list *policy_i, const struct ike_ts_list *policy_r)
{
	struct ts_answer a;

	for (int single = 0; single < 2; single++) {
		if (ts_narrow(i, r, policy_i, policy_r, single, &a))
			continue;
		must(a.tsi.count && a.tsr.count);
		must(!single || (a.tsi.count == 1 && a.tsr.count == 1));
		must(ts_list_covers_list(i, &a.tsi) && ts_list_covers_list(policy_i, &a.tsi));
		must(ts_list_covers_list(r, &a.tsr) && ts_list_covers_list(policy_r, &a.tsr));
		must(ts_check_answer(i, r, &a.tsi, &a.tsr) == 0);
		round_trip(&a.tsi);
		round_trip(&a.tsr);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ip_range v4 = ip_range_any(IP_V4), v6 = ip_range_any(IP_V6);
	struct ike_ts_list any = {.count = 2, .ts = {ike_ts_of_range(&v4), ike_ts_of_range(&v6)}};
	struct payload_ts i, r;
	char text[512];

	if (size < 1 || data[0] > size - 1)
		return 0;
	if (payload_ts_read(view_of(data + 1, data[0]), &i) ||
	    payload_ts_read(view_of(data + 1 + data[0], size - 1 - data[0]), &r))
		return 0;
	ts_list_text(&i.list, text, sizeof(text));
	must(strlen(text) < sizeof(text));
	narrow(&i.list, &r.list, &any, &any);
	narrow(&i.list, &any, &r.list, &any);
	narrow(&any, &any, &i.list, &r.list);
	(void)ts_pair_count(&i.list, &r.list);
	return 0;
}
