/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops(8) and DRBD: what is read of both versions, what is judged how, and how it is shown. */

#include "drbd-proc.h"
#include "drbd_recorded.h"
#include "unit.h"
#include "views.h"

#include <stdlib.h>
#include <string.h>

/* Written after the module's source and manual, with a hole among the minors. */
#define PROC_84                                                                                    \
	"version: 8.4.11 (api:1/proto:86-101)\n"                                                   \
	"srcversion: D7E3B5D9A9A8B5E4D7D4A5F \n"                                                   \
	" 0: cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----\n"               \
	"    ns:0 nr:129404 dw:129404 dr:0 al:8 bm:0 lo:0 pe:2 ua:2 ap:0 ep:1 wo:f oos:198236\n"   \
	"\t[======>.............] sync'ed: 39.7% (198236/327640)K\n"                               \
	"\tfinish: 0:00:12 speed: 16,172 (16,172) K/sec\n"                                         \
	" 1: cs:Unconfigured\n"                                                                    \
	"\n"                                                                                       \
	"12: cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----\n"               \
	"    ns:1 nr:0 dw:0 dr:1 al:8 bm:0 lo:0 pe:2 ua:2 ap:0 ep:1 wo:f oos:104697856\n"          \
	"\t[>....................] sync'ed:  1.0% (102244/103236)Mfinish: 2759:30:44 speed: 8 "    \
	"(8) K/sec\n"                                                                              \
	"13: cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----\n"               \
	"    ns:1 nr:0 dw:0 dr:1 al:8 bm:0 lo:0 pe:2 ua:2 ap:0 ep:1 wo:f oos:198236\n"             \
	"\t[==========>.........] sync'ed: 55.2% (198236/327640)K\n"                               \
	"\tfinish: 9999:00:00 speed: 0 (0) K/sec (stalled)\n"                                      \
	"112: cs:VerifyS ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n"                     \
	"\t[==========>.........] verified: 55.2% (198236/327640)K\n"                              \
	"\tfinish: 0:01:00 speed: 1 (1) K/sec\n"                                                   \
	"113: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n"

static void check_proc(int64_t minor, int permille, int64_t left_s)
{
	struct drbd_progress progress;

	assert_int_equal(drbd_proc_find(PROC_84, minor, &progress), 0);
	assert_int_equal(progress.permille, permille);
	assert_int_equal(progress.left_s, left_s);
}

static void test_proc(void **state)
{
	struct drbd_progress progress;

	(void)state;
	check_proc(0, 397, 12);
	check_proc(1, -1, -1);
	check_proc(12, 10, (2759 * 60 + 30) * 60 + 44);
	check_proc(13, 552, -1);
	check_proc(112, -1, 60);
	check_proc(113, -1, -1);
	assert_int_equal(drbd_proc_find(PROC_84, 2, &progress), -ENOENT);
	assert_int_equal(drbd_proc_find(PROC_84, 11, &progress), -ENOENT);
	assert_int_equal(drbd_proc_find("version: 9.1.4 (api:2/proto:110-121)\n"
					"Transports (api:17): tcp (9.1.4)\n",
					0, &progress),
			 -ENOENT);
	assert_int_equal(drbd_proc_find("", 0, &progress), -ENOENT);
}

static void test_bad_proc(void **state)
{
	static const char *const texts[] =
		{"0: cs:X\nsync'ed:",
		 "0: cs:X\nsync'ed: 100.1% finish: 1:60:00",
		 "0: cs:X\nsync'ed: 9 finish: 1:00",
		 "0: cs:X\nsync'ed: 9.55% finish: :::",
		 "0: cs:X\nsync'ed: 9.5 finish: 99999999999999999999:00:00",
		 "0: cs:X\nsync'ed: -9.5% finish: 999999:00:00"};
	struct drbd_progress progress;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(drbd_proc_find(texts[i], 0, &progress), 0);
		assert_int_equal(progress.permille, -1);
		assert_int_equal(progress.left_s, -1);
	}
}

