/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the processes of this resource: by the record of its start (record.c), by the pid file,
 * else by their program, folder and arguments. The decision is made in identity.c. */

#include "mysql/mysql.h"
#include "ocf/host.h"

#include "util/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENVIRONMENT_MAX 262144
#define PROC_PATH_MAX 64
#define PID_TEXT_MAX 64
/* Longer than what a monitor or a busy disk takes. */
#define COMMITS_STUCK_MS 5000

struct search {
	struct identity_want want;
	char agent[MYSQL_PATH_MAX];
	const char *datadir;
};

bool mysql_is_watched_as(struct ocf_run *run, enum haops_watch_role role)
{
	struct haops_watch watch;
	bool is_other = false;

	if (haops_watch_get(ocf_ctx(run), ocf_instance(run), &watch) < 0)
		return false;
	for (size_t i = 0; i < watch.object_count; i++)
		is_other |= watch.objects[i].kind == HAOPS_WATCH_DATABASE &&
			    watch.objects[i].database.role != role;
	haops_watch_done(&watch);
	return !is_other;
}

void mysql_watch(struct ocf_run *run, const struct haops_process *server,
		 enum haops_watch_role role)
{
	struct haops_watch_object objects[2] = {{.kind = HAOPS_WATCH_PROCESS},
						{.kind = HAOPS_WATCH_DATABASE}};
	struct haops_watch what = {.objects = objects, .object_count = 2};
	char socket[HAOPS_WATCH_SOCKET_MAX];
	int len = snprintf(socket, sizeof(socket), "%s", ocf_str(run, MYSQL_SOCKET));

	objects[0].process.pid = server->pid;
	objects[0].process.start_time = server->start_ticks;
	objects[1].database.socket = socket;
	objects[1].database.role = role;
	objects[1].database.stuck_ms = role == HAOPS_WATCH_PRIMARY ? COMMITS_STUCK_MS : 0;
	/* The process is watched in any case. */
	if (socket[0] != '/' || len >= (int)sizeof(socket))
		what.object_count = 1;
	ocf_watch_put(run, &what);
}

static bool is_alive(const struct haops_process *p)
{
	return p->state != 'Z' && p->state != 'X';
}

int mysql_instance_quick(struct ocf_run *run, struct haops_process *ret_server)
{
	struct haops_process p;
	uint64_t ticks;
	pid_t pid;
	int r;

	if (!mysql_record_read(run, &pid, &ticks))
		return 0;
	r = haops_process_get(ocf_ctx(run), pid, &p);
	if (r < 0)
		return r == -ESRCH ? 0 : r;
	if (p.start_ticks != ticks || !is_alive(&p))
		return 0;
	*ret_server = p;
	return 1;
}

void mysql_watch_again(struct ocf_run *run, enum haops_watch_role role)
{
	struct haops_process server;

	if (mysql_instance_quick(run, &server) == 1)
		mysql_watch(run, &server, role);
}

/* The search --------------------------------------------------------------------------------- */

static void read_link(const char *path, char buf[MYSQL_PATH_MAX])
{
	ssize_t len = readlink(path, buf, MYSQL_PATH_MAX - 1);

	buf[len > 0 ? len : 0] = '\0';
}

static bool is_same_folder(const char *a, const char *b)
{
	struct stat st_a;
	struct stat st_b;

	return b[0] && stat(a, &st_a) == 0 && stat(b, &st_b) == 0 && st_a.st_dev == st_b.st_dev &&
	       st_a.st_ino == st_b.st_ino;
}

/* Of a text of NAME=VALUE, each with a NUL behind it. */
static const char *find_variable(const char *text, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	for (size_t at = 0; at < len; at += strlen(text + at) + 1)
		if (strncmp(text + at, name, name_len) == 0 && text[at + name_len] == '=')
			return text + at + name_len + 1;
	return "";
}

static enum identity_role judge(const struct haops_process *p, const struct search *s)
{
	CLEANUP_FREE char *cmdline = NULL;
	CLEANUP_FREE char *environment = NULL;
	struct identity_facts facts = {.exe = p->exe, .instance = ""};
	char folder[MYSQL_PATH_MAX];
	char path[PROC_PATH_MAX];
	size_t len = 0;

	if (!is_alive(p) || p->pid == getpid() ||
	    !identity_is_candidate(p->exe, p->cmdline, &s->want) || !host_shares_namespaces(p->pid))
		return IDENTITY_NONE;
	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)p->pid);
	if (host_read(path, IDENTITY_CMDLINE_MAX, &cmdline, &facts.cmdline_len) < 0)
		facts.cmdline_len = 0;
	facts.cmdline = cmdline;
	(void)snprintf(path, sizeof(path), "/proc/%d/cwd", (int)p->pid);
	read_link(path, folder);
	facts.folder = folder;
	/* Not asked without need: a dead file system would hold us up. */
	facts.is_same_folder = strcmp(folder, s->want.realdir) != 0 &&
			       strcmp(folder, s->datadir) != 0 && is_same_folder(path, s->datadir);
	(void)snprintf(path, sizeof(path), "/proc/%d/environ", (int)p->pid);
	if (strcmp(p->exe, s->want.agent) == 0 &&
	    host_read(path, ENVIRONMENT_MAX, &environment, &len) == 0)
		facts.instance = find_variable(environment, len, "OCF_RESOURCE_INSTANCE");
	return identity_judge(&facts, &s->want);
}

