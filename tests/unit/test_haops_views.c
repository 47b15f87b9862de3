/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops(8): what is judged how, and small views in each form, word by word. */

#include "canned.h"
#include "unit.h"
#include "views.h"

#include <stdlib.h>
#include <string.h>

#define NOW_MS 900000000

static const struct drbd_report no_drbd;

static void fill(struct status *status, const char *name)
{
	assert_int_equal(status_init(status), 0);
	assert_true(canned_fill(name, NOW_MS, status));
}

static char *view_of(const char *name, enum view view, enum writer_form form)
{
	const struct writer_options options = {.form = form};
	struct writer writer;
	struct status status;
	char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	assert_non_null(out);
	fill(&status, name);
	assert_int_equal(writer_open(&writer, out, &options, "test"), 0);
	view_show(&writer, view, &status, &no_drbd, NULL);
	writer_close(&writer);
	assert_int_equal(fclose(out), 0);
	status_done(&status);
	return got;
}

static void check_view(const char *name, enum view view, enum writer_form form, const char *wanted)
{
	char *got = view_of(name, view, form);

	assert_string_equal(got, wanted);
	free(got);
}

static void test_text(void **state)
{
	(void)state;
	check_view("sick", VIEW_WATCHED, WRITER_TEXT,
		   "Watched resources\n"
		   " RESOURCE  STATE   SINCE  AGENT    OBJECTS  REASON\n"
		   " vip       LOST   10 min  IPaddr2        1  "
		   "address 192.0.2.1 was removed from eth0\n"
		   " web       whole  10 min  nginx          1  -\n");
	check_view("sick", VIEW_MEMBERS, WRITER_TEXT,
		   "Nodes\n"
		   " NAME   ID  STATE          SINCE   HEARTBEAT  WORST  LOST %   DISK  VERSION\n"
		   " alpha   1  this node  1 h 2 min           -  37 ms     0.0  1.8 s  0.1.0\n"
		   " beta    2  silent     2 min 5 s  2 min 15 s  37 ms     1.0  1.8 s  0.1.0\n"
		   " gamma   3  late       1 h 2 min       6.2 s  37 ms     0.0   45 s  0.1.0\n"
		   " delta   4  left       1 h 2 min         1 d  37 ms     0.0  1.8 s  0.1.0\n");
	check_view("empty", VIEW_EVENTS, WRITER_TEXT, "");
}

static void check_has(enum writer_form form, const char *wanted)
{
	char *got = view_of("sick", VIEW_HEARTBEAT, form);

	if (!strstr(got, wanted))
		fail_msg("\"%s\" is not in:\n%s", wanted, got);
	free(got);
}

static void test_heartbeat(void **state)
{
	(void)state;
	check_has(WRITER_TEXT, "3600 received, the last one was number 3600; 36 lost (0.99 %); 2 "
			       "times later than "
			       "warntime, 1 times later than deadtime, returned 0 times\n");
	check_has(WRITER_TEXT, " DELAY        COUNT  \n"
			       " up to 1 ms    3500  ########################################\n"
			       " up to 2 ms      98  #\n");
	check_has(WRITER_JSON, "      \"sequence\": 3600,\n"
			       "      \"received\": 3600,\n"
			       "      \"lost\": 36,\n"
			       "      \"late_count\": 2,\n"
			       "      \"dead_count\": 1,\n");
	check_has(WRITER_JSON, "      \"delays\": [\n"
			       "        {\n"
			       "          \"up_to_ms\": 1,\n"
			       "          \"count\": 3500\n");
	check_has(WRITER_XML, " sequence=\"3600\" received=\"3600\" lost=\"36\" late_count=\"2\" "
			      "dead_count=\"1\" ");
	check_has(WRITER_XML, "<delays>\n        <bucket up_to_ms=\"1\" count=\"3500\"/>\n");
}

static void test_json(void **state)
{
	(void)state;
	check_view("sick", VIEW_LINKS, WRITER_JSON,
		   "{\n"
		   "  \"api\": 1,\n"
		   "  \"command\": \"test\",\n"
		   "  \"links\": [\n"
		   "    {\n"
		   "      \"node\": 2,\n"
		   "      \"number\": 0,\n"
		   "      \"enabled\": true,\n"
		   "      \"connected\": false,\n"
		   "      \"latency_us\": 180,\n"
		   "      \"down_count\": 1,\n"
		   "      \"local_address\": \"\"\n"
		   "    },\n"
		   "    {\n"
		   "      \"node\": 3,\n"
		   "      \"number\": 0,\n"
		   "      \"enabled\": true,\n"
		   "      \"connected\": true,\n"
		   "      \"latency_us\": 180,\n"
		   "      \"down_count\": 0,\n"
		   "      \"local_address\": \"\"\n"
		   "    }\n"
		   "  ]\n"
		   "}\n");
}

