/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads texts of /proc, see proc-text.h. Touches no file. */

#include "filesystem/proc-text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char DELETED[] = " (deleted)";

#define MAPS_FIELDS 5  /* before the path */
#define UNIX_FIELDS 7  /* before the path; the last is the inode */
#define STAT_FIELDS 20 /* from the state to the start time */

void link_clean(char *path)
{
	size_t len = strlen(path);
	size_t cut = sizeof(DELETED) - 1;

	if (len > cut && strcmp(path + len - cut, DELETED) == 0)
		path[len - cut] = '\0';
}

/* Skips fields with blanks between and behind; NULL when there are fewer. The last one skipped is
 * told. */
static char *skip_fields(char *text, int count, char **ret_last)
{
	for (int i = 0; i < count; i++) {
		text += strspn(text, " ");
		if (!*text)
			return NULL;
		*ret_last = text;
		text += strcspn(text, " ");
	}
	return text + strspn(text, " ");
}

const char *maps_next_path(char **rest)
{
	while (*rest && **rest) {
		char *line = strsep(rest, "\n");
		char *last = line;
		char *path = skip_fields(line, MAPS_FIELDS, &last);

		if (path && path[0] == '/') {
			link_clean(path);
			return path;
		}
	}
	return NULL;
}

static bool read_decimal(const char *text, uint64_t *ret_number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	*ret_number = strtoull(text, &end, 10);
	return true;
}

bool fdinfo_mount_id(const char *text, uint64_t *ret_id)
{
	static const char word[] = "mnt_id:";
	const char *at = text;

	while (at && strncmp(at, word, sizeof(word) - 1) != 0) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return false;
	at += sizeof(word) - 1;
	return read_decimal(at + strspn(at, " \t"), ret_id);
}

bool stat_read(char *text, struct stat_facts *ret_facts)
{
	/* The name ends at the last parenthesis: it may hold any character itself. */
	char *open = strchr(text, '(');
	char *close = strrchr(text, ')');
	char *last = NULL;

	if (!open || !close || close < open)
		return false;
	*close = '\0';
	(void)snprintf(ret_facts->name, sizeof(ret_facts->name), "%s", open + 1);
	ret_facts->state = close[1] ? close[1 + strspn(close + 1, " ")] : '\0';
	return skip_fields(close + 1, STAT_FIELDS, &last) &&
	       read_decimal(last, &ret_facts->start_ticks);
}

const char *unix_next_path(char **rest, uint64_t *ret_inode)
{
	while (*rest && **rest) {
		char *line = strsep(rest, "\n");
		char *last = line;
		char *path = skip_fields(line, UNIX_FIELDS, &last);

		if (path && path[0] == '/' && read_decimal(last, ret_inode))
			return path;
	}
	return NULL;
}

bool link_socket(const char *link, uint64_t *ret_inode)
{
	return strncmp(link, "socket:[", 8) == 0 && read_decimal(link + 8, ret_inode);
}