static void fill(struct drbd_report *report, const char *events, const char *proc)
{
	*report = (struct drbd_report){.is_there = true};
	assert_int_equal(drbd_report_fill(report, events, proc), 0);
}

static void test_report_of_9(void **state)
{
	struct drbd_report report;

	(void)state;
	fill(&report, WRITTEN_9_SYNC_STATISTICS, "version: 9.1.4 (api:2/proto:110-121)\n");
	assert_int_equal(report.count, 2);
	assert_string_equal(report.rows[0].resource, "r0");
	assert_int_equal(report.rows[0].minor, 3);
	assert_string_equal(report.rows[0].peer, "n2");
	assert_int_equal(report.rows[0].permille, 920);
	assert_int_equal(report.rows[0].left_ms, 75000);
	assert_string_equal(report.rows[1].resource, "r1");
	assert_string_equal(report.rows[1].replication, "PausedSyncT");
	assert_int_equal(report.rows[1].left_ms, -1);
	drbd_report_done(&report);
	fill(&report, WRITTEN_9_THREE_NODES, NULL);
	assert_int_equal(report.count, 2);
	assert_string_equal(report.rows[1].peer, "n3");
	assert_true(drbd_report_begins_volume(&report, 0));
	assert_false(drbd_report_begins_volume(&report, 1));
	drbd_report_done(&report);
}

static void test_report_of_84(void **state)
{
	struct drbd_report report;

	(void)state;
	fill(&report, RECORDED_84_SYNC_SOURCE, RECORDED_84_PROC);
	assert_int_equal(report.count, 2);
	assert_string_equal(report.rows[0].replication, "SyncSource");
	assert_string_equal(report.rows[1].replication, "SyncTarget");
	assert_int_equal(report.rows[1].minor, 12);
	for (size_t i = 0; i < report.count; i++) {
		assert_int_equal(report.rows[i].permille, 120);
		assert_int_equal(report.rows[i].left_ms, 39000);
	}
	drbd_report_done(&report);
	fill(&report, RECORDED_84_SYNC, PROC_84);
	assert_int_equal(report.count, 1);
	assert_int_equal(report.rows[0].permille, 397);
	assert_int_equal(report.rows[0].left_ms, 12000);
	drbd_report_done(&report);
	/* It ended between the two questions; a file that is not there. */
	fill(&report, RECORDED_84_SECONDARY, PROC_84);
	assert_int_equal(report.rows[0].permille, -1);
	assert_int_equal(report.rows[0].left_ms, -1);
	drbd_report_done(&report);
	fill(&report, RECORDED_84_SYNC, NULL);
	assert_int_equal(report.rows[0].sync, STATE_SYNC_TARGET);
	assert_int_equal(report.rows[0].permille, -1);
	drbd_report_done(&report);
	fill(&report, RECORDED_84_NONE, PROC_84);
	assert_int_equal(report.count, 0);
	drbd_report_done(&report);
}

