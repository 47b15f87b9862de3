/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_UTIL_NUM_H
#define HAOPS_UTIL_NUM_H

/* Numbers out of text, strictly. Knows nothing of haops. */

#include <stdint.h>

/* Reads a whole decimal number: digits only (one '-' before them if min is below 0), nothing before
 * or behind. 0, -EINVAL when it is none, -ERANGE when it is below min or above max. */
int num_parse(const char *text, int64_t min, int64_t max, int64_t *ret_number);

#endif
