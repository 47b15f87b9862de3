/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks at paths, devices and mounts, see touch.h: only ever run in a child with a deadline. */

#include "filesystem/touch.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define BLOCK 4096

static int result(int r)
{
	return r < 0 ? -errno : 0;
}

void touch_real_path(const void *arg, struct child_answer *answer)
{
	const struct touch *touch = arg;
	CLEANUP_FREE char *real = realpath(touch->path, NULL);

	answer->code = real ? 0 : -errno;
	if (real && strlen(real) >= sizeof(answer->text))
		answer->code = -ENAMETOOLONG;
	else if (real)
		memcpy(answer->text, real, strlen(real) + 1);
}

void touch_device(const void *arg, struct child_answer *answer)
{
	const struct touch *touch = arg;
	struct stat st;

	answer->code = result(stat(touch->path, &st));
	if (answer->code == 0 && !S_ISBLK(st.st_mode))
		answer->code = -ENOTBLK;
	else if (answer->code == 0)
		(void)snprintf(answer->text, sizeof(answer->text), "%u:%u", major(st.st_rdev),
			       minor(st.st_rdev));
}

/* The folders that a path names before its last slash. 0, or the error of the last one. */
static int make_parents(const char *path)
{
	char folder[FS_PATH_MAX * 2];
	int r = 0;

	if (strlen(path) >= sizeof(folder))
		return -ENAMETOOLONG;
	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		memcpy(folder, path, i);
		folder[i] = '\0';
		r = mkdir(folder, 0755) < 0 && errno != EEXIST ? -errno : 0;
	}
	return r;
}

void touch_folder(const void *arg, struct child_answer *answer)
{
	const struct touch *touch = arg;
	struct stat st;

	if (stat(touch->path, &st) == 0) {
		answer->code = S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
		return;
	}
	(void)make_parents(touch->path);
	answer->code = result(mkdir(touch->path, 0755));
}

static int enter(pid_t pid)
{
	char path[64];
	CLEANUP_FD int fd = -1;

	if (pid == 0)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : result(setns(fd, CLONE_NEWNS));
}

void touch_unmount(const void *arg, struct child_answer *answer)
{
	const struct touch *touch = arg;

	answer->code = enter(touch->pid);
	if (answer->code == 0)
		answer->code = result(umount2(touch->path, touch->flags | UMOUNT_NOFOLLOW));
}

static void open_and_flush(const char *path, int flags, struct child_answer *answer)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
	struct stat st;

	answer->code = fd < 0 ? -errno : 0;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISBLK(st.st_mode))
		(void)ioctl(fd, BLKFLSBUF, 0);
}

void touch_exclusive(const void *arg, struct child_answer *answer)
{
	const struct touch *touch = arg;

	open_and_flush(touch->path, O_EXCL, answer);
}

void touch_flush(const void *arg, struct child_answer *answer)
{
	const struct touch *touch = arg;

	open_and_flush(touch->path, 0, answer);
}

void touch_read(const void *arg, struct child_answer *answer)
{
	const struct touch *touch = arg;
	CLEANUP_FREE void *block = NULL;
	CLEANUP_FD int fd = open(touch->path, O_RDONLY | O_CLOEXEC | O_DIRECT);

	answer->code = fd < 0 ? -errno : 0;
	if (answer->code == 0 && posix_memalign(&block, BLOCK, BLOCK) != 0)
		answer->code = -ENOMEM;
	if (answer->code == 0 && read(fd, block, BLOCK) <= 0)
		answer->code = errno ? -errno : -EIO;
}

void touch_root(const void *arg, struct child_answer *answer)
{
	const struct touch *touch = arg;
	struct statx st;

	answer->code = result(statx(AT_FDCWD, touch->path, AT_STATX_FORCE_SYNC | AT_NO_AUTOMOUNT,
				    STATX_BASIC_STATS, &st));
}

/* Not every file system takes direct access, nor every one of its files. */
static int open_status(const struct touch *touch, int flags)
{
	int fd = -1;

	flags |= O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	errno = EINVAL;
	if (touch->is_direct)
		fd = open(touch->path, flags | O_DIRECT, 0644);
	if (fd < 0 && errno == EINVAL)
		fd = open(touch->path, flags, 0644);
	return fd;
}

static int write_status(const struct touch *touch, const char *block)
{
	/* In its place, not cut before: a full file system has room for what is there. */
	CLEANUP_FD int fd = open_status(touch, O_WRONLY | O_CREAT | O_SYNC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = pwrite(fd, block, BLOCK, 0);
	if (len < 0)
		return -errno;
	return len == BLOCK ? result(fsync(fd)) : -ENOSPC;
}

static int read_status(const struct touch *touch, const char *block, char *room)
{
	CLEANUP_FD int fd = open_status(touch, O_RDONLY);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = pread(fd, room, BLOCK, 0);
	if (len < 0)
		return -errno;
	return len == BLOCK && memcmp(room, block, BLOCK) == 0 ? 0 : -EIO;
}

void touch_status(const void *arg, struct child_answer *answer)
{
	const struct touch *touch = arg;
	CLEANUP_FREE void *blocks = NULL;
	char *block;
	int made;

	if (posix_memalign(&blocks, BLOCK, (size_t)2 * BLOCK) != 0) {
		answer->code = -ENOMEM;
		return;
	}
	block = blocks;
	memset(block, 0, (size_t)2 * BLOCK);
	(void)snprintf(block, BLOCK, "%s\n", touch->text);
	made = make_parents(touch->path);
	answer->code = write_status(touch, block);
	if (answer->code == -ENOENT && made < 0)
		answer->code = made;
	memcpy(answer->text, "write", 6);
	if (answer->code < 0)
		return;
	memcpy(answer->text, "read", 5);
	answer->code = read_status(touch, block, block + BLOCK);
}

void touch_remove(const void *arg, struct child_answer *answer)
{
	const struct touch *touch = arg;

	answer->code = result(unlink(touch->path));
}

int touch_ask(struct haops_ctx *ctx, void (*fn)(const void *arg, struct child_answer *answer),
	      const struct touch *touch, int64_t deadline_ms, char *text)
{
	const struct child_question question = {.fn = fn, .arg = touch};
	struct child_answer answer;
	pid_t left;
	int r = child_ask(ctx, &question, deadline_ms, &answer, &left);

	if (r < 0)
		return r;
	if (text)
		memcpy(text, answer.text, sizeof(answer.text));
	return answer.code;
}
