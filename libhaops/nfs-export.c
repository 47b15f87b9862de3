/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exports directories by exportfs(8), and looks into both tables whether it is true. */
#include "internal.h"
#include "nfs-text.h"
#include "nfs.h"

#include <haops/nfs.h>
#include <haops/process.h>
#include <stdio.h>

#define ETAB "/var/lib/nfs/etab"
/* Without "nfs", older kernels show the same at /proc/fs/nfsd/exports. */
#define KERNEL_TABLE "/proc/fs/nfs/exports"
#define TABLE_MAX (64U * 1024U * 1024U)
#define DIRECTORY_MAX 4096
#define OPTIONS_MAX 4096
#define OUTPUT_MAX 4096
#define POLL_MS 50

static const char *const programs[] = {"/usr/sbin/exportfs", "/sbin/exportfs", NULL};
static const char *const caches[] = {"auth.unix.ip", "auth.unix.gid", "nfsd.fh", "nfsd.export",
				     NULL};

const char *haops_nfs_export_table(void)
{
	return ETAB;
}

static bool has_blank(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return true;
	return false;
}

static int check_what(struct haops_ctx *ctx, const struct haops_nfs_export *what)
{
	if (!what || !what->client || !what->directory)
		return haops_fail(ctx, EINVAL, "export: an argument is missing");
	if (!what->client[0] || what->client[0] == '-' || has_blank(what->client) ||
	    strlen(what->client) >= HAOPS_NFS_CLIENT_MAX || strpbrk(what->client, "(),\\"))
		return haops_fail(ctx, EINVAL, "export: \"%.100s\" is not one client",
				  what->client);
	if (what->directory[0] != '/' || strlen(what->directory) >= DIRECTORY_MAX ||
	    strpbrk(what->directory, "\n\r"))
		return haops_fail(ctx, EINVAL, "export: \"%.100s\" is no absolute path",
				  what->directory);
	return 0;
}

/* What a table has for a directory. */
struct matches {
	bool is_client;	    /* for the client that was asked for */
	bool is_by_address; /* for some client, known by its address only */
	bool is_any;
};

static int search(struct haops_ctx *ctx, const char *path, const struct haops_nfs_export *what,
		  struct matches *ret)
{
	CLEANUP_FREE char *table = NULL;
	struct nfs_text_export entry;
	char *at;
	int r = nfs_read(ctx, path, TABLE_MAX, &table);

	memset(ret, 0, sizeof(*ret));
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return haops_fail_sys(ctx, r, "cannot read %s", path);
	at = table;
	while (nfs_text_next(&at, &entry)) {
		if (strcmp(entry.path, what->directory) != 0)
			continue;
		ret->is_any = true;
		ret->is_client |= nfs_text_is_client(entry.client, what->client);
		ret->is_by_address |= nfs_text_is_by_address(entry.client);
	}
	return 0;
}

/* Entries by address are ours if nobody else's export of the directory can be behind them. */
static int query(struct haops_ctx *ctx, const struct haops_nfs_export *what,
		 struct haops_nfs_found *ret_found)
{
	struct matches listed;
	struct matches kernel;
	int r = search(ctx, ETAB, what, &listed);

	if (r == 0)
		r = search(ctx, KERNEL_TABLE, what, &kernel);
	if (r < 0)
		return r == -ENOMEM ? r : -EIO;
	ret_found->is_listed = listed.is_client;
	ret_found->is_in_kernel =
		kernel.is_client || (kernel.is_by_address && (listed.is_client || !listed.is_any));
	return 0;
}

int haops_nfs_export_query(struct haops_ctx *ctx, const struct haops_nfs_export *what,
			   struct haops_nfs_found *ret_found)
{
	struct haops_nfs_found found;
	int r;

	if (!ctx)
		return -EINVAL;
	if (!ret_found)
		return haops_fail(ctx, EINVAL, "export: an argument is missing");
	r = check_what(ctx, what);
	if (r == 0)
		r = query(ctx, what, &found);
	if (r == 0)
		*ret_found = found;
	return r;
}

/* The first line of what exportfs said, without its own name. */
static int refused(struct haops_ctx *ctx, const struct haops_process_result *result)
{
	const char *text = result->output;
	const char *behind = strncmp(text, "exportfs: ", 10) == 0 ? text + 10 : text;

	if (result->end == HAOPS_PROCESS_TIMED_OUT)
		return haops_fail(ctx, ETIMEDOUT, "exportfs did not end in time");
	if (result->end == HAOPS_PROCESS_SIGNALED)
		return haops_fail(ctx, EIO, "exportfs was ended by signal %d", result->status);
	return haops_fail(ctx, EIO, "exportfs (status %d): %.*s", result->status,
			  (int)strcspn(behind, "\n"), behind);
}