static bool is_wanted(const struct haops_process *p, void *userdata)
{
	return judge(p, userdata) != IDENTITY_NONE;
}

static void make_search(struct ocf_run *run, const struct mysql_site *site, struct search *s)
{
	read_link("/proc/self/exe", s->agent);
	s->datadir = ocf_str(run, MYSQL_DATADIR);
	s->want = (struct identity_want){.binary = site->binary,
					 .datadir = s->datadir,
					 .realdir = site->real_datadir,
					 .socket = ocf_str(run, MYSQL_SOCKET),
					 .agent = s->agent,
					 .instance = ocf_instance(run)};
}

/* mysqld_safe without arguments shows nothing of what it guards but its child. */
static int add_guard(struct ocf_run *run, struct mysql_instance *in)
{
	struct identity_facts facts = {.exe = ""};
	CLEANUP_FREE char *cmdline = NULL;
	struct haops_process parent;
	char path[PROC_PATH_MAX];
	int r;

	if (!in->server || in->server->ppid <= 1)
		return 0;
	for (size_t i = 0; i < in->count; i++)
		if (in->list[i].pid == in->server->ppid)
			return 0;
	r = haops_process_get(ocf_ctx(run), in->server->ppid, &parent);
	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)in->server->ppid);
	if (r < 0 || host_read(path, IDENTITY_CMDLINE_MAX, &cmdline, &facts.cmdline_len) < 0)
		return r == -ESRCH || r == 0 ? 0 : r;
	facts.cmdline = cmdline;
	if (!identity_is_guard(&facts))
		return 0;
	/* There is room: see mysql_instance_scan(). */
	in->list[in->count] = parent;
	in->roles[in->count++] = IDENTITY_GUARD;
	return 0;
}

static int give_roles(const struct search *s, struct mysql_instance *in)
{
	struct haops_process *list = realloc(in->list, (in->count + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	in->list = list;
	in->roles = calloc(in->count + 1, sizeof(*in->roles));
	if (!in->roles)
		return -ENOMEM;
	for (size_t i = 0; i < in->count; i++) {
		in->roles[i] = judge(&in->list[i], s);
		/* The eldest: a server makes no other one. */
		if (in->roles[i] == IDENTITY_SERVER &&
		    (!in->server || in->list[i].start_ticks < in->server->start_ticks))
			in->server = &in->list[i];
	}
	return 0;
}

int mysql_instance_scan(struct ocf_run *run, const struct mysql_site *site,
			struct mysql_instance *in)
{
	struct search s;
	int r;

	memset(in, 0, sizeof(*in));
	make_search(run, site, &s);
	r = haops_process_list(ocf_ctx(run), is_wanted, &s, &in->list, &in->count);
	if (r == 0)
		r = give_roles(&s, in);
	if (r == 0)
		r = add_guard(run, in);
	if (r < 0)
		mysql_instance_free(in);
	return r;
}

void mysql_instance_free(struct mysql_instance *in)
{
	free(in->list);
	free(in->roles);
	memset(in, 0, sizeof(*in));
}

/* The pid file is a hint that saves the search; the process itself is asked. */
static bool find_by_pid_file(struct ocf_run *run, const struct mysql_site *site,
			     struct haops_process *ret_server)
{
	CLEANUP_FREE char *text = NULL;
	struct haops_process p;
	struct search s;
	size_t len;
	long pid;

	if (host_read(ocf_str(run, MYSQL_PID), PID_TEXT_MAX, &text, &len) < 0)
		return false;
	pid = strtol(text, NULL, 10);
	make_search(run, site, &s);
	if (pid < 1 || pid > 0x7fffffff || haops_process_get(ocf_ctx(run), (pid_t)pid, &p) < 0 ||
	    judge(&p, &s) != IDENTITY_SERVER)
		return false;
	*ret_server = p;
	return true;
}

static int find_by_search(struct ocf_run *run, const struct mysql_site *site,
			  struct haops_process *ret_server)
{
	struct mysql_instance in;
	int r = mysql_instance_scan(run, site, &in);

	if (r < 0)
		return ocf_fail_haops(run, r, "processes");
	r = in.server ? OCF_SUCCESS : OCF_NOT_RUNNING;
	if (in.server)
		*ret_server = *in.server;
	mysql_instance_free(&in);
	return r;
}

int mysql_instance_find(struct ocf_run *run, const struct mysql_site *site,
			struct haops_process *ret_server, bool *ret_is_new)
{
	int r = mysql_instance_quick(run, ret_server);

	*ret_is_new = r == 0;
	if (r < 0)
		return ocf_fail_haops(run, r, "server process");
	if (r == 1 || find_by_pid_file(run, site, ret_server))
		return OCF_SUCCESS;
	return find_by_search(run, site, ret_server);
}
