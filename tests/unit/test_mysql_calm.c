/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a monitor may rest, and what ends that. */
#include "mysql/calm.h"
#include "unit.h"

static bool describe(struct calm_view view, const char *place, char text[CALM_MAX])
{
	view.place = place;
	return calm_describe(&view, text);
}

static void changes_are_told_apart(void **state)
{
	const struct calm_view view = {.executor = {10, 100},
				       .server = {20, 200},
				       .cib = {.inode = 5, .at_ns = 6}};
	struct calm_view others[] = {view, view, view, view, view};
	char text[CALM_MAX], other[CALM_MAX];

	(void)state;
	others[0].executor.ticks++;
	others[1].server.pid++;
	others[2].server.ticks++;
	others[3].cib.inode++;
	others[4].cib.at_ns++;
	assert_true(describe(view, "P 1", text));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_true(describe(others[i], "P 1", other));
		assert_string_not_equal(text, other);
	}
	assert_true(describe(view, "P 2", other));
	assert_string_not_equal(text, other);
	assert_true(describe(view, "P 1", other));
	assert_string_equal(text, other);
}

static void unknown_configuration_is_no_rest(void **state)
{
	char text[CALM_MAX];

	(void)state;
	assert_false(describe((struct calm_view){.executor = {10, 100}}, "P", text));
}

static void rest_ends(void **state)
{
	const struct calm_note note = {.at_ms = 1000, .acked = 100, .text = "P 1"};
	struct seen seen = {.at_ms = 1000, .acked = 100};

	(void)state;
	assert_true(calm_lasts(&note, "P 1", &seen, 1000));
	assert_true(calm_lasts(&note, "P 1", &seen, 1000 + CALM_MS - 1));
	assert_false(calm_lasts(&note, "P 1", &seen, 1000 + CALM_MS));
	assert_false(calm_lasts(&note, "P 1", &seen, 999));
	assert_false(calm_lasts(&note, "P 2", &seen, 1001));
	/* Of before all was looked at. */
	seen.at_ms = 999;
	assert_false(calm_lasts(&note, "P 1", &seen, 1001));
	seen.at_ms = 1001;
	seen.waiting = 3;
	assert_false(calm_lasts(&note, "P 1", &seen, 1001));
	seen.acked = 101;
	assert_true(calm_lasts(&note, "P 1", &seen, 1001));
}

static void note_is_read_back(void **state)
{
	const struct calm_note note = {.at_ms = 123456789, .acked = 42, .text = "R 1/2 3/4 x y"};
	struct calm_note found = {.at_ms = 0};
	char text[CALM_MAX + 64];

	(void)state;
	(void)calm_format(&note, text, sizeof(text));
	assert_true(calm_parse(text, &found));
	assert_int_equal(found.at_ms, note.at_ms);
	assert_int_equal(found.acked, note.acked);
	assert_string_equal(found.text, note.text);
	assert_false(calm_parse("", &found));
	assert_false(calm_parse("12 13", &found));
	assert_false(calm_parse("x 1\ntext", &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_told_apart),
		cmocka_unit_test(unknown_configuration_is_no_rest),
		cmocka_unit_test(rest_ends),
		cmocka_unit_test(note_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
