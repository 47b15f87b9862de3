/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops-mysql(8), switchover: what forbids it, sentence by sentence, and each way that it can go.
 */

#include "mysql_snapshot.h"
#include "plan.h"
#include "unit.h"
#include "writes.h"

#define WISH (&(const struct plan_wish){.to = "n2", .max_lag_s = 10})

/* The sentence is among those of its level; "" for none at all. */
static void check(const struct snapshot *s, enum writer_level level, const char *text)
{
	struct verdict verdict;
	bool is_there = false;

	plan_check(s, WISH, &verdict);
	for (size_t i = 0; i < verdict.count; i++) {
		if (verdict.problems[i].level == level &&
		    strcmp(verdict.problems[i].text, text) == 0)
			is_there = true;
	}
	if (!text[0] && verdict.count == 0)
		return;
	if (!is_there)
		fail_msg("not said: %s (first of %zu: %s)", text, verdict.count,
			 verdict.count > 0 ? verdict.problems[0].text : "");
}

/* Each breaks one thing of a cluster that is well. */
static void no_quorum(struct snapshot *s)
{
	s->is_quorate = false;
}
static void no_controller(struct snapshot *s)
{
	s->dc[0] = '\0';
}
static void plain(struct snapshot *s)
{
	s->is_promotable = false;
}
static void maintained(struct snapshot *s)
{
	s->is_maintained = true;
}
static void unmanaged(struct snapshot *s)
{
	s->is_managed = false;
}
static void constrained(struct snapshot *s)
{
	world_name(s->constraint, "cli-prefer-ms");
}
static void two_writers(struct snapshot *s)
{
	s->writable_count = 2;
	s->primary = 3;
}
static void no_writer(struct snapshot *s)
{
	s->writable_count = 0;
	s->primary = 3;
}
static void not_promoted(struct snapshot *s)
{
	s->nodes[0].role = ROLE_UNPROMOTED;
}
static void standby(struct snapshot *s)
{
	s->nodes[1].presence = PRESENCE_STANDBY;
}
static void stopped(struct snapshot *s)
{
	s->nodes[1].role = ROLE_STOPPED;
}
static void node_maintained(struct snapshot *s)
{
	s->nodes[1].is_maintained = true;
}
static void banned(struct snapshot *s)
{
	s->nodes[1].score = -1000000;
}
static void unsafe(struct snapshot *s)
{
	s->nodes[1].is_safe = false;
}

static void mute(struct snapshot *s)
{
	s->nodes[1].server.is_answering = false;
	(void)snprintf(s->nodes[1].server.trouble, SNAPSHOT_TEXT_MAX, "it hangs");
}

static void no_replica(struct snapshot *s)
{
	s->nodes[1].server.status.is_replica = false;
}

static void receiver(struct snapshot *s)
{
	s->nodes[1].server.status.receiver = HAOPS_MYSQL_CONNECTING;
	(void)snprintf(s->nodes[1].server.status.receiver_error, HAOPS_MYSQL_ERROR_MAX, "2003");
}

static void applier(struct snapshot *s)
{
	s->nodes[1].server.status.applier = HAOPS_MYSQL_STOPPED;
	(void)snprintf(s->nodes[1].server.status.applier_error, HAOPS_MYSQL_ERROR_MAX, "1062");
}

static void wrong_source(struct snapshot *s)
{
	world_name(s->nodes[1].server.status.source_host, "n3");
}

static void lagging(struct snapshot *s)
{
	s->nodes[1].server.status.lag_s = 11;
}
static void lag_unknown(struct snapshot *s)
{
	s->nodes[1].server.status.lag_s = -1;
}
static void delayed(struct snapshot *s)
{
	s->nodes[1].server.status.delay_s = 3600;
}

static void bad(struct snapshot *s)
{
	s->nodes[1].is_bad = true;
	(void)snprintf(s->nodes[1].bad, SNAPSHOT_TEXT_MAX, "0-2-1 is errant");
}

static void errant(struct snapshot *s)
{
	static char text[] = "0-2-9";

	s->nodes[1].server.errant = text;
}

