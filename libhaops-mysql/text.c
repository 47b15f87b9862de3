/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts statements together, and reads numbers. Knows no dialect. */
#include "text.h"
#include "internal.h"

#include <stdio.h>

char *text_format(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	len = vasprintf(&text, format, args);
#pragma GCC diagnostic pop
	va_end(args);
	return len < 0 ? NULL : text;
}

char *text_quote(const char *value)
{
	char *quoted = malloc(2 * strlen(value) + 1);
	char *to = quoted;

	if (!quoted)
		return NULL;
	for (; *value; value++) {
		if (*value == '\'')
			*to++ = '\'';
		*to++ = *value;
	}
	*to = '\0';
	return quoted;
}

void text_free_secret(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

bool text_take_number(const char **at, char end, uint64_t max, uint64_t *ret_number)
{
	char *rest = NULL;
	uint64_t number;

	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	number = strtoull(*at, &rest, 10);
	if (errno || number > max || (end && *rest != end))
		return false;
	*at = end ? rest + 1 : rest;
	*ret_number = number;
	return true;
}

bool text_to_number(const char *text, uint64_t *ret_number)
{
	return text && text_take_number(&text, '\0', UINT64_MAX, ret_number) && !*text;
}
