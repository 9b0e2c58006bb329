/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walks the row tables and writes what they describe.  Owns the order and the indentation of
 * sections, nothing else; the lines come from the rows.
 */
#include "commands/writer.h"

#include "commands/args.h"
#include "commands/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void indent(struct config_writer *w)
{
	for (unsigned i = 0; i < w->indent; i++)
		strbuf_add_char(w->out, ' ');
}

void writer_line(struct config_writer *w, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	indent(w);
	strbuf_add(w->out, text);
	strbuf_add_char(w->out, '\n');
}

static const struct row_field *field_of(const struct row *row, const char *arg, size_t len)
{
	for (size_t i = 0; i < ROW_FIELDS && row->fields[i].size != 0; i++) {
		const char *name = row->fields[i].arg;

		if (name != NULL && strlen(name) == len && memcmp(name, arg, len) == 0)
			return &row->fields[i];
	}
	return NULL;
}

/* The row's words with the fields in place of the arguments; false: a field is not set. */
static bool fill_words(const struct row *row, const void *object, struct strbuf *out)
{
	for (const char *p = row->words; *p != '\0';) {
		size_t len = strcspn(p, "<");
		const struct row_field *f;

		strbuf_add_bytes(out, p, len);
		p += len;
		if (*p == '\0')
			break;
		len = strcspn(p, ">");
		f = field_of(row, p + 1, len - 1);
		if (f == NULL ||
		    !value_load(arg_find(f->arg), (const char *)object + f->offset, f->size, out))
			return false;
		p += len + 1;
	}
	return true;
}

static bool fields_are_standard(const struct row *row, const void *object)
{
	for (size_t i = 0; i < ROW_FIELDS && row->fields[i].size != 0; i++) {
		const struct row_field *f = &row->fields[i];
		const void *field = (const char *)object + f->offset;

		if (f->arg == NULL ? *(const bool *)field
				   : !value_is_standard(arg_find(f->arg), field, f->size))
			return false;
	}
	return true;
}

static void write_fields(struct config_writer *w, const struct row *row, const void *object)
{
	struct strbuf line;
	bool standard = fields_are_standard(row, object);
	bool is_flag = row->fields[0].arg == NULL;

	if (standard && !w->all)
		return;
	strbuf_init(&line);
	if ((!is_flag || !standard) && fill_words(row, object, &line)) {
		writer_line(w, "%s", line.text);
	} else {
		int len = (int)strcspn(row->words, "<");

		while (len > 0 && row->words[len - 1] == ' ')
			len--;
		writer_line(w, "no %.*s", len, row->words);
	}
	strbuf_clear(&line);
}

void writer_rows(struct config_writer *w, enum cmd_mode mode, const void *object)
{
	for (const struct row_table *const *t = row_tables(); *t != NULL; t++) {
		for (size_t i = 0; i < (*t)->count; i++) {
			const struct row *row = &(*t)->rows[i];

			if ((row->modes & IN(mode)) == 0)
				continue;
			if (row->write != NULL)
				row->write(row, object, w);
			else if (row->fields[0].size != 0)
				write_fields(w, row, object);
		}
	}
}

/* A section is written when it has lines, or always. */
static void write_section(struct config_writer *w, const char *header, enum cmd_mode mode,
			  const void *object, bool always)
{
	size_t before = w->out->len, after;

	writer_line(w, "%s", header);
	after = w->out->len;
	w->indent++;
	writer_rows(w, mode, object);
	w->indent--;
	if (!always && w->out->len == after) {
		w->out->len = before;
		w->out->text[before] = '\0';
	}
}

static void write_tunnels(struct config_writer *w, const struct site_config *s)
{
	for (int role = SITE_PRIMARY; role <= SITE_SECONDARY; role++) {
		for (unsigned i = 0; i < SITE_TUNNELS; i++) {
			const struct tunnel_config *t = &s->tunnels[role][i];
			char header[64];

			if (!t->present)
				continue;
			snprintf(header, sizeof(header), "tunnel %s %u",
				 site_role_name((enum site_role)role), i + 1);
			write_section(w, header, CMD_TUNNEL, t, true);
		}
	}
}

void writer_site(struct config_writer *w, const struct site_config *s)
{
	writer_line(w, "ipsec site %s", s->name);
	w->indent++;
	writer_rows(w, CMD_SITE, s);
	write_section(w, "init-parameters", CMD_INIT, &s->init_parameters, w->all);
	write_section(w, "auth-parameters", CMD_AUTH, &s->auth_parameters, w->all);
	if (s->bgp.enabled)
		write_section(w, "bgp", CMD_BGP, &s->bgp, true);
	write_tunnels(w, s);
	w->indent--;
}

static void write_cloud(struct config_writer *w, const struct cloud_config *c)
{
	char header[SITE_NAME_MAX + 16];

	for (size_t i = 0; i < c->pops.count; i++) {
		snprintf(header, sizeof(header), "pop %s", c->pops.items[i].name);
		write_section(w, header, CMD_POP, &c->pops.items[i], true);
	}
	for (size_t i = 0; i < c->accounts.count; i++) {
		snprintf(header, sizeof(header), "account %s", c->accounts.items[i].name);
		write_section(w, header, CMD_ACCOUNT, &c->accounts.items[i], true);
	}
	if (c->pops.count + c->accounts.count != 0)
		strbuf_add(w->out, "!\n");
}

void writer_config(struct config_writer *w, const struct config *c)
{
	size_t before = w->out->len;

	writer_rows(w, CMD_CONFIG, &c->box);
	write_section(w, "archive", CMD_ARCHIVE, &c->box, w->all);
	if (w->out->len != before)
		strbuf_add(w->out, "!\n");
	write_cloud(w, &c->cloud);
	for (size_t i = 0; i < c->count; i++) {
		writer_site(w, c->sites[i]);
		strbuf_add(w->out, "!\n");
	}
	for (size_t i = 0; i < c->rules.count; i++) {
		char header[2 * SITE_TEXT_MAX];

		snprintf(header, sizeof(header), "network-rule %u %s", c->rules.items[i].priority,
			 c->rules.items[i].name);
		write_section(w, header, CMD_NETRULE, &c->rules.items[i], true);
	}
	if (c->rules.count != 0)
		strbuf_add(w->out, "!\n");
	strbuf_add(w->out, "end\n");
}
