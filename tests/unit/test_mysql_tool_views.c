/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops-mysql(8), status: what is judged how, and the screen, word by word. */

#include "mysql_snapshot.h"
#include "unit.h"
#include "view-status.h"

#include <stdlib.h>

static char *render(const struct snapshot *s, enum writer_form form)
{
	const struct writer_options options = {.form = form};
	struct verdict verdict;
	struct writer writer;
	char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	assert_non_null(out);
	health_judge(s, &verdict);
	assert_int_equal(writer_open(&writer, out, &options, "status"), 0);
	view_status(&writer, s, &verdict);
	writer_close(&writer);
	assert_int_equal(fclose(out), 0);
	return got;
}

static void check_text(const struct snapshot *s, const char *wanted)
{
	char *got = render(s, WRITER_TEXT);

	assert_string_equal(got, wanted);
	free(got);
}

static void test_well(void **state)
{
	static char logged[] = "0-1-5600";
	struct snapshot s;

	(void)state;
	world_make(&s);
	for (size_t i = 0; i < 3; i++)
		s.nodes[i].server.logged = logged;
	check_text(&s,
		   "Resource     ms of mysql\n"
		   "Health       all is well\n"
		   "Primary      n1; commits wait for one of 2 replicas\n"
		   "Pacemaker    quorate, fencing on\n"
		   "Remembered   epoch 7: n1 was promoted last, with 0-1-5513\n"
		   "Safe set     n1 n2 n3\n"
		   "\n"
		   "Nodes\n"
		   " NODE  ROLE        WRITES  SAFE  ACKS   LAG  RECEIVER  APPLIER  BEHIND  READS\n"
		   " n1    promoted    yes     yes   -        -  -         -        -       yes\n"
		   " n2    unpromoted  no      yes   yes   0 ms  running   running  0       yes\n"
		   " n3    unpromoted  no      yes   yes   0 ms  running   running  0       yes\n"
		   "\n"
		   "Positions\n"
		   " NODE  LOGGED\n"
		   " n1    0-1-5600\n"
		   " n2    0-1-5600\n"
		   " n3    0-1-5600\n"
		   "\n"
		   "Who may be promoted\n"
		   " NODE  MAY  SCORE\n"
		   " n1    yes  2000\n"
		   " n2    yes  1000\n"
		   " n3    yes  1000\n");
}

/* n1 lost, n2 diverged, n3 waits for what n1 may have. */
static void make_sick(struct snapshot *s)
{
	static char logged[] = "0-1-5513,0-2-1";
	struct db_node *n1 = &s->nodes[0];
	struct db_node *n2 = &s->nodes[1];
	struct db_node *n3 = &s->nodes[2];

	world_make(s);
	s->writable_count = 0;
	s->primary = s->node_count;
	n1->presence = PRESENCE_UNCLEAN;
	n1->role = ROLE_UNKNOWN;
	n1->has_score = false;
	n1->has_reads = false;
	n1->server.is_answering = false;
	(void)snprintf(n1->server.trouble, SNAPSHOT_TEXT_MAX, "no route");
	n1->server.decision.verdict = HAOPS_MYSQL_REFUSE;
	(void)snprintf(n1->server.decision.reason, 256, "it does not answer");
	n2->is_bad = true;
	n2->is_safe = false;
	n2->score = -1000000;
	(void)snprintf(n2->bad, SNAPSHOT_TEXT_MAX, "0-2-1 is only here");
	n2->server.status.is_replica = false;
	n2->server.is_compared = false;
	n2->server.logged = logged;
	n2->server.decision.verdict = HAOPS_MYSQL_REFUSE;
	n3->server.is_compared = false;
	n3->server.status.receiver = HAOPS_MYSQL_CONNECTING;
	n3->server.status.lag_s = -1;
	(void)snprintf(n3->server.status.receiver_error, HAOPS_MYSQL_ERROR_MAX, "2003");
	n3->server.decision.verdict = HAOPS_MYSQL_WAIT;
	(void)snprintf(n3->server.decision.reason, 256, "waits for n1");
}

