/* SPDX-License-Identifier: 0BSD */
/* Exports a directory to a client by NFS, shows whether it is exported and what clients hold on its
 * file system, or ends the export and releases the locks of it (or of one address only). */

#include <errno.h>
#include <haops/nfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TIMEOUT_MS 10000

static int show(struct haops_ctx *ctx, const struct haops_nfs_export *what)
{
	struct haops_nfs_server server;
	struct haops_nfs_found found;
	struct stat st;
	size_t holders = 0;
	int r = haops_nfs_server_query(ctx, &server);

	if (r == 0)
		r = haops_nfs_export_query(ctx, what, &found);
	if (r < 0)
		return r;
	printf("server: %d threads, lease %d s%s\n", server.threads, server.lease_s,
	       server.is_grace ? ", clients may reclaim" : "");
	printf("%s to %s: %s, %s\n", what->directory, what->client,
	       found.is_listed ? "exported" : "not exported",
	       found.is_in_kernel ? "in use" : "not in use");
	if (stat(what->directory, &st) == 0 &&
	    haops_nfs_holders(ctx, st.st_dev, HAOPS_NFS_EXPIRE_NONE, &holders) == 0)
		printf("NFSv4 clients with something on its file system: %zu\n", holders);
	return 0;
}

static int take_back(struct haops_ctx *ctx, const struct haops_nfs_export *what,
		     const char *address)
{
	struct haops_addr addr;
	int r = haops_nfs_export_remove(ctx, what, haops_deadline_after(ctx, TIMEOUT_MS));

	if (r < 0)
		return r;
	if (!address)
		return haops_nfs_unlock_path(ctx, what->directory);
	r = haops_addr_parse(ctx, address, &addr);
	return r < 0 ? r : haops_nfs_unlock_address(ctx, &addr);
}

static int run(struct haops_ctx *ctx, int argc, char **argv)
{
	const struct haops_nfs_export what = {.client = argv[2], .directory = argv[3]};
	const char *more = argc > 4 ? argv[4] : NULL;
	int r = 0;

	if (strcmp(argv[1], "add") == 0)
		r = haops_nfs_export_add(ctx, &what, more ? more : "",
					 haops_deadline_after(ctx, TIMEOUT_MS));
	else if (strcmp(argv[1], "remove") == 0)
		r = take_back(ctx, &what, more);
	if (r == 0)
		r = show(ctx, &what);
	if (r < 0)
		fprintf(stderr, "nfs-export: %s\n", haops_ctx_error(ctx));
	return r;
}

int main(int argc, char **argv)
{
	struct haops_ctx *ctx;
	int r;

	if (argc < 4 || argc > 5 ||
	    (strcmp(argv[1], "add") != 0 && strcmp(argv[1], "remove") != 0 &&
	     strcmp(argv[1], "show") != 0)) {
		fprintf(stderr, "usage: nfs-export add CLIENT /DIRECTORY [OPTIONS]\n"
				"       nfs-export remove CLIENT /DIRECTORY [ADDRESS]\n"
				"       nfs-export show CLIENT /DIRECTORY\n");
		return 2;
	}
	if (haops_ctx_new(&ctx) < 0)
		return 1;
	r = run(ctx, argc, argv);
	haops_ctx_free(ctx);
	return r == 0 ? 0 : r == -EINVAL ? 2 : r == -ETIMEDOUT ? 3 : 1;
}
