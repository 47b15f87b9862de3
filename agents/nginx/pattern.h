/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NGINX_PATTERN_H
#define NGINX_PATTERN_H

/* Regular expressions as grep -Ei reads them: extended, any letter case, line by line. */

#include <stdbool.h>
#include <stddef.h>

/* Returns NULL, or what is wrong as the end of a sentence. For struct ocf_param.check. */
const char *pattern_check(const char *pattern);

/* Whether a line of the text matches; false as well for a pattern that pattern_check() refuses. */
bool pattern_matches(const char *pattern, const char *text, size_t len);

#endif
