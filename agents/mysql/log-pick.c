/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the reason of a failure in what the server, or a program of it, has written. Pure. */

#include "mysql/log.h"

#include <stdio.h>
#include <string.h>

static const char *const marks[] = {"[ERROR] ", "ERROR: ", "FATAL ERROR: "};
/* What is said of an end that has another reason. */
static const char *const echoes[] = {"Aborting",
				     "Failed to initialize plugins",
				     "Plugin 'InnoDB' init function returned error",
				     "Plugin 'InnoDB' registration as a STORAGE ENGINE failed",
				     "Unknown/unsupported storage engine: InnoDB",
				     "Plugin initialization aborted"};

static bool is_echo(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(echoes) / sizeof(echoes[0]); i++) {
		size_t echo_len = strlen(echoes[i]);

		if (len >= echo_len && memcmp(text, echoes[i], echo_len) == 0)
			return true;
	}
	return false;
}

/* Behind the mark, and behind MySQL's "[MY-010457] [Server] ". */
static const char *find_error(const char *line, size_t len, size_t *ret_len)
{
	const char *end = line + len;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *at = memmem(line, len, marks[i], strlen(marks[i]));

		if (!at)
			continue;
		at += strlen(marks[i]);
		while (at < end && *at == '[' && memchr(at, ' ', (size_t)(end - at)))
			at = (const char *)memchr(at, ' ', (size_t)(end - at)) + 1;
		*ret_len = (size_t)(end - at);
		return at;
	}
	return NULL;
}

static void take(const char *text, size_t len, char *buf, size_t size)
{
	size_t kept = len < size - 1 ? len : size - 1;

	for (size_t i = 0; i < kept; i++)
		buf[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i];
	buf[kept] = '\0';
}

void mysql_log_pick(const char *text, char *buf, size_t size)
{
	buf[0] = '\0';
	while (*text) {
		size_t len = strcspn(text, "\n");
		size_t error_len = 0;
		const char *error = find_error(text, len, &error_len);

		if (error && (!buf[0] || !is_echo(error, error_len)))
			take(error, error_len, buf, size);
		/* The first one is the reason; what follows is its consequence. */
		if (buf[0] && !is_echo(buf, strlen(buf)))
			return;
		text += len + (text[len] == '\n');
	}
}
