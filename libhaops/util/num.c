/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers out of text, strictly. */
#include "util/num.h"

#include <errno.h>
#include <stdlib.h>

int num_parse(const char *text, int64_t min, int64_t max, int64_t *ret_number)
{
	const char *digits = text[0] == '-' && min < 0 ? text + 1 : text;
	char *end = NULL;
	long long number;

	if (digits[0] < '0' || digits[0] > '9')
		return -EINVAL;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (*end)
		return -EINVAL;
	if (errno == ERANGE || number < min || number > max)
		return -ERANGE;
	*ret_number = number;
	return 0;
}
