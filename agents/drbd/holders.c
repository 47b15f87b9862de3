/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who keeps a Primary from becoming Secondary: mounts, swap, other block devices, processes. What
 * is found is a help for people; nothing is ended. */

#include "drbd/drbd.h"
#include "ocf/host.h"

#include "util/cleanup.h"
#include "util/mountinfo.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRBD_MAJOR 147
#define FILE_MAX (4 * 1024 * 1024)
#define PATH_BYTES 300
#define DEVICE_BYTES 32

static bool find_mount(int64_t minor, char *buf, size_t size)
{
	CLEANUP_FREE char *text = NULL;
	char device[DEVICE_BYTES];
	char *rest;
	size_t len;

	if (host_read("/proc/self/mountinfo", FILE_MAX, &text, &len) < 0)
		return false;
	(void)snprintf(device, sizeof(device), "%d:%" PRId64, DRBD_MAJOR, minor);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		struct mountinfo mount;

		if (mountinfo_parse(line, &mount) && mount.device &&
		    strcmp(mount.device, device) == 0) {
			(void)snprintf(buf, size, "it is mounted at %s", mount.path);
			return true;
		}
	}
	return false;
}

/* LVM, device mapper, md: their devices are links in this folder. */
static bool find_block_device(int64_t minor, char *buf, size_t size)
{
	char path[PATH_BYTES];
	CLEANUP_DIR DIR *dir = NULL;
	const struct dirent *entry;

	(void)snprintf(path, sizeof(path), "/sys/block/drbd%" PRId64 "/holders", minor);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(buf, size, "block device %.60s is on it", entry->d_name);
		return true;
	}
	return false;
}

static bool find_swap(int64_t minor, char *buf, size_t size)
{
	CLEANUP_FREE char *text = NULL;
	char device[DEVICE_BYTES];
	size_t len;

	(void)snprintf(device, sizeof(device), "/dev/drbd%" PRId64 " ", minor);
	if (host_read("/proc/swaps", FILE_MAX, &text, &len) < 0 || !strstr(text, device))
		return false;
	(void)snprintf(buf, size, "it is in use as swap");
	return true;
}

/* Links are read, nothing is opened: a path on a dead file system must not hang the action. */
static bool has_open(pid_t pid, const char *device)
{
	char path[PATH_BYTES];
	CLEANUP_DIR DIR *dir = NULL;
	const struct dirent *entry;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		char link[PATH_BYTES + sizeof(entry->d_name)];
		char target[DEVICE_BYTES];
		ssize_t len;

		(void)snprintf(link, sizeof(link), "%s/%s", path, entry->d_name);
		len = readlink(link, target, sizeof(target) - 1);
		if (len <= 0)
			continue;
		target[len] = '\0';
		if (strcmp(target, device) == 0)
			return true;
	}
	return false;
}

static bool opens_it(const struct haops_process *process, void *userdata)
{
	return has_open(process->pid, userdata);
}

static bool find_process(struct ocf_run *run, int64_t minor, char *buf, size_t size)
{
	CLEANUP_FREE struct haops_process *list = NULL;
	char device[DEVICE_BYTES];
	size_t count;

	(void)snprintf(device, sizeof(device), "/dev/drbd%" PRId64, minor);
	if (haops_process_list(ocf_ctx(run), opens_it, device, &list, &count) < 0 || count == 0)
		return false;
	(void)snprintf(buf, size, "process %d (%.60s) has it open", (int)list[0].pid,
		       list[0].cmdline);
	return true;
}

bool drbd_holder_find(struct ocf_run *run, const struct state *state, char *buf, size_t size)
{
	for (size_t i = 0; i < state->volume_count; i++) {
		int64_t minor = state->volumes[i].minor;

		if (minor >= 0 &&
		    (find_mount(minor, buf, size) || find_block_device(minor, buf, size) ||
		     find_swap(minor, buf, size) || find_process(run, minor, buf, size)))
			return true;
	}
	return false;
}
