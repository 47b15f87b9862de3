/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scores and verdicts of the drbd agent, by table over states. */
#include "drbd/events.h"
#include "drbd/facts.h"
#include "drbd/score.h"
#include "drbd/verdict.h"
#include "drbd_recorded.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define NONE 0
#define KEEP (-1)

/* Own disk, connection, peer's role, peer's disk, own role. */
struct situation {
	const char *disk, *connection, *peer_role, *peer_disk, *role;
};

static const char *or_else(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static void facts_of_text(const char *text, struct facts *facts)
{
	static struct state state;

	assert_int_equal(events_read(text, "r0", &state), 0);
	facts_find(&state, facts);
}

static void facts_of(const struct situation *s, struct facts *facts)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
		       "exists resource name:r0 role:%s suspended:no\n"
		       "exists connection name:r0 local:ipv4:10.0.0.1:1 peer:ipv4:10.0.0.2:1 "
		       "connection:%s role:%s\n"
		       "exists device name:r0 volume:0 minor:0 disk:%s\n"
		       "exists peer-device name:r0 local:ipv4:10.0.0.1:1 peer:ipv4:10.0.0.2:1 "
		       "volume:0 replication:%s peer-disk:%s resync-suspended:no\n"
		       "exists -\n",
		       or_else(s->role, "Secondary"), s->connection,
		       or_else(s->peer_role, "Unknown"), s->disk,
		       strcmp(s->disk, "Inconsistent") == 0 && strcmp(s->peer_disk, "UpToDate") == 0
			       ? "SyncTarget"
			       : "Off",
		       s->peer_disk);
	facts_of_text(text, facts);
}

static int score_of(const struct facts *facts, bool takes_remote, bool hides)
{
	struct score_view view = {.facts = facts,
				  .takes_remote = takes_remote,
				  .hides_from_primary = hides};
	int score = NONE;

	assert_null(score_read("5 10 1000 10000", &view.values));
	switch (score_decide(&view, &score)) {
	case SCORE_KEEP:
		return KEEP;
	case SCORE_NONE:
		return NONE;
	default:
		return score;
	}
}

static void scores(void **unused)
{
	static const struct {
		struct situation s;
		int score, remote;
	} rows[] = {
		{{"UpToDate", "Connected", "Secondary", "UpToDate", NULL}, 10000, 10000},
		{{"UpToDate", "Connected", "Primary", "UpToDate", NULL}, 10000, 10000},
		{{"UpToDate", "Connected", "Secondary", "Inconsistent", NULL}, 10000, 10000},
		{{"UpToDate", "Connecting", NULL, "DUnknown", NULL}, 1000, 1000},
		{{"UpToDate", "Connecting", NULL, "Outdated", NULL}, 10000, 10000},
		{{"UpToDate", "Connecting", NULL, "DUnknown", "Primary"}, 10000, 10000},
		{{"Consistent", "Connecting", NULL, "DUnknown", NULL}, 5, 5},
		{{"Outdated", "Connecting", NULL, "DUnknown", NULL}, NONE, NONE},
		{{"Inconsistent", "Connecting", NULL, "DUnknown", NULL}, NONE, NONE},
		{{"Inconsistent", "Connected", "Secondary", "UpToDate", NULL}, NONE, 10},
		{{"Inconsistent", "Connected", "Secondary", "UpToDate", "Primary"}, 10, 10},
		{{"Diskless", "Connected", "Secondary", "UpToDate", NULL}, NONE, 10},
		{{"Failed", "Connecting", NULL, "DUnknown", NULL}, NONE, NONE},
		{{"Attaching", "Connecting", NULL, "DUnknown", NULL}, KEEP, KEEP},
		{{"Negotiating", "Connecting", NULL, "DUnknown", NULL}, KEEP, KEEP},
	};
	struct facts facts;

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		facts_of(&rows[i].s, &facts);
		if (score_of(&facts, false, false) != rows[i].score ||
		    score_of(&facts, true, false) != rows[i].remote)
			fail_msg("row %zu: %d", i, score_of(&facts, false, false));
	}
}

