/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks whether a server can be started on the data directory: what it is on, what is in it, whose
 * it is. Changes nothing; a database is made in create.c. */

#include "mysql/datadir.h"

#include "util/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What a database has at least one of: the system schema as a folder, or as a tablespace. */
static const char *const signs[] = {"mysql", "mysql.ibd"};
/* What a restore by root leaves to root most often. */
static const char *const owned[] = {"ibdata1", "mysql", "aria_log_control", "mysql.ibd"};

static bool look_below(const char *folder, const char *name, struct stat *st)
{
	char path[2 * MYSQL_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return lstat(path, st) == 0;
}

/* The first entry that a new file system does not have; "" for none. */
static void first_entry(const char *folder, char *buf, size_t size)
{
	CLEANUP_DIR DIR *dir = opendir(folder);
	struct dirent *entry;

	buf[0] = '\0';
	while (dir && !buf[0] && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    strcmp(entry->d_name, "lost+found") != 0)
			(void)snprintf(buf, size, "%.100s", entry->d_name);
}

enum datadir_content datadir_content(const char *folder, char *ret_entry, size_t size)
{
	struct stat st;

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (look_below(folder, signs[i], &st))
			return DATADIR_DATABASE;
	first_entry(folder, ret_entry, size);
	return ret_entry[0] ? DATADIR_OTHER : DATADIR_EMPTY;
}

bool mysql_user_may_write(const struct mysql_site *site, const struct stat *st)
{
	mode_t need = S_IWOTH | S_IXOTH;

	if (site->uid == 0)
		return true;
	if (st->st_uid == site->uid)
		need <<= 6;
	else
		for (size_t i = 0; i < site->group_count; i++)
			if (st->st_gid == site->groups[i])
				need = S_IWGRP | S_IXGRP;
	return (st->st_mode & need) == need;
}

static int wrong_owner(struct ocf_run *run, const char *path, const struct stat *st)
{
	struct passwd *owner = getpwuid(st->st_uid);

	return ocf_fail(run, OCF_ERR_PERM, "%s belongs to %s, and %s may not write: chown -R %s:%s",
			path, owner ? owner->pw_name : "an unknown user", ocf_str(run, MYSQL_USER),
			ocf_str(run, MYSQL_USER), ocf_str(run, MYSQL_GROUP));
}

static int check_owner(struct ocf_run *run, const struct mysql_site *site)
{
	const char *folder = ocf_str(run, MYSQL_DATADIR);
	char path[2 * MYSQL_PATH_MAX];
	struct stat st;

	if (stat(folder, &st) < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "datadir %s: %s", folder, strerror(errno));
	if (!mysql_user_may_write(site, &st))
		return wrong_owner(run, folder, &st);
	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
		if (!look_below(folder, owned[i], &st) || st.st_uid == site->uid)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, owned[i]);
		/* Execute means nothing for a file. */
		st.st_mode |= S_ISREG(st.st_mode) ? S_IXUSR | S_IXGRP | S_IXOTH : 0;
		if (!mysql_user_may_write(site, &st))
			return wrong_owner(run, path, &st);
	}
	return OCF_SUCCESS;
}

static int no_database(struct ocf_run *run, const char *entry)
{
	const char *folder = ocf_str(run, MYSQL_DATADIR);

	if (entry[0])
		return ocf_fail(run, OCF_ERR_GENERIC,
				"datadir %s is no database: it has %s, but no mysql schema", folder,
				entry);
	return ocf_fail(run, OCF_ERR_GENERIC,
			"datadir %s is empty: is its file system mounted? (enable_creation makes a "
			"database)",
			folder);
}

int mysql_datadir_check(struct ocf_run *run, const struct mysql_site *site)
{
	const char *folder = ocf_str(run, MYSQL_DATADIR);
	char problem[512];
	char entry[128];
	struct stat st;

	if (stat(folder, &st) < 0 || !S_ISDIR(st.st_mode))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"datadir %s is not there: mount its file system before, or correct "
				"datadir",
				folder);
	if (!mysql_mount_check(run, site, problem, sizeof(problem)))
		return ocf_fail(run, OCF_ERR_GENERIC, "datadir %s: %s", folder, problem);
	switch (datadir_content(folder, entry, sizeof(entry))) {
	case DATADIR_DATABASE:
		return check_owner(run, site);
	case DATADIR_EMPTY:
		if (ocf_bool(run, MYSQL_ENABLE_CREATION))
			return OCF_SUCCESS;
		break;
	case DATADIR_OTHER:
		break;
	}
	return no_database(run, entry);
}

bool datadir_find_index(struct ocf_run *run, char *ret_path, size_t size)
{
	static const char end[] = ".index";
	const char *folder = ocf_str(run, MYSQL_DATADIR);
	CLEANUP_DIR DIR *dir = opendir(folder);
	struct dirent *entry;
	bool is_found = false;

	while (dir && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		/* That of the relay logs has another name. */
		if (len < sizeof(end) ||
		    strcmp(entry->d_name + len - (sizeof(end) - 1), end) != 0 ||
		    strstr(entry->d_name, "relay"))
			continue;
		(void)snprintf(ret_path, size, "%s/%s", folder, entry->d_name);
		is_found = true;
	}
	return is_found;
}
