/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what nginx prints besides configuration: its errors and how it was built. Pure. */

#include "nginx/conf-parse.h"

#include <stdio.h>
#include <string.h>

static size_t line_len(const char *text)
{
	return strcspn(text, "\r\n");
}

/* After "[emerg] " there may be "PID#TID: ". */
static const char *skip_ids(const char *text)
{
	size_t n = strspn(text, "0123456789#");

	return n && text[n] == ':' && text[n + 1] == ' ' ? text + n + 2 : text;
}

static bool find_error(const char *output, const char *level, char *buf, size_t size)
{
	const char *at = strstr(output, level);

	if (!at)
		return false;
	at = skip_ids(at + strlen(level));
	(void)snprintf(buf, size, "%.*s", (int)line_len(at), at);
	return true;
}

void conf_first_error(const char *output, char *buf, size_t size)
{
	static const char *const levels[] = {"[emerg] ", "[alert] ", "[crit] ", "[error] "};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (find_error(output, levels[i], buf, size))
			return;
	/* A loader's or usage message: its first line. */
	(void)snprintf(buf, size, "%.*s", (int)line_len(output), output);
}

static bool bind_error(const char *output, const char *failed, char *buf, size_t size)
{
	const char *at = strstr(output, "bind() to ");
	const char *end = at ? strstr(at, failed) : NULL;

	if (!end || end > at + line_len(at))
		return false;
	at += strlen("bind() to ");
	(void)snprintf(buf, size, "%.*s", (int)(end - at), at);
	return true;
}

bool conf_bind_error(const char *output, char *buf, size_t size)
{
	return bind_error(output, " failed (98: ", buf, size);
}

bool conf_bind_absent(const char *output, char *buf, size_t size)
{
	return bind_error(output, " failed (99: ", buf, size);
}

bool conf_build_option(const char *output, const char *name, char *buf, size_t size)
{
	const char *at = strstr(output, "configure arguments:");
	char key[64];
	size_t len;

	(void)snprintf(key, sizeof(key), " --%s=", name);
	at = at ? strstr(at, key) : NULL;
	if (!at)
		return false;
	at += strlen(key);
	len = strcspn(at, " \r\n");
	if (len == 0 || len >= size)
		return false;
	memcpy(buf, at, len);
	buf[len] = '\0';
	return true;
}
