/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NGINX_VERDICT_H
#define NGINX_VERDICT_H

/* What nginx said of its configuration, and of which state of which files: kept as a state file.
 * Pure. */

#include "nginx/conf-parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERDICT_MESSAGE_MAX 256
#define VERDICT_KEY_MAX 8192

/* A file as it was. All 0: it was not there. ctime_ns 1: it changed during the check, so this stamp
 * is never found again. */
struct file_stamp {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;
	uint64_t ctime_ns;
};

struct verdict {
	bool is_good;
	char message[VERDICT_MESSAGE_MAX]; /* nginx's first error if it is not good */
	struct conf_facts facts;
	struct file_stamp *stamps; /* owned: of each of facts.watch */
	/* About this run, and not stored: */
	bool is_fresh; /* nginx was asked now */
	bool is_news;  /* and said something else than the last time */
};

/* key says what was checked: program, configuration, options. *ret_text is to be freed. */
int verdict_format(const struct verdict *verdict, const char *key, char **ret_text,
		   size_t *ret_len);
/* 0, -EINVAL if it is no verdict or one about another key, -ENOMEM. */
int verdict_parse(const char *text, const char *key, struct verdict *ret_verdict);
int verdict_copy_facts(const struct verdict *from, struct verdict *to);
void verdict_free(struct verdict *verdict);

#endif
