/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * After an export ended: NFSv3 locks, and what NFSv4 clients still have on the file system, which
 * keep it from being unmounted. What remains is told; the file system's own stop decides.
 */

#include "exportfs/exportfs.h"
#include "exportfs/host.h"
#include "ocf/host.h"

#include "util/cleanup.h"

#include <errno.h>
#include <haops/state.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#define LEASE_MORE_MS 2000
/* Exports of a group stop one right after the other. */
#define SAME_GROUP_MS 10000
/* For the rest of stop. */
#define KEEP_MS 1000
#define EXPIRE_MS 3000
#define PAUSE_MS 100
#define STATE_NAME_MAX 201

struct devices {
	dev_t list[TABLE_WORDS_MAX];
	size_t count;
};

static void find_devices(const struct exportfs_site *site, struct devices *ret)
{
	dev_t device;

	ret->count = 0;
	for (size_t i = 0; i < site->directory_count; i++) {
		bool is_known = !site->directories[i].is_there ||
				!host_device(site->directories[i].path, &device);

		for (size_t k = 0; k < ret->count && !is_known; k++)
			is_known = ret->list[k] == device;
		if (!is_known)
			ret->list[ret->count++] = device;
	}
}

static void warn(struct ocf_run *run, int r)
{
	if (r < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
}

static void unlock_addresses(struct ocf_run *run)
{
	struct table_words words;
	struct haops_addr addr;

	if (table_split(ocf_str(run, P_UNLOCK_IP), true, &words))
		return;
	for (size_t i = 0; i < words.count; i++) {
		int r = haops_addr_parse(ocf_ctx(run), table_word(&words, i), &addr);

		if (r == 0)
			r = haops_nfs_unlock_address(ocf_ctx(run), &addr);
		/* No server, no locks. */
		if (r != -ENOENT)
			warn(run, r);
	}
}

static void unlock_directories(struct ocf_run *run, const struct exportfs_site *site)
{
	for (size_t i = 0; i < site->directory_count; i++) {
		int r = 0;

		if (site->directories[i].is_there)
			r = haops_nfs_unlock_path(ocf_ctx(run), site->directories[i].path);
		if (r != -ENOENT)
			warn(run, r);
	}
}

/* Clients with something on one of the devices; -ENOENT if the kernel does not tell. */
static int count_holders(struct ocf_run *run, const struct devices *devices,
			 enum haops_nfs_expire expire, size_t *ret_count)
{
	*ret_count = 0;
	for (size_t i = 0; i < devices->count; i++) {
		size_t count;
		int r = haops_nfs_holders(ocf_ctx(run), devices->list[i], expire, &count);

		if (r < 0)
			return r;
		*ret_count += count;
	}
	return 0;
}

/* Until nobody holds anything, or the limit. Whether that was seen. Who did not renew its lease for
 * so long has none; the kernel keeps what it has all the same, until somebody else wants it. */
static bool wait_holders(struct ocf_run *run, const struct devices *devices, int64_t limit)
{
	for (;;) {
		int64_t pause = haops_deadline_after(ocf_ctx(run), PAUSE_MS);
		size_t count;

		if (count_holders(run, devices, HAOPS_NFS_EXPIRE_LAPSED, &count) == 0 && !count)
			return true;
		if (haops_deadline_left_ms(ocf_ctx(run), limit) == 0)
			return false;
		while (haops_deadline_left_ms(ocf_ctx(run), pause) > 0)
			host_pause(ocf_ctx(run), pause);
	}
}

/* One group waits once: it is known by its addresses, or else by its file system. */
static void state_name(struct ocf_run *run, const struct devices *devices, char buf[STATE_NAME_MAX])
{
	if (ocf_is_set(run, P_UNLOCK_IP))
		(void)snprintf(buf, STATE_NAME_MAX, "exportfslease-%.64s",
			       ocf_str(run, P_UNLOCK_IP));
	else
		(void)snprintf(buf, STATE_NAME_MAX, "exportfslease-%u-%u", major(devices->list[0]),
			       minor(devices->list[0]));
}

static bool has_waited(struct ocf_run *run, const char *name)
{
	CLEANUP_FREE char *text = NULL;
	size_t len;
	int64_t age;

	if (haops_state_read(ocf_ctx(run), name, &text, &len) < 0)
		return false;
	age = host_boot_ms() - strtoll(text, NULL, 10);
	return age >= 0 && age < SAME_GROUP_MS;
}

static void note_wait(struct ocf_run *run, const char *name)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%" PRId64, host_boot_ms());

	warn(run, haops_state_write(ocf_ctx(run), name, text, (size_t)len));
}

static int64_t lease_limit(struct ocf_run *run, int lease_s)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) - KEEP_MS;
	int64_t lease = (int64_t)lease_s * 1000 + LEASE_MORE_MS;

	if (left < lease)
		ocf_log(run, HAOPS_LOG_WARNING,
			"the timeout of stop does not allow for one NFSv4 lease (%d s)", lease_s);
	return haops_deadline_after(ocf_ctx(run), left < lease ? left : lease);
}

static void wait_lease(struct ocf_run *run, const struct devices *devices)
{
	struct haops_nfs_server server;
	char name[STATE_NAME_MAX];
	size_t count;
	int r = haops_nfs_server_query(ocf_ctx(run), &server);

	warn(run, r);
	if (r < 0 || server.threads == 0 || server.lease_s == 0)
		return;
	state_name(run, devices, name);
	if (has_waited(run, name))
		return;
	if (count_holders(run, devices, HAOPS_NFS_EXPIRE_LAPSED, &count) == 0 && !count)
		return;
	ocf_log(run, HAOPS_LOG_INFO, "waits until NFSv4 clients have let go: %d s at most",
		server.lease_s + LEASE_MORE_MS / 1000);
	(void)wait_holders(run, devices, lease_limit(run, server.lease_s));
	note_wait(run, name);
}

static void expire(struct ocf_run *run, const struct devices *devices)
{
	int64_t limit = ocf_deadline_within(run, EXPIRE_MS);
	size_t count;
	int r = count_holders(run, devices, HAOPS_NFS_EXPIRE_ALL, &count);

	if (r < 0) {
		warn(run, r);
		return;
	}
	if (!count)
		return;
	ocf_log(run, HAOPS_LOG_INFO, "%zu NFSv4 clients with open files were ended", count);
	(void)wait_holders(run, devices, limit);
}

void exportfs_release(struct ocf_run *run, const struct exportfs_site *site)
{
	struct devices devices;
	size_t count;

	if (ocf_bool(run, P_UNLOCK_ON_STOP) && ocf_is_set(run, P_UNLOCK_IP))
		unlock_addresses(run);
	else if (ocf_bool(run, P_UNLOCK_ON_STOP))
		unlock_directories(run, site);
	find_devices(site, &devices);
	if (!devices.count)
		return;
	(void)!count_holders(run, &devices, HAOPS_NFS_EXPIRE_LAPSED, &count);
	if (ocf_bool(run, P_WAIT_FOR_LEASETIME_ON_STOP))
		wait_lease(run, &devices);
	if (ocf_bool(run, P_EXPIRE_CLIENTS_ON_STOP))
		expire(run, &devices);
	if (count_holders(run, &devices, HAOPS_NFS_EXPIRE_NONE, &count) == 0 && count)
		ocf_log(run, HAOPS_LOG_INFO,
			"%zu NFSv4 clients still have something on the file system: it can be "
			"unmounted after their lease, or when the server stops",
			count);
}
