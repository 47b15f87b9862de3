/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells NFSv3 clients that the server has started anew: sm-notify, once for each address. */

#include "nfsserver/addresses.h"
#include "nfsserver/host.h"
#include "nfsserver/nfsserver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FOLDER_MAX 128
#define MINUTES_MAX 24
#define ARGV_MAX 12

static const char *const notify_paths[] = {"/sbin/sm-notify", "/usr/sbin/sm-notify", NULL};

static const char *find_program(const struct ocf_run *run)
{
	const char *own = ocf_str(run, P_NOTIFY_CMD);

	return own[0] == '/' ? own : nfsserver_program(notify_paths);
}

/* sm-notify takes clients off its lists: each address but the first has lists of its own. */
static void list_folder(size_t i, char buf[FOLDER_MAX])
{
	(void)snprintf(buf, FOLDER_MAX, NFSSERVER_STATE "/haops-notify-%zu", i);
}

static int copy_part(const char *folder, const char *part)
{
	char from[2 * FOLDER_MAX];
	char to[2 * FOLDER_MAX];
	uid_t uid;
	gid_t gid;
	int r;

	(void)snprintf(from, sizeof(from), "%s/%s", nfsserver_statd_folder(), part);
	(void)snprintf(to, sizeof(to), "%s/%s", folder, part);
	r = host_make_folders(to);
	if (r == 0)
		r = host_empty(to);
	if (r == 0)
		r = host_copy_files(from, to);
	if (r == 0)
		r = host_owner(from, &uid, &gid);
	return r == 0 ? host_give(to, uid, gid) : r;
}

static int copy_lists(const char *folder)
{
	int r = copy_part(folder, "sm");

	if (r == 0)
		r = copy_part(folder, "sm.bak");
	/* With it goes the file "state". */
	return r == 0 ? host_copy_files(nfsserver_statd_folder(), folder) : r;
}

static bool is_wanted(const struct ocf_run *run)
{
	return !ocf_bool(run, P_NO_NOTIFY) && !ocf_bool(run, P_NFSV4_ONLY);
}

void nfsserver_notify_prepare(struct ocf_run *run)
{
	struct addresses list;
	char folder[FOLDER_MAX];

	if (!is_wanted(run) || addresses_parse(ocf_str(run, P_NFS_IP), &list))
		return;
	for (size_t i = 1; i < list.count; i++) {
		int r;

		list_folder(i, folder);
		r = copy_lists(folder);
		if (r < 0)
			ocf_log(run, HAOPS_LOG_WARNING,
				"NFSv3 clients of %s are not told of the start: %s: %s",
				addresses_get(&list, i), folder, strerror(-r));
	}
}

static int64_t half_of_the_time(struct ocf_run *run)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));

	return haops_deadline_after(ocf_ctx(run), left / 2);
}

/* It goes on by itself after that. */
static void run_in_foreground(struct ocf_run *run, const char *const *argv)
{
	const struct haops_process_service service = {.argv = argv};
	struct haops_process_started started;
	int64_t limit = half_of_the_time(run);
	int r = haops_process_start(ocf_ctx(run), &service, limit, &started);

	if (r == 0 && started.progress != HAOPS_PROCESS_ENDED)
		r = haops_process_wait_gone(ocf_ctx(run), &started.process, 1, limit);
	if (r == -ETIMEDOUT)
		ocf_log(run, HAOPS_LOG_INFO,
			"NFSv3 clients that have not answered are told in the background");
	else if (r < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
}

static void notify_one(struct ocf_run *run, const char *program, size_t i, const char *address)
{
	bool is_foreground = ocf_bool(run, P_NOTIFY_FOREGROUND);
	const char *argv[ARGV_MAX] = {program, "-f"};
	char minutes[MINUTES_MAX];
	char folder[FOLDER_MAX];
	size_t count = 2;

	if (is_foreground)
		argv[count++] = "-d";
	if (ocf_is_set(run, P_SMNOTIFY_RETRY_TIME)) {
		(void)snprintf(minutes, sizeof(minutes), "%d",
			       (int)ocf_int(run, P_SMNOTIFY_RETRY_TIME));
		argv[count++] = "-m";
		argv[count++] = minutes;
	}
	if (address) {
		argv[count++] = "-v";
		argv[count++] = address;
	}
	if (i > 0) {
		list_folder(i, folder);
		argv[count++] = "-n";
		argv[count++] = "-P";
		argv[count++] = folder;
	}
	if (is_foreground)
		run_in_foreground(run, argv);
	else
		nfsserver_try(run, argv, true);
}

void nfsserver_notify(struct ocf_run *run)
{
	const char *program = find_program(run);
	struct addresses list;

	if (!is_wanted(run) || !program)
		return;
	/* Each run leaves it, and the next one would do nothing. */
	(void)host_remove("/run/sm-notify.pid");
	if (addresses_parse(ocf_str(run, P_NFS_IP), &list))
		list.count = 0;
	if (!list.count)
		notify_one(run, program, 0, NULL);
	for (size_t i = 0; i < list.count; i++)
		notify_one(run, program, i, addresses_get(&list, i));
}