/* As many as there may be, and one more. */
static void test_report_is_bounded(void **state)
{
	struct drbd_report report = {.is_there = true};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	for (int i = 0; i < 65; i++) {
		fprintf(out, "exists resource name:r%d\n", i);
		for (int volume = 0; volume < (i < 64 ? 64 : 1); volume++)
			fprintf(out, "exists device name:r%d volume:%d minor:%d\n", i, volume,
				64 * i + volume);
	}
	fputs("exists -\n", out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(drbd_report_fill(&report, text, NULL), -E2BIG);
	assert_int_equal(report.count, 0);
	memcpy(strstr(text, "exists resource name:r64"), "exists -\n", 10);
	assert_int_equal(drbd_report_fill(&report, text, NULL), 0);
	assert_int_equal(report.count, 4096);
	free(text);
	drbd_report_done(&report);
}

static void test_bad_events(void **state)
{
	struct drbd_report report = {.is_there = true};

	(void)state;
	assert_int_equal(drbd_report_fill(&report, "exists resource name:r0\n", NULL), -EAGAIN);
	assert_int_equal(drbd_report_fill(&report,
					  "exists resource name:a\nexists device name:a volume:0 "
					  "minor:1\nexists resource name:b\nexists device name:b\n"
					  "exists -\n",
					  NULL),
			 -EBADMSG);
	assert_int_equal(report.count, 0);
	drbd_report_done(&report);
}

/* No resource twice; none without volumes; a peer's volume that is not here has no row. */
static void test_odd_reports(void **state)
{
	struct drbd_report report;

	(void)state;
	fill(&report,
	     "exists resource name:a role:Primary\n"
	     "exists resource name:b role:Secondary\n"
	     "exists connection name:b peer-node-id:1 conn-name:n2 connection:StandAlone\n"
	     "exists device name:a volume:3 minor:5 disk:UpToDate\n"
	     "exists connection name:a peer-node-id:7 connection:Connecting\n"
	     "exists peer-device name:a peer-node-id:7 volume:4 replication:Off\n"
	     "change resource name:a role:Secondary\n"
	     "exists -\n",
	     NULL);
	assert_int_equal(report.count, 1);
	assert_int_equal(report.rows[0].volume, 3);
	assert_int_equal(report.rows[0].role, STATE_SECONDARY);
	assert_string_equal(report.rows[0].peer, "peer");
	drbd_report_done(&report);
}

static void check_verdict(const char *events, const char *wanted)
{
	struct verdict verdict = {0};
	struct drbd_report report;

	fill(&report, events, NULL);
	drbd_verdict_judge(&report, &verdict);
	drbd_report_done(&report);
	assert_int_equal(verdict.count, wanted ? 1 : 0);
	assert_int_equal(verdict.level, wanted ? LEVEL_WARNING : LEVEL_OK);
	if (wanted && !strstr(verdict.problems[0].text, wanted))
		fail_msg("\"%s\" is not in \"%s\"", wanted, verdict.problems[0].text);
}

static void check_disk(const char *disk, const char *peer_device, const char *wanted)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "exists resource name:r0 role:Secondary suspended:no\n"
		 "exists device name:r0 volume:0 minor:0 disk:%s\n"
		 "exists connection name:r0 peer-node-id:1 conn-name:n2 connection:Connected\n"
		 "exists connection name:r0 peer-node-id:2 conn-name:n3 connection:Connected\n"
		 "exists peer-device name:r0 peer-node-id:1 volume:0 replication:Established\n"
		 "exists peer-device name:r0 peer-node-id:2 volume:0 %s\n"
		 "exists -\n",
		 disk, peer_device);
	check_verdict(text, wanted);
}

static void test_verdict(void **state)
{
	(void)state;
	check_verdict(RECORDED_84_SECONDARY, NULL);
	check_verdict(RECORDED_84_SYNC, NULL);
	check_verdict(RECORDED_84_SYNC_SOURCE, NULL);
	check_verdict(RECORDED_84_STANDALONE, "DRBD: a is StandAlone, and does not try to connect");
	check_verdict(WRITTEN_9_SYNC_STATISTICS, NULL);
	check_verdict(WRITTEN_9_CLIENT, NULL);
	check_verdict(RECORDED_84_ALONE, NULL);
	check_disk("UpToDate", "replication:Off", NULL);
	check_disk("Diskless", "replication:Established", "volume 0 of r0 has no disk here");
	check_disk("Diskless client:yes", "replication:Established", NULL);
	check_disk("Failed", "replication:Established", "volume 0 of r0 has a disk here that");
	check_disk("Inconsistent", "replication:Established", "volume 0 of r0 is Inconsistent");
	check_disk("Inconsistent", "replication:SyncSource", "volume 0 of r0 is Inconsistent");
	check_disk("Inconsistent", "replication:SyncTarget", NULL);
	check_disk("Inconsistent", "replication:PausedSyncT", NULL);
	check_disk("Outdated", "replication:Off", "volume 0 of r0 is Outdated here");
	check_disk("Outdated", "replication:WFBitMapT", NULL);
	check_disk("UpToDate quorum:no", "replication:Off", "volume 0 of r0 has no quorum");
	check_verdict("exists resource name:r0 role:Primary suspended:fencing\n"
		      "exists device name:r0 volume:0 minor:0 disk:UpToDate\n"
		      "exists device name:r0 volume:1 minor:1 disk:UpToDate\n"
		      "exists -\n",
		      "DRBD: r0 is suspended");
	check_verdict("exists resource name:r0 role:Primary\n"
		      "exists device name:r0 volume:4 minor:0 disk:UpToDate\n"
		      "exists device name:r0 volume:5 minor:1 disk:UpToDate\n"
		      "exists connection name:r0 peer-node-id:1 conn-name:n2 "
		      "connection:StandAlone\n"
		      "exists -\n",
		      "DRBD: r0 is StandAlone, and does not try to connect to n2");
}

