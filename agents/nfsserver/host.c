/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts, folders and accounts of the nfsserver agent, see host.h. */

#include "nfsserver/host.h"

#include "util/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_MAX_BYTES 65536
#define PATH_ROOM 2048

int host_mount(const char *source, const char *target, const char *type)
{
	unsigned long flags = type ? MS_NOSUID | MS_NODEV | MS_NOEXEC : MS_BIND;

	return mount(source, target, type, flags, NULL) < 0 ? -errno : 0;
}

int host_unmount(const char *target, bool lazily)
{
	return umount2(target, (lazily ? MNT_DETACH : 0) | UMOUNT_NOFOLLOW) < 0 ? -errno : 0;
}

bool host_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool host_is_same(const char *a, const char *b)
{
	struct stat st_a;
	struct stat st_b;

	return stat(a, &st_a) == 0 && stat(b, &st_b) == 0 && st_a.st_dev == st_b.st_dev &&
	       st_a.st_ino == st_b.st_ino;
}

int host_make_folders(const char *path)
{
	char part[PATH_ROOM];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return -ENAMETOOLONG;
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return host_is_folder(path) ? 0 : -ENOTDIR;
}

int host_touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	return fd < 0 ? -errno : (close(fd), 0);
}

int host_owner(const char *path, uid_t *ret_uid, gid_t *ret_gid)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return -errno;
	*ret_uid = st.st_uid;
	*ret_gid = st.st_gid;
	return 0;
}

bool host_account(const char *name, uid_t *ret_uid, gid_t *ret_gid)
{
	struct passwd room;
	struct passwd *found = NULL;
	char text[4096];

	if (getpwnam_r(name, &room, text, sizeof(text), &found) != 0 || !found)
		return false;
	*ret_uid = found->pw_uid;
	*ret_gid = found->pw_gid;
	return true;
}

/* Calls fn with each entry of a folder until it returns another number than 0. */
static int each_entry(const char *folder, int (*fn)(int dirfd, const char *name, void *userdata),
		      void *userdata)
{
	CLEANUP_DIR DIR *dir = opendir(folder);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = fn(dirfd(dir), entry->d_name, userdata);
	return r;
}

struct owner {
	uid_t uid;
	gid_t gid;
};

static int give_entry(int dirfd, const char *name, void *userdata)
{
	const struct owner *owner = userdata;

	return fchownat(dirfd, name, owner->uid, owner->gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

int host_give(const char *path, uid_t uid, gid_t gid)
{
	struct owner owner = {uid, gid};

	if (lchown(path, uid, gid) < 0)
		return -errno;
	return host_is_folder(path) ? each_entry(path, give_entry, &owner) : 0;
}

static int count_entry(int dirfd, const char *name, void *userdata)
{
	(void)dirfd;
	(void)name;
	++*(size_t *)userdata;
	return 0;
}

int host_count(const char *path, size_t *ret_count)
{
	*ret_count = 0;
	return each_entry(path, count_entry, ret_count);
}

static int remove_entry(int dirfd, const char *name, void *userdata)
{
	(void)userdata;
	return unlinkat(dirfd, name, 0) < 0 && errno != EISDIR ? -errno : 0;
}

int host_empty(const char *folder)
{
	return each_entry(folder, remove_entry, NULL);
}

int host_tell(const char *path, const char *text)
{
	CLEANUP_FD int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	return n < 0 ? -errno : n == (ssize_t)strlen(text) ? 0 : -EIO;
}

static int copy_entry(int dirfd, const char *name, void *userdata)
{
	char path[PATH_ROOM + NAME_MAX + 2];
	char data[FILE_MAX_BYTES];
	CLEANUP_FD int from = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	CLEANUP_FD int to = -1;
	ssize_t n = from < 0 ? -1 : read(from, data, sizeof(data));

	/* What is no file is none of statd's. */
	if (n < 0)
		return errno == EISDIR || errno == ELOOP ? 0 : -errno;
	(void)snprintf(path, sizeof(path), "%s/%s", (const char *)userdata, name);
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return -errno;
	return write(to, data, (size_t)n) == n ? 0 : -EIO;
}

int host_copy_files(const char *from, const char *to)
{
	char folder[PATH_ROOM];

	if ((size_t)snprintf(folder, sizeof(folder), "%s", to) >= sizeof(folder))
		return -ENAMETOOLONG;
	return each_entry(from, copy_entry, folder);
}

int host_read_number(const char *path, uint32_t *ret_number)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	uint32_t number;

	if (fd < 0)
		return -errno;
	if (read(fd, &number, sizeof(number)) != (ssize_t)sizeof(number))
		return -EIO;
	*ret_number = number;
	return 0;
}

/* In place: it belongs to rpc.statd's user. */
int host_write_number(const char *path, uint32_t number)
{
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0)
		return -errno;
	if (write(fd, &number, sizeof(number)) != (ssize_t)sizeof(number))
		return -EIO;
	return fsync(fd) == 0 ? 0 : -errno;
}

static int write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, text + done, len - done);

		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return fsync(fd) == 0 ? 0 : -errno;
}

/* A rename is on the disk when its folder is. */
static int sync_folder_of(const char *path)
{
	char folder[PATH_ROOM];
	int len = snprintf(folder, sizeof(folder), "%s", path);
	CLEANUP_FD int fd = -1;

	if (len < 0 || len >= (int)sizeof(folder) || !strrchr(folder, '/'))
		return -ENAMETOOLONG;
	*strrchr(folder, '/') = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0 ? 0 : -errno;
}

int host_put_file(const char *path, const char *text)
{
	char new_path[PATH_ROOM];
	int len = snprintf(new_path, sizeof(new_path), "%s.new", path);
	CLEANUP_FD int fd = -1;
	int r;

	if (len < 0 || len >= (int)sizeof(new_path))
		return -ENAMETOOLONG;
	fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text);
	if (r == 0 && rename(new_path, path) < 0)
		r = -errno;
	return r == 0 ? sync_folder_of(path) : r;
}

/* Whoever started the agent reads its output to the end, and may end its process group. */
static void cut_off(void)
{
	(void)setsid();
	(void)close_range(0, ~0U, 0);
	(void)open("/dev/null", O_RDWR);
	(void)dup2(0, 1);
	(void)dup2(0, 2);
	if (chdir("/") < 0)
		_exit(0);
}

int host_fork_off(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		return -errno;
	if (pid > 0) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			continue;
		return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EAGAIN;
	}
	pid = fork();
	if (pid != 0)
		_exit(pid < 0);
	cut_off();
	return 1;
}

int host_under_name(const char *name, int (*fn)(void *userdata), void *userdata)
{
	CLEANUP_FD int own = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	int r;

	if (own < 0)
		return -errno;
	if (unshare(CLONE_NEWUTS) < 0)
		return -errno;
	r = sethostname(name, strlen(name)) < 0 ? -errno : fn(userdata);
	/* What follows is to see the host's own name again. */
	if (setns(own, CLONE_NEWUTS) < 0 && r == 0)
		r = -errno;
	return r;
}
