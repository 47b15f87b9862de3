/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Regular expressions for the bodies of answers, see pattern.h. */

#include "nginx/pattern.h"

#include <regex.h>
#include <stdlib.h>

/* regcomp(3) unrolls repetitions: nested ones would take gigabytes. */
#define REPEAT_MAX 20000

static bool repeats_too_much(const char *pattern)
{
	unsigned long product = 1;

	for (const char *c = pattern; *c; c++) {
		unsigned long from;
		unsigned long to;
		char *end;

		if (*c != '{' || c[1] < '0' || c[1] > '9')
			continue;
		from = strtoul(c + 1, &end, 10);
		to = *end == ',' ? strtoul(end + 1, NULL, 10) : from;
		to = to > from ? to : from;
		if (to > REPEAT_MAX || (to && product > REPEAT_MAX / to))
			return true;
		product *= to ? to : 1;
	}
	return false;
}

static int compile(const char *pattern, regex_t *regex)
{
	return regcomp(regex, pattern, REG_EXTENDED | REG_ICASE | REG_NEWLINE);
}

const char *pattern_check(const char *pattern)
{
	regex_t regex;

	for (const char *c = pattern; *c; c++)
		if ((unsigned char)*c < 0x20 && *c != '\t')
			return "holds a line end or another control character";
	if (repeats_too_much(pattern))
		return "repeats too much: make the numbers in {} smaller";
	if (compile(pattern, &regex) != 0)
		return "is no extended regular expression, see regex(7)";
	regfree(&regex);
	return NULL;
}

bool pattern_matches(const char *pattern, const char *text, size_t len)
{
	regmatch_t range = {.rm_so = 0, .rm_eo = (regoff_t)len};
	regex_t regex;
	int r;

	if (pattern_check(pattern) || compile(pattern, &regex) != 0)
		return false;
	r = regexec(&regex, text, 1, &range, REG_STARTEND);
	regfree(&regex);
	return r == 0;
}