static void test_trouble_is_no_verdict(void **state)
{
	struct drbd_report report = {.is_there = true, .trouble = "drbdsetup is not here"};
	struct verdict verdict = {0};

	(void)state;
	drbd_verdict_judge(&report, &verdict);
	assert_int_equal(verdict.count, 0);
	report.is_silent = true;
	drbd_verdict_judge(&report, &verdict);
	assert_int_equal(verdict.count, 1);
	assert_string_equal(verdict.problems[0].text, "DRBD: drbdsetup is not here");
	assert_int_equal(verdict.level, LEVEL_WARNING);
}

static void check_view(const struct drbd_report *report, const struct writer_options *options,
		       const char *wanted)
{
	struct writer writer;
	char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	assert_non_null(out);
	assert_int_equal(writer_open(&writer, out, options, "test"), 0);
	view_drbd(&writer, report);
	writer_close(&writer);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(got, wanted);
	free(got);
}

static void test_text(void **state)
{
	const struct writer_options wide = {.form = WRITER_TEXT};
	const struct writer_options narrow = {.form = WRITER_TEXT, .columns = 76};
	struct drbd_report report;

	(void)state;
	fill(&report, WRITTEN_9_SYNC_STATISTICS, NULL);
	check_view(&report, &wide,
		   "DRBD\n"
		   " RESOURCE  VOL  DISK          ROLE       PEER  PEER DISK     STATE        "
		   "DONE %        LEFT  PEER ROLE  MINOR\n"
		   " r0          0  UpToDate      Primary    n2    Inconsistent  SyncSource   "
		   "  92.0  1 min 15 s  Secondary      3\n"
		   " r1          0  Inconsistent  Secondary  n2    UpToDate      PausedSyncT  "
		   "   0.0           -  Secondary      4\n");
	check_view(&report, &narrow,
		   "DRBD\n"
		   " RESOURCE  VOL  DISK          PEER  STATE        DONE %        LEFT\n"
		   " r0          0  UpToDate      n2    SyncSource     92.0  1 min 15 s\n"
		   " r1          0  Inconsistent  n2    PausedSyncT     0.0           -\n");
	drbd_report_done(&report);
	fill(&report, RECORDED_84_ALONE, NULL);
	check_view(&report, &wide,
		   "DRBD\n"
		   " RESOURCE  VOL  DISK        ROLE       PEER  PEER DISK  STATE       PEER ROLE  "
		   "MINOR\n"
		   " r0          0  Consistent  Secondary  peer  unknown    Connecting  unknown    "
		   "    0\n");
	drbd_report_done(&report);
}

