/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells NFSv3 clients that the server has started anew: sm-notify, once for each address. An
 * address that comes up after the server (in a group it is the last) is waited for in the
 * background; one that takes longer than an action has is told by the monitor that finds it.
 *
 * Whom to tell is settled before rpc.statd and the kernel add to its lists: each address has a copy
 * of its own below /var/lib/nfs, off which sm-notify takes who has answered.
 */

#include "nfsserver/addresses.h"
#include "nfsserver/host.h"
#include "nfsserver/nfsserver.h"
#include "ocf/host.h"

#include "util/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER_MAX 128
#define NUMBER_MAX 24
#define ARGV_MAX 12
#define NOTIFY "notify"
/* sm-notify itself goes on so long, if it is not told otherwise. */
/* What sm-notify may take until it is in the background. */
#define NOTIFY_MS 3000
#define GIVE_UP_MS (15 * 60 * INT64_C(1000))

static const char *const notify_paths[] = {"/sbin/sm-notify", "/usr/sbin/sm-notify", NULL};
static const char *const lists[] = {"sm", "sm.bak", NULL};

/* Addresses that are still to be told from, by index; since when. */
struct pending {
	int64_t since_ms;
	uint32_t bits;
};

static const char *find_program(const struct ocf_run *run)
{
	const char *own = ocf_str(run, P_NOTIFY_CMD);

	return own[0] == '/' ? own : nfsserver_program(notify_paths);
}

static void list_folder(size_t i, char buf[FOLDER_MAX])
{
	(void)snprintf(buf, FOLDER_MAX, NFSSERVER_STATE "/haops-notify-%zu", i);
}

static void pending_write(struct ocf_run *run, const struct pending *pending)
{
	char text[2 * NUMBER_MAX];

	(void)snprintf(text, sizeof(text), "%" PRId64 " %" PRIu32, pending->since_ms,
		       pending->bits);
	if (pending->bits)
		ocf_note_write(run, NOTIFY, text);
	else
		ocf_note_remove(run, NOTIFY);
}

static bool pending_read(struct ocf_run *run, struct pending *ret)
{
	CLEANUP_FREE char *text = NULL;

	return ocf_note_read(run, NOTIFY, &text) == 0 &&
	       sscanf(text, "%" SCNd64 " %" SCNu32, &ret->since_ms, &ret->bits) == 2;
}

void nfsserver_notify_forget(struct ocf_run *run)
{
	const struct pending none = {.bits = 0};

	pending_write(run, &none);
}

static int copy_list(const char *folder, const char *list)
{
	char from[2 * FOLDER_MAX];
	char to[2 * FOLDER_MAX];
	uid_t uid;
	gid_t gid;
	int r;

	(void)snprintf(from, sizeof(from), "%s/%s", nfsserver_statd_folder(), list);
	(void)snprintf(to, sizeof(to), "%s/%s", folder, list);
	r = host_make_folders(to);
	if (r == 0)
		r = host_empty(to);
	if (r == 0)
		r = host_copy_files(from, to);
	if (r == 0)
		r = host_owner(from, &uid, &gid);
	return r == 0 ? host_give(to, uid, gid) : r;
}

static int make_folder(size_t i, uint32_t number)
{
	char folder[FOLDER_MAX];
	char path[2 * FOLDER_MAX];
	uid_t uid;
	gid_t gid;
	int r = 0;

	list_folder(i, folder);
	for (size_t k = 0; lists[k] && r == 0; k++)
		r = copy_list(folder, lists[k]);
	(void)snprintf(path, sizeof(path), "%s/sm", folder);
	if (r == 0)
		r = host_owner(path, &uid, &gid);
	(void)snprintf(path, sizeof(path), "%s/state", folder);
	if (r == 0)
		r = host_write_number(path, number);
	return r == 0 ? host_give(path, uid, gid) : r;
}

static int take_off_lists(void)
{
	char path[2 * FOLDER_MAX];
	int r = 0;

	for (size_t i = 0; lists[i] && r == 0; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", nfsserver_statd_folder(), lists[i]);
		r = host_empty(path);
	}
	return r;
}

/* Clients take a start for one only by another number than before. */
static int count_start(uint32_t *ret_number)
{
	char path[2 * FOLDER_MAX];

	*ret_number = 1;
	(void)snprintf(path, sizeof(path), "%s/state", nfsserver_statd_folder());
	(void)host_read_number(path, ret_number);
	/* Odd: the host is up. */
	*ret_number = (*ret_number | 1) + 2;
	return host_write_number(path, *ret_number);
}

static bool is_wanted(const struct ocf_run *run)
{
	return !ocf_bool(run, P_NO_NOTIFY) && !ocf_bool(run, P_NFSV4_ONLY);
}