static void scores_of_84(void **unused)
{
	struct facts facts;

	(void)unused;
	facts_of_text(RECORDED_84_SECONDARY, &facts);
	assert_int_equal(score_of(&facts, false, false), 10000);
	facts_of_text(RECORDED_84_ALONE, &facts);
	assert_int_equal(score_of(&facts, false, false), 5);
	assert_true(facts.has_unknown_peer && facts.has_disconnected && !facts.has_standalone);
	facts_of_text(RECORDED_84_SYNC, &facts);
	assert_true(facts.is_sync_target && facts.has_uptodate_peer && !facts.is_uptodate);
	assert_int_equal(score_of(&facts, false, false), NONE);
	facts_of_text(RECORDED_84_FENCED, &facts);
	assert_true(facts.is_primary && !facts.has_unknown_peer && !facts.are_peers_uptodate);
	assert_int_equal(score_of(&facts, false, false), 10000);
}

static void scores_of_9(void **unused)
{
	struct facts facts;

	(void)unused;
	facts_of_text(WRITTEN_9_THREE_NODES, &facts);
	assert_int_equal(facts.peer_count, 1); /* the other one has no disk to count */
	assert_int_equal(score_of(&facts, false, false), 10000);
	assert_int_equal(score_of(&facts, false, true), NONE);
	facts_of_text(WRITTEN_9_NO_QUORUM, &facts);
	assert_int_equal(score_of(&facts, true, false), NONE);
	facts_of_text(WRITTEN_9_CLIENT, &facts);
	assert_int_equal(score_of(&facts, false, false), 9999);
	facts_of_text("exists -\n", &facts);
	assert_int_equal(score_of(&facts, false, false), NONE);
}

static void score_texts(void **unused)
{
	struct score_values values;

	(void)unused;
	assert_null(score_read("0 10 1000 10000", &values));
	assert_int_equal(values.good, 10000);
	assert_null(score_read(" 1\t1 1 1 ", &values));
	assert_non_null(score_read("0 10 1000", &values));
	assert_non_null(score_read("0 10 1000 10000 1", &values));
	assert_non_null(score_read("0 10 9 10000", &values));
	assert_non_null(score_read("0 10 -9 10000", &values));
	assert_non_null(score_read("0 10 1000 1000001", &values));
	assert_non_null(score_read("", &values));
}

static void lower_scores_wait(void **unused)
{
	(void)unused;
	assert_false(score_is_due(1000, 1000, -1, 0));
	assert_true(score_is_due(1000, 10000, -1, 0));
	assert_false(score_is_due(10000, 1000, -1, 100));
	assert_false(score_is_due(10000, 1000, 100, 100 + SCORE_LASTS_MS - 1));
	assert_true(score_is_due(10000, 1000, 100, 100 + SCORE_LASTS_MS));
}

/* Verdicts ------------------------------------------------------------------------------------ */

static const struct situation well = {"UpToDate", "Connected", "Secondary", "UpToDate", NULL};
static const struct situation alone = {"UpToDate", "Connecting", NULL, "DUnknown", NULL};
static const struct situation returned = {"Consistent", "Connecting", NULL, "DUnknown", NULL};

static enum verdict verdict_of(const struct situation *s, struct verdict_view view)
{
	struct facts facts;

	facts_of(s, &facts);
	view.facts = &facts;
	return verdict_decide(&view);
}

