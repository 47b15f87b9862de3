/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parsers of what /proc says of a process (proc(5)). Pure: bytes in, struct out. */
#include "proc-stat.h"

#include "util/num.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define FIELDS_MAX 20 /* fields behind the name, up to starttime */
#define FIELD_LEN_MAX 24

enum { FIELD_STATE, FIELD_PPID, FIELD_PGRP, FIELD_SESSION, FIELD_STARTTIME = 19 };

static const char DELETED[] = " (deleted)";

/* Copies the next blank-separated field; NULL when there is none or it is too long. */
static const char *next_field(const char *text, char field[FIELD_LEN_MAX])
{
	size_t len;

	text += strspn(text, " ");
	len = strcspn(text, " \n");
	if (len == 0 || len >= FIELD_LEN_MAX)
		return NULL;
	memcpy(field, text, len);
	field[len] = '\0';
	return text + len;
}

static int parse_pid(const char *text, pid_t *ret_pid)
{
	int64_t number;

	if (num_parse(text, -1, INT_MAX, &number) < 0)
		return -EINVAL;
	*ret_pid = (pid_t)number;
	return 0;
}

static int set_field(int index, const char *field, struct haops_process *process)
{
	int64_t number;

	switch (index) {
	case FIELD_STATE:
		process->state = field[0];
		return field[1] ? -EINVAL : 0;
	case FIELD_PPID:
		return parse_pid(field, &process->ppid);
	case FIELD_PGRP:
		return parse_pid(field, &process->pgid);
	case FIELD_SESSION:
		return parse_pid(field, &process->sid);
	case FIELD_STARTTIME:
		if (num_parse(field, 0, INT64_MAX, &number) < 0)
			return -EINVAL;
		process->start_ticks = (uint64_t)number;
		return 0;
	default:
		return 0;
	}
}

int proc_stat_parse(const char *text, struct haops_process *process)
{
	/* The name ends at the last parenthesis: it may hold any character itself. */
	const char *rest = strrchr(text, ')');
	struct haops_process parsed = *process;
	char field[FIELD_LEN_MAX];

	if (!rest || !next_field(text, field) || parse_pid(field, &parsed.pid) < 0)
		return -EINVAL;
	rest++;
	for (int i = 0; i < FIELDS_MAX; i++) {
		rest = next_field(rest, field);
		if (!rest || set_field(i, field, &parsed) < 0)
			return -EINVAL;
	}
	*process = parsed;
	return 0;
}

void proc_cmdline_format(const char *data, size_t len, char ret_text[HAOPS_PROCESS_TEXT_MAX])
{
	size_t out = 0;

	while (len > 0 && data[len - 1] == '\0')
		len--;
	for (; out < len && out < HAOPS_PROCESS_TEXT_MAX - 1; out++) {
		unsigned char c = (unsigned char)data[out];

		if (c == '\0')
			c = ' ';
		else if (c < ' ' || c == 0x7f)
			c = '?';
		ret_text[out] = (char)c;
	}
	while (out > 0 && ret_text[out - 1] == ' ')
		out--;
	ret_text[out] = '\0';
}

bool proc_exe_cut_deleted(char *path)
{
	size_t len = strlen(path);
	size_t cut = sizeof(DELETED) - 1;

	if (len <= cut || strcmp(path + len - cut, DELETED) != 0)
		return false;
	path[len - cut] = '\0';
	return true;
}
