/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the data directory is on the file system that it should be on: by the table of mounts,
 * fstab(5) and the parameter device. Mounts nothing. */

#include "mysql/mysql.h"
#include "ocf/host.h"

#include "util/cleanup.h"
#include "util/mountinfo.h"

#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define TABLE_MAX (4U * 1024U * 1024U)
#define DEVICE_MAX 32

struct mounted {
	char path[MYSQL_PATH_MAX];
	char device[DEVICE_MAX];
	char source[MYSQL_PATH_MAX];
};

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	if (len == 1)
		return true;
	return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static void take_mount(char *line, const char *path, struct mounted *mounted)
{
	struct mountinfo info;

	/* A later one at the same place lies above. */
	if (!mountinfo_parse(line, &info) || !is_below(path, info.path) ||
	    strlen(info.path) < strlen(mounted->path))
		return;
	(void)snprintf(mounted->path, sizeof(mounted->path), "%s", info.path);
	(void)snprintf(mounted->device, sizeof(mounted->device), "%s", info.device);
	(void)snprintf(mounted->source, sizeof(mounted->source), "%s", info.source);
}

/* What path is on. */
static bool find_mount(const char *path, struct mounted *mounted)
{
	CLEANUP_FREE char *table = NULL;
	char *state = NULL;
	size_t len;

	memset(mounted, 0, sizeof(*mounted));
	if (host_read("/proc/self/mountinfo", TABLE_MAX, &table, &len) < 0)
		return false;
	for (char *line = strtok_r(table, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
		take_mount(line, path, mounted);
	return mounted->path[0] != '\0';
}

bool mysql_mount_is_point(const struct mysql_site *site)
{
	struct mounted mounted;

	return find_mount(site->real_datadir, &mounted) &&
	       strcmp(mounted.path, site->real_datadir) == 0;
}

static bool is_device(const struct mounted *mounted, const char *device, const struct stat *st)
{
	char number[DEVICE_MAX];
	char source[MYSQL_PATH_MAX];
	char real[MYSQL_PATH_MAX];

	(void)snprintf(number, sizeof(number), "%u:%u", major(st->st_rdev), minor(st->st_rdev));
	if (strcmp(number, mounted->device) == 0)
		return true;
	/* A file system with a number of its own, as btrfs. */
	return host_real_path(mounted->source, source, sizeof(source)) &&
	       host_real_path(device, real, sizeof(real)) && strcmp(source, real) == 0;
}

static bool check_device(const char *device, const struct mounted *mounted, char *problem,
			 size_t size)
{
	char real[MYSQL_PATH_MAX];
	struct stat st;

	if (stat(device, &st) < 0) {
		(void)snprintf(problem, size, "%s (parameter device) is not there", device);
		return false;
	}
	if (S_ISBLK(st.st_mode) ? is_device(mounted, device, &st)
				: (host_real_path(device, real, sizeof(real)) &&
				   strcmp(real, mounted->path) == 0))
		return true;
	(void)snprintf(problem, size, "it is on %s (%s), not on %s (parameter device)",
		       mounted->source, mounted->path, device);
	return false;
}

/* The mount point of an entry with links resolved, as the kernel shows it. */
static bool is_missing(const struct mntent *entry, const char *path, const struct mounted *mounted)
{
	char real[MYSQL_PATH_MAX];

	if (entry->mnt_dir[0] != '/' || !host_real_path(entry->mnt_dir, real, sizeof(real)) ||
	    strcmp(real, "/") == 0 || !is_below(path, real))
		return false;
	/* What is mounted deeper than that has its own entry, or none. */
	return strlen(mounted->path) < strlen(real);
}

static bool check_fstab(const char *path, const struct mounted *mounted, char *problem, size_t size)
{
	FILE *table = setmntent("/etc/fstab", "re");
	struct mntent entry;
	char room[4096];
	bool is_good = true;

	while (table && is_good && getmntent_r(table, &entry, room, sizeof(room)))
		if (is_missing(&entry, path, mounted)) {
			(void)snprintf(problem, size,
				       "/etc/fstab has a file system for %s, and it "
				       "is not mounted",
				       entry.mnt_dir);
			is_good = false;
		}
	if (table)
		(void)endmntent(table);
	return is_good;
}

bool mysql_mount_check(struct ocf_run *run, const struct mysql_site *site, char *problem,
		       size_t size)
{
	const char *device = ocf_str(run, MYSQL_DEVICE);
	struct mounted mounted;

	if (!find_mount(site->real_datadir, &mounted)) {
		(void)snprintf(problem, size, "what it is on cannot be told from /proc");
		return false;
	}
	if (device[0] && !check_device(device, &mounted, problem, size))
		return false;
	return check_fstab(site->real_datadir, &mounted, problem, size);
}