static void test_xml(void **state)
{
	(void)state;
	check_view("sick", VIEW_LINKS, WRITER_XML,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		   "<haops-result api=\"1\" command=\"test\">\n"
		   "  <links>\n"
		   "    <link node=\"2\" number=\"0\" enabled=\"true\" connected=\"false\" "
		   "latency_us=\"180\" down_count=\"1\" local_address=\"\"/>\n"
		   "    <link node=\"3\" number=\"0\" enabled=\"true\" connected=\"true\" "
		   "latency_us=\"180\" down_count=\"0\" local_address=\"\"/>\n"
		   "  </links>\n"
		   "</haops-result>\n");
}

static void check_verdict(const struct status *status, enum writer_level level, const char *text)
{
	struct verdict verdict;

	verdict_judge(status, &verdict);
	assert_int_equal(verdict.level, level);
	if (!text) {
		assert_int_equal(verdict.count, 0);
		return;
	}
	assert_true(verdict.count >= 1);
	assert_int_equal(verdict.problems[0].level, level);
	assert_string_equal(verdict.problems[0].text, text);
}

static void test_verdict_of_peers(void **state)
{
	static const struct {
		enum heart_peer_state state;
		bool is_in_ring;
		enum writer_level level;
		const char *text;
	} table[] = {
		{HEART_ACTIVE, true, LEVEL_OK, NULL},
		{HEART_UNKNOWN, true, LEVEL_WARNING,
		 "beta (2) was never heard: does haopsd run there? (1 h 2 min)"},
		{HEART_LATE, true, LEVEL_WARNING,
		 "beta (2) is late: no heartbeat for warntime (1 h 2 min)"},
		{HEART_HELD, true, LEVEL_WARNING,
		 "beta (2) is not heard beyond deadtime, but not declared dead: it may be this "
		 "node (1 h 2 min)"},
		{HEART_SILENT, true, LEVEL_CRITICAL,
		 "beta (2) is silent: in the membership, but does no work (1 h 2 min)"},
		{HEART_GONE, false, LEVEL_CRITICAL,
		 "beta (2) is lost: not in the membership (1 h 2 min)"},
		{HEART_LEFT, false, LEVEL_OK, NULL},
		{HEART_LEFT, true, LEVEL_WARNING,
		 "beta (2) runs without haopsd, which was stopped there (1 h 2 min)"},
	};
	struct status status;

	(void)state;
	fill(&status, "healthy");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		status.peers[1].state = table[i].state;
		status.peers[1].is_in_ring = table[i].is_in_ring;
		check_verdict(&status, table[i].level, table[i].text);
	}
	status_done(&status);
}

static void test_verdict_of_the_rest(void **state)
{
	struct status status;

	(void)state;
	fill(&status, "healthy");
	status.deadtime_ms = 3000;
	check_verdict(&status, LEVEL_WARNING,
		      "deadtime is 3 s; by what was seen it should be 3.2 s");
	status.pacemaker_ms = NOW_MS - 31000;
	check_verdict(&status, LEVEL_WARNING,
		      "Pacemaker (its controller, or pacemakerd) has not answered for 31 s");
	status.pings[0].is_up = false;
	check_verdict(&status, LEVEL_WARNING, "ping target 192.0.2.254 does not answer");
	status.links[1].is_connected = false;
	check_verdict(&status, LEVEL_WARNING, "link 1 to node 2 is down");
	status.total_votes = 2;
	check_verdict(&status, LEVEL_WARNING, "1 of 3 votes are missing");
	status.lease_verdict = HAOPS_LEASE_NO_ECHO;
	check_verdict(&status, LEVEL_CRITICAL,
		      "leased addresses cannot be kept here: own messages do not come back through "
		      "Corosync");
	status.watched[0].is_lost = true;
	check_verdict(&status, LEVEL_CRITICAL, "resource vip is lost here for 10 min: ");
	status.own_flags = HEART_OWN_ISOLATED;
	check_verdict(&status, LEVEL_CRITICAL, "this node is the isolated one");
	status.is_quorate = false;
	check_verdict(&status, LEVEL_CRITICAL, "no quorum: 2 of 3 votes, 2 needed");
	status.cluster_state = HAOPS_CLUSTER_DOWN;
	check_verdict(&status, LEVEL_CRITICAL,
		      "the cluster is down here: Corosync does not say why");
	status_done(&status);
}

/* Memory stays bounded, and the level is right, however much is wrong. */
static void test_verdict_is_bounded(void **state)
{
	struct status status;
	struct verdict verdict;

	(void)state;
	fill(&status, "large");
	for (size_t i = 1; i < status.peer_count; i++)
		status.peers[i].state = HEART_SILENT;
	verdict_judge(&status, &verdict);
	assert_int_equal(verdict.count, PROBLEMS_MAX);
	assert_int_equal(verdict.more, 63 + 17 - PROBLEMS_MAX);
	assert_int_equal(verdict.level, LEVEL_CRITICAL);
	status_done(&status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_heartbeat),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_xml),
		cmocka_unit_test(test_verdict_of_peers),
		cmocka_unit_test(test_verdict_of_the_rest),
		cmocka_unit_test(test_verdict_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
