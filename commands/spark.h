/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of small bars: values over time, in one row of a terminal. */
#ifndef COMMANDS_SPARK_H
#define COMMANDS_SPARK_H

#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stdint.h>

#define SPARK_DOWN    UINT32_MAX       /* a cross */
#define SPARK_UNKNOWN (UINT32_MAX - 1) /* a dot */

/* One character per value; top is the height of a full bar, values above it are full.  Contains no
 * blanks.  utf8: block elements of Unicode, otherwise ASCII. */
void spark_add(struct strbuf *out, const uint32_t *values, size_t count, uint32_t top, bool utf8);

#endif
