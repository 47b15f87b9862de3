/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds text to the readers of both dialects: what they take must come back the same from its
 * canonical form, and keep the laws of sets. A zero byte parts a second set from the first. */

#include "internal.h"

#include <haops/mysql-gtid.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool is_kept)
{
	if (!is_kept)
		abort();
}

static struct haops_mysql_gtid *read_set(struct haops_ctx *ctx, enum haops_mysql_flavor flavor,
					 const char *text)
{
	struct haops_mysql_gtid *set = NULL;
	int r = haops_mysql_gtid_parse(ctx, flavor, text, &set);

	must(r == 0 || (r == -EINVAL && !set && *haops_ctx_error(ctx)));
	return set;
}

static char *write_set(struct haops_ctx *ctx, const struct haops_mysql_gtid *set)
{
	char *text = NULL;

	must(haops_mysql_gtid_format(ctx, set, &text) == 0);
	must(haops_mysql_gtid_is_empty(set) == !*text);
	return text;
}

static void check_canonical(struct haops_ctx *ctx, enum haops_mysql_flavor flavor,
			    const struct haops_mysql_gtid *set)
{
	char *text = write_set(ctx, set), *again;
	struct haops_mysql_gtid *back = read_set(ctx, flavor, text);

	must(back != NULL && haops_mysql_gtid_compare(set, back) == HAOPS_MYSQL_EQUAL);
	must(haops_mysql_gtid_count_domains(set) == haops_mysql_gtid_count_domains(back));
	again = write_set(ctx, back);
	must(strcmp(text, again) == 0);
	free(again);
	free(text);
	(void)haops_mysql_gtid_free(back);
}

static void check_pair(struct haops_ctx *ctx, const struct haops_mysql_gtid *a,
		       const struct haops_mysql_gtid *b)
{
	struct haops_mysql_gtid *united = NULL, *errant = NULL, *none = NULL;

	must(haops_mysql_gtid_unite(ctx, a, b, &united) == 0);
	must(haops_mysql_gtid_covers(united, a) && haops_mysql_gtid_covers(united, b));
	must(haops_mysql_gtid_count_beyond(a, united) == 0);
	must(haops_mysql_gtid_errant(ctx, a, b, &errant) == 0);
	must(haops_mysql_gtid_covers(a, errant));
	must(haops_mysql_gtid_count_beyond(a, b) == 0 || !haops_mysql_gtid_is_empty(errant));
	must(haops_mysql_gtid_errant(ctx, errant, united, &none) == 0);
	must(haops_mysql_gtid_is_empty(none));
	(void)haops_mysql_gtid_free(none);
	(void)haops_mysql_gtid_free(errant);
	(void)haops_mysql_gtid_free(united);
}

static void check_dialect(struct haops_ctx *ctx, enum haops_mysql_flavor flavor, const char *first,
			  const char *second)
{
	struct haops_mysql_gtid *a = read_set(ctx, flavor, first);
	struct haops_mysql_gtid *b = read_set(ctx, flavor, second);

	if (a)
		check_canonical(ctx, flavor, a);
	if (a && b) {
		check_pair(ctx, a, b);
		check_pair(ctx, b, a);
	}
	(void)haops_mysql_gtid_free(a);
	(void)haops_mysql_gtid_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct haops_ctx *ctx = NULL;
	char *text = malloc(size + 1);
	const char *second;
	size_t len;

	if (!text || haops_ctx_new(&ctx) < 0)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	len = strlen(text);
	second = len < size ? text + len + 1 : "";
	check_dialect(ctx, HAOPS_MYSQL_MARIADB, text, second);
	check_dialect(ctx, HAOPS_MYSQL_MYSQL, text, second);
	free(text);
	(void)haops_ctx_free(ctx);
	return 0;
}
