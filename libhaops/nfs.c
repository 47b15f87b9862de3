/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The NFS server as the kernel shows it, its locks and the state of its clients. Exports nothing,
 * see nfs-export.c. */
#include "nfs.h"
#include "internal.h"
#include "nfs-text.h"

#include <fcntl.h>
#include <haops/nfs.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#define NFSD "/proc/fs/nfsd/"
#define NUMBER_MAX 64
#define STATES_MAX (32U * 1024U * 1024U)
#define INFO_MAX 16384
#define PATH_LEN_MAX 320
#define READ_STEP 16384

static int grow(char **text, size_t *capacity, size_t len, size_t max)
{
	size_t wanted = *capacity ? *capacity * 2 : READ_STEP;
	char *grown;

	if (len + 1 < *capacity)
		return 0;
	if (len >= max)
		return -EFBIG;
	grown = realloc(*text, wanted);
	if (!grown)
		return -ENOMEM;
	*text = grown;
	*capacity = wanted;
	return 0;
}

int nfs_read(struct haops_ctx *ctx, const char *path, size_t max, char **ret_text)
{
	CLEANUP_FREE char *text = NULL;
	size_t capacity = 0;
	size_t len = 0;
	ssize_t n = 1;
	int fd = ctx->sys->openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);

	if (fd < 0)
		return fd;
	while (n > 0) {
		int r = grow(&text, &capacity, len, max);

		n = r < 0 ? r : ctx->sys->read(fd, text + len, capacity - len - 1);
		len += n > 0 ? (size_t)n : 0;
	}
	(void)ctx->sys->close(fd);
	if (n < 0)
		return (int)n;
	text[len] = '\0';
	*ret_text = TAKE_PTR(text);
	return 0;
}

int nfs_write(struct haops_ctx *ctx, const char *path, const char *text)
{
	int fd = ctx->sys->openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = ctx->sys->write(fd, text, strlen(text));
	(void)ctx->sys->close(fd);
	return n < 0 ? (int)n : 0;
}

/* What is not there is 0: no nfsd, or one that is older than the file. */
static int read_number(struct haops_ctx *ctx, const char *path, int *ret_number)
{
	CLEANUP_FREE char *text = NULL;
	int r = nfs_read(ctx, path, NUMBER_MAX, &text);
	long number;

	if (r == -ENOENT) {
		*ret_number = 0;
		return 0;
	}
	if (r < 0)
		return haops_fail_sys(ctx, r, "cannot read %s", path);
	number = strtol(text, NULL, 10);
	*ret_number = number < 0 || number > 1000000 ? 0 : (int)number;
	return 0;
}

static void read_versions(struct haops_ctx *ctx, struct haops_nfs_server *server)
{
	CLEANUP_FREE char *text = NULL;

	if (nfs_read(ctx, NFSD "versions", NUMBER_MAX, &text) < 0)
		return;
	server->serves_v3 = nfs_text_offers(text, '3');
	server->serves_v4 = nfs_text_offers(text, '4');
}

/* A kernel that does not tell (before 3.18) is not said to be in grace. */
static bool is_grace(struct haops_ctx *ctx)
{
	CLEANUP_FREE char *text = NULL;

	return nfs_read(ctx, NFSD "v4_end_grace", NUMBER_MAX, &text) == 0 && text[0] == 'N';
}

int haops_nfs_server_query(struct haops_ctx *ctx, struct haops_nfs_server *ret_server)
{
	struct haops_nfs_server server = {.threads = 0};
	int r;

	if (!ctx)
		return -EINVAL;
	if (!ret_server)
		return haops_fail(ctx, EINVAL, "NFS server: an argument is missing");
	r = read_number(ctx, NFSD "threads", &server.threads);
	if (r == 0)
		r = read_number(ctx, NFSD "nfsv4leasetime", &server.lease_s);
	if (r == 0)
		r = read_number(ctx, NFSD "nfsv4gracetime", &server.grace_s);
	if (r < 0)
		return r == -ENOMEM ? r : -EIO;
	if (server.threads > 0) {
		read_versions(ctx, &server);
		server.is_grace = server.serves_v4 && is_grace(ctx);
	}
	*ret_server = server;
	return 0;
}

static int tell(struct haops_ctx *ctx, const char *path, const char *text, const char *what)
{
	int r = nfs_write(ctx, path, text);

	if (r < 0)
		r = haops_fail_sys(ctx, r, "cannot release the locks of %s by %s", what, path);
	return r == 0 || r == -ENOENT || r == -ENOMEM ? r : -EIO;
}

