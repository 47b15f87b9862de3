/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Laws that hold for all sets of transactions, with sets by chance, against a model that keeps one
 * bit for each transaction. Their seed is the round. */
#include "mysql_sets.h"

#define SOURCES 6
#define NUMBERS 20
#define ROUNDS 4000
#define TEXT_MAX 8192

/* Bit n of a source: its transaction n. Sources 0 to 2 and 3 to 5 are two domains of MariaDB. */
struct model {
	uint32_t bits[SOURCES];
};

static const char *const mysql_names[SOURCES] = {
	"3e11fa47-71ca-11e1-9e33-c80aa9429562",	       "3e11fa47-71ca-11e1-9e33-c80aa9429562:tag",
	"3e11fa47-71ca-11e1-9e33-c80aa9429562:tag_2",  "3e11fa47-71ca-11e1-9e33-c80aa9429563",
	"ee2e3b8e-3a5c-4a2a-8d6f-0123456789ab:a_name", "ee2e3b8e-3a5c-4a2a-8d6f-0123456789ab:tag",
};
static const char *const mariadb_names[SOURCES] = {"0-1", "0-2",  "0-256",
						   "7-1", "7-70", "7-4294967295"};

static uint32_t span_bits(unsigned int first, unsigned int last)
{
	return ((UINT32_C(1) << (last + 1)) - 1) & ~((UINT32_C(1) << first) - 1);
}

/* Up to 12 entries in any order, some of them twice or in parts, as text and as model. */
static void make(uint64_t *seed, enum haops_mysql_flavor flavor, char text[TEXT_MAX],
		 struct model *model)
{
	unsigned int entries = chance_below(seed, 13);
	size_t len = 0;

	*model = (struct model){0};
	text[0] = '\0';
	for (unsigned int i = 0; i < entries; i++) {
		unsigned int source = chance_below(seed, SOURCES);
		unsigned int first = 1 + chance_below(seed, NUMBERS);
		unsigned int last = first + chance_below(seed, NUMBERS + 1 - first);
		const char *between = i == 0 ? "" : chance_below(seed, 2) ? "," : " ,\n";

		if (flavor == HAOPS_MYSQL_MARIADB) {
			first = 1;
			len += (size_t)snprintf(text + len, TEXT_MAX - len, "%s%s-%u", between,
						mariadb_names[source], last);
		} else {
			len += (size_t)snprintf(text + len, TEXT_MAX - len, "%s%s:%u-%u", between,
						mysql_names[source], first, last);
		}
		model->bits[source] |= span_bits(first, last);
	}
}

/* Highest number of a domain of MariaDB. */
static unsigned int highest(const struct model *model, unsigned int domain)
{
	uint32_t bits =
		model->bits[3 * domain] | model->bits[3 * domain + 1] | model->bits[3 * domain + 2];
	unsigned int number = 0;

	while (bits >> (number + 1))
		number++;
	return number;
}

static uint64_t model_beyond(enum haops_mysql_flavor flavor, const struct model *a,
			     const struct model *b)
{
	uint64_t count = 0;

	if (flavor == HAOPS_MYSQL_MYSQL) {
		for (unsigned int i = 0; i < SOURCES; i++)
			count += (uint64_t)__builtin_popcount(a->bits[i] & ~b->bits[i]);
		return count;
	}
	for (unsigned int i = 0; i < 2; i++)
		if (highest(a, i) > highest(b, i))
			count += highest(a, i) - highest(b, i);
	return count;
}

/* A text of one entry for each transaction; MariaDB: for each source. */
static void model_text(enum haops_mysql_flavor flavor, const struct model *model,
		       char text[TEXT_MAX])
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < SOURCES; i++) {
		for (unsigned int n = 1; n <= NUMBERS; n++) {
			bool is_last = !(model->bits[i] & span_bits(n + 1, n + 1));

			if (!(model->bits[i] & span_bits(n, n)) ||
			    (flavor == HAOPS_MYSQL_MARIADB && !is_last))
				continue;
			len += (size_t)snprintf(text + len, TEXT_MAX - len,
						flavor == HAOPS_MYSQL_MARIADB ? "%s%s-%u"
									      : "%s%s:%u",
						len > 0 ? "," : "",
						flavor == HAOPS_MYSQL_MARIADB ? mariadb_names[i]
									      : mysql_names[i],
						n);
		}
	}
}

/* Equal to what the model's text gives: byte by byte, both being canonical. */
static void assert_model(struct haops_ctx *ctx, enum haops_mysql_flavor flavor,
			 const struct haops_mysql_gtid *set, const struct model *model)
{
	struct haops_mysql_gtid *wanted;
	char text[TEXT_MAX];
	char *canonical = NULL;

	model_text(flavor, model, text);
	wanted = set_of(ctx, flavor, text);
	assert_int_equal(haops_mysql_gtid_format(ctx, wanted, &canonical), 0);
	assert_set(ctx, set, canonical);
	free(canonical);
	(void)haops_mysql_gtid_free(wanted);
}

