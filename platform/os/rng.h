/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random bytes from the kernel (getrandom); aborts when the kernel has none. */
#ifndef PLATFORM_OS_RNG_H
#define PLATFORM_OS_RNG_H

#include <stddef.h>

void rng_bytes(void *buf, size_t len);

#endif
