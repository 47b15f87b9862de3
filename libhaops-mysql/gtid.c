/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of transactions as sorted spans: order, union, difference, what one has beyond another.
 * Reading them is gtid-parse.c's, what differs between servers the dialects'. */
#include "gtid.h"

#include "internal.h"

struct haops_mysql_gtid *gtid_new(const struct gtid_dialect *dialect, size_t room)
{
	struct haops_mysql_gtid *set;

	set = malloc(sizeof(*set) + room * sizeof(set->spans[0]));
	if (set) {
		set->dialect = dialect;
		set->count = 0;
	}
	return set;
}

struct haops_mysql_gtid *haops_mysql_gtid_free(struct haops_mysql_gtid *set)
{
	free(set);
	return NULL;
}

static int source_cmp(const struct gtid_span *a, const struct gtid_span *b)
{
	return memcmp(&a->source, &b->source, sizeof(a->source));
}

static int span_cmp(const void *a, const void *b)
{
	const struct gtid_span *x = a;
	const struct gtid_span *y = b;
	int order = source_cmp(x, y);

	if (order != 0)
		return order;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Spans come in order; one that overlaps or touches the last makes it longer. */
static void append(struct haops_mysql_gtid *set, const struct gtid_span *span)
{
	struct gtid_span *last = set->count > 0 ? &set->spans[set->count - 1] : NULL;

	if (last && source_cmp(last, span) == 0 && span->first - 1 <= last->last) {
		if (span->last > last->last)
			last->last = span->last;
		return;
	}
	set->spans[set->count++] = *span;
}

void gtid_sort(struct haops_mysql_gtid *set)
{
	size_t count = set->count;

	qsort(set->spans, count, sizeof(set->spans[0]), span_cmp);
	set->count = 0;
	for (size_t i = 0; i < count; i++) {
		struct gtid_span span = set->spans[i];

		append(set, &span);
	}
}

uint64_t gtid_add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The first span of b that reaches to from or beyond it; NULL if none does before span ends. */
static const struct gtid_span *next_obstacle(struct gtid_minus *minus, const struct gtid_span *span)
{
	for (; minus->at_b < minus->b->count; minus->at_b++) {
		const struct gtid_span *obstacle = &minus->b->spans[minus->at_b];
		int order = source_cmp(obstacle, span);

		if (order > 0 || (order == 0 && obstacle->first > span->last))
			return NULL;
		if (order == 0 && obstacle->last >= minus->from)
			return obstacle;
	}
	return NULL;
}

bool gtid_minus_next(struct gtid_minus *minus, struct gtid_span *ret_span)
{
	while (minus->at_a < minus->a->count) {
		struct gtid_span rest = minus->a->spans[minus->at_a];
		const struct gtid_span *obstacle;

		if (minus->from == 0)
			minus->from = rest.first;
		rest.first = minus->from;
		obstacle = next_obstacle(minus, &rest);
		if (!obstacle || obstacle->last >= rest.last) {
			minus->at_a++;
			minus->from = 0;
		} else {
			minus->from = obstacle->last + 1;
		}
		if (obstacle && obstacle->first <= rest.first)
			continue;
		if (obstacle)
			rest.last = obstacle->first - 1;
		*ret_span = rest;
		return true;
	}
	return false;
}

bool haops_mysql_gtid_is_empty(const struct haops_mysql_gtid *set)
{
	return set && set->count == 0;
}

size_t haops_mysql_gtid_count_domains(const struct haops_mysql_gtid *set)
{
	return set ? set->dialect->count_domains(set) : 0;
}

static bool are_comparable(const struct haops_mysql_gtid *first,
			   const struct haops_mysql_gtid *second)
{
	return first && second && first->dialect == second->dialect;
}

uint64_t haops_mysql_gtid_count_beyond(const struct haops_mysql_gtid *first,
				       const struct haops_mysql_gtid *second)
{
	if (are_comparable(first, second))
		return first->dialect->count_beyond(first, second);
	return 0;
}

enum haops_mysql_relation haops_mysql_gtid_compare(const struct haops_mysql_gtid *first,
						   const struct haops_mysql_gtid *second)
{
	bool is_more, is_less;

	if (!are_comparable(first, second))
		return HAOPS_MYSQL_DIVERGED;
	is_more = haops_mysql_gtid_count_beyond(first, second) > 0;
	is_less = haops_mysql_gtid_count_beyond(second, first) > 0;
	if (is_more)
		return is_less ? HAOPS_MYSQL_DIVERGED : HAOPS_MYSQL_AHEAD;
	return is_less ? HAOPS_MYSQL_BEHIND : HAOPS_MYSQL_EQUAL;
}

bool haops_mysql_gtid_covers(const struct haops_mysql_gtid *first,
			     const struct haops_mysql_gtid *second)
{
	return are_comparable(first, second) && haops_mysql_gtid_count_beyond(second, first) == 0;
}

/* What both results of two sets need: sets that are there, of one dialect. */
static int check_pair(struct haops_ctx *ctx, const struct haops_mysql_gtid *first,
		      const struct haops_mysql_gtid *second, struct haops_mysql_gtid **ret_set)
{
	if (!ctx)
		return -EINVAL;
	if (!first || !second || !ret_set)
		return haops_fail(ctx, EINVAL, "two GTID sets and a result must be given");
	if (first->dialect != second->dialect)
		return haops_fail(ctx, EINVAL, "a GTID set of %s and one of %s have no relation",
				  first->dialect->name, second->dialect->name);
	return 0;
}

static int no_memory(struct haops_ctx *ctx, size_t room)
{
	return haops_fail(ctx, ENOMEM, "no memory for a GTID set of %zu entries", room);
}

int haops_mysql_gtid_errant(struct haops_ctx *ctx, const struct haops_mysql_gtid *first,
			    const struct haops_mysql_gtid *second,
			    struct haops_mysql_gtid **ret_set)
{
	struct gtid_minus minus = {.a = first, .b = second};
	struct haops_mysql_gtid *set;
	struct gtid_span span;
	size_t room;
	int r = check_pair(ctx, first, second, ret_set);

	if (r < 0)
		return r;
	/* Each span of second cuts at most one of first in two. */
	room = first->count + second->count;
	set = gtid_new(first->dialect, room);
	if (!set)
		return no_memory(ctx, room);
	while (gtid_minus_next(&minus, &span)) {
		/* A MariaDB entry stands for all up to its number. */
		if (set->dialect == &gtid_mariadb)
			span.first = 1;
		append(set, &span);
	}
	*ret_set = set;
	return 0;
}

int haops_mysql_gtid_unite(struct haops_ctx *ctx, const struct haops_mysql_gtid *first,
			   const struct haops_mysql_gtid *second, struct haops_mysql_gtid **ret_set)
{
	struct haops_mysql_gtid *set;
	size_t i = 0, k = 0, room;
	int r = check_pair(ctx, first, second, ret_set);

	if (r < 0)
		return r;
	room = first->count + second->count;
	set = gtid_new(first->dialect, room);
	if (!set)
		return no_memory(ctx, room);
	while (i < first->count || k < second->count) {
		bool is_first =
			k == second->count ||
			(i < first->count && span_cmp(&first->spans[i], &second->spans[k]) < 0);

		append(set, is_first ? &first->spans[i++] : &second->spans[k++]);
	}
	*ret_set = set;
	return 0;
}

int haops_mysql_gtid_format(struct haops_ctx *ctx, const struct haops_mysql_gtid *set,
			    char **ret_text)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	if (!ctx)
		return -EINVAL;
	if (!set || !ret_text)
		return haops_fail(ctx, EINVAL, "a GTID set and a result must be given");
	out = open_memstream(&text, &size);
	for (size_t i = 0; out && i < set->count; i++)
		set->dialect->write(out, &set->spans[i], i > 0 ? &set->spans[i - 1] : NULL);
	if (!out || fclose(out) != 0) {
		free(text);
		return haops_fail(ctx, ENOMEM, "no memory for the text of a GTID set");
	}
	*ret_text = text;
	return 0;
}