static void only_good_data(void **unused)
{
	static const struct {
		struct situation s;
		enum verdict verdict;
	} rows[] = {
		{{"UpToDate", "Connected", "Secondary", "UpToDate", NULL}, VERDICT_MAY},
		{{"UpToDate", "Connected", "Secondary", "Inconsistent", NULL}, VERDICT_MAY},
		{{"UpToDate", "Connecting", NULL, "Outdated", NULL}, VERDICT_MAY},
		{{"UpToDate", "Connecting", NULL, "DUnknown", "Primary"}, VERDICT_IS_PRIMARY},
		{{"UpToDate", "Connected", "Primary", "UpToDate", NULL}, VERDICT_PEER_PRIMARY},
		{{"UpToDate", "StandAlone", NULL, "DUnknown", NULL}, VERDICT_STANDALONE},
		{{"UpToDate", "StandAlone", NULL, "Outdated", NULL}, VERDICT_STANDALONE},
		{{"Inconsistent", "Connecting", NULL, "DUnknown", NULL}, VERDICT_INCONSISTENT},
		{{"Inconsistent", "Connected", "Secondary", "UpToDate", NULL}, VERDICT_SYNCING},
		{{"Outdated", "Connecting", NULL, "DUnknown", NULL}, VERDICT_OUTDATED},
		{{"Diskless", "Connecting", NULL, "DUnknown", NULL}, VERDICT_NO_DISK},
		{{"Failed", "Connected", "Secondary", "UpToDate", NULL}, VERDICT_NO_DISK},
		{{"Sparkling", "Connecting", NULL, "DUnknown", NULL}, VERDICT_NO_DISK},
		{{"Attaching", "Connecting", NULL, "DUnknown", NULL}, VERDICT_TRANSITION},
		{{"Consistent", "Connecting", NULL, "DUnknown", NULL}, VERDICT_CONSISTENT},
	};
	const struct verdict_view view = {.memory = VERDICT_NO_MEMORY};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (verdict_of(&rows[i].s, view) != rows[i].verdict)
			fail_msg("row %zu: %d", i, verdict_of(&rows[i].s, view));
}

static void options(void **unused)
{
	static const struct situation syncing = {"Inconsistent", "Connected", "Secondary",
						 "UpToDate", NULL};
	static const struct situation split = {"UpToDate", "StandAlone", NULL, "DUnknown", NULL};
	static const struct situation beside = {"UpToDate", "Connected", "Primary", "UpToDate",
						NULL};

	(void)unused;
	assert_int_equal(verdict_of(&syncing, (struct verdict_view){.takes_remote = true}),
			 VERDICT_MAY);
	assert_int_equal(verdict_of(&split, (struct verdict_view){.connects_later = true}),
			 VERDICT_MAY);
	assert_int_equal(verdict_of(&beside, (struct verdict_view){.allows_two_primaries = true}),
			 VERDICT_MAY);
	assert_int_equal(verdict_of(&well, (struct verdict_view){.requires_fencing = true}),
			 VERDICT_NO_FENCING);
	assert_int_equal(verdict_of(&well, (struct verdict_view){.requires_fencing = true,
								 .has_fencing = true}),
			 VERDICT_MAY);
}

/* Both died, and one came back: which one is what the memory is for. */
static void after_a_total_outage(void **unused)
{
	static const struct {
		enum verdict_memory memory;
		bool was_primary, is_stale_allowed, has_fencing;
		enum verdict returned, alone;
	} rows[] = {
		{VERDICT_NO_MEMORY, false, false, false, VERDICT_CONSISTENT, VERDICT_MAY},
		{VERDICT_NO_MEMORY, false, false, true, VERDICT_MAY, VERDICT_MAY},
		{VERDICT_NOTHING, false, false, true, VERDICT_MAY, VERDICT_MAY},
		{VERDICT_UNREADABLE, false, false, true, VERDICT_UNKNOWN_MEMORY,
		 VERDICT_UNKNOWN_MEMORY},
		{VERDICT_HAS_ALL, true, false, true, VERDICT_MAY, VERDICT_MAY},
		{VERDICT_HAS_ALL, false, false, true, VERDICT_PEER_WAS_PRIMARY, VERDICT_MAY},
		{VERDICT_LACKS, true, false, true, VERDICT_STALE, VERDICT_STALE},
		{VERDICT_LACKS, false, false, true, VERDICT_STALE, VERDICT_STALE},
		{VERDICT_LACKS, false, true, true, VERDICT_MAY, VERDICT_MAY},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct verdict_view view = {.memory = rows[i].memory,
						  .was_primary = rows[i].was_primary,
						  .is_stale_allowed = rows[i].is_stale_allowed,
						  .has_fencing = rows[i].has_fencing};

		if (verdict_of(&returned, view) != rows[i].returned ||
		    verdict_of(&alone, view) != rows[i].alone)
			fail_msg("row %zu", i);
		/* Who is connected to good data needs no memory. */
		assert_int_equal(verdict_of(&well, view), VERDICT_MAY);
	}
}

