/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes belong to one nginx: the decision that stop kills by, case by case. */

#include "nginx/group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MASTER "nginx: master process "
#define WORKER "nginx: worker process"
#define MAX 8

struct row {
	pid_t pid;
	pid_t ppid;
	pid_t sid;
	const char *cmdline;
	enum group_role role; /* wanted */
};

struct group_case {
	const char *name;
	const char *config;
	int is_default; /* -1: not known */
	struct group_record record;
	struct row rows[MAX];
	size_t master; /* index, MAX: none */
};

/* Each process started at its number of ticks. */
#define RECORD(n)                                                                                  \
	{                                                                                          \
		.pid = (n), .start_ticks = (n), .sid = (n), .exe = "/n", .config = "/a"            \
	}

static const struct group_case cases[] = {
	{"nothing", "/a", 0, {0}, {{0}}, MAX},
	{"plain",
	 "/a",
	 0,
	 {0},
	 {{10, 1, 10, MASTER "/n -c /a", GROUP_MASTER},
	  {11, 10, 10, WORKER, GROUP_MEMBER},
	  {12, 10, 10, "nginx: cache manager process", GROUP_MEMBER}},
	 0},
	{"options behind", "/a", 0, {0}, {{10, 1, 10, MASTER "/n -c /a -g x;", GROUP_MASTER}}, 0},
	{"glued option", "/a", 0, {0}, {{10, 1, 10, MASTER "/n -c/a", GROUP_MASTER}}, 0},
	{"longer name", "/a", 0, {0}, {{10, 1, 10, MASTER "/n -c /ab", GROUP_NONE}}, MAX},
	{"another's",
	 "/a",
	 0,
	 {0},
	 {{10, 1, 10, MASTER "/n -c /b", GROUP_NONE},
	  {11, 10, 10, WORKER, GROUP_NONE},
	  {20, 1, 20, MASTER "/n -c /a", GROUP_MASTER},
	  {21, 20, 20, WORKER, GROUP_MEMBER}},
	 2},
	{"default one", "/a", 1, {0}, {{10, 1, 10, MASTER "/n", GROUP_MASTER}}, 0},
	{"another default", "/a", 0, {0}, {{10, 1, 10, MASTER "/n", GROUP_NONE}}, MAX},
	{"other prefix", "/a", 1, {0}, {{10, 1, 10, MASTER "/n -p /x", GROUP_NONE}}, MAX},
	{"starting", "/a", 0, {0}, {{10, 9, 9, "/n -c /a", GROUP_MASTER}}, 0},
	{"testing", "/a", 0, {0}, {{10, 9, 9, "/n -T -c /a", GROUP_NONE}}, MAX},
	{"signalling", "/a", 0, {0}, {{10, 9, 9, "/n -s stop -c /a", GROUP_NONE}}, MAX},
	{"child without its own title",
	 "/a",
	 0,
	 {0},
	 {{11, 10, 10, MASTER "/n -c /a", GROUP_MASTER},
	  {10, 1, 10, MASTER "/n -c /a", GROUP_MASTER}},
	 1},
	{"recorded orphans",
	 "/a",
	 0,
	 RECORD(10),
	 {{11, 1, 10, WORKER, GROUP_MEMBER}, {12, 1, 10, WORKER, GROUP_MEMBER}},
	 MAX},
	{"orphans of a subreaper", "/a", 0, RECORD(10), {{11, 500, 10, WORKER, GROUP_MEMBER}}, MAX},
	{"orphans of another", "/a", 0, RECORD(10), {{21, 1, 20, WORKER, GROUP_STRAY}}, MAX},
	{"session older than the record",
	 "/a",
	 0,
	 RECORD(15),
	 {{11, 1, 15, WORKER, GROUP_STRAY}},
	 MAX},
	{"orphans and a new master",
	 "/a",
	 0,
	 RECORD(10),
	 {{11, 1, 10, WORKER, GROUP_MEMBER},
	  {20, 1, 20, MASTER "/n -c /a", GROUP_MASTER},
	  {21, 20, 20, WORKER, GROUP_MEMBER}},
	 1},
	{"number taken again by another",
	 "/a",
	 0,
	 RECORD(10),
	 {{10, 1, 10, MASTER "/n -c /b", GROUP_MASTER}},
	 0},
	{"recorded session led by another's master",
	 "/a",
	 0,
	 {.pid = 10, .start_ticks = 5, .sid = 10, .exe = "/n", .config = "/a"},
	 {{10, 1, 10, MASTER "/n -c /b", GROUP_NONE}, {11, 10, 10, WORKER, GROUP_NONE}},
	 MAX},
	{"binary upgrade",
	 "/a",
	 0,
	 RECORD(10),
	 {{10, 1, 10, MASTER "/n -c /a", GROUP_MASTER},
	  {20, 10, 10, MASTER "/n -c /a", GROUP_MASTER},
	  {21, 20, 10, WORKER, GROUP_MEMBER},
	  {11, 10, 10, WORKER " is shutting down", GROUP_MEMBER}},
	 0},
	{"after a binary upgrade",
	 "/a",
	 0,
	 RECORD(10),
	 {{20, 1, 10, MASTER "/n -c /a", GROUP_MASTER}, {21, 20, 10, WORKER, GROUP_MEMBER}},
	 0},
	{"single process", "/a", 0, RECORD(10), {{10, 1, 10, "/n -c /a", GROUP_MASTER}}, 0},
};