static void test_sick(void **state)
{
	struct snapshot s;

	(void)state;
	make_sick(&s);
	check_text(&s,
		   "Resource     ms of mysql\n"
		   "Health       CRITICAL\n"
		   "Primary      none takes writes\n"
		   "Pacemaker    quorate, fencing on\n"
		   "Remembered   epoch 7: n1 was promoted last, with 0-1-5513\n"
		   "Safe set     n1 n3\n"
		   "\n"
		   "What is wrong\n"
		   " LEVEL     WHAT\n"
		   " critical  no server that answers takes writes\n"
		   " warning   n1 is unclean in Pacemaker\n"
		   " warning   n1 does not answer: no route\n"
		   " warning   n2 has diverged: 0-2-1 is only here; see haops mysql rejoin n2\n"
		   " warning   n3: the receiver is connecting: 2003\n"
		   "\n"
		   "Nodes\n"
		   " NODE  ROLE        WRITES   SAFE  ACKS  RECEIVER    APPLIER  READS  REMARK\n"
		   " n1    unclean     unknown  yes   -     -           -        -      no route\n"
		   " n2    unpromoted  no       no    -     -           -        yes    diverged\n"
		   " n3    unpromoted  no       yes   yes   connecting  running  yes    2003\n"
		   "\n"
		   "Positions\n"
		   " NODE  LOGGED\n"
		   " n2    0-1-5513,0-2-1\n"
		   " n3    -\n"
		   "\n"
		   "Who may be promoted\n"
		   " NODE  MAY    SCORE      WHY\n"
		   " n1    no     -          it does not answer\n"
		   " n2    no     -INFINITY  -\n"
		   " n3    waits  1000       waits for n1\n");
}

/* What is not known has no value for programs, or says so. */
static void test_json(void **state)
{
	struct snapshot s;
	char *got;

	(void)state;
	make_sick(&s);
	got = render(&s, WRITER_JSON);
	assert_non_null(strstr(got, "\"lag_ms\": null"));
	assert_non_null(strstr(got, "\"receiver\": \"unknown\""));
	assert_non_null(strstr(got, "\"score\": \"-INFINITY\""));
	assert_non_null(strstr(got, "\"promotable\": \"waits\""));
	assert_non_null(strstr(got, "\"safe\": \"n1 n3\""));
	assert_null(strstr(got, "Positions"));
	free(got);
}

static void test_xml(void **state)
{
	struct snapshot s;
	char *got;

	(void)state;
	make_sick(&s);
	got = render(&s, WRITER_XML);
	assert_non_null(strstr(got, "<node name=\"n1\" own=\"true\" presence=\"unclean\""));
	assert_null(strstr(got, "Positions"));
	free(got);
}

/* The only thing that is wrong, and how wrong. */
static void check(const struct snapshot *s, enum writer_level level, const char *text)
{
	struct verdict verdict;

	health_judge(s, &verdict);
	assert_int_equal(verdict.count, text ? 1 : 0);
	assert_int_equal(verdict.level, level);
	if (text)
		assert_string_equal(verdict.problems[0].text, text);
}

static void test_verdict_of_the_cluster(void **state)
{
	struct snapshot s;

	(void)state;
	world_make(&s);
	check(&s, LEVEL_OK, NULL);
	s.is_quorate = false;
	check(&s, LEVEL_CRITICAL, "no quorum: nothing is promoted in this part of the cluster");
	s.dc[0] = '\0';
	check(&s, LEVEL_CRITICAL, "Pacemaker has elected no controller: it decides nothing now");
	world_make(&s);
	s.is_managed = false;
	check(&s, LEVEL_WARNING, "ms is unmanaged: nobody fails over");
	s.is_maintained = true;
	check(&s, LEVEL_WARNING, "ms is in maintenance: nobody fails over");
	world_make(&s);
	s.has_fencing = false;
	check(&s, LEVEL_WARNING, "fencing is off: without it a lost primary may go on writing");
	world_make(&s);
	world_name(s.constraint, "cli-ban-ms-on-n2");
	check(&s, LEVEL_WARNING,
	      "constraint cli-ban-ms-on-n2 of an earlier move is in force; crm_resource --clear "
	      "--resource ms takes it away");
	world_make(&s);
	s.memory.is_stale_allowed = true;
	check(&s, LEVEL_WARNING, "a loss is accepted for epoch 7: see haops mysql allow-stale");
}

