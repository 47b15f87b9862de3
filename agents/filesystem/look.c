/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searches /proc for holders of a mount, see look.h. By texts of links, ids of mounts and tables of
 * mounts: no link is followed, since what it leads to may hang, but for a mount in no table. */

#include "filesystem/look.h"
#include "filesystem/proc-text.h"
#include "filesystem/table.h"

#include "ocf/host.h"
#include "util/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PROC_MAX 128
#define PART_MAX 64 /* of such a path, behind the number */
#define LINK_MAX 4096
#define SPACES_MAX 256
#define SOCKETS_MAX 4096
#define SMALL_MAX 8192
#define TABLE_MAX (16U * 1024U * 1024U)
#define MAPS_MAX (16U * 1024U * 1024U)

/* A mount namespace, as one of its processes sees it. */
struct space {
	char name[64];
	struct mount_table table;
	uint64_t wanted[64]; /* ids of what is looked for: the target, or its copies */
	size_t wanted_count;
};

struct search {
	const struct look *look;
	int out;
	struct space *spaces;
	size_t space_count;
	char own[64];
	uint64_t sockets[SOCKETS_MAX]; /* inodes of those bound to a path on the target */
	size_t socket_count;
};

static void tell(struct search *search, const struct look_message *message)
{
	/* Less than PIPE_BUF: written whole. Who reads takes all. */
	if (write(search->out, message, sizeof(*message)) != (ssize_t)sizeof(*message))
		_exit(1);
}

static bool read_link(pid_t pid, const char *name, char *out, size_t size)
{
	char path[PROC_MAX];
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	len = readlink(path, out, size - 1);
	if (len < 0)
		return false;
	out[len] = '\0';
	return true;
}

static char *read_text(pid_t pid, const char *name, size_t max)
{
	char path[PROC_MAX];
	char *text = NULL;
	size_t len;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return host_read(path, max, &text, &len) == 0 ? text : NULL;
}

/*
 * Whether a mount of another namespace is to be found. For holders: one that umount(2) takes along,
 * and that keeps it from it (see mount_namespaces(7) on peer groups). For copies: whatever shows
 * the file system.
 */
static bool is_wanted_there(const struct look *look, const struct mountinfo *mount)
{
	const struct fs_target *target = look->target;

	if (strcmp(mount->device, target->device) != 0 || !path_is_in(mount->root, target->root))
		return false;
	return look->for_copies || (target->shared && (mount->shared == target->shared ||
						       mount->master == target->shared));
}

static bool is_wanted(const struct look *look, const struct mountinfo *mount, bool is_own)
{
	if (mount->id == look->target->id)
		return !look->for_copies;
	return !is_own && is_wanted_there(look, mount);
}

static void fill_space(struct search *search, struct space *space)
{
	bool is_own = strcmp(space->name, search->own) == 0;

	for (size_t i = 0; i < space->table.count; i++)
		if (space->wanted_count < sizeof(space->wanted) / sizeof(space->wanted[0]) &&
		    is_wanted(search->look, &space->table.list[i], is_own))
			space->wanted[space->wanted_count++] = space->table.list[i].id;
}

static void tell_copies(struct search *search, const struct space *space, pid_t pid)
{
	for (size_t i = 0; i < space->wanted_count; i++) {
		const struct mountinfo *mount = table_find(&space->table, space->wanted[i]);
		struct look_message message = {.news = LOOK_COPY};

		message.copy.id = mount->id;
		message.copy.shared = mount->shared;
		message.copy.pid = pid;
		(void)snprintf(message.copy.device, sizeof(message.copy.device), "%s",
			       mount->device);
		(void)snprintf(message.copy.root, sizeof(message.copy.root), "%s", mount->root);
		(void)snprintf(message.copy.path, sizeof(message.copy.path), "%s", mount->path);
		tell(search, &message);
	}
}

/* A process in a root of its own sees a part of the table only: another one is to show it. */
static bool has_whole_view(pid_t pid)
{
	char root[8];

	return read_link(pid, "root", root, sizeof(root)) && strcmp(root, "/") == 0;
}

static struct space *find_space(struct search *search, pid_t pid)
{
	struct space space = {.wanted_count = 0};
	char *text;