void nfsserver_notify_gather(void)
{
	char from[2 * FOLDER_MAX];
	char to[2 * FOLDER_MAX];
	char folder[FOLDER_MAX];

	(void)snprintf(to, sizeof(to), "%s/sm", nfsserver_statd_folder());
	for (size_t i = 0; i < ADDRESSES_MAX; i++)
		for (size_t k = 0; lists[k]; k++) {
			list_folder(i, folder);
			(void)snprintf(from, sizeof(from), "%s/%s", folder, lists[k]);
			if (host_is_folder(from) && host_copy_files(from, to) == 0)
				(void)host_empty(from);
		}
}

void nfsserver_notify_prepare(struct ocf_run *run)
{
	struct pending pending = {.since_ms = host_boot_ms()};
	struct addresses list;
	uint32_t number;
	int r;

	if (!is_wanted(run) || addresses_parse(ocf_str(run, P_NFS_IP), &list) || !list.count)
		return;
	r = count_start(&number);
	for (size_t i = 0; i < list.count && r == 0; i++) {
		r = make_folder(i, number);
		pending.bits |= UINT32_C(1) << i;
	}
	if (r == 0)
		r = take_off_lists();
	if (r < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "NFSv3 clients are not told of the start: %s: %s",
			NFSSERVER_STATE, strerror(-r));
	else
		pending_write(run, &pending);
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

/* address NULL: from any, off rpc.statd's own lists. */
static void notify_one(struct ocf_run *run, size_t i, const char *address)
{
	bool is_foreground = ocf_bool(run, P_NOTIFY_FOREGROUND);
	const char *argv[ARGV_MAX] = {find_program(run), "-f"};
	char minutes[NUMBER_MAX];
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
		list_folder(i, folder);
		argv[count++] = "-n";
		argv[count++] = "-P";
		argv[count++] = folder;
		argv[count++] = "-v";
		argv[count++] = address;
	}
	/* Each run leaves it, and the next one would do nothing. */
	(void)host_remove("/run/sm-notify.pid");
	if (is_foreground)
		run_in_foreground(run, argv);
	else if (!nfsserver_try(run, argv, true) && address)
		ocf_log(run, HAOPS_LOG_WARNING,
			"NFSv3 clients are not told from %s: has it a name here (/etc/hosts)? "
			"sm-notify wants one",
			address);
}

/* Taken off the note before it is done, so that the background and a monitor do it both in a rare
 * case only; clients take the second time for the first. */
static void notify_once(struct ocf_run *run, size_t i, const char *address)
{
	struct pending pending;

	if (!pending_read(run, &pending) || !(pending.bits & UINT32_C(1) << i))
		return;
	pending.bits &= ~(UINT32_C(1) << i);
	pending_write(run, &pending);
	notify_one(run, i, address);
}

void nfsserver_notify_pending(struct ocf_run *run)
{
	struct addresses list;
	struct pending pending;

	list.count = 0;
	if (!pending_read(run, &pending))
		return;
	if (!is_wanted(run) || !find_program(run) ||
	    addresses_parse(ocf_str(run, P_NFS_IP), &list) ||
	    host_boot_ms() - pending.since_ms > GIVE_UP_MS) {
		nfsserver_notify_forget(run);
		return;
	}
	for (size_t i = 0; i < list.count; i++)
		if (host_has_address(addresses_get(&list, i)))
			notify_once(run, i, addresses_get(&list, i));
}

static bool has_pending(struct ocf_run *run)
{
	struct pending pending;

	return pending_read(run, &pending) && pending.bits;
}

/* As long as these are the start's own: there may have been a stop and another start meanwhile.
 * What comes too late for sm-notify is left to the monitor. */
static bool is_to_wait(struct ocf_run *run, int64_t since_ms)
{
	struct pending pending;

	return pending_read(run, &pending) && pending.bits && pending.since_ms == since_ms &&
	       haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) > NOTIFY_MS;
}

static void tell_as_they_come(struct ocf_run *run)
{
	int fd = host_listen_for_addresses();
	struct pending pending;
	int r = fd < 0 ? fd : 0;

	if (!pending_read(run, &pending))
		return;
	while (r == 0 && is_to_wait(run, pending.since_ms)) {
		nfsserver_notify_pending(run);
		if (is_to_wait(run, pending.since_ms))
			r = host_wait_told(ocf_ctx(run), fd, ocf_deadline(run));
	}
}

/* A client that hears of it after the time to reclaim has lost its locks, and the next monitor may
 * be that late. In the background: the address does not come before start has ended. */
static void tell_in_background(struct ocf_run *run)
{
	int r = host_fork_off();

	if (r < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "NFSv3 clients are told by the next monitor: %s",
			strerror(-r));
	if (r <= 0)
		return;
	ocf_log_forked(run);
	tell_as_they_come(run);
	_exit(0);
}

void nfsserver_notify(struct ocf_run *run)
{
	if (ocf_is_set(run, P_NFS_IP)) {
		nfsserver_notify_pending(run);
		if (has_pending(run))
			tell_in_background(run);
	} else if (is_wanted(run) && find_program(run)) {
		notify_one(run, 0, NULL);
	}
}