static void test_forms(void **state)
{
	const struct writer_options json = {.form = WRITER_JSON, .is_compact = true};
	const struct writer_options xml = {.form = WRITER_XML};
	struct drbd_report report;

	(void)state;
	fill(&report, RECORDED_84_SYNC, PROC_84);
	check_view(&report, &json,
		   "{\"api\":1,\"command\":\"test\",\"drbd\":{\"trouble\":\"\",\"devices\":[{"
		   "\"resource\":\"r0\",\"volume\":0,\"disk\":\"Inconsistent\",\"role\":"
		   "\"Secondary\",\"peer\":\"peer\",\"peer_disk\":\"UpToDate\",\"connection\":"
		   "\"Connected\",\"replication\":\"SyncTarget\",\"done_percent\":39.700,"
		   "\"left_ms\":12000,\"peer_role\":\"Primary\",\"minor\":0,\"client\":false,"
		   "\"quorum\":true,\"suspended\":false}]}}\n");
	drbd_report_done(&report);
	fill(&report, RECORDED_84_SYNC, NULL);
	check_view(&report, &xml,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		   "<haops-result api=\"1\" command=\"test\">\n"
		   "  <drbd trouble=\"\">\n"
		   "    <devices>\n"
		   "      <device resource=\"r0\" volume=\"0\" disk=\"Inconsistent\" "
		   "role=\"Secondary\" peer=\"peer\" peer_disk=\"UpToDate\" "
		   "connection=\"Connected\" replication=\"SyncTarget\" peer_role=\"Primary\" "
		   "minor=\"0\" client=\"false\" quorum=\"true\" suspended=\"false\"/>\n"
		   "    </devices>\n"
		   "  </drbd>\n"
		   "</haops-result>\n");
	drbd_report_done(&report);
}

static void test_what_is_missing(void **state)
{
	const struct writer_options text = {.form = WRITER_TEXT};
	const struct writer_options json = {.form = WRITER_JSON, .is_compact = true};
	struct drbd_report report = {.is_there = false};

	(void)state;
	check_view(&report, &text, "");
	check_view(&report, &json, "{\"api\":1,\"command\":\"test\"}\n");
	report = (struct drbd_report){.is_there = true, .is_silent = true, .trouble = "silent"};
	check_view(&report, &text, "DRBD\nsilent\n");
	check_view(&report, &json,
		   "{\"api\":1,\"command\":\"test\",\"drbd\":{\"trouble\":\"silent\","
		   "\"devices\":[]}}\n");
}

/* Of many, people are told those with something to tell. */
static void test_many(void **state)
{
	const struct writer_options options = {.form = WRITER_TEXT};
	struct drbd_report report = {.is_there = true, .count = 20};
	struct writer writer;
	char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	(void)state;
	assert_non_null(out);
	report.rows = calloc(report.count, sizeof(*report.rows));
	assert_non_null(report.rows);
	for (size_t i = 0; i < report.count; i++) {
		snprintf(report.rows[i].resource, STATE_NAME_MAX, "r%zu", i);
		report.rows[i].disk = i == 18 ? STATE_OUTDATED : STATE_UPTODATE;
		report.rows[i].sync = i == 19 ? STATE_SYNC_SOURCE : STATE_SYNC_NONE;
	}
	assert_int_equal(writer_open(&writer, out, &options, "test"), 0);
	view_drbd(&writer, &report);
	writer_close(&writer);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(got, " r15 "));
	assert_null(strstr(got, " r16 "));
	assert_null(strstr(got, " r17 "));
	assert_non_null(strstr(got, " r18 "));
	assert_non_null(strstr(got, " r19 "));
	assert_non_null(strstr(got, "\n2 more are well, and not listed\n"));
	free(got);
	drbd_report_done(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proc),
		cmocka_unit_test(test_bad_proc),
		cmocka_unit_test(test_report_of_9),
		cmocka_unit_test(test_report_of_84),
		cmocka_unit_test(test_report_is_bounded),
		cmocka_unit_test(test_bad_events),
		cmocka_unit_test(test_odd_reports),
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_trouble_is_no_verdict),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_what_is_missing),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