	if (!read_link(pid, "ns/mnt", space.name, sizeof(space.name)))
		return NULL;
	for (size_t i = 0; i < search->space_count; i++)
		if (strcmp(search->spaces[i].name, space.name) == 0)
			return &search->spaces[i];
	if (search->space_count == SPACES_MAX || !has_whole_view(pid))
		return NULL;
	text = read_text(pid, "mountinfo", TABLE_MAX);
	if (!text || table_parse(text, &space.table) < 0)
		return NULL;
	fill_space(search, &space);
	if (search->look->for_copies)
		tell_copies(search, &space, pid);
	search->spaces[search->space_count] = space;
	return &search->spaces[search->space_count++];
}

static bool is_wanted_id(const struct search *search, uint64_t id)
{
	for (size_t i = 0; i < search->space_count; i++)
		for (size_t j = 0; j < search->spaces[i].wanted_count; j++)
			if (search->spaces[i].wanted[j] == id)
				return true;
	return false;
}

/* Whether a path that a process of this namespace has leads onto what is looked for. */
static bool is_on_wanted(const struct space *space, const char *path)
{
	const struct mountinfo *owner;

	if (!space || path[0] != '/')
		return false;
	owner = table_owner(&space->table, path);
	for (size_t i = 0; owner && i < space->wanted_count; i++)
		if (space->wanted[i] == owner->id)
			return true;
	return false;
}

static bool holds_link(const struct space *space, pid_t pid, const char *name)
{
	char link[LINK_MAX];

	if (!read_link(pid, name, link, sizeof(link)))
		return false;
	link_clean(link);
	return is_on_wanted(space, link);
}

static bool is_wanted_socket(const struct search *search, uint64_t inode)
{
	for (size_t i = 0; i < search->socket_count; i++)
		if (search->sockets[i] == inode)
			return true;
	return false;
}

static const char *judge_fd(struct search *search, pid_t pid, const char *name)
{
	CLEANUP_FREE char *info = NULL;
	char path[PART_MAX];
	char link[LINK_MAX];
	uint64_t number;

	(void)snprintf(path, sizeof(path), "fd/%.20s", name);
	if (!read_link(pid, path, link, sizeof(link)))
		return NULL;
	if (link_socket(link, &number))
		return is_wanted_socket(search, number) ? "socket" : NULL;
	if (link[0] != '/')
		return NULL;
	/* A descriptor can be of another namespace than the process: only the id tells. */
	(void)snprintf(path, sizeof(path), "fdinfo/%.20s", name);
	info = read_text(pid, path, SMALL_MAX);
	return info && fdinfo_mount_id(info, &number) && is_wanted_id(search, number) ? "fd" : NULL;
}

static const char *holds_fd(struct search *search, pid_t pid)
{
	CLEANUP_DIR DIR *dir = NULL;
	const char *how = NULL;
	struct dirent *entry;
	char path[PROC_MAX];

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (dir && !how && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			how = judge_fd(search, pid, entry->d_name);
	return how;
}

static bool holds_map(const struct space *space, pid_t pid)
{
	CLEANUP_FREE char *text = NULL;
	const char *path;
	char *rest;

	if (!space || !space->wanted_count)
		return false;
	text = read_text(pid, "maps", MAPS_MAX);
	rest = text;
	while (rest && (path = maps_next_path(&rest)))
		if (is_on_wanted(space, path))
			return true;
	return false;
}

/* A thread may have a folder of its own (as those of smbd have). */
static bool holds_in_thread(const struct space *space, pid_t pid)
{
	CLEANUP_DIR DIR *dir = NULL;
	struct dirent *entry;
	char path[PART_MAX];

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strtol(entry->d_name, NULL, 10) == pid)
			continue;
		(void)snprintf(path, sizeof(path), "task/%.20s/cwd", entry->d_name);
		if (holds_link(space, pid, path))
			return true;
		(void)snprintf(path, sizeof(path), "task/%.20s/root", entry->d_name);
		if (holds_link(space, pid, path))
			return true;
	}
	return false;
}

/* Follows the link: only for a mount that no table shows, of which a path tells nothing. */
static bool is_on_device(const struct search *search, pid_t pid, const char *name)
{
	char path[PROC_MAX];
	char number[32];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	if (stat(path, &st) < 0)
		return false;
	(void)snprintf(number, sizeof(number), "%u:%u", major(st.st_dev), minor(st.st_dev));
	return strcmp(number, search->look->target->device) == 0;
}

