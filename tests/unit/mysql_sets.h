/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_MYSQL_SETS_H
#define HAOPS_TESTS_MYSQL_SETS_H

/* For tests of libhaops-mysql: sets out of texts that are right, and numbers by chance that come
 * again with the same seed. */

#include "unit.h"

#include <haops/mysql.h>

static inline struct haops_mysql_gtid *set_of(struct haops_ctx *ctx, enum haops_mysql_flavor flavor,
					      const char *text)
{
	struct haops_mysql_gtid *set = NULL;

	if (haops_mysql_gtid_parse(ctx, flavor, text, &set) < 0)
		fail_msg("\"%s\": %s", text, haops_ctx_error(ctx));
	return set;
}

static inline void assert_set(struct haops_ctx *ctx, const struct haops_mysql_gtid *set,
			      const char *wanted)
{
	char *text = NULL;

	assert_int_equal(haops_mysql_gtid_format(ctx, set, &text), 0);
	assert_string_equal(text, wanted);
	free(text);
}

/* A healthy replica that has this in its log, applied it, and received it. */
static inline struct haops_mysql_status status_of(struct haops_ctx *ctx,
						  enum haops_mysql_flavor flavor,
						  const char *logged, const char *applied,
						  const char *received)
{
	struct haops_mysql_status status = {
		.server = {.flavor = flavor},
		.is_read_only = true,
		.has_binlog = true,
		.logs_applied = true,
		.is_replica = true,
		.source_count = 1,
		.uses_gtid = true,
		.logged = set_of(ctx, flavor, logged),
		.applied = set_of(ctx, flavor, applied),
		.received = set_of(ctx, flavor, received),
	};
	struct haops_mysql_gtid *done = NULL;

	assert_int_equal(haops_mysql_gtid_unite(ctx, status.logged, status.applied, &done), 0);
	assert_int_equal(haops_mysql_gtid_unite(ctx, done, status.received, &status.all), 0);
	(void)haops_mysql_gtid_free(done);
	return status;
}

/* xorshift64*, by its published constants. */
static inline uint64_t chance(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(2685821657736338717);
}

/* A number from 0 to below. */
static inline unsigned int chance_below(uint64_t *seed, unsigned int below)
{
	return (unsigned int)((chance(seed) >> 32) % below);
}

#endif
