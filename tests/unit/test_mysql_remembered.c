/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the CIB remembers: read, changed, written, compared. */
#include "mysql/memory.h"
#include "unit.h"

static struct memory read_text(const char *text)
{
	struct memory memory;

	assert_int_equal(memory_read(text, &memory), 0);
	return memory;
}

static void all_is_read(void **state)
{
	struct memory m =
		read_text("primary\t7 n1 0-1-5513,0-2-9\nsafe\tn1 n2\nacks\tn2:17 n-3:18\n"
			  "bad-n3\thas 0-3-7, which n1 never had\nallow-stale\t6\n"
			  "later\tunknown\n");

	(void)state;
	assert_true(m.has_primary);
	assert_int_equal(m.epoch, 7);
	assert_string_equal(m.primary, "n1");
	assert_string_equal(m.gtid, "0-1-5513,0-2-9");
	assert_true(memory_is_safe(&m, "n1") && memory_is_safe(&m, "n2"));
	assert_false(memory_is_safe(&m, "n3") || memory_is_safe(&m, "n"));
	assert_int_equal(memory_count_safe(&m), 2);
	assert_int_equal(memory_acks(&m, "n2"), 17);
	assert_int_equal(memory_acks(&m, "n-3"), 18);
	assert_int_equal(memory_acks(&m, "n1"), 0);
	assert_true(memory_is_bad(&m, "n3"));
	assert_string_equal(memory_look(&m, "n3")->bad, "has 0-3-7, which n1 never had");
	assert_true(m.has_stale);
	assert_false(memory_is_stale_allowed(&m));
	assert_string_equal(m.damage, "");
}

static void nothing_is_no_primary(void **state)
{
	struct memory m = read_text("");

	(void)state;
	assert_false(m.has_primary);
	assert_int_equal(m.node_count, 0);
	assert_int_equal(m.epoch, 0);
}

static void empty_cluster_has_no_gtid(void **state)
{
	struct memory m = read_text("primary\t1 n1\n");

	(void)state;
	assert_true(m.has_primary);
	assert_string_equal(m.gtid, "");
}

static void damage_is_told(void **state)
{
	static const char *const texts[] = {
		"primary\tx n1 0-1-1\n",
		"primary\t1\n",
		"primary\t-1 n1\n",
		"allow-stale\tsoon\n",
		"acks\tn1\n",
		"acks\tn1:x\n",
		"acks\t:5\n",
		"acks\tn1:0\n",
		"safe",
		"primary\t99999999999999999999 n1\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct memory m = read_text(texts[i]);

		if (!m.damage[0])
			fail_msg("not told: %s", texts[i]);
		assert_false(m.has_primary || m.has_stale);
	}
}

static void too_much_is_refused(void **state)
{
	char text[8192] = "safe\t";
	size_t len = strlen(text);
	struct memory m;

	(void)state;
	for (int i = 0; i < MEMORY_NODES_MAX + 1; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "node%d ", i);
	assert_int_equal(memory_read(text, &m), -E2BIG);
}

static void values_come_back(void **state)
{
	struct memory m = {0}, again;
	char text[2 * MEMORY_VALUE_MAX], value[MEMORY_VALUE_MAX];
	int len;

	(void)state;
	assert_int_equal(memory_set_primary(&m, "n1", "0-1-5"), 0);
	assert_true(memory_is_safe(&m, "n1"));
	assert_int_equal(memory_set_safe(&m, "n2", true), 0);
	assert_int_equal(memory_set_acks(&m, "n2", 1795759352), 0);
	memory_primary_value(&m, value, sizeof(value));
	assert_string_equal(value, "1 n1 0-1-5");
	len = snprintf(text, sizeof(text), "primary\t%s\n", value);
	memory_safe_value(&m, value, sizeof(value));
	assert_string_equal(value, "n1 n2");
	len += snprintf(text + len, sizeof(text) - (size_t)len, "safe\t%s\n", value);
	memory_acks_value(&m, value, sizeof(value));
	assert_string_equal(value, "n2:1795759352");
	(void)snprintf(text + len, sizeof(text) - (size_t)len, "acks\t%s\n", value);
	again = read_text(text);
	assert_true(memory_agrees(&m, &again));
	assert_int_equal(memory_set_safe(&again, "n2", false), 0);
	assert_false(memory_agrees(&m, &again));
	assert_int_equal(memory_set_safe(&again, "n2", true), 0);
	assert_int_equal(memory_set_acks(&again, "n3", 4), 0);
	assert_false(memory_agrees(&m, &again));
}

static void promotion_uses_the_acceptance_up(void **state)
{
	struct memory m = read_text("primary\t7 n1 0-1-5\nallow-stale\t7\n");

	(void)state;
	assert_true(memory_is_stale_allowed(&m));
	assert_int_equal(memory_set_primary(&m, "n2", ""), 0);
	assert_false(memory_is_stale_allowed(&m));
	assert_int_equal(m.epoch, 8);
	assert_string_equal(m.gtid, "");
}

static void wrong_names_are_refused(void **state)
{
	struct memory m = {0};
	char longer[MEMORY_GTID_MAX + 1];

	(void)state;
	memset(longer, '1', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(memory_set_safe(&m, "n 1", true), -EINVAL);
	assert_int_equal(memory_set_safe(&m, "", true), -EINVAL);
	assert_int_equal(memory_set_safe(&m, "n1", false), 0);
	assert_int_equal(memory_set_acks(&m, "a=b", 1), -EINVAL);
	assert_int_equal(memory_set_acks(&m, "n1", 0), 0);
	assert_int_equal(memory_set_primary(&m, "n1", "0-1-1, 0-2-2"), -EINVAL);
	assert_int_equal(memory_set_primary(&m, "n1", longer), -E2BIG);
	assert_int_equal(m.node_count, 0);
	assert_false(m.has_primary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_read),
		cmocka_unit_test(nothing_is_no_primary),
		cmocka_unit_test(empty_cluster_has_no_gtid),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(values_come_back),
		cmocka_unit_test(promotion_uses_the_acceptance_up),
		cmocka_unit_test(wrong_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