/* argv[0] is filled in. */
static int run_exportfs(struct haops_ctx *ctx, const char **argv, int64_t deadline_ms)
{
	struct haops_process_spec spec = {.argv = argv, .output_max_bytes = OUTPUT_MAX};
	struct haops_process_result result;
	int r = -ENOENT;

	for (size_t i = 0; programs[i] && r == -ENOENT; i++) {
		argv[0] = programs[i];
		r = haops_process_run(ctx, &spec, deadline_ms, &result);
	}
	if (r == -ENOENT)
		return haops_fail(ctx, ENOENT,
				  "exportfs is not installed (Debian: package nfs-kernel-server)");
	if (r < 0)
		return r == -ENOMEM ? r : -EIO;
	if (result.end != HAOPS_PROCESS_EXITED || result.status != 0)
		r = refused(ctx, &result);
	haops_process_result_done(&result);
	return r;
}

static char *join(const struct haops_nfs_export *what)
{
	size_t size = strlen(what->client) + strlen(what->directory) + 2;
	char *text = malloc(size);

	if (text)
		(void)snprintf(text, size, "%s:%s", what->client, what->directory);
	return text;
}

int haops_nfs_export_add(struct haops_ctx *ctx, const struct haops_nfs_export *what,
			 const char *options, int64_t deadline_ms)
{
	CLEANUP_FREE char *target = NULL;
	const char *argv[] = {"", "-o", options, NULL, NULL};
	struct haops_nfs_found found = {.is_listed = false};
	int r;

	if (!ctx)
		return -EINVAL;
	r = check_what(ctx, what);
	if (r < 0)
		return r;
	if (!options || has_blank(options) || strlen(options) >= OPTIONS_MAX)
		return haops_fail(ctx, EINVAL, "export: options hold a blank, or are too long");
	target = join(what);
	if (!target)
		return haops_fail(ctx, ENOMEM, "export: memory is short");
	/* Without options it would not take an empty word. */
	argv[options[0] ? 3 : 1] = target;
	if (!options[0])
		argv[2] = NULL;
	r = run_exportfs(ctx, argv, deadline_ms);
	if (r == 0)
		r = query(ctx, what, &found);
	if (r == 0 && !found.is_listed)
		r = haops_fail(ctx, EIO,
			       "exportfs ended well, but %s has no %s for %s: give the client as "
			       "it stands there",
			       ETAB, what->directory, what->client);
	return r;
}

/* The kernel asks mountd again for what it still needs: entries of other exports come back. */
static void flush(struct haops_ctx *ctx)
{
	char path[128];

	for (size_t i = 0; caches[i]; i++) {
		(void)snprintf(path, sizeof(path), "/proc/net/rpc/%s/flush", caches[i]);
		(void)nfs_write(ctx, path, "1\n");
	}
}

static int still_there(struct haops_ctx *ctx, const struct haops_nfs_export *what,
		       const struct haops_nfs_found *found)
{
	return haops_fail(ctx, ETIMEDOUT, "%s is still exported to %s: in %s", what->directory,
			  what->client, found->is_listed ? ETAB : "the kernel's table");
}

/* Entries in use leave the kernel's table when their request ends. */
static int wait_gone(struct haops_ctx *ctx, const struct haops_nfs_export *what,
		     int64_t deadline_ms)
{
	for (;;) {
		struct haops_nfs_found found;
		int64_t next = haops_now_ms(ctx) + POLL_MS;
		int r = query(ctx, what, &found);

		if (r < 0 || (!found.is_listed && !found.is_in_kernel))
			return r;
		if (haops_deadline_left_ms(ctx, deadline_ms) == 0)
			return still_there(ctx, what, &found);
		flush(ctx);
		(void)ctx->sys->poll(NULL, 0, next < deadline_ms ? next : deadline_ms);
	}
}

int haops_nfs_export_remove(struct haops_ctx *ctx, const struct haops_nfs_export *what,
			    int64_t deadline_ms)
{
	CLEANUP_FREE char *target = NULL;
	const char *argv[] = {"", "-u", NULL, NULL};
	struct haops_nfs_found found;
	int r;

	if (!ctx)
		return -EINVAL;
	r = check_what(ctx, what);
	if (r == 0)
		r = query(ctx, what, &found);
	if (r < 0 || (!found.is_listed && !found.is_in_kernel))
		return r;
	target = join(what);
	if (!target)
		return haops_fail(ctx, ENOMEM, "export: memory is short");
	argv[2] = target;
	/* It fails for what only the kernel still has: the tables tell. */
	r = found.is_listed ? run_exportfs(ctx, argv, deadline_ms) : 0;
	return r < 0 ? r : wait_gone(ctx, what, deadline_ms);
}