static size_t fill(const struct group_case *c, struct haops_process *list)
{
	size_t n = 0;

	for (; n < MAX && c->rows[n].pid; n++) {
		memset(&list[n], 0, sizeof(list[n]));
		list[n].pid = c->rows[n].pid;
		list[n].ppid = c->rows[n].ppid;
		list[n].sid = c->rows[n].sid;
		list[n].start_ticks = (uint64_t)c->rows[n].pid;
		(void)snprintf(list[n].cmdline, sizeof(list[n].cmdline), "%s", c->rows[n].cmdline);
	}
	return n;
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct group_case *c = &cases[i];
		struct haops_process list[MAX];
		enum group_role roles[MAX];
		size_t count = fill(c, list);
		struct group_want want = {c->config, c->is_default == 1, c->is_default >= 0,
					  &c->record};
		size_t master;

		assert_true(group_classify(list, count, &want, roles));
		for (size_t k = 0; k < count; k++)
			if (roles[k] != c->rows[k].role)
				fail_msg("%s: row %zu is %d", c->name, k, roles[k]);
		master = group_master(list, roles, count);
		if (master != (c->master == MAX ? count : c->master))
			fail_msg("%s: master is %zu", c->name, master);
	}
}

/* Without the compile-time default some cannot be told apart: asked for, never guessed. */
static void test_undecided(void **state)
{
	static const struct group_record none;
	struct haops_process p;
	enum group_role role;
	struct group_want want = {.config = "/a", .record = &none};

	(void)state;
	memset(&p, 0, sizeof(p));
	p.pid = 10;
	memcpy(p.cmdline, MASTER "/n", sizeof(MASTER "/n"));
	assert_false(group_classify(&p, 1, &want, &role));
	want.config = "";
	assert_true(group_classify(&p, 1, &want, &role));
	assert_int_equal(role, GROUP_MASTER);
	memcpy(p.cmdline, MASTER "/n -c /a", sizeof(MASTER "/n -c /a"));
	assert_false(group_classify(&p, 1, &want, &role));
}

static void test_cut_title(void **state)
{
	static const struct group_record none;
	struct haops_process p;
	enum group_role role;
	char config[300] = "/";
	struct group_want want = {.config = config, .is_default_known = true, .record = &none};

	(void)state;
	memset(config + 1, 'd', 240);
	memset(&p, 0, sizeof(p));
	p.pid = 10;
	memset(p.cmdline, 'd', sizeof(p.cmdline) - 1);
	memcpy(p.cmdline, MASTER "/n -c /", strlen(MASTER "/n -c /"));
	assert_true(group_classify(&p, 1, &want, &role));
	assert_int_equal(role, GROUP_MASTER);
	config[5] = 'x';
	assert_true(group_classify(&p, 1, &want, &role));
	assert_int_equal(role, GROUP_NONE);
}

