/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells which processes belong to one nginx, see group.h. Looks at nothing but its arguments. */

#include "nginx/group.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char TITLE[] = "nginx: ";
static const char MASTER[] = "nginx: master process ";

enum match { MATCH_NO, MATCH_YES, MATCH_UNDECIDED };

bool group_is_titled(const struct haops_process *p)
{
	return strncmp(p->cmdline, TITLE, strlen(TITLE)) == 0;
}

bool group_is_titled_master(const struct haops_process *p)
{
	return strncmp(p->cmdline, MASTER, strlen(MASTER)) == 0;
}

static bool has_worker_title(const struct haops_process *p)
{
	return strncmp(p->cmdline, "nginx: worker process", 21) == 0;
}

bool group_is_ending(const struct haops_process *p)
{
	return has_worker_title(p) && strstr(p->cmdline, "shutting down") != NULL;
}

bool group_is_worker(const struct haops_process *p)
{
	return has_worker_title(p) && !group_is_ending(p);
}

/* Invocations that serve nothing: -t, -T, -v, -V, -h, -s, -q. */
static bool is_tool(const char *cmdline)
{
	for (const char *c = strstr(cmdline, " -"); c; c = strstr(c + 1, " -"))
		if (c[2] && strchr("tTvVhsq?", c[2]))
			return true;
	return false;
}

static bool is_cut(const char *cmdline)
{
	return strlen(cmdline) == HAOPS_PROCESS_TEXT_MAX - 1;
}

/* Compares what stands behind -c, which may be cut, with the wanted path. */
static bool is_path(const char *rest, const char *path, bool cut)
{
	size_t len = strlen(path);

	if (strncmp(rest, path, len) == 0)
		return rest[len] == '\0' || rest[len] == ' ';
	return cut && rest[0] && strncmp(rest, path, strlen(rest)) == 0;
}

static enum match match_config(const struct haops_process *p, const struct group_want *want)
{
	const char *at = strstr(p->cmdline, " -c");

	if (at) {
		at += 3 + strspn(at + 3, " ");
		if (!want->config[0])
			return MATCH_UNDECIDED;
		return is_path(at, want->config, is_cut(p->cmdline)) ? MATCH_YES : MATCH_NO;
	}
	if (strstr(p->cmdline, " -p") || is_cut(p->cmdline))
		return MATCH_NO;
	if (!want->config[0] || want->is_default)
		return MATCH_YES;
	return want->is_default_known ? MATCH_NO : MATCH_UNDECIDED;
}

static enum match match_master(const struct haops_process *p, const struct group_want *want)
{
	const struct group_record *r = want->record;

	/* Recorded at start: no title can say more. */
	if (r->pid && p->pid == r->pid && p->start_ticks == r->start_ticks)
		return MATCH_YES;
	if (!group_is_titled_master(p) && (group_is_titled(p) || is_tool(p->cmdline)))
		return MATCH_NO;
	return match_config(p, want);
}

static const struct haops_process *find(const struct haops_process *list, size_t count, pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].pid == pid)
			return &list[i];
	return NULL;
}

static bool leads_own_session(const struct haops_process *list, const enum group_role *roles,
			      size_t count, pid_t sid)
{
	for (size_t i = 0; i < count; i++)
		if (roles[i] == GROUP_MASTER && list[i].pid == sid && list[i].sid == sid)
			return true;
	return false;
}

static enum group_role role_of_other(const struct haops_process *list, const enum group_role *roles,
				     size_t count, size_t i, const struct group_record *record)
{
	const struct haops_process *p = &list[i];
	const struct haops_process *parent = find(list, count, p->ppid);
	bool is_child = parent && roles[parent - list] == GROUP_MASTER;

	if (is_child)
		return GROUP_MEMBER;
	if (parent || !group_is_titled(p) || group_is_titled_master(p))
		return GROUP_NONE;
	/* A session's number is not given again while it has a member. */
	if (record->pid && p->sid == record->sid && record->sid > 1 &&
	    p->start_ticks >= record->start_ticks)
		return GROUP_MEMBER;
	if (leads_own_session(list, roles, count, p->sid))
		return GROUP_MEMBER;
	return find(list, count, p->sid) ? GROUP_NONE : GROUP_STRAY;
}

bool group_classify(const struct haops_process *list, size_t count, const struct group_want *want,
		    enum group_role *roles)
{
	for (size_t i = 0; i < count; i++) {
		enum match m = match_master(&list[i], want);

		if (m == MATCH_UNDECIDED)
			return false;
		roles[i] = m == MATCH_YES ? GROUP_MASTER : GROUP_NONE;
	}
	for (size_t i = 0; i < count; i++)
		if (roles[i] == GROUP_NONE)
			roles[i] = role_of_other(list, roles, count, i, want->record);
	return true;
}

static bool has_known_title(const struct haops_process *p)
{
	static const char *const titles[] = {"worker process", "cache manager process",
					     "cache loader process", "privileged agent process"};

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (strncmp(p->cmdline + strlen(TITLE), titles[i], strlen(titles[i])) == 0)
			return true;
	return group_is_titled_master(p);
}

bool group_is_unclear(const struct haops_process *p, const struct group_want *want)
{
	const char *at = strstr(p->cmdline, " -c");
	size_t len;

	if (!p->cmdline[0])
		return true;
	if (!group_is_titled(p))
		return false;
	if (!has_known_title(p))
		return true;
	if (!group_is_titled_master(p))
		return false;
	if (!at)
		return true;
	/* The path may be written in part, and what stands behind it may still be the old text. */
	at += 3 + strspn(at + 3, " ");
	len = strnlen(at, strlen(want->config));
	return at[0] != '/' || strncmp(at, want->config, len) == 0;
}

/* A master's child that has not yet its own title still looks like a master: take the eldest. */
size_t group_master(const struct haops_process *list, const enum group_role *roles, size_t count)
{
	size_t best = count;

	for (size_t i = 0; i < count; i++) {
		const struct haops_process *parent = find(list, count, list[i].ppid);

		if (roles[i] != GROUP_MASTER)
			continue;
		if (parent && roles[parent - list] == GROUP_MASTER)
			continue;
		if (best == count || list[i].start_ticks < list[best].start_ticks)
			best = i;
	}
	return best;
}

size_t group_record_format(const struct group_record *r, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%d %" PRIu64 " %d\n%s\n%s\n", (int)r->pid, r->start_ticks,
			 (int)r->sid, r->exe, r->config);

	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

static const char *take_line(const char *text, char *buf, size_t size)
{
	size_t len = strcspn(text, "\n");

	if (text[len] != '\n' || len >= size)
		return NULL;
	memcpy(buf, text, len);
	buf[len] = '\0';
	return text + len + 1;
}

bool group_record_parse(const char *text, struct group_record *ret_record)
{
	struct group_record r;
	char line[64];
	int pid = 0;
	int sid = 0;
	int end = 0;

	memset(&r, 0, sizeof(r));
	text = take_line(text, line, sizeof(line));
	if (!text || sscanf(line, "%d %" SCNu64 " %d%n", &pid, &r.start_ticks, &sid, &end) != 3 ||
	    line[end] || pid < 1 || sid < 0)
		return false;
	r.pid = pid;
	r.sid = sid;
	text = take_line(text, r.exe, sizeof(r.exe));
	text = text ? take_line(text, r.config, sizeof(r.config)) : NULL;
	if (!text || !r.exe[0])
		return false;
	*ret_record = r;
	return true;
}