static struct model unite(const struct model *a, const struct model *b)
{
	struct model united;

	for (unsigned int i = 0; i < SOURCES; i++)
		united.bits[i] = a->bits[i] | b->bits[i];
	return united;
}

static struct model subtract(enum haops_mysql_flavor flavor, const struct model *a,
			     const struct model *b)
{
	struct model rest;

	for (unsigned int i = 0; i < SOURCES; i++) {
		rest.bits[i] = a->bits[i] & ~b->bits[i];
		if (flavor == HAOPS_MYSQL_MARIADB && rest.bits[i])
			rest.bits[i] = a->bits[i];
	}
	return rest;
}

struct pair {
	struct haops_ctx *ctx;
	enum haops_mysql_flavor flavor;
	struct haops_mysql_gtid *a, *b;
	struct model model_a, model_b;
};

static void check_relation(const struct pair *p)
{
	uint64_t beyond = model_beyond(p->flavor, &p->model_a, &p->model_b);
	uint64_t behind = model_beyond(p->flavor, &p->model_b, &p->model_a);

	assert_true(haops_mysql_gtid_count_beyond(p->a, p->b) == beyond);
	assert_true(haops_mysql_gtid_count_beyond(p->b, p->a) == behind);
	assert_int_equal(haops_mysql_gtid_covers(p->a, p->b), behind == 0);
	assert_int_equal(haops_mysql_gtid_compare(p->a, p->b), beyond && behind
								       ? HAOPS_MYSQL_DIVERGED
							       : beyond ? HAOPS_MYSQL_AHEAD
							       : behind ? HAOPS_MYSQL_BEHIND
									: HAOPS_MYSQL_EQUAL);
	assert_int_equal(haops_mysql_gtid_compare(p->a, p->a), HAOPS_MYSQL_EQUAL);
}

static void check_algebra(const struct pair *p)
{
	struct haops_mysql_gtid *united = NULL, *other = NULL, *errant = NULL, *none = NULL,
				*again = NULL;
	struct model model = unite(&p->model_a, &p->model_b);

	assert_int_equal(haops_mysql_gtid_unite(p->ctx, p->a, p->b, &united), 0);
	assert_model(p->ctx, p->flavor, united, &model);
	assert_int_equal(haops_mysql_gtid_unite(p->ctx, p->b, p->a, &other), 0);
	assert_int_equal(haops_mysql_gtid_compare(united, other), HAOPS_MYSQL_EQUAL);
	assert_true(haops_mysql_gtid_covers(united, p->a));
	assert_true(haops_mysql_gtid_covers(united, p->b));
	assert_int_equal(haops_mysql_gtid_errant(p->ctx, p->a, p->b, &errant), 0);
	model = subtract(p->flavor, &p->model_a, &p->model_b);
	assert_model(p->ctx, p->flavor, errant, &model);
	assert_int_equal(haops_mysql_gtid_errant(p->ctx, p->a, united, &none), 0);
	assert_true(haops_mysql_gtid_is_empty(none));
	/* b and what only a has are both. */
	assert_int_equal(haops_mysql_gtid_unite(p->ctx, p->b, errant, &again), 0);
	model = unite(&p->model_a, &p->model_b);
	assert_model(p->ctx, p->flavor, again, &model);
	(void)haops_mysql_gtid_free(again);
	(void)haops_mysql_gtid_free(none);
	(void)haops_mysql_gtid_free(errant);
	(void)haops_mysql_gtid_free(other);
	(void)haops_mysql_gtid_free(united);
}

static void check_text(const struct pair *p)
{
	char *text = NULL;
	struct haops_mysql_gtid *again;

	assert_model(p->ctx, p->flavor, p->a, &p->model_a);
	assert_int_equal(haops_mysql_gtid_format(p->ctx, p->a, &text), 0);
	again = set_of(p->ctx, p->flavor, text);
	assert_set(p->ctx, again, text);
	free(text);
	(void)haops_mysql_gtid_free(again);
}

static void check_flavor(struct haops_ctx *ctx, enum haops_mysql_flavor flavor)
{
	for (uint64_t round = 1; round <= ROUNDS; round++) {
		uint64_t seed = round * UINT64_C(0x9e3779b97f4a7c15);
		struct pair p = {.ctx = ctx, .flavor = flavor};
		char text[TEXT_MAX];

		make(&seed, flavor, text, &p.model_a);
		p.a = set_of(ctx, flavor, text);
		make(&seed, flavor, text, &p.model_b);
		p.b = set_of(ctx, flavor, text);
		check_text(&p);
		check_relation(&p);
		check_algebra(&p);
		(void)haops_mysql_gtid_free(p.a);
		(void)haops_mysql_gtid_free(p.b);
	}
}

static void laws_hold_for_mariadb(void **state)
{
	check_flavor(*state, HAOPS_MYSQL_MARIADB);
}

static void laws_hold_for_mysql(void **state)
{
	check_flavor(*state, HAOPS_MYSQL_MYSQL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CTX(laws_hold_for_mariadb),
		TEST_CTX(laws_hold_for_mysql),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
