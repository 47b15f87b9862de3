/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of /proc/self/mountinfo (proc(5)): what is mounted where. */
#include "util/mountinfo.h"

#include "util/octal.h"

#include <string.h>

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

/* "shared:N", "master:N" and others, up to "-". */
static void take_groups(char **rest, struct mountinfo *info)
{
	char *field = strsep(rest, " ");

	for (; field && strcmp(field, "-") != 0; field = strsep(rest, " ")) {
		if (strncmp(field, "shared:", 7) == 0)
			(void)read_id(field + 7, &info->shared);
		else if (strncmp(field, "master:", 7) == 0)
			(void)read_id(field + 7, &info->master);
	}
}

static char *take_text(char **rest, char *none)
{
	char *field = strsep(rest, " ");

	if (!field)
		return none;
	octal_unescape(field);
	return field;
}

/* "OPTIONS [GROUP...] - TYPE SOURCE OPTIONS" */
static void take_rest(char *rest, char *none, struct mountinfo *info)
{
	info->options = take_text(&rest, none);
	take_groups(&rest, info);
	info->fstype = take_text(&rest, none);
	info->source = take_text(&rest, none);
	info->system_options = take_text(&rest, none);
}

bool mountinfo_parse(char *line, struct mountinfo *ret)
{
	struct mountinfo info = {.path = NULL};
	char *rest = line;
	char *field = strsep(&rest, " ");

	if (!read_id(field, &info.id))
		return false;
	field = strsep(&rest, " ");
	if (field)
		(void)read_id(field, &info.parent);
	info.device = strsep(&rest, " ");
	info.root = strsep(&rest, " ");
	info.path = strsep(&rest, " ");
	/* Options and the file system follow. */
	if (!rest || info.path[0] != '/')
		return false;
	octal_unescape(info.root);
	octal_unescape(info.path);
	take_rest(rest, info.path + strlen(info.path), &info);
	*ret = info;
	return true;
}