static void waits(struct snapshot *s)
{
	s->nodes[1].server.decision.verdict = HAOPS_MYSQL_WAIT;
	(void)snprintf(s->nodes[1].server.decision.reason, 256, "n3 does not answer");
}

static void refused(struct snapshot *s)
{
	s->nodes[1].server.decision.verdict = HAOPS_MYSQL_REFUSE;
	(void)snprintf(s->nodes[1].server.decision.reason, 256, "it has no binary log");
}

static void writing(struct snapshot *s)
{
	s->writes.is_known = true;
	s->writes.count = 1;
	s->writes.list[0] = (struct long_write){.session = 7, .seconds = 42};
	world_name(s->writes.list[0].user, "shop");
	(void)snprintf(s->writes.list[0].text, SNAPSHOT_WRITE_MAX, "UPDATE t");
}

static void writing_unknown(struct snapshot *s)
{
	(void)snprintf(s->writes.trouble, SNAPSHOT_TEXT_MAX, "the account lacks PROCESS");
}

static const struct {
	void (*change)(struct snapshot *snapshot);
	const char *text;
} refusals[] = {
	{no_quorum, "Pacemaker decides nothing now: no quorum"},
	{no_controller, "Pacemaker decides nothing now: it has elected no controller"},
	{plain, "ms is not promotable: there is no primary to move, only the resource"},
	{maintained, "ms is in maintenance: Pacemaker would not move it"},
	{unmanaged, "ms is unmanaged: Pacemaker would not move it"},
	{constrained, "constraint cli-prefer-ms of an earlier move is in force: take it away first "
		      "with crm_resource --clear --resource ms"},
	{two_writers, "more than one server is writable: see haops mysql status"},
	{no_writer, "no server that answers is writable: nothing to move, see haops mysql status"},
	{not_promoted, "n1 is writable, but Pacemaker has it unpromoted"},
	{standby, "n2 is standby in Pacemaker"},
	{node_maintained, "n2 is in maintenance"},
	{stopped, "Pacemaker has the server on n2 stopped: it has to run there first"},
	{banned, "n2 has a promotion score below 0: Pacemaker would not promote it"},
	{unsafe, "n2 is not in the safe set: it may lack acknowledged writes"},
	{mute, "the server on n2 does not answer: it hangs"},
	{no_replica, "n2 replicates from nobody"},
	{receiver, "the receiver on n2 is connecting: 2003"},
	{applier, "the applier on n2 is stopped: 1062"},
	{wrong_source, "n2 replicates from n3, not from the primary n1"},
	{lagging, "n2 is 11 s behind, and clients would wait that long; let it catch up, or allow "
		  "it with --max-lag"},
	{lag_unknown, "it is not known how far n2 is behind"},
	{delayed, "n2 is delayed by 3600 s on purpose"},
	{bad, "n2 has diverged: 0-2-1 is errant; see haops mysql rejoin n2"},
	{errant, "n2 has transactions that the primary never had (0-2-9); see haops mysql rejoin "
		 "n2"},
	{waits, "n2 may not be promoted now: n3 does not answer"},
	{refused, "n2 may not be promoted: it has no binary log"},
	{writing, "session 7 of shop has been writing for 42 s and would be ended (UPDATE t); wait "
		  "for it, or end it"},
};

static void test_check(void **state)
{
	struct snapshot s;

	(void)state;
	world_make(&s);
	check(&s, LEVEL_CRITICAL, "");
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		world_make(&s);
		refusals[i].change(&s);
		check(&s, LEVEL_CRITICAL, refusals[i].text);
	}
	world_make(&s);
	writing_unknown(&s);
	check(&s, LEVEL_WARNING,
	      "it is not known whether long statements write now: the account lacks PROCESS");
	world_make(&s);
	s.durability = HAOPS_MYSQL_ASYNC;
	unsafe(&s);
	check(&s, LEVEL_CRITICAL, "");
}

