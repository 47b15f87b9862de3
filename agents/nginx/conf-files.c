/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a configuration out of its files, without nginx: for when no program may be started, or
 * nginx refuses it. Puts together what "nginx -T" would print; judges nothing. */

#include "nginx/conf-files.h"
#include "nginx/conf-token.h"
#include "nginx/host.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All files together: lists of networks are long. */
#define FILES_BYTES_MAX 16777216

struct reader {
	struct conf_facts
		files; /* those found so far, in watch: the order in which they are read */
	FILE *dump;
	size_t left;		 /* bytes that may still be read */
	char dir[CONF_TEXT_MAX]; /* of the main file, with / behind */
};

static int add_file(const char *path, void *userdata)
{
	struct reader *reader = userdata;
	int r = conf_watch_add(&reader->files, path, strlen(path));

	/* What is not read might be what matters. */
	return r == 0 && reader->files.is_watch_full ? -EFBIG : r;
}

static int follow(struct reader *reader, const char *pattern)
{
	char path[2 * CONF_TEXT_MAX];

	(void)snprintf(path, sizeof(path), "%s%s", pattern[0] == '/' ? "" : reader->dir, pattern);
	return host_glob(path, add_file, reader);
}

static int find_includes(struct reader *reader, const char *text, size_t len)
{
	struct tokens tokens = {.pos = text, .end = text + len};
	struct directive d;
	int r = 0;

	do {
		token_next(&tokens, &d);
		if (d.end == TOKEN_SEMICOLON && d.count > 1 && strcmp(d.words[0], "include") == 0)
			r = follow(reader, d.words[1]);
	} while (r == 0 && d.end != TOKEN_EOF);
	return r;
}

static int read_file(struct reader *reader, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	size_t len;
	int r = host_read(path, reader->left, &text, &len);

	/* Gone since, or a link to nowhere: nginx would refuse it, and nothing listens by it. */
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	reader->left -= len;
	fprintf(reader->dump, "# configuration file %s:\n%s\n", path, text);
	return find_includes(reader, text, len);
}

static int read_all(struct reader *reader, const char *config)
{
	const char *slash = strrchr(config, '/');
	int r;

	if (!slash || (size_t)(slash - config) + 2 > sizeof(reader->dir))
		return -EINVAL;
	(void)snprintf(reader->dir, sizeof(reader->dir), "%.*s", (int)(slash - config) + 1, config);
	r = add_file(config, reader);
	for (size_t i = 0; i < reader->files.watch_count && r == 0; i++)
		r = read_file(reader, reader->files.watch[i]);
	return r;
}

int conf_files_read(const char *config, struct conf_facts *ret_facts)
{
	CLEANUP_FREE char *dump = NULL;
	struct reader reader = {.left = FILES_BYTES_MAX};
	size_t len = 0;
	int r;

	memset(ret_facts, 0, sizeof(*ret_facts));
	reader.dump = open_memstream(&dump, &len);
	if (!reader.dump)
		return -ENOMEM;
	r = read_all(&reader, config);
	conf_facts_free(&reader.files);
	if (fclose(reader.dump) != 0 && r == 0)
		r = -ENOMEM;
	return r == 0 ? conf_parse(dump, len, ret_facts) : r;
}
