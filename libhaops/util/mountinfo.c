/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of /proc/self/mountinfo (proc(5)): what is mounted where. */
#include "util/mountinfo.h"

#include <string.h>

/* Which field of a line: mount id, parent, device, root, mount point, options, ... */
#define FIELD_DEVICE 2
#define FIELD_PATH 4

static bool read_id(const char *text, uint64_t *ret_id)
{
	uint64_t id = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || id > (UINT64_MAX - 9) / 10)
			return false;
		id = id * 10 + (uint64_t)(*text - '0');
	}
	*ret_id = id;
	return true;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The kernel writes blank, tab, line end, backslash and '#' as \OOO. */
static void unescape(char *text)
{
	char *out = text;

	while (*text) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && is_octal(text[2]) &&
		    is_octal(text[3])) {
			*out++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 +
					(text[3] - '0'));
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = '\0';
}

/* "... - TYPE SOURCE OPTIONS", after a number of optional fields. */
static char *take_source(char *rest)
{
	char *field = rest;

	while (field && strcmp(field, "-") != 0)
		field = strsep(&rest, " ");
	for (int i = 0; i < 2 && field; i++)
		field = strsep(&rest, " ");
	if (field)
		unescape(field);
	return field;
}

bool mountinfo_parse(char *line, struct mountinfo *ret)
{
	struct mountinfo info = {.path = NULL};
	char *rest = line;
	char *field = strsep(&rest, " ");

	if (!read_id(field, &info.id))
		return false;
	for (int i = 1; i <= FIELD_PATH; i++) {
		field = strsep(&rest, " ");
		if (i == FIELD_DEVICE)
			info.device = field;
	}
	info.path = field;
	/* Options and the file system follow. */
	if (!rest || info.path[0] != '/')
		return false;
	unescape(info.path);
	info.source = take_source(rest);
	if (!info.source)
		info.source = info.path + strlen(info.path);
	*ret = info;
	return true;
}