static void test_check_of_nobody(void **state)
{
	const struct plan_wish wish = {.to = "n9"};
	struct verdict verdict;
	struct snapshot s;

	(void)state;
	world_make(&s);
	plan_check(&s, &wish, &verdict);
	assert_int_equal(verdict.count, 1);
	assert_string_equal(verdict.problems[0].text, "there is no node n9");
}

static void close_n1(struct snapshot *s)
{
	s->nodes[0].server.status.is_writable = false;
	s->writable_count = 0;
	s->primary = s->node_count;
}

static void open_n2(struct snapshot *s)
{
	world_primary(s, 1);
	world_name(s->memory.primary, "n2");
}

static void follow(struct snapshot *s)
{
	world_replica(s, 0, "n2");
}

static void drop_n2(struct snapshot *s)
{
	close_n1(s);
	s->nodes[1].presence = PRESENCE_UNCLEAN;
}

static void fail_n2(struct snapshot *s)
{
	close_n1(s);
	s->nodes[1].failure_s = 99;
	(void)snprintf(s->nodes[1].failure, SNAPSHOT_TEXT_MAX, "promote: no");
}

static void open_n1(struct snapshot *s)
{
	world_primary(s, 0);
}

static void open_n3(struct snapshot *s)
{
	world_primary(s, 2);
}

/* One look at a moment: what has changed since the last one, and what comes of it. */
struct look {
	int64_t at_ms;
	void (*change)(struct snapshot *snapshot);
	enum plan_action action; /* of the last step for this look */
	enum plan_phase phase;	 /* after it */
	const char *news;	 /* of the last step that told something; NULL: none */
	bool is_cleared;	 /* afterwards the constraint is gone */
};

static void run_look(struct plan *plan, struct snapshot *s, const struct look *look)
{
	char news[PLAN_TEXT_MAX] = "";
	enum plan_action action;

	if (look->change)
		look->change(s);
	do {
		action = plan_step(plan, s, look->at_ms);
		if (plan->news[0])
			memcpy(news, plan->news, sizeof(news));
	} while (action == PLAN_GO_ON);
	assert_string_equal(news, look->news ? look->news : "");
	assert_int_equal(action, look->action);
	assert_int_equal(plan->phase, look->phase);
	if (look->is_cleared)
		plan_cleared(plan, look->at_ms);
}

static void run(const struct look *looks, enum plan_result result, int64_t gap_ms)
{
	struct snapshot s;
	struct plan plan;

	world_make(&s);
	plan_begin(&plan, &s, "n2", 1000, 60000);
	assert_string_equal(plan.from, "n1");
	for (; looks->at_ms > 0; looks++)
		run_look(&plan, &s, looks);
	assert_int_equal(plan.result, result);
	assert_int_equal(plan_gap_ms(&plan), gap_ms);
}

static void test_moved(void **state)
{
	static const struct look looks[] = {
		{1000, NULL, PLAN_WAIT, PLAN_DEMOTE, NULL, false},
		{1200, NULL, PLAN_WAIT, PLAN_DEMOTE, NULL, false},
		{1250, close_n1, PLAN_WAIT, PLAN_PROMOTE, "n1 takes no writes any more", false},
		{1700, open_n2, PLAN_WAIT, PLAN_FOLLOW,
		 "n2 takes writes: nobody did for 0.500 s at most", false},
		{1900, follow, PLAN_CLEAR, PLAN_SETTLE, "n1 replicates from n2", true},
		{2000, NULL, PLAN_FINISH, PLAN_END, NULL, false},
		{0},
	};

	(void)state;
	run(looks, PLAN_MOVED, 500);
}

/* All of it between two looks. */
static void move_at_once(struct snapshot *s)
{
	close_n1(s);
	open_n2(s);
	follow(s);
}

static void raise_n2(struct snapshot *s)
{
	s->nodes[1].score = 2000;
}

static void low_n2(struct snapshot *s)
{
	move_at_once(s);
	s->nodes[1].score = 1000;
}

