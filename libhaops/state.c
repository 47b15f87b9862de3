/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* State files and locks under the run directory. What is in them is the matter of the caller. */
#include "internal.h"
#include "state-name.h"

#include <fcntl.h>
#include <haops/state.h>
#include <stdio.h>

#define DIR_MODE 0700
#define FILE_MODE 0600

/* The file of a name. */
static int file_name(struct haops_ctx *ctx, const char *name, char ret_file[STATE_FILE_MAX])
{
	if (!name || !name[0] || strlen(name) > STATE_NAME_MAX)
		return haops_fail(ctx, EINVAL, "state file: the name must have 1 to %d bytes",
				  STATE_NAME_MAX);
	if (!state_name_escape(name, ret_file))
		return haops_fail(ctx, EINVAL, "state file %s: the name is too long", name);
	return 0;
}

/* A directory of root's (or of ours) that nobody else can write to: what is in it can be trusted.
 */
static int check_owner(struct haops_ctx *ctx, int fd, const char *path)
{
	struct stat st;
	int r = ctx->sys->fstat(fd, &st);

	if (r < 0)
		return haops_fail(ctx, EIO, "%s: %s", path, strerror(-r));
	if (st.st_uid != ctx->sys->geteuid() || (st.st_mode & 022))
		return haops_fail(ctx, EPERM,
				  "%s: owned by user %u, mode %03o: others could change it, remove "
				  "it",
				  path, (unsigned int)st.st_uid, (unsigned int)st.st_mode & 0777);
	return 0;
}

static int open_run_dir(struct haops_ctx *ctx)
{
	return ctx->sys->openat(AT_FDCWD, ctx->run_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
}

/* Opens the run directory. The descriptor, -ENOENT without a sentence when there is none and it is
 * not to be made, or a failure. */
static int run_dir(struct haops_ctx *ctx, bool make)
{
	CLEANUP_FD int fd = open_run_dir(ctx);
	int r;

	if (fd == -ENOENT && !make)
		return -ENOENT;
	if (fd == -ENOENT) {
		r = ctx->sys->mkdir(ctx->run_dir, DIR_MODE);
		if (r < 0 && r != -EEXIST)
			return haops_fail(ctx, r == -ENOSPC ? ENOSPC : EIO,
					  "run directory %s cannot be made: %s", ctx->run_dir,
					  strerror(-r));
		fd = open_run_dir(ctx);
	}
	if (fd < 0)
		return haops_fail(ctx, fd == -ELOOP || fd == -ENOTDIR ? EPERM : EIO,
				  "run directory %s: %s", ctx->run_dir, strerror(-fd));
	r = check_owner(ctx, fd, ctx->run_dir);
	return r < 0 ? r : take_fd(&fd);
}

static int fail_file(struct haops_ctx *ctx, int code, const char *verb, const char *name)
{
	int err = code == -ENOSPC || code == -EDQUOT ? ENOSPC : EIO;

	return haops_fail(ctx, code == -ELOOP ? EPERM : err, "state file %s in %s cannot be %s: %s",
			  name, ctx->run_dir, verb, strerror(-code));
}

static int write_all(struct haops_ctx *ctx, int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t sent = ctx->sys->write(fd, data, len);

		if (sent <= 0)
			return sent < 0 ? (int)sent : -EIO;
		data += sent;
		len -= (size_t)sent;
	}
	return 0;
}

/*
 * No fsync(): the run directory is a tmpfs, and what is in it does not outlive a power loss. The
 * rename alone makes that a reader, and a writer killed in between, never see a part.
 */
static int write_file(struct haops_ctx *ctx, int dir, const char *file, const void *data,
		      size_t len)
{
	char temp[STATE_FILE_MAX + STATE_TEMP_MAX];
	CLEANUP_FD int fd = -1;
	int r;

	(void)snprintf(temp, sizeof(temp), "%s.%d~", file, (int)ctx->sys->getpid());
	fd = ctx->sys->openat(dir, temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, FILE_MODE);
	if (fd < 0)
		return fd;
	r = write_all(ctx, fd, data, len);
	if (r == 0)
		r = ctx->sys->renameat(dir, temp, dir, file);
	if (r < 0)
		(void)ctx->sys->unlinkat(dir, temp, 0);
	return r;
}

int haops_state_write(struct haops_ctx *ctx, const char *name, const void *data, size_t len)
{
	char file[STATE_FILE_MAX];
	CLEANUP_FD int dir = -1;
	int r;

	if (!ctx)
		return -EINVAL;
	r = file_name(ctx, name, file);
	if (r < 0)
		return r;
	if (len > HAOPS_STATE_MAX || (len > 0 && !data))
		return haops_fail(ctx, EINVAL, "state file %s: more than %d bytes", name,
				  HAOPS_STATE_MAX);
	dir = run_dir(ctx, true);
	if (dir < 0)
		return dir;
	r = write_file(ctx, dir, file, data, len);
	return r < 0 ? fail_file(ctx, r, "written", name) : 0;
}

