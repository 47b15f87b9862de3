/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the Filesystem agent makes of a table of mounts: who owns a path, what is to be unmounted
 * next, all by table. */

#include "filesystem/table.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const char host[] = "1 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
			   "20 1 0:5 / /dev rw shared:2 - devtmpfs udev rw\n"
			   "30 1 8:16 / /srv/data rw,noatime shared:7 - xfs /dev/sdb rw\n"
			   "31 30 8:32 / /srv/data/logs rw - ext4 /dev/sdc rw\n"
			   "32 31 0:50 / /srv/data/logs/tmp rw - tmpfs none rw\n"
			   "33 1 8:16 /web /var/www rw - xfs /dev/sdb rw\n"
			   "34 33 0:51 / /var/www/cache rw - tmpfs none rw\n"
			   "35 1 8:17 / /srv/database rw - xfs /dev/sdb1 rw\n"
			   "36 1 0:60 /@home /home rw - btrfs /dev/sdd rw\n"
			   "37 1 0:60 /@srv /srv/b rw - btrfs /dev/sdd rw\n"
			   "38 30 8:48 / /srv/data ro - ext4 /dev/sde rw\n"
			   "39 1 0:70 / /mnt/nfs\\040one rw - nfs4 server:/a\\040b rw\n";

static void make(const char *text, struct mount_table *table)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	assert_int_equal(table_parse(copy, table), 0);
}

static void test_parse(void **state)
{
	struct mount_table table;

	(void)state;
	make(host, &table);
	assert_int_equal(table.count, 12);
	assert_string_equal(table.list[11].path, "/mnt/nfs one");
	assert_string_equal(table.list[11].source, "server:/a b");
	table_free(&table);
	make("", &table);
	assert_int_equal(table.count, 0);
	assert_null(table_owner(&table, "/x"));
	table_free(&table);
	assert_int_equal(table_parse(strdup("1 0 8:1 / / rw - ext4 x rw\n2 1 8:"), &table),
			 -EBADMSG);
}

static void test_paths(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} cases[] = {
		{"/", "/"},
		{"/a", "/a"},
		{"/a/", "/a"},
		{"//a///b//", "/a/b"},
		{"/a/./b/.", "/a/b"},
		{"/./", "/"},
		{"/a..b/...", "/a..b/..."},
		{"/a/../b", NULL},
		{"a", NULL},
		{"", NULL},
		{"/..", NULL},
		{"/123456789012345", NULL},
	};
	char out[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool is_good = path_normalize(cases[i].in, out, sizeof(out));

		assert_int_equal(is_good, cases[i].out != NULL);
		if (is_good)
			assert_string_equal(out, cases[i].out);
	}
	assert_true(path_is_in("/a/b", "/a"));
	assert_true(path_is_in("/a", "/a"));
	assert_true(path_is_in("/a", "/"));
	assert_false(path_is_in("/ab", "/a"));
	assert_false(path_is_in("/", "/a"));
}

static void test_owner(void **state)
{
	static const struct {
		const char *path;
		uint64_t id;
	} cases[] = {
		{"/srv", 1},
		{"/srv/data/x", 38},
		{"/srv/data", 38},
		{"/srv/data/logs/a", 31},
		{"/srv/database", 35},
		{"/srv/databasex", 1},
		{"/var/www/a", 33},
		{"/home/x", 36},
		{"/mnt/nfs one/x", 39},
	};
	struct mount_table table;

	(void)state;
	make(host, &table);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(table_owner(&table, cases[i].path)->id, cases[i].id);
	assert_int_equal(table_top(&table, "/srv/data")->id, 38);
	assert_null(table_top(&table, "/srv/data/"));
	assert_null(table_top(&table, "/srv"));
	assert_int_equal(table_find(&table, 33)->id, 33);
	assert_null(table_find(&table, 99));
	assert_true(table_has_device(&table, "8:16"));
	assert_false(table_has_device(&table, "8:1 "));
	assert_int_equal(table_below(&table, "/var/www")->id, 34);
	assert_null(table_below(&table, "/var/www/cache"));
	table_free(&table);
}

static void drop(struct mount_table *table, uint64_t id)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->list[i].id == id) {
			memmove(&table->list[i], &table->list[i + 1],
				(table->count - i - 1) * sizeof(*table->list));
			table->count--;
		}
}

/* The order in which all of a goal goes, as "id id ...". */
static void order(const struct table_goal *goal, char *out, size_t size)
{
	const struct mountinfo *next;
	struct mount_table table;

	make(host, &table);
	out[0] = '\0';
	while ((next = table_next(&table, goal))) {
		size_t len = strlen(out);

		(void)snprintf(out + len, size - len, "%s%d", len ? " " : "", (int)next->id);
		drop(&table, next->id);
	}
	table_free(&table);
}

static void test_order(void **state)
{
	static const struct {
		struct table_goal goal;
		const char *order;
	} cases[] = {
		/* What lies below and above, not what is elsewhere. */
		{{"/srv/data", NULL, NULL}, "38 32 31 30"},
		/* Its copies, with what lies in them. */
		{{"/srv/data", "8:16", "/"}, "38 34 33 32 31 30"},
		/* A bind mount alone. */
		{{"/var/www", NULL, NULL}, "34 33"},
		/* Another part of the same file system is none of ours. */
		{{"/home", "0:60", "/@home"}, "36"},
		{{"/srv/b", "0:60", "/@srv"}, "37"},
		/* A device whose number begins alike. */
		{{"/srv/database", "8:17", "/"}, "35"},
		{{"/nowhere", NULL, NULL}, ""},
	};
	char out[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		order(&cases[i].goal, out, sizeof(out));
		assert_string_equal(out, cases[i].order);
	}
}

/* Mounts that name each other as parent end no loop but the reading. */
static void test_circle(void **state)
{
	const struct table_goal goal = {.path = "/x"};
	struct mount_table table;

	(void)state;
	make("1 2 0:1 / /a rw - a a rw\n2 1 0:1 / /b rw - a a rw\n3 3 0:1 / /c rw - a a rw\n",
	     &table);
	assert_null(table_next(&table, &goal));
	table_free(&table);
	make("1 2 0:1 / /x rw - a a rw\n2 1 0:1 / /b rw - a a rw\n", &table);
	assert_non_null(table_next(&table, &goal));
	table_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),  cmocka_unit_test(test_paths),
		cmocka_unit_test(test_owner),  cmocka_unit_test(test_order),
		cmocka_unit_test(test_circle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