/* The score is what keeps it there once the constraint is gone. */
static void test_settles(void **state)
{
	static const struct look looks[] = {
		{1500, low_n2, PLAN_WAIT, PLAN_SETTLE, "n1 replicates from n2", false},
		{1600, NULL, PLAN_WAIT, PLAN_SETTLE, NULL, false},
		{1700, raise_n2, PLAN_CLEAR, PLAN_SETTLE, NULL, true},
		{1800, NULL, PLAN_FINISH, PLAN_END, NULL, false},
		{0},
	};
	static const struct look moved_back[] = {
		{1500, low_n2, PLAN_WAIT, PLAN_SETTLE, "n1 replicates from n2", false},
		{61000, NULL, PLAN_CLEAR, PLAN_SETTLE, NULL, true},
		{61100, open_n1, PLAN_FINISH, PLAN_END, "n1 takes writes", false},
		{0},
	};

	(void)state;
	run(looks, PLAN_MOVED, 500);
	run(moved_back, PLAN_UNDONE, 500);
}

static void test_follower_is_missing(void **state)
{
	static const struct look looks[] = {
		{1500, close_n1, PLAN_WAIT, PLAN_PROMOTE, "n1 takes no writes any more", false},
		{1700, open_n2, PLAN_WAIT, PLAN_FOLLOW,
		 "n2 takes writes: nobody did for 0.700 s at most", false},
		{61000, NULL, PLAN_CLEAR, PLAN_FOLLOW, "n1 does not replicate from n2", true},
		{61100, NULL, PLAN_FINISH, PLAN_END, "n2 takes writes", false},
		{0},
	};

	(void)state;
	run(looks, PLAN_ALONE, 700);
}

static void test_undone(void **state)
{
	static const struct look never_demoted[] = {
		{1500, NULL, PLAN_WAIT, PLAN_DEMOTE, NULL, false},
		{61000, NULL, PLAN_CLEAR, PLAN_DEMOTE,
		 "Pacemaker did not demote the old primary for n2 in time", true},
		{61100, NULL, PLAN_FINISH, PLAN_END, "n1 takes writes", false},
		{0},
	};
	static const struct look never_promoted[] = {
		{1500, close_n1, PLAN_WAIT, PLAN_PROMOTE, "n1 takes no writes any more", false},
		{61000, NULL, PLAN_CLEAR, PLAN_PROMOTE, "n2 was not promoted in time", true},
		{62000, NULL, PLAN_WAIT, PLAN_BACK, NULL, false},
		{63000, open_n1, PLAN_FINISH, PLAN_END, "n1 takes writes", false},
		{0},
	};
	static const struct look failed[] = {
		{1500, fail_n2, PLAN_CLEAR, PLAN_PROMOTE, "n2 could not be promoted: promote: no",
		 true},
		{63000, open_n1, PLAN_FINISH, PLAN_END, "n1 takes writes", false},
		{0},
	};
	static const struct look lost[] = {
		{1500, drop_n2, PLAN_CLEAR, PLAN_PROMOTE, "n2 is not online any more", true},
		{63000, open_n1, PLAN_FINISH, PLAN_END, "n1 takes writes", false},
		{0},
	};
	static const struct look changed_mind[] = {
		{1500, close_n1, PLAN_WAIT, PLAN_PROMOTE, "n1 takes no writes any more", false},
		{1600, open_n1, PLAN_CLEAR, PLAN_PROMOTE,
		 "n1 takes writes again: Pacemaker has changed its mind", true},
		{1700, NULL, PLAN_FINISH, PLAN_END, "n1 takes writes", false},
		{0},
	};

	(void)state;
	run(never_demoted, PLAN_UNDONE, -1);
	run(never_promoted, PLAN_UNDONE, -1);
	run(failed, PLAN_UNDONE, -1);
	run(lost, PLAN_UNDONE, -1);
	run(changed_mind, PLAN_UNDONE, -1);
}