int haops_nfs_unlock_address(struct haops_ctx *ctx, const struct haops_addr *addr)
{
	char text[HAOPS_ADDR_TEXT_MAX];
	char line[HAOPS_ADDR_TEXT_MAX + 1];

	if (!ctx)
		return -EINVAL;
	if (!addr)
		return haops_fail(ctx, EINVAL, "unlock: an argument is missing");
	(void)haops_addr_format(addr, text);
	(void)snprintf(line, sizeof(line), "%s\n", text);
	return tell(ctx, NFSD "unlock_ip", line, text);
}

int haops_nfs_unlock_path(struct haops_ctx *ctx, const char *path)
{
	char line[PATH_LEN_MAX * 16];

	if (!ctx)
		return -EINVAL;
	if (!path || path[0] != '/' || strlen(path) + 2 > sizeof(line))
		return haops_fail(ctx, EINVAL, "unlock: %s is no absolute path",
				  path ? path : "(none)");
	(void)snprintf(line, sizeof(line), "%s\n", path);
	return tell(ctx, NFSD "unlock_filesystem", line, path);
}

/* What a look at the clients is about. */
struct holders {
	dev_t device;
	enum haops_nfs_expire expire;
	long lease_s;
};

static bool is_lapsed(struct haops_ctx *ctx, const char *name, long lease_s)
{
	CLEANUP_FREE char *info = NULL;
	char path[PATH_LEN_MAX];

	(void)snprintf(path, sizeof(path), NFSD "clients/%s/info", name);
	return lease_s > 0 && nfs_read(ctx, path, INFO_MAX, &info) == 0 &&
	       nfs_text_last_renew_s(info) >= lease_s;
}

static int expire(struct haops_ctx *ctx, const char *name, const struct holders *what)
{
	char path[PATH_LEN_MAX];

	if (what->expire == HAOPS_NFS_EXPIRE_NONE ||
	    (what->expire == HAOPS_NFS_EXPIRE_LAPSED && !is_lapsed(ctx, name, what->lease_s)))
		return 0;
	haops_logf(ctx, HAOPS_LOG_INFO, "ends NFSv4 client %s", name);
	(void)snprintf(path, sizeof(path), NFSD "clients/%s/ctl", name);
	return nfs_write(ctx, path, "expire\n");
}

/* ENXIO: the client has expired, its folder is about to go. */
static bool is_gone(int r)
{
	return r == -ENOENT || r == -ENXIO;
}

/* 1 the client has something on the device, 0 not (or it has gone meanwhile), or -errno. */
static int look_at_client(struct haops_ctx *ctx, const char *name, const struct holders *what)
{
	CLEANUP_FREE char *states = NULL;
	char path[PATH_LEN_MAX];
	int r;

	(void)snprintf(path, sizeof(path), NFSD "clients/%s/states", name);
	r = nfs_read(ctx, path, STATES_MAX, &states);
	if (r < 0)
		return is_gone(r) ? 0 : r;
	if (!nfs_text_has_state_on(states, major(what->device), minor(what->device)))
		return 0;
	r = expire(ctx, name, what);
	return r < 0 && !is_gone(r) ? r : 1;
}

static int count_holders(struct haops_ctx *ctx, DIR *dir, const struct holders *what,
			 size_t *ret_count)
{
	struct dirent *entry;
	size_t count = 0;

	for (;;) {
		int r = ctx->sys->readdir(dir, &entry);

		if (r == 0 && entry && entry->d_name[0] != '.')
			r = look_at_client(ctx, entry->d_name, what);
		if (r < 0)
			return r;
		if (!entry)
			break;
		count += r == 1;
	}
	*ret_count = count;
	return 0;
}

int haops_nfs_holders(struct haops_ctx *ctx, dev_t device, enum haops_nfs_expire expire,
		      size_t *ret_count)
{
	struct holders what = {.device = device, .expire = expire};
	CLEANUP_DIR DIR *dir = NULL;
	int lease_s = 0;
	int r;

	if (!ctx)
		return -EINVAL;
	if (!ret_count)
		return haops_fail(ctx, EINVAL, "NFSv4 clients: an argument is missing");
	r = ctx->sys->opendir(NFSD "clients", &dir);
	if (r == -ENOENT)
		return haops_fail(ctx, ENOENT, "the kernel does not tell its NFSv4 clients");
	if (r == 0)
		r = read_number(ctx, NFSD "nfsv4leasetime", &lease_s);
	what.lease_s = lease_s;
	if (r == 0)
		r = count_holders(ctx, dir, &what, ret_count);
	if (r < 0)
		r = haops_fail_sys(ctx, r, "cannot read the state of NFSv4 clients");
	return r == 0 || r == -ENOMEM ? r : -EIO;
}
