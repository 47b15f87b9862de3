/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the processes of this resource: by the record of its start, else by their arguments. The
 * decision is made in group.c. */

#include "nginx/conf-files.h"
#include "nginx/host.h"
#include "nginx/nginx.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROCESS "process"
#define STARTING "starting"
#define RECORD_TEXT_MAX 1024

/* How long a process counts as young, and how long to look again for what it becomes. */
#define YOUNG_TICKS 200
#define SETTLE_MS 200

struct filter {
	const struct nginx_site *site;
	const struct group_record *record;
};

void nginx_starting_set(struct ocf_run *run, bool is_starting)
{
	if (is_starting)
		ocf_note_write(run, STARTING, "");
	else
		ocf_note_remove(run, STARTING);
}

static bool was_starting(struct ocf_run *run)
{
	CLEANUP_FREE char *text = NULL;

	return ocf_note_read(run, STARTING, &text) == 0;
}

/* A record of another program or configuration is one of an earlier definition of the resource. */
static void read_record(struct ocf_run *run, const struct nginx_site *site,
			struct group_record *record)
{
	CLEANUP_FREE char *text = NULL;

	memset(record, 0, sizeof(*record));
	if (ocf_note_read(run, PROCESS, &text) < 0 || !group_record_parse(text, record) ||
	    (site->config[0] && strcmp(site->config, record->config) != 0))
		memset(record, 0, sizeof(*record));
}

void nginx_record_write(struct ocf_run *run, const struct nginx_site *site,
			const struct haops_process *master)
{
	struct group_record record = {.pid = master->pid,
				      .start_ticks = master->start_ticks,
				      .sid = master->sid};
	char text[RECORD_TEXT_MAX];

	memcpy(record.exe, master->exe, sizeof(record.exe));
	(void)snprintf(record.config, sizeof(record.config), "%s", site->config);
	/* One that has no room is none. */
	if (group_record_format(&record, text, sizeof(text)) == 0)
		text[0] = '\0';
	ocf_note_write(run, PROCESS, text);
}

void nginx_record_remove(struct ocf_run *run)
{
	ocf_note_remove(run, PROCESS);
}

void nginx_watch(struct ocf_run *run, const struct haops_process *master)
{
	struct haops_watch_object object = {.kind = HAOPS_WATCH_PROCESS};
	const struct haops_watch what = {.objects = &object, .object_count = 1};

	object.process.pid = master->pid;
	object.process.start_time = master->start_ticks;
	ocf_watch_put(run, &what);
}

static bool is_alive(const struct haops_process *p)
{
	return p->state != 'Z' && p->state != 'X';
}

/*
 * The process that start left, also when its program was moved aside since, which changes the path
 * that the kernel shows: "make install" of nginx does so.
 */
static bool is_recorded(const struct haops_process *p, const struct group_record *r)
{
	return r->pid && p->pid == r->pid && p->start_ticks == r->start_ticks &&
	       (strcmp(p->exe, r->exe) == 0 || group_is_titled_master(p));
}

/* Of the session that this process led, and is perhaps survived by. */
static bool is_in_session(const struct haops_process *p, const struct group_record *r)
{
	return r->pid && r->sid > 1 && p->sid == r->sid && p->start_ticks >= r->start_ticks &&
	       group_is_titled(p);
}

int nginx_instance_quick(struct ocf_run *run, const struct nginx_site *site,
			 struct haops_process *ret_master)
{
	struct group_record record;
	struct haops_process p;
	int r;

	read_record(run, site, &record);
	if (!record.pid)
		return 0;
	r = haops_process_get(ocf_ctx(run), record.pid, &p);
	if (r < 0)
		return r == -ESRCH ? 0 : r;
	if (!is_recorded(&p, &record) || !is_alive(&p))
		return 0;
	*ret_master = p;
	return 1;
}

static bool is_wanted(const struct haops_process *p, void *userdata)
{
	const struct filter *f = userdata;

	if (!p->exe[0] || !is_alive(p))
		return false;
	if (strcmp(p->exe, f->site->binary) != 0 &&
	    !(f->record->pid && strcmp(p->exe, f->record->exe) == 0) &&
	    !is_recorded(p, f->record) && !is_in_session(p, f->record))
		return false;
	return host_shares_namespaces(p->pid);
}

static void find_unclear(struct nginx_instance *in, const struct group_want *want)
{
	uint64_t now = host_boot_ticks();

	for (size_t i = 0; i < in->count; i++) {
		const struct haops_process *p = &in->list[i];

		if ((in->roles[i] != GROUP_NONE && in->roles[i] != GROUP_STRAY) ||
		    p->start_ticks + YOUNG_TICKS < now)
			continue;
		in->is_unclear |= group_is_unclear(p, want);
		in->look_twice |= group_is_titled_master(p);
	}
}

