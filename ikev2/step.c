/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rings of steps, and steps in words; see step.h.  Filled in by trace.c. */
#include "ikev2/step.h"

#include "ikev2/message.h"
#include "ikev2/payload_notify.h"
#include "ikev2/trace.h"
#include "ikev2/tunnel.h"
#include "platform/base/enum_name.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>

/* ---- Rings ----------------------------------------------------------------------------------- */

static struct ike_step *step_back(struct steps *s, size_t back)
{
	return back < s->count ? &s->item[(s->next + IKE_STEPS_MAX - 1 - back) % IKE_STEPS_MAX]
			       : NULL;
}

static bool is_check(const struct ike_step *s, bool response)
{
	return s && s->exchange == IKE_EXCH_INFORMATIONAL && s->response == response &&
	       s->count == 0 && s->times == 1 && !s->outcome && s->failed == IKE_CAUSE_NONE;
}

/* One liveness check follows the other for days: only the last of them stays. */
static uint32_t fold_checks(struct steps *s, const struct ike_step *step)
{
	const struct ike_step *answer = step_back(s, 0), *request = step_back(s, 1);
	uint32_t checks;

	if (!is_check(step, false) || !is_check(answer, true) || !is_check(request, false) ||
	    request->out != step->out || answer->out == step->out)
		return 0;
	checks = request->checks + 1;
	s->next = (s->next + IKE_STEPS_MAX - 2) % IKE_STEPS_MAX;
	s->count -= 2;
	return checks;
}

void steps_add(struct steps **ring, const struct ike_step *step)
{
	struct steps *s = *ring;
	uint32_t checks;

	if (!s)
		s = *ring = mem_zalloc(sizeof(*s));
	checks = fold_checks(s, step);
	s->item[s->next] = *step;
	s->item[s->next].checks = checks;
	s->next = (s->next + 1) % IKE_STEPS_MAX;
	if (s->count < IKE_STEPS_MAX)
		s->count++;
}

void steps_again(struct steps *s, bool out, bool response, uint32_t id, uint64_t now_ms)
{
	for (size_t i = 0; s && i < s->count; i++) {
		struct ike_step *step = step_back(s, i);

		if (step->out != out || step->response != response || step->id != id)
			continue;
		if (step->times < UINT16_MAX)
			step->times++;
		step->again_ms = now_ms;
		return;
	}
}

struct ike_step *steps_last(struct steps *s)
{
	return s ? step_back(s, 0) : NULL;
}

size_t ike_engine_steps(const struct ike_engine *e, uint32_t tunnel, struct ike_step *out,
			size_t max)
{
	const struct tunnel *t = tunnel_find(e, tunnel);
	size_t count = t && t->steps ? t->steps->count : 0;

	if (count > max)
		count = max;
	for (size_t i = 0; i < count; i++) {
		const struct ike_step *step = step_back(t->steps, count - 1 - i);

		if (step)
			out[i] = *step;
	}
	return count;
}

/* ---- In words -------------------------------------------------------------------------------- */

void step_take_payloads(struct ike_step *s, const struct payload_list *l)
{
	struct payload_notify n;

	for (size_t i = 0; i < l->count; i++) {
		const struct payload *p = &l->item[i];

		if (s->count == IKE_STEP_PAYLOADS) {
			s->more++;
			continue;
		}
		s->payload[s->count].type = p->type;
		if (p->type == IKE_PAYLOAD_NOTIFY && payload_notify_read(p->body, &n) == 0)
			s->payload[s->count].notify = n.type;
		s->count++;
	}
}

static const char *payload_text(const struct ike_step *s, size_t i, char *buf, size_t size)
{
	char name[48];

	switch (s->payload[i].type) {
	case IKE_PAYLOAD_NOTIFY:
		(void)snprintf(buf, size, "N(%s)",
			       ike_notify_name(s->payload[i].notify, name, sizeof(name)));
		return buf;
	case IKE_PAYLOAD_KE:
		return s->response ? "KEr" : "KEi";
	case IKE_PAYLOAD_NONCE:
		return s->response ? "Nr" : "Ni";
	default:
		return enum_name(ike_payload_names, s->payload[i].type);
	}
}

const char *ike_step_payloads(const struct ike_step *s, char *buf, size_t size)
{
	char name[64];
	size_t len = 0;

	(void)snprintf(buf, size, "%s", s->count == 0 ? "empty" : "");
	for (size_t i = 0; i < s->count && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", i ? ", " : "",
					payload_text(s, i, name, sizeof(name)));
	if (s->more && len < size)
		(void)snprintf(buf + len, size - len, ", and %u more", s->more);
	return buf;
}

const char *ike_step_outcome(const struct ike_step *s, char *buf, size_t size)
{
	const struct ike_cause_row *row = ike_cause_row(s->failed);
	const char *reason = ike_reason_name(row->reason);

	if (s->failed == IKE_CAUSE_NONE)
		(void)snprintf(buf, size, "%s", s->outcome ? s->outcome : "");
	else if (strcmp(reason, row->name) == 0)
		(void)snprintf(buf, size, "%s", reason);
	else
		(void)snprintf(buf, size, "%s (%s)", reason, row->name);
	return buf;
}