static void test_verdict_of_the_primary(void **state)
{
	struct snapshot s;

	(void)state;
	world_make(&s);
	s.nodes[0].role = ROLE_UNPROMOTED;
	check(&s, LEVEL_CRITICAL, "n1 is writable, but Pacemaker has it unpromoted");
	world_make(&s);
	s.memory.has_primary = false;
	check(&s, LEVEL_CRITICAL, "n1 is writable, but the CIB remembers no primary");
	world_make(&s);
	world_name(s.memory.primary, "n2");
	check(&s, LEVEL_CRITICAL,
	      "n1 is writable, but the last primary that the CIB remembers is n2");
	world_make(&s);
	s.nodes[0].server.status.ackers = 0;
	check(&s, LEVEL_CRITICAL, "commits on n1 wait: no replica that acknowledges is connected");
	s.nodes[0].server.status.waits_for_ack = false;
	check(&s, LEVEL_CRITICAL,
	      "commits on n1 do not wait for a replica, though the safe set has one");
	s.durability = HAOPS_MYSQL_ASYNC;
	check(&s, LEVEL_OK, NULL);
	world_make(&s);
	s.nodes[2].server.status.is_writable = true;
	s.writable_count = 2;
	s.primary = s.node_count;
	check(&s, LEVEL_CRITICAL, "n1 and n3 are writable at the same time");
}

static void test_verdict_of_replicas(void **state)
{
	static char errant[] = "0-2-9";
	struct snapshot s;

	(void)state;
	world_make(&s);
	s.nodes[1].server.errant = errant;
	check(&s, LEVEL_WARNING,
	      "n2 has transactions that the primary never had (0-2-9): see haops mysql rejoin n2");
	world_make(&s);
	s.nodes[1].is_safe = false;
	check(&s, LEVEL_WARNING, "n2 is not in the safe set yet");
	s.nodes[2].is_safe = false;
	s.nodes[1].server.status.is_replica = false;
	s.nodes[2].server.is_answering = false;
	s.nodes[2].role = ROLE_PROMOTED;
	(void)snprintf(s.nodes[2].server.trouble, SNAPSHOT_TEXT_MAX, "it hangs");
	{
		struct verdict verdict;

		health_judge(&s, &verdict);
		assert_int_equal(verdict.count, 3);
		assert_string_equal(verdict.problems[0].text, "n3 does not answer: it hangs");
		assert_string_equal(verdict.problems[1].text,
				    "only n1 has what is written: the safe set has no other node");
		assert_string_equal(verdict.problems[2].text, "n2 replicates from nobody");
	}
	world_make(&s);
	s.max_lag_s = 30;
	s.nodes[1].server.status.lag_s = 31;
	check(&s, LEVEL_WARNING, "n2 is 31 s behind, more than the 30 s allowed");
	world_make(&s);
	s.nodes[1].server.status.applier = HAOPS_MYSQL_STOPPED;
	check(&s, LEVEL_WARNING, "n2: the applier is stopped");
}

/* On DRBD there is one server at a time, and nobody is promoted. */
static void test_verdict_without_replication(void **state)
{
	struct snapshot s;

	(void)state;
	world_make(&s);
	s.is_promotable = false;
	s.memory.has_primary = false;
	for (size_t i = 1; i < 3; i++) {
		s.nodes[i].role = ROLE_STOPPED;
		s.nodes[i].server.is_answering = false;
		s.nodes[i].is_safe = false;
	}
	check(&s, LEVEL_OK, NULL);
	s.nodes[0].role = ROLE_UNPROMOTED;
	check_text(&s, "Resource     ms of mysql, not promotable: replication is not managed\n"
		       "Health       all is well\n"
		       "Server       n1; it takes writes\n"
		       "Pacemaker    quorate, fencing on\n"
		       "\n"
		       "Nodes\n"
		       " NODE  ROLE     WRITES\n"
		       " n1    started  yes\n"
		       " n2    stopped  -\n"
		       " n3    stopped  -\n");
	s.nodes[0].server.is_answering = false;
	s.writable_count = 0;
	s.primary = s.node_count;
	(void)snprintf(s.nodes[0].server.trouble, SNAPSHOT_TEXT_MAX, "it hangs");
	check(&s, LEVEL_CRITICAL, "n1 does not answer: it hangs");
	s.nodes[0].role = ROLE_STOPPED;
	check(&s, LEVEL_CRITICAL, "the server runs on no node");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well),
		cmocka_unit_test(test_sick),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_xml),
		cmocka_unit_test(test_verdict_of_the_cluster),
		cmocka_unit_test(test_verdict_of_the_primary),
		cmocka_unit_test(test_verdict_of_replicas),
		cmocka_unit_test(test_verdict_without_replication),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