/* Keeps the processes of this instance only. */
static void keep_own(struct nginx_instance *in)
{
	size_t master = group_master(in->list, in->roles, in->count);
	size_t kept = 0;

	for (size_t i = 0; i < in->count; i++) {
		if (in->roles[i] == GROUP_NONE)
			continue;
		if (i == master)
			in->master = &in->list[kept];
		else
			in->member_count++;
		in->roles[kept] = in->roles[i];
		in->list[kept++] = in->list[i];
	}
	in->count = kept;
}

/* Where nginx listened by its own last word, or would by the files as they are. A probe starts no
 * program, and what nginx refuses now was right when they were started. */
static int find_facts(struct ocf_run *run, const struct nginx_site *site,
		      struct verdict *ret_verdict)
{
	if (nginx_verdict_last(run, site, ret_verdict)) {
		if (ret_verdict->facts.listen_count)
			return 0;
		verdict_free(ret_verdict);
	}
	memset(ret_verdict, 0, sizeof(*ret_verdict));
	return host_is_file(site->config) ? conf_files_read(site->config, &ret_verdict->facts) : 0;
}

/* Strays are ours if they listen where this configuration says; without one they are nobody's. */
static int judge_strays(struct ocf_run *run, const struct nginx_site *site,
			struct nginx_instance *in)
{
	struct verdict verdict;
	int r = find_facts(run, site, &verdict);

	for (size_t i = 0; r >= 0 && i < in->count; i++) {
		if (in->roles[i] != GROUP_STRAY)
			continue;
		r = nginx_holder_is(in->list[i].pid, &verdict.facts);
		in->roles[i] = r == 1 ? GROUP_MEMBER : GROUP_NONE;
	}
	verdict_free(&verdict);
	return r < 0 ? NGINX_WHOSE : 0;
}

static bool has_stray(const struct nginx_instance *in)
{
	for (size_t i = 0; i < in->count; i++)
		if (in->roles[i] == GROUP_STRAY)
			return true;
	return false;
}

static int classify(struct ocf_run *run, struct nginx_site *site, struct nginx_instance *in)
{
	struct group_want want = {.record = &in->record};
	int r;

	want.config = site->config;
	want.is_default_known = site->default_config[0] != '\0';
	want.is_default = want.is_default_known && strcmp(site->config, site->default_config) == 0;
	if (group_classify(in->list, in->count, &want, in->roles)) {
		find_unclear(in, &want);
		return 0;
	}
	r = site->is_installed ? nginx_site_defaults(run, site) : -ENOENT;
	/* Without the program nobody can tell what its default was: Debian's is the best guess. */
	if (r < 0)
		(void)snprintf(site->default_config, sizeof(site->default_config),
			       "/etc/nginx/nginx.conf");
	if (!site->config[0])
		(void)snprintf(site->config, sizeof(site->config), "%s", site->default_config);
	want.is_default_known = true;
	want.is_default = strcmp(site->config, site->default_config) == 0;
	(void)group_classify(in->list, in->count, &want, in->roles);
	find_unclear(in, &want);
	return 0;
}

static int scan_once(struct ocf_run *run, struct nginx_site *site, struct nginx_instance *in)
{
	struct filter filter = {site, &in->record};
	int r;

	memset(in, 0, sizeof(*in));
	read_record(run, site, &in->record);
	r = haops_process_list(ocf_ctx(run), is_wanted, &filter, &in->list, &in->count);
	if (r < 0)
		return r;
	in->roles = calloc(in->count + 1, sizeof(*in->roles));
	if (!in->roles) {
		nginx_instance_free(in);
		return -ENOMEM;
	}
	r = classify(run, site, in);
	if (r == 0 && has_stray(in))
		r = judge_strays(run, site, in);
	if (r < 0) {
		nginx_instance_free(in);
		return r;
	}
	keep_own(in);
	return 0;
}

/*
 * "Nothing there" is said only of a quiet host: a start that was killed may have left a child that
 * shows neither its program nor its arguments yet.
 */
int nginx_instance_scan(struct ocf_run *run, struct nginx_site *site, struct nginx_instance *in)
{
	int64_t limit = ocf_deadline_within(run, SETTLE_MS);
	bool is_stop_after_start = strcmp(ocf_action_name(run), "stop") == 0 && was_starting(run);

	for (bool is_first = true;; is_first = false) {
		int r = scan_once(run, site, in);
		bool again = in->is_unclear || is_stop_after_start || (is_first && in->look_twice);

		if (r < 0 || in->count || !again ||
		    haops_deadline_left_ms(ocf_ctx(run), limit) == 0)
			return r;
		nginx_instance_free(in);
		host_pause(ocf_ctx(run), limit);
	}
}

int nginx_scan_fail(struct ocf_run *run, const struct nginx_site *site, int code)
{
	if (code != NGINX_WHOSE)
		return ocf_fail_haops(run, code, "processes");
	return ocf_fail(run, OCF_ERR_GENERIC,
			"cannot tell whose the nginx workers without a master are: is %.40s "
			"readable, and memory left?",
			site->config);
}

void nginx_instance_free(struct nginx_instance *in)
{
	free(in->list);
	free(in->roles);
	memset(in, 0, sizeof(*in));
}
