/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON of what people read as lines: configurations, differences, and whatever has no form of its
 * own. */
#ifndef COMMANDS_SHOW_LINES_H
#define COMMANDS_SHOW_LINES_H

#include <stdbool.h>

struct cmd;
struct answer;

/* {"lines":[{"line":"ipsec site A","lines":[...]}...]}: a configuration with its sections. */
int show_config_json(struct cmd *c, const char *text);
/* An array of the lines that are not empty; hidden: without secrets. */
void show_lines(struct answer *a, const char *key, const char *text, bool hidden);

#endif