/* A file on a mount that no table shows. */
static bool is_hidden_fd(const struct search *search, pid_t pid, const char *name)
{
	CLEANUP_FREE char *info = NULL;
	char path[PART_MAX];
	char link[LINK_MAX];
	uint64_t id;

	(void)snprintf(path, sizeof(path), "fd/%.20s", name);
	if (!read_link(pid, path, link, sizeof(link)) || link[0] != '/')
		return false;
	(void)snprintf(path, sizeof(path), "fdinfo/%.20s", name);
	info = read_text(pid, path, SMALL_MAX);
	if (!info || !fdinfo_mount_id(info, &id))
		return false;
	for (size_t i = 0; i < search->space_count; i++)
		if (table_find(&search->spaces[i].table, id))
			return false;
	(void)snprintf(path, sizeof(path), "fd/%.20s", name);
	return is_on_device(search, pid, path);
}

static bool holds_hidden_fd(const struct search *search, pid_t pid)
{
	CLEANUP_DIR DIR *dir = NULL;
	struct dirent *entry;
	char path[PROC_MAX];
	bool is_found = false;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (dir && !is_found && (entry = readdir(dir)))
		is_found = entry->d_name[0] != '.' && is_hidden_fd(search, pid, entry->d_name);
	return is_found;
}

static const char *find_hidden_hold(const struct search *search, pid_t pid)
{
	static const char *const links[] = {"cwd", "root", "exe"};

	if (holds_hidden_fd(search, pid))
		return "fd";
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (is_on_device(search, pid, links[i]))
			return links[i];
	return NULL;
}

static const char *find_hold(struct search *search, const struct space *space, pid_t pid)
{
	static const char *const links[] = {"cwd", "root", "exe"};
	const char *how;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (holds_link(space, pid, links[i]))
			return links[i];
	how = holds_fd(search, pid);
	if (how)
		return how;
	if (holds_in_thread(space, pid))
		return "cwd";
	return holds_map(space, pid) ? "map" : NULL;
}

static void look_at(struct search *search, pid_t pid)
{
	struct look_message message = {.news = LOOK_HOLDER, .holder = {.pid = pid}};
	CLEANUP_FREE char *text = NULL;
	const struct space *space;
	struct stat_facts facts;
	const char *how;

	atomic_store(search->look->at, pid);
	space = find_space(search, pid);
	if (search->look->for_copies)
		return;
	/* First of all: a later process of this number would have another start time. */
	text = read_text(pid, "stat", SMALL_MAX);
	if (!text || !stat_read(text, &facts))
		return;
	how = search->look->target->is_hidden ? find_hidden_hold(search, pid)
					      : find_hold(search, space, pid);
	if (!how)
		return;
	message.holder.start_ticks = facts.start_ticks;
	message.holder.state = facts.state;
	memcpy(message.holder.name, facts.name, sizeof(facts.name));
	(void)snprintf(message.holder.how, sizeof(message.holder.how), "%s", how);
	tell(search, &message);
}

/* Sockets of this network namespace: a link of theirs tells no path. */
static void find_sockets(struct search *search, const struct space *own)
{
	CLEANUP_FREE char *text = read_text(getpid(), "net/unix", MAPS_MAX);
	char *rest = text;
	const char *path;
	uint64_t inode;

	while (rest && search->socket_count < SOCKETS_MAX && (path = unix_next_path(&rest, &inode)))
		if (is_on_wanted(own, path))
			search->sockets[search->socket_count++] = inode;
}

void look_at_processes(void *arg, int out)
{
	const struct look *look = arg;
	struct search *search = calloc(1, sizeof(*search));
	struct look_message done = {.news = LOOK_DONE};
	struct dirent *entry;
	struct space *own;
	DIR *dir = opendir("/proc");

	if (!search || !dir)
		_exit(1);
	search->look = look;
	search->out = out;
	search->spaces = calloc(SPACES_MAX, sizeof(*search->spaces));
	if (!search->spaces || !read_link(getpid(), "ns/mnt", search->own, sizeof(search->own)))
		_exit(1);
	/* Ours is known before anybody is looked at, and before that of a process in a chroot. */
	own = find_space(search, getpid());
	if (own)
		find_sockets(search, own);
	/* In the order of their numbers. */
	while ((entry = readdir(dir))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > look->after && pid != look->agent && pid != getpid())
			look_at(search, pid);
	}
	tell(search, &done);
}
