/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines, words and times of the configuration's text. Knows no directive. */
#include "heart/config-internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TIME_DIGITS_MAX 12

static bool is_separator(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == '\r';
}

static int check_bytes(const char *text, size_t len, char error[CONFIG_ERROR_MAX])
{
	if (len >= CONFIG_LINE_MAX) {
		(void)snprintf(error, CONFIG_ERROR_MAX, "the line is longer than %d bytes",
			       CONFIG_LINE_MAX - 1);
		return -EINVAL;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c >= 0x20 || is_separator(text[i])) && c != 0x7f)
			continue;
		(void)snprintf(error, CONFIG_ERROR_MAX,
			       "byte %zu of the line, 0x%02x, is no text: is this the right file?",
			       i + 1, c);
		return -EINVAL;
	}
	return 0;
}

static size_t len_before_comment(const char *text, size_t len)
{
	const char *comment = memchr(text, '#', len);

	return comment ? (size_t)(comment - text) : len;
}

int config_line_split(const char *text, size_t len, struct config_line *line,
		      char error[CONFIG_ERROR_MAX])
{
	bool is_in_word = false;

	line->count = 0;
	len = len_before_comment(text, len);
	if (check_bytes(text, len, error) < 0)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		bool is_end = is_separator(text[i]);

		line->text[i] = is_end ? '\0' : text[i];
		if (!is_end && !is_in_word) {
			if (line->count == CONFIG_WORDS_MAX) {
				(void)snprintf(error, CONFIG_ERROR_MAX,
					       "more than %d words in one line", CONFIG_WORDS_MAX);
				return -EINVAL;
			}
			line->words[line->count++] = &line->text[i];
		}
		is_in_word = !is_end;
	}
	line->text[len] = '\0';
	return 0;
}

int config_time_parse(const char *text, int64_t *ret_ms)
{
	int64_t number = 0;
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits;

	if (digits == 0 || digits > TIME_DIGITS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (text[i] - '0');
	if (!*unit || strcmp(unit, "s") == 0)
		number *= 1000;
	else if (strcmp(unit, "ms") != 0)
		return -EINVAL;
	*ret_ms = number;
	return 0;
}

const char *config_time_format(int64_t ms, char buf[32])
{
	if (ms % 1000 == 0)
		(void)snprintf(buf, 32, "%lld", (long long)ms / 1000);
	else
		(void)snprintf(buf, 32, "%lldms", (long long)ms);
	return buf;
}