/* Each state of a title that is written byte by byte over the arguments is ours or unclear. */
static void test_title_being_written(void **state)
{
	static const struct group_record none;
	static const char before[] = "/usr/sbin/nginx -c /etc/a";
	static const char after[] = MASTER "/usr/sbin/nginx -c /etc/a";
	static const char *const behind[] = {"", "PATH=/bin"};
	struct group_want want = {.config = "/etc/a", .is_default_known = true, .record = &none};
	struct haops_process p;
	enum group_role role;

	(void)state;
	for (size_t n = 0; n < 2 * sizeof(after); n++) {
		size_t w = n / 2;
		const char *rest = w < strlen(before) ? before + w : behind[n % 2];

		memset(&p, 0, sizeof(p));
		p.pid = 10;
		(void)snprintf(p.cmdline, sizeof(p.cmdline), "%.*s%s", (int)w, after, rest);
		assert_true(group_classify(&p, 1, &want, &role));
		if (role != GROUP_MASTER && !group_is_unclear(&p, &want) &&
		    !group_is_titled_master(&p))
			fail_msg("%s", p.cmdline);
	}
	p.cmdline[0] = '\0';
	assert_true(group_is_unclear(&p, &want));
	memcpy(p.cmdline, MASTER "/n -c /b", sizeof(MASTER "/n -c /b"));
	assert_false(group_is_unclear(&p, &want));
	memcpy(p.cmdline, WORKER, sizeof(WORKER));
	assert_false(group_is_unclear(&p, &want));
	memcpy(p.cmdline, "/n -c /b", sizeof("/n -c /b"));
	assert_false(group_is_unclear(&p, &want));
}

static void test_record(void **state)
{
	static const char *const bad[] = {"",
					  "1 2 3",
					  "1 2 3\n/n\n",
					  "0 2 3\n/n\n/a\n",
					  "1 2 3 4\n/n\n/a\n",
					  "x 2 3\n/n\n/a\n",
					  "1 2 -3\n/n\n/a\n",
					  "1 2 3\n\n/a\n"};
	struct group_record r = {.pid = 7,
				 .start_ticks = 1ULL << 60,
				 .sid = 6,
				 .exe = "/n",
				 .config = "/a b"};
	struct group_record back;
	char buf[1024];

	(void)state;
	assert_true(group_record_format(&r, buf, sizeof(buf)) == strlen(buf));
	assert_true(group_record_parse(buf, &back));
	assert_int_equal(back.pid, 7);
	assert_true(back.start_ticks == 1ULL << 60);
	assert_string_equal(back.config, "/a b");
	assert_int_equal(group_record_format(&r, buf, 8), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(group_record_parse(bad[i], &back));
}

static void test_workers(void **state)
{
	static const struct {
		const char *cmdline;
		bool is_worker;
		bool is_ending;
	} titles[] = {{WORKER, true, false},
		      {WORKER " is shutting down", false, true},
		      {"nginx: cache manager process", false, false},
		      {"nginx: cache manager process is shutting down", false, false},
		      {MASTER "/n -c /shutting down", false, false},
		      {"", false, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		struct haops_process p = {.pid = 10};

		(void)snprintf(p.cmdline, sizeof(p.cmdline), "%s", titles[i].cmdline);
		assert_int_equal(group_is_worker(&p), titles[i].is_worker);
		assert_int_equal(group_is_ending(&p), titles[i].is_ending);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),	  cmocka_unit_test(test_undecided),
		cmocka_unit_test(test_cut_title), cmocka_unit_test(test_title_being_written),
		cmocka_unit_test(test_record),	  cmocka_unit_test(test_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