/* Reads all of an open file; at most max bytes. Its length, or -errno. */
static ssize_t read_all(struct haops_ctx *ctx, int fd, char *buf, size_t max)
{
	size_t len = 0;

	while (len < max) {
		ssize_t got = ctx->sys->read(fd, buf + len, max - len);

		if (got < 0)
			return got;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

static int read_file(struct haops_ctx *ctx, int fd, const char *name, char **ret_data,
		     size_t *ret_len)
{
	CLEANUP_FREE char *data = NULL;
	struct stat st;
	ssize_t len;
	int r = check_owner(ctx, fd, name);

	if (r < 0)
		return r;
	r = ctx->sys->fstat(fd, &st);
	if (r < 0)
		return fail_file(ctx, r, "read", name);
	if (st.st_size > HAOPS_STATE_MAX)
		return haops_fail(ctx, EFBIG,
				  "state file %s in %s is larger than %d bytes: remove it", name,
				  ctx->run_dir, HAOPS_STATE_MAX);
	data = malloc((size_t)st.st_size + 1);
	if (!data)
		return haops_fail(ctx, ENOMEM, "state file %s: no memory", name);
	len = read_all(ctx, fd, data, (size_t)st.st_size);
	if (len < 0)
		return fail_file(ctx, (int)len, "read", name);
	data[len] = '\0';
	*ret_len = (size_t)len;
	*ret_data = TAKE_PTR(data);
	return 0;
}

/* Opens a file of the run directory. The descriptor, or a failure; quiet about -ENOENT. */
static int open_file(struct haops_ctx *ctx, const char *name, int flags)
{
	char file[STATE_FILE_MAX];
	CLEANUP_FD int dir = -1;
	int r = file_name(ctx, name, file);

	if (r < 0)
		return r;
	dir = run_dir(ctx, (flags & O_CREAT) != 0);
	if (dir < 0)
		return dir;
	r = ctx->sys->openat(dir, file, flags | O_NOFOLLOW, FILE_MODE);
	if (r < 0 && r != -ENOENT)
		return fail_file(ctx, r, "opened", name);
	return r;
}

int haops_state_read(struct haops_ctx *ctx, const char *name, char **ret_data, size_t *ret_len)
{
	CLEANUP_FD int fd = -1;

	if (!ctx)
		return -EINVAL;
	if (!ret_data || !ret_len)
		return haops_fail(ctx, EINVAL, "state file: an argument is missing");
	fd = open_file(ctx, name, O_RDONLY);
	if (fd == -ENOENT)
		return haops_fail(ctx, ENOENT, "state file %s: there is none", name);
	return fd < 0 ? fd : read_file(ctx, fd, name, ret_data, ret_len);
}

/* Whether an entry is what a writer of this file was killed over: "FILE.PID~". */
static bool is_temp_of(const char *entry, const char *file)
{
	size_t len = strlen(file);
	size_t digits;

	if (strncmp(entry, file, len) != 0 || entry[len] != '.')
		return false;
	digits = strspn(entry + len + 1, "0123456789");
	return digits > 0 && strcmp(entry + len + 1 + digits, "~") == 0;
}

static int remove_temps(struct haops_ctx *ctx, int dir, const char *file)
{
	CLEANUP_DIR DIR *list = NULL;
	struct dirent *entry;
	int r = ctx->sys->opendir(ctx->run_dir, &list);

	while (r == 0) {
		r = ctx->sys->readdir(list, &entry);
		if (r < 0 || !entry)
			break;
		if (is_temp_of(entry->d_name, file))
			r = ctx->sys->unlinkat(dir, entry->d_name, 0);
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}

int haops_state_remove(struct haops_ctx *ctx, const char *name)
{
	char file[STATE_FILE_MAX];
	CLEANUP_FD int dir = -1;
	int r;

	if (!ctx)
		return -EINVAL;
	r = file_name(ctx, name, file);
	if (r < 0)
		return r;
	dir = run_dir(ctx, false);
	if (dir == -ENOENT)
		return 0;
	if (dir < 0)
		return dir == -EPERM ? -EIO : dir;
	r = ctx->sys->unlinkat(dir, file, 0);
	if (r == 0 || r == -ENOENT)
		r = remove_temps(ctx, dir, file);
	if (r < 0)
		return haops_fail(ctx, EIO, "state file %s in %s cannot be removed: %s", name,
				  ctx->run_dir, strerror(-r));
	return 0;
}

int haops_state_lock(struct haops_ctx *ctx, const char *name, int *ret_fd)
{
	CLEANUP_FD int fd = -1;
	int r;

	if (!ctx)
		return -EINVAL;
	if (!ret_fd)
		return haops_fail(ctx, EINVAL, "lock: an argument is missing");
	fd = open_file(ctx, name, O_RDWR | O_CREAT);
	if (fd < 0)
		return fd == -ENOENT
			       ? haops_fail(ctx, EIO, "lock %s: %s vanished", name, ctx->run_dir)
			       : fd;
	r = ctx->sys->lock(fd);
	if (r == -EAGAIN)
		return haops_fail(ctx, EBUSY, "lock %s is held by another process", name);
	if (r < 0)
		return fail_file(ctx, r, "locked", name);
	*ret_fd = take_fd(&fd);
	return 0;
}

int haops_state_lock_holder(struct haops_ctx *ctx, const char *name, pid_t *ret_pid)
{
	CLEANUP_FD int fd = -1;
	pid_t pid;
	int r;

	if (!ctx)
		return -EINVAL;
	if (!ret_pid)
		return haops_fail(ctx, EINVAL, "lock: an argument is missing");
	fd = open_file(ctx, name, O_RDONLY);
	if (fd == -ENOENT) {
		*ret_pid = 0;
		return 0;
	}
	if (fd < 0)
		return fd == -EINVAL ? fd : -EIO;
	r = ctx->sys->lock_holder(fd, &pid);
	if (r < 0)
		return haops_fail(ctx, EIO, "lock %s: cannot ask for its holder: %s", name,
				  strerror(-r));
	*ret_pid = pid;
	return 0;
}
