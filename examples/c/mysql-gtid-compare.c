/* SPDX-License-Identifier: 0BSD */
/* Compares two sets of transactions: @@gtid_binlog_state of two MariaDB servers, @@gtid_executed of
 * two MySQL servers. Tells who has more, and what only one of them has. */

#include <errno.h>
#include <haops/mysql-gtid.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A wrong argument is 2, any other failure is 1. */
static int fail(const struct haops_ctx *ctx, int error)
{
	fprintf(stderr, "mysql-gtid-compare: %s\n", haops_ctx_error(ctx));
	return error == -EINVAL ? 2 : 1;
}

static const char *relation_text(const struct haops_mysql_gtid *first,
				 const struct haops_mysql_gtid *second)
{
	switch (haops_mysql_gtid_compare(first, second)) {
	case HAOPS_MYSQL_EQUAL:
		return "equal";
	case HAOPS_MYSQL_BEHIND:
		return "the first is behind";
	case HAOPS_MYSQL_AHEAD:
		return "the first is ahead";
	default:
		return "diverged";
	}
}

/* What only one of them has. */
static int print_only(struct haops_ctx *ctx, const char *which, const struct haops_mysql_gtid *set,
		      const struct haops_mysql_gtid *other)
{
	struct haops_mysql_gtid *only = NULL;
	char *text = NULL;
	int r = haops_mysql_gtid_errant(ctx, set, other, &only);

	if (r == 0)
		r = haops_mysql_gtid_format(ctx, only, &text);
	if (r == 0 && !haops_mysql_gtid_is_empty(only))
		printf("only the %s: %s\n", which, text);
	free(text);
	haops_mysql_gtid_free(only);
	return r;
}

static int run(struct haops_ctx *ctx, enum haops_mysql_flavor flavor, char **texts)
{
	struct haops_mysql_gtid *first = NULL, *second = NULL;
	int r = haops_mysql_gtid_parse(ctx, flavor, texts[0], &first);

	if (r == 0)
		r = haops_mysql_gtid_parse(ctx, flavor, texts[1], &second);
	if (r == 0) {
		printf("%s, %" PRIu64 " more and %" PRIu64 " less\n", relation_text(first, second),
		       haops_mysql_gtid_count_beyond(first, second),
		       haops_mysql_gtid_count_beyond(second, first));
		r = print_only(ctx, "first", first, second);
	}
	if (r == 0)
		r = print_only(ctx, "second", second, first);
	haops_mysql_gtid_free(first);
	haops_mysql_gtid_free(second);
	return r < 0 ? fail(ctx, r) : 0;
}

int main(int argc, char **argv)
{
	struct haops_ctx *ctx;
	int r;

	if (argc != 4 || (strcmp(argv[1], "mariadb") != 0 && strcmp(argv[1], "mysql") != 0)) {
		fprintf(stderr, "usage: mysql-gtid-compare mariadb|mysql SET SET\n");
		return 2;
	}
	if (haops_ctx_new(&ctx) < 0) {
		fprintf(stderr, "mysql-gtid-compare: memory is short\n");
		return 1;
	}
	r = run(ctx, strcmp(argv[1], "mysql") == 0 ? HAOPS_MYSQL_MYSQL : HAOPS_MYSQL_MARIADB,
		argv + 2);
	haops_ctx_free(ctx);
	return r;
}