static void quorum(void **unused)
{
	struct verdict_view view = {.has_quorum_option = true, .memory = VERDICT_LACKS};
	struct facts facts;

	(void)unused;
	facts_of_text(WRITTEN_9_NO_QUORUM, &facts);
	view.facts = &facts;
	assert_int_equal(verdict_decide(&view), VERDICT_NO_QUORUM);
	assert_int_equal(verdict_of(&alone, view), VERDICT_MAY);
	facts_of_text(WRITTEN_9_CLIENT, &facts);
	view.facts = &facts;
	assert_int_equal(verdict_decide(&view), VERDICT_MAY);
	facts_of_text("exists -\n", &facts);
	assert_int_equal(verdict_decide(&view), VERDICT_NOT_CONFIGURED);
}

static void reasons_fit(void **unused)
{
	char reason[512];
	char other[512];

	(void)unused;
	for (int i = VERDICT_MAY; i <= VERDICT_NO_FENCING; i++) {
		verdict_reason((enum verdict)i, "database0", "node1", reason, sizeof(reason));
		if (strlen(reason) > 128 || strncmp(reason, "database0", 9) != 0)
			fail_msg("%zu bytes: %s", strlen(reason), reason);
		for (int j = VERDICT_MAY; j < i; j++) {
			verdict_reason((enum verdict)j, "database0", "node1", other, sizeof(other));
			assert_string_not_equal(reason, other);
		}
	}
}

static void memory_is_asked_where_it_matters(void **unused)
{
	struct facts facts;

	(void)unused;
	facts_of(&well, &facts);
	assert_false(verdict_needs_memory(&facts));
	facts_of(&alone, &facts);
	assert_true(verdict_needs_memory(&facts));
	facts_of(&returned, &facts);
	assert_true(verdict_needs_memory(&facts));
}

static void degraded(void **unused)
{
	static const struct situation source = {"UpToDate", "Connected", "Secondary",
						"Inconsistent", NULL};
	struct facts facts;

	(void)unused;
	facts_of(&well, &facts);
	assert_false(facts_is_degraded(&facts));
	facts_of(&alone, &facts);
	assert_true(facts_is_degraded(&facts));
	facts_of(&source, &facts);
	assert_true(facts_is_degraded(&facts));
	facts_of_text(WRITTEN_9_SYNC, &facts);
	assert_true(facts_is_degraded(&facts));
	facts_of_text(WRITTEN_9_CLIENT, &facts);
	assert_false(facts_is_degraded(&facts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores),
		cmocka_unit_test(scores_of_84),
		cmocka_unit_test(scores_of_9),
		cmocka_unit_test(score_texts),
		cmocka_unit_test(lower_scores_wait),
		cmocka_unit_test(only_good_data),
		cmocka_unit_test(options),
		cmocka_unit_test(after_a_total_outage),
		cmocka_unit_test(quorum),
		cmocka_unit_test(reasons_fit),
		cmocka_unit_test(memory_is_asked_where_it_matters),
		cmocka_unit_test(degraded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
