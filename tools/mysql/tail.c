/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files below /var/lib/haops/mysql, see tail.h. What is in them is tail-scan.c's. */

#include "tail.h"

#include "internal.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int make_folder(struct haops_ctx *ctx, const char *path)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	return haops_fail(ctx, errno, "folder %s cannot be made: %s", path, strerror(errno));
}

static int make_folders(struct haops_ctx *ctx, const char *resource)
{
	char path[TAIL_PATH_MAX];
	int r = make_folder(ctx, "/var/lib/haops");

	if (r == 0)
		r = make_folder(ctx, TAIL_FOLDER);
	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), TAIL_FOLDER "/%s", resource);
	return make_folder(ctx, path);
}

int tail_make_file(struct haops_ctx *ctx, const char *resource, const char *node, const char *kind,
		   char ret_path[TAIL_PATH_MAX])
{
	CLEANUP_FD int fd = -1;
	time_t seconds = time(NULL);
	char when[32] = "";
	struct tm now;
	int r = make_folders(ctx, resource);

	if (r < 0)
		return r;
	if (gmtime_r(&seconds, &now))
		(void)strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &now);
	(void)snprintf(ret_path, TAIL_PATH_MAX, TAIL_FOLDER "/%s/%s-%s-%s.sql", resource, node,
		       when, kind);
	fd = open(ret_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return haops_fail(ctx, errno, "file %s cannot be made: %s", ret_path,
				  strerror(errno));
	return 0;
}

int tail_read(struct haops_ctx *ctx, const char *path, struct tail *ret_tail)
{
	CLEANUP_FILE FILE *file = fopen(path, "re");
	CLEANUP_FREE char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (!file)
		return haops_fail(ctx, errno, "file %s cannot be read: %s", path, strerror(errno));
	memset(ret_tail, 0, sizeof(*ret_tail));
	while ((len = getline(&line, &size, file)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		tail_scan(ret_tail, line);
	}
	tail_scan_end(ret_tail);
	if (ferror(file))
		return haops_fail(ctx, EIO, "file %s cannot be read", path);
	return 0;
}

static int read_all(struct haops_ctx *ctx, FILE *file, char *text, size_t size)
{
	size_t len = fread(text, 1, size, file);

	if (ferror(file))
		return haops_fail(ctx, EIO, "a file cannot be read");
	if (len == size)
		return haops_fail(ctx, EFBIG, "it is more than %zu bytes", size - 1);
	if (memchr(text, '\0', len))
		return haops_fail(ctx, EINVAL, "it holds a NUL");
	text[len] = '\0';
	return 0;
}

int tail_load(struct haops_ctx *ctx, const char *path, size_t max, char **ret_text)
{
	CLEANUP_FILE FILE *file = fopen(path, "re");
	CLEANUP_FREE char *text = malloc(max + 1);
	int r;

	if (!file)
		return haops_fail(ctx, errno, "file %s cannot be read: %s", path, strerror(errno));
	if (!text)
		return haops_fail(ctx, ENOMEM, "memory is short");
	r = read_all(ctx, file, text, max + 1);
	if (r == 0)
		*ret_text = TAKE_PTR(text);
	return r;
}
