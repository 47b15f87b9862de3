/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the server program and its user out of the parameters and the host. See mysql.h. */

#include "mysql/mysql.h"
#include "ocf/host.h"

#include "util/cleanup.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRY_MAX 65536

bool mysql_is_promotable(const struct ocf_run *run)
{
	const char *promotable = ocf_meta(run, "promotable");
	const char *masters = ocf_meta(run, "master_max");

	if (!masters)
		masters = ocf_meta(run, "promoted_max");
	return (promotable && strcasecmp(promotable, "true") == 0) ||
	       (masters && strtol(masters, NULL, 10) > 0);
}

int mysql_not_promotable(struct ocf_run *run)
{
	return ocf_fail(run, OCF_ERR_UNIMPLEMENTED,
			"this resource is no promotable clone: there is nothing to %s",
			ocf_action_name(run));
}

/* The folder of a path, without the slash. */
static void folder_of(const char *path, char buf[MYSQL_PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	(void)snprintf(buf, MYSQL_PATH_MAX, "%.*s", slash ? (int)(slash - path) : 0, path);
}

static bool take_program(const char *folder, const char *below, const char *name,
			 char buf[MYSQL_PATH_MAX])
{
	char path[3 * MYSQL_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s%s/%s", folder, below, name);
	return host_is_program(path) && host_real_path(path, buf, MYSQL_PATH_MAX);
}

static bool is_wrapper(const char *name)
{
	return strstr(name, "safe") != NULL;
}

/* Beside what binary names first, then where distributions put it. */
static bool search(const char *folder, char buf[MYSQL_PATH_MAX])
{
	static const char *const names[] = {"mariadbd", "mysqld"};
	static const char *const below[] = {"", "/../sbin", "/../libexec", "/../bin"};
	static const char *const places[] = {"/usr/sbin", "/usr/libexec", "/usr/local/sbin",
					     "/usr/local/libexec", "/usr/local/mysql/bin"};

	for (size_t i = 0; folder[0] && i < 4; i++)
		for (size_t n = 0; n < 2; n++)
			if (take_program(folder, below[i], names[n], buf))
				return true;
	for (size_t i = 0; i < 5; i++)
		for (size_t n = 0; n < 2; n++)
			if (take_program(places[i], "", names[n], buf))
				return true;
	return false;
}

static void find_binary(const char *value, char buf[MYSQL_PATH_MAX])
{
	const char *slash = strrchr(value, '/');
	const char *name = slash ? slash + 1 : value;
	char folder[MYSQL_PATH_MAX];

	buf[0] = '\0';
	folder_of(value, folder);
	if (is_wrapper(name)) {
		(void)search(folder, buf);
	} else if (slash) {
		if (!host_is_program(value) || !host_real_path(value, buf, MYSQL_PATH_MAX))
			buf[0] = '\0';
	} else if (!take_program("/usr/sbin", "", name, buf) &&
		   !take_program("/usr/local/sbin", "", name, buf)) {
		buf[0] = '\0';
	}
}

void mysql_site_find(struct ocf_run *run, struct mysql_site *site)
{
	memset(site, 0, sizeof(*site));
	find_binary(ocf_str(run, MYSQL_BINARY), site->binary);
	(void)host_real_path(ocf_str(run, MYSQL_DATADIR), site->real_datadir, MYSQL_PATH_MAX);
}

static int require_group(struct ocf_run *run, struct mysql_site *site)
{
	const char *name = ocf_str(run, MYSQL_GROUP);
	CLEANUP_FREE char *room = malloc(ENTRY_MAX);
	struct group entry;
	struct group *found = NULL;

	if (!room || getgrnam_r(name, &entry, room, ENTRY_MAX, &found) != 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "group %s cannot be looked up", name);
	if (!found)
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"group %s does not exist: install the server, or correct group",
				name);
	site->gid = found->gr_gid;
	return OCF_SUCCESS;
}

static int require_user(struct ocf_run *run, struct mysql_site *site)
{
	const char *name = ocf_str(run, MYSQL_USER);
	CLEANUP_FREE char *room = malloc(ENTRY_MAX);
	struct passwd entry;
	struct passwd *found = NULL;
	int count = MYSQL_GROUPS_MAX;
	int r;

	if (!room || getpwnam_r(name, &entry, room, ENTRY_MAX, &found) != 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "user %s cannot be looked up", name);
	if (!found)
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"user %s does not exist: install the server, or correct user",
				name);
	site->uid = found->pw_uid;
	r = require_group(run, site);
	if (r != OCF_SUCCESS)
		return r;
	if (getgrouplist(name, site->gid, site->groups, &count) < 0)
		return ocf_fail(run, OCF_ERR_ARGS, "user %s is in more than %d groups", name,
				MYSQL_GROUPS_MAX);
	site->group_count = (size_t)count;
	return OCF_SUCCESS;
}

int mysql_site_require(struct ocf_run *run, struct mysql_site *site)
{
	if (!site->binary[0])
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"no server program at or beside %s: install the server, or correct "
				"binary",
				ocf_str(run, MYSQL_BINARY));
	if (!host_is_file(ocf_str(run, MYSQL_CONFIG)))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"configuration file %s is not there: make it, or correct config",
				ocf_str(run, MYSQL_CONFIG));
	return require_user(run, site);
}

void mysql_site_features(const struct mysql_site *site, bool *ret_notifies, bool *ret_is_mariadb)
{
	static const char library[] = "libsystemd.so";
	static const char family[] = "MariaDB";
	CLEANUP_FD int fd = open(site->binary, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *program;

	*ret_notifies = false;
	*ret_is_mariadb = strstr(site->binary, "mariadb") != NULL;
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size <= 0)
		return;
	program = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (program == MAP_FAILED)
		return;
	*ret_notifies = memmem(program, (size_t)st.st_size, library, sizeof(library) - 1) != NULL;
	*ret_is_mariadb = memmem(program, (size_t)st.st_size, family, sizeof(family) - 1) != NULL;
	(void)munmap(program, (size_t)st.st_size);
}

bool mysql_site_tool(const struct ocf_run *run, const struct mysql_site *site, const char *name,
		     char ret_path[MYSQL_PATH_MAX])
{
	static const char *const below[] = {"", "/../bin", "/../scripts"};
	const char *const beside[] = {ocf_str(run, MYSQL_BINARY), site->binary};
	char folder[MYSQL_PATH_MAX];

	for (size_t i = 0; i < 2; i++) {
		folder_of(beside[i], folder);
		for (size_t n = 0; folder[0] && n < 3; n++)
			if (take_program(folder, below[n], name, ret_path))
				return true;
	}
	return false;
}
