/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The safe set when commits wait for ever. */
#include "mysql/safe-set.h"
#include "mysql_answer.h"

/* Both groups of commits that wait were received before the replica acknowledged. */
static void stuck_commits_are_released(void **state)
{
	struct haops_mysql_status own, status;
	struct safe_peer peer = {"n2", SAFE_UP, &status, 22, true};
	struct memory memory, next;
	struct safe_view view = {&memory, "n1", &own, HAOPS_MYSQL_SAFE, &peer, 1, true};
	char reason[256];

	make_status(*state, 5, &own);
	make_status(*state, 4, &status);
	own.waits_for_ack = status.acks = true;
	own.ackers = 1;
	assert_int_equal(memory_read("primary\t1 n1\nsafe\tn1 n2\nacks\tn2:22\n", &memory), 0);
	/* It lacks something: that is what is waited for. */
	assert_int_equal(safe_set_next(&view, &next, reason, sizeof(reason)), SAFE_NONE);
	haops_mysql_status_done(&status);
	make_status(*state, 5, &status);
	status.acks = true;
	assert_int_equal(safe_set_next(&view, &next, reason, sizeof(reason)), SAFE_PUBLISH);
	assert_false(memory_is_safe(&next, "n2"));
	assert_int_equal(memory_acks(&next, "n2"), 22);
	memory = next;
	assert_int_equal(safe_set_next(&view, &next, reason, sizeof(reason)), SAFE_WAIT_OFF);
	own.waits_for_ack = view.is_stuck = false;
	assert_int_equal(safe_set_next(&view, &next, reason, sizeof(reason)), SAFE_WAIT_ON);
	own.waits_for_ack = true;
	assert_int_equal(safe_set_next(&view, &next, reason, sizeof(reason)), SAFE_PUBLISH);
	assert_true(memory_is_safe(&next, "n2"));
	haops_mysql_status_done(&own);
	haops_mysql_status_done(&status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST_CTX(stuck_commits_are_released)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