static void test_elsewhere_and_nobody(void **state)
{
	static const struct look elsewhere[] = {
		{1500, close_n1, PLAN_WAIT, PLAN_PROMOTE, "n1 takes no writes any more", false},
		{1600, open_n3, PLAN_CLEAR, PLAN_PROMOTE, "n3 was promoted instead", true},
		{1700, NULL, PLAN_FINISH, PLAN_END, "n3 takes writes", false},
		{0},
	};
	static const struct look nobody[] = {
		{1500, fail_n2, PLAN_CLEAR, PLAN_PROMOTE, "n2 could not be promoted: promote: no",
		 true},
		{61400, NULL, PLAN_WAIT, PLAN_BACK, NULL, false},
		{61500, NULL, PLAN_FINISH, PLAN_END, "nobody takes writes: see haops mysql status",
		 false},
		{0},
	};

	(void)state;
	run(elsewhere, PLAN_ELSEWHERE, -1);
	run(nobody, PLAN_NOBODY, -1);
}

/* What could not be cleared is cleared at the next step; an interrupted plan is undone. */
static void test_abort(void **state)
{
	struct snapshot s;
	struct plan plan;

	(void)state;
	world_make(&s);
	plan_begin(&plan, &s, "n2", 1000, 60000);
	assert_int_equal(plan_step(&plan, &s, 1100), PLAN_WAIT);
	plan_abort(&plan, "interrupted");
	assert_string_equal(plan.news, "interrupted");
	assert_int_equal(plan_step(&plan, &s, 1200), PLAN_CLEAR);
	assert_int_equal(plan_step(&plan, &s, 1300), PLAN_CLEAR);
	plan_abort(&plan, "again");
	assert_string_equal(plan.why, "interrupted");
	plan_cleared(&plan, 1400);
	assert_int_equal(plan_step(&plan, &s, 1500), PLAN_FINISH);
	assert_int_equal(plan.result, PLAN_UNDONE);
	assert_int_equal(plan_step(&plan, &s, 1600), PLAN_FINISH);
}

static void test_long_writes(void **state)
{
	struct long_writes writes;

	(void)state;
	writes_read("1\t0\t\t\n34\t7\tshop\tUPDATE t SET a='secret'\n35\t3\tx\tinsert into d.t "
		    "select 40, sleep(6)\n",
		    &writes);
	assert_true(writes.is_known);
	assert_int_equal(writes.count, 2);
	assert_int_equal(writes.list[0].session, 34);
	assert_int_equal(writes.list[0].seconds, 7);
	assert_string_equal(writes.list[0].user, "shop");
	assert_string_equal(writes.list[0].text, "UPDATE t SET a=");
	assert_string_equal(writes.list[1].text, "insert into d.t select 40, sleep");
	writes_read("0\t0\t\t\n", &writes);
	assert_false(writes.is_known);
	assert_int_equal(writes.count, 0);
	assert_true(writes.trouble[0] != '\0');
	writes_read("", &writes);
	assert_false(writes.is_known);
	writes_read("1\t0\t\t\nnonsense\n", &writes);
	assert_true(writes.is_known);
	assert_int_equal(writes.count, 0);
}

/* Those beyond the list are counted. */
static void test_many_long_writes(void **state)
{
	struct long_writes writes;
	char rows[1024] = "1\t0\t\t\n";
	struct verdict verdict;
	struct snapshot s;

	(void)state;
	for (int i = 0; i < SNAPSHOT_WRITES_MAX + 3; i++)
		(void)snprintf(rows + strlen(rows), sizeof(rows) - strlen(rows),
			       "%d\t9\tu\tUPDATE t\n", i);
	writes_read(rows, &writes);
	assert_int_equal(writes.count, SNAPSHOT_WRITES_MAX + 3);
	world_make(&s);
	s.writes = writes;
	plan_check(&s, WISH, &verdict);
	assert_int_equal(verdict.count, SNAPSHOT_WRITES_MAX + 1);
	assert_string_equal(verdict.problems[SNAPSHOT_WRITES_MAX].text,
			    "3 more sessions have been writing for long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_check_of_nobody),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_settles),
		cmocka_unit_test(test_follower_is_missing),
		cmocka_unit_test(test_undone),
		cmocka_unit_test(test_elsewhere_and_nobody),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_long_writes),
		cmocka_unit_test(test_many_long_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
