/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares what two servers have, by what they say of themselves. Asks nothing, decides nothing. */
#include "compare.h"

#include "gtid.h"
#include "internal.h"

bool compare_is_known(const struct haops_mysql_status *status)
{
	return status && status->all && status->logged && status->applied;
}

uint64_t compare_count_missing(const struct haops_mysql_status *first,
			       const struct haops_mysql_status *second, bool is_needed)
{
	uint64_t count;

	if (first->all->dialect != second->all->dialect)
		return 1;
	count = haops_mysql_gtid_count_beyond(first->all, second->all);
	/* A log without what was applied says nothing of what was not. */
	if (first->all->dialect != &gtid_mariadb || !second->logs_applied)
		return count;
	return gtid_add(count, gtid_mariadb_count_overtaken(first->all, second->logged,
							    second->applied, is_needed));
}

static int find_errant(struct haops_ctx *ctx, const struct haops_mysql_status *first,
		       const struct haops_mysql_status *second, char **ret_text)
{
	struct haops_mysql_gtid *had = NULL, *errant = NULL;
	int r = haops_mysql_gtid_unite(ctx, second->logged, second->applied, &had);

	if (r == 0)
		r = haops_mysql_gtid_errant(ctx, first->logged, had, &errant);
	if (r == 0)
		r = haops_mysql_gtid_format(ctx, errant, ret_text);
	(void)haops_mysql_gtid_free(errant);
	(void)haops_mysql_gtid_free(had);
	return r;
}

int haops_mysql_compare(struct haops_ctx *ctx, const struct haops_mysql_status *first,
			const struct haops_mysql_status *second,
			struct haops_mysql_comparison *ret_comparison)
{
	struct haops_mysql_comparison comparison = {0};
	int r;

	if (!ctx)
		return -EINVAL;
	if (!compare_is_known(first) || !compare_is_known(second) || !ret_comparison)
		return haops_fail(ctx, EINVAL, "two whole statuses and a result must be given");
	if (first->all->dialect != second->all->dialect)
		return haops_fail(ctx, EINVAL, "a server of %s and one of %s cannot be compared",
				  first->all->dialect->name, second->all->dialect->name);
	r = find_errant(ctx, first, second, &comparison.errant);
	if (r < 0)
		return r;
	comparison.relation = haops_mysql_gtid_compare(first->all, second->all);
	comparison.behind = haops_mysql_gtid_count_beyond(second->all, first->all);
	*ret_comparison = comparison;
	return 0;
}
