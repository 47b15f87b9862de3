/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops-mysql(8): what the CIB remembers, and what is to be accepted as lost. */

#include "loss.h"
#include "mysql_snapshot.h"
#include "remember.h"
#include "unit.h"

#include <stdlib.h>

static void test_whole(void **state)
{
	struct snapshot s;

	(void)state;
	world_make(&s);
	for (size_t i = 0; i < 3; i++)
		s.nodes[i].is_safe = false;
	memset(&s.memory, 0, sizeof(s.memory));
	remember(&s, "primary\t7 n2 0-1-5513\nsafe\tn3 n1\nacks\tn3:42\nbad-n2\t0-2-1 is only "
		     "here\nallow-stale\t7\nlater\t?\nbad-gone\tno node\n");
	assert_true(s.memory.has_primary);
	assert_int_equal(s.memory.epoch, 7);
	assert_string_equal(s.memory.primary, "n2");
	assert_string_equal(s.memory.gtid, "0-1-5513");
	assert_true(s.memory.is_stale_allowed);
	assert_true(s.nodes[0].is_safe && !s.nodes[1].is_safe && s.nodes[2].is_safe);
	assert_int_equal(s.nodes[2].granted, 42);
	assert_true(s.nodes[1].is_bad);
	assert_string_equal(s.nodes[1].bad, "0-2-1 is only here");
	assert_int_equal(s.node_count, 3);
	assert_string_equal(s.memory.damage, "");
}

static void test_nothing(void **state)
{
	struct snapshot s = {0};

	(void)state;
	remember(&s, "");
	assert_false(s.memory.has_primary || s.memory.is_stale_allowed);
	assert_int_equal(s.node_count, 0);
}

static void test_damage(void **state)
{
	struct snapshot s = {0};

	(void)state;
	remember(&s, "primary\tsoon\n");
	assert_false(s.memory.has_primary);
	assert_string_equal(s.memory.damage, "primary is \"soon\"");
}

/* A member of the safe set that is no node any more may have what nobody else has. */
static void test_unknown_member(void **state)
{
	struct snapshot s;

	(void)state;
	world_make(&s);
	remember(&s, "safe\tn1 n4\n");
	assert_int_equal(s.node_count, 4);
	assert_string_equal(s.nodes[3].name, "n4");
	assert_string_equal(s.nodes[3].host, "n4");
	assert_true(s.nodes[3].is_safe);
	assert_int_equal(s.nodes[3].presence, PRESENCE_UNKNOWN);
	assert_int_equal(s.primary, 0);
}

/* n1 is lost; n2 and n3 wait for it. */
static void make_open(struct snapshot *now, struct snapshot *then)
{
	world_make(now);
	now->writable_count = 0;
	now->primary = now->node_count;
	now->nodes[0].server.is_answering = false;
	for (size_t i = 0; i < 3; i++)
		now->nodes[i].server.decision.verdict = HAOPS_MYSQL_WAIT;
	*then = *now;
	then->nodes[1].server.decision.verdict = HAOPS_MYSQL_MAY;
	then->nodes[1].server.decision.given_up = 12;
	(void)snprintf(then->nodes[1].server.decision.reason, 256, "a loss is accepted");
}

static void check_open(const struct snapshot *now, const struct snapshot *then, const char *text)
{
	char why[SNAPSHOT_TEXT_MAX] = "";

	assert_int_equal(loss_is_open(now, then, why), text == NULL);
	assert_string_equal(why, text ? text : "");
}

static void test_loss_is_open(void **state)
{
	struct snapshot now;
	struct snapshot then;

	(void)state;
	make_open(&now, &then);
	check_open(&now, &then, NULL);
	then.nodes[1].server.decision.verdict = HAOPS_MYSQL_REFUSE;
	check_open(&now, &then,
		   "even with a loss accepted nobody could be promoted: see haops mysql status");
	make_open(&now, &then);
	now.nodes[2].server.decision.verdict = HAOPS_MYSQL_CATCH_UP;
	check_open(&now, &then,
		   "n3 may be promoted without a loss: let Pacemaker do it, or see haops mysql "
		   "status for what holds it up");
	now.writable_count = 1;
	check_open(&now, &then, "a server takes writes: nothing is to be accepted");
	now.memory.has_primary = false;
	check_open(&now, &then,
		   "nobody was promoted yet: a new cluster begins with the parameter "
		   "initial_primary");
	now.is_quorate = false;
	check_open(&now, &then, "without quorum nothing is promoted, whatever is accepted");
	now.is_promotable = false;
	check_open(&now, &then, "ms is not promotable: there is nothing to promote");
}

static void test_loss_view(void **state)
{
	const struct writer_options options = {.form = WRITER_TEXT};
	struct snapshot now;
	struct snapshot then;
	struct writer writer;
	char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	(void)state;
	assert_non_null(out);
	make_open(&now, &then);
	(void)snprintf(then.nodes[0].server.trouble, SNAPSHOT_TEXT_MAX, "no route");
	assert_int_equal(writer_open(&writer, out, &options, "allow-stale"), 0);
	loss_view(&writer, &then);
	writer_close(&writer);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(got, "Epoch        7: n1 was promoted last, with 0-1-5513\n"
				 "Lost         what n1 and others that do not answer have "
				 "acknowledged since, and "
				 "nobody who answers has\n"
				 "\n"
				 "Nodes\n"
				 " NODE  SAFE  ANSWERS  MAY THEN  KNOWN LOSS  WHY\n"
				 " n1    yes   no       no                 0  no route\n"
				 " n2    yes   yes      yes               12  a loss is accepted\n"
				 " n3    yes   yes      no                 0  -\n");
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	     cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_damage),	     cmocka_unit_test(test_unknown_member),
		cmocka_unit_test(test_loss_is_open), cmocka_unit_test(test_loss_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
