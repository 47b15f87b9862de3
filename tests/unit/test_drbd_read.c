/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The readers of the drbd agent: events, JSON, drbd.conf, memory, generations. */
#include "drbd/conf.h"
#include "drbd/events.h"
#include "drbd/json.h"
#include "drbd/memory.h"
#include "drbd_recorded.h"
#include "unit.h"

#include <string.h>

static struct state state;

static void events_of_9(void **unused)
{
	(void)unused;
	assert_int_equal(events_read(WRITTEN_9_THREE_NODES, "r0", &state), 0);
	assert_true(state.is_configured);
	assert_int_equal(state.role, STATE_SECONDARY);
	assert_int_equal(state.may_promote, STATE_NO);
	assert_int_equal(state.volume_count, 1);
	assert_int_equal(state.volumes[0].disk, STATE_UPTODATE);
	assert_int_equal(state.volumes[0].minor, 0);
	assert_int_equal(state.peer_count, 2);
	assert_string_equal(state.peers[0].name, "n2");
	assert_int_equal(state.peers[0].role, STATE_PRIMARY);
	assert_int_equal(state.peers[0].connection, STATE_CONNECTED);
	assert_int_equal(state.peers[0].links[0].disk, STATE_UPTODATE);
	assert_true(state.peers[1].links[0].is_client);
	assert_int_equal(events_read(WRITTEN_9_NO_QUORUM, "r0", &state), 0);
	assert_true(state.volumes[0].lacks_quorum);
	assert_true(state.is_suspended);
	assert_int_equal(state.peers[0].links[0].disk, STATE_DISK_UNKNOWN);
	assert_int_equal(events_read(WRITTEN_9_SYNC, "r0", &state), 0);
	assert_int_equal(state.peers[0].links[0].sync, STATE_SYNC_TARGET);
	assert_int_equal(state.peers[0].links[0].permille, 375);
}

static void events_of_84(void **unused)
{
	(void)unused;
	assert_int_equal(events_read(RECORDED_84_NONE, "r0", &state), 0);
	assert_false(state.is_configured);
	assert_int_equal(events_read(RECORDED_84_ALONE, "r0", &state), 0);
	assert_true(state.is_configured);
	assert_int_equal(state.may_promote, STATE_NOT_TOLD);
	assert_int_equal(state.volumes[0].disk, STATE_CONSISTENT);
	assert_false(state.volumes[0].lacks_quorum);
	assert_int_equal(state.peer_count, 1);
	assert_int_equal(state.peers[0].connection, STATE_CONNECTING);
	assert_int_equal(state.peers[0].role, STATE_ROLE_UNKNOWN);
	assert_int_equal(events_read(RECORDED_84_STATISTICS, "r0", &state), 0);
	assert_int_equal(state.volumes[0].disk, STATE_CONSISTENT);
	assert_int_equal(events_read(RECORDED_84_SECONDARY, "r0", &state), 0);
	assert_int_equal(state.volumes[0].disk, STATE_UPTODATE);
	assert_int_equal(state.volumes[0].minor, 0);
	assert_int_equal(state.peers[0].role, STATE_PRIMARY);
	assert_int_equal(state.peers[0].links[0].disk, STATE_UPTODATE);
}

static void resync_of_9(void **unused)
{
	const struct state_link *link = &state.peers[0].links[0];

	(void)unused;
	assert_int_equal(events_read(WRITTEN_9_SYNC_STATISTICS, "r0", &state), 0);
	assert_int_equal(link->sync, STATE_SYNC_SOURCE);
	assert_string_equal(link->replication, "SyncSource");
	assert_int_equal(link->permille, 920);
	assert_int_equal(link->left_s, 75);
	assert_int_equal(events_read(WRITTEN_9_SYNC_STATISTICS, "r1", &state), 0);
	assert_int_equal(link->sync, STATE_SYNC_TARGET);
	assert_string_equal(link->replication, "PausedSyncT");
	assert_int_equal(link->permille, 0);
	assert_int_equal(link->left_s, -1);
	assert_int_equal(events_read(RECORDED_84_SYNC, "r0", &state), 0);
	assert_string_equal(link->replication, "SyncTarget");
	assert_int_equal(link->permille, -1);
	assert_int_equal(link->left_s, -1);
	assert_int_equal(events_read("exists peer-device name:r0 volume:0 replication:Later "
				     "eta:-3\nexists -\n",
				     "r0", &state),
			 0);
	assert_null(link->replication);
	assert_int_equal(link->left_s, -1);
}

static void words(void **unused)
{
	(void)unused;
	assert_string_equal(state_disk_word(STATE_DISK_UNKNOWN), "unknown");
	assert_string_equal(state_role_word(STATE_PRIMARY), "Primary");
	assert_string_equal(state_role_word(STATE_ROLE_UNKNOWN), "unknown");
	assert_string_equal(state_connection_word(STATE_CONNECTING), "Connecting");
	assert_string_equal(state_connection_word(state_connection_of("WFConnection")),
			    "Connecting");
	assert_string_equal(state_connection_word(STATE_STANDALONE), "StandAlone");
}

static void names_of_resources(void **unused)
{
	const char *at = WRITTEN_9_SYNC_STATISTICS;
	char name[STATE_NAME_MAX] = "";

	(void)unused;
	assert_true(events_next(&at, name));
	assert_string_equal(name, "r0");
	assert_true(events_next(&at, name));
	assert_string_equal(name, "r1");
	assert_false(events_next(&at, name));
	assert_false(events_next(&at, name));
	at = RECORDED_84_NONE;
	assert_false(events_next(&at, name));
	at = "destroy resource name:old\nexists resource\nexists resource name:last role:Primary";
	assert_true(events_next(&at, name));
	assert_string_equal(name, "last");
	assert_string_equal(at, "");
}

static void other_resources_do_not_count(void **unused)
{
	(void)unused;
	assert_int_equal(events_read(WRITTEN_9_THREE_NODES, "r", &state), 0);
	assert_false(state.is_configured);
	assert_int_equal(state.volume_count, 0);
	assert_int_equal(events_read("exists -\n", "r0", &state), 0);
	assert_false(state.is_configured);
}

/* A dump that broke off says nothing about what is missing in it. */
static void incomplete_is_unknown(void **unused)
{
	static const char whole[] = WRITTEN_9_THREE_NODES;
	char part[sizeof(whole)];

	(void)unused;
	for (size_t len = 0; len + sizeof("exists -\n") < sizeof(whole); len++) {
		memcpy(part, whole, len);
		part[len] = '\0';
		assert_int_not_equal(events_read(part, "r0", &state), 0);
	}
	assert_int_equal(events_read("", "r0", &state), -EAGAIN);
}

static void changes_while_it_is_dumped(void **unused)
{
	(void)unused;
	assert_int_equal(events_read("exists resource name:r0 role:Secondary suspended:no\n"
				     "change resource name:r0 role:Primary\n"
				     "call helper name:r0 helper:before-resync-target\n"
				     "exists -\n"
				     "change resource name:r0 role:Secondary\n",
				     "r0", &state),
			 0);
	assert_int_equal(state.role, STATE_PRIMARY);
}

static void bad_events(void **unused)
{
	static char text[32768];
	size_t len = 0;

	(void)unused;
	assert_int_equal(events_read("exists device name:r0 disk:UpToDate\nexists -\n", "r0",
				     &state),
			 -EBADMSG);
	assert_int_equal(events_read("exists device name:r0 volume:x disk:UpToDate\nexists -\n",
				     "r0", &state),
			 -EBADMSG);
	assert_int_equal(events_read("exists device name:r0 volume:0 disk:Sparkling\nexists -\n",
				     "r0", &state),
			 0);
	assert_int_equal(state.volumes[0].disk, STATE_DISK_UNKNOWN);
	for (int i = 0; i <= STATE_VOLUMES_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"exists device name:r0 volume:%d disk:UpToDate\n", i);
	(void)snprintf(text + len, sizeof(text) - len, "exists -\n");
	assert_int_equal(events_read(text, "r0", &state), -E2BIG);
}

static void json(void **unused)
{
	static const char whole[] = WRITTEN_9_JSON;
	char part[sizeof(whole)];

	(void)unused;
	assert_int_equal(json_read(whole, "r0", &state), 0);
	assert_true(state.is_configured);
	assert_int_equal(state.role, STATE_SECONDARY);
	assert_int_equal(state.volume_count, 1);
	assert_int_equal(state.volumes[0].disk, STATE_UPTODATE);
	assert_int_equal(state.peer_count, 1);
	assert_string_equal(state.peers[0].name, "n2");
	assert_int_equal(state.peers[0].connection, STATE_CONNECTED);
	assert_int_equal(state.peers[0].role, STATE_PRIMARY);
	assert_int_equal(state.peers[0].links[0].sync, STATE_SYNC_TARGET);
	assert_int_equal(json_read("[\n]\n\n", "r0", &state), 0);
	assert_false(state.is_configured);
	for (size_t len = 0; len + 4 < sizeof(whole); len++) {
		memcpy(part, whole, len);
		part[len] = '\0';
		assert_int_equal(json_read(part, "r0", &state), -EBADMSG);
	}
}

static void conf_of(const char *text, struct conf *conf)
{
	assert_int_equal(conf_read(text, conf), 0);
}

static void configuration(void **unused)
{
	struct conf conf;

	(void)unused;
	conf_of(RECORDED_84_DUMP, &conf);
	assert_int_equal(conf.fencing, CONF_RESOURCE_AND_STONITH);
	assert_string_equal(conf.handler, "/usr/lib/drbd/crm-fence-peer.sh");
	assert_false(conf.allows_two_primaries);
	conf_of("# resource r0 on n1: not ignored\n"
		"resource r0 {\n\tnet {\n\t\tprotocol C;\n\t\tallow-two-primaries;\n\t}\n"
		"\tdisk { fencing resource-and-stonith; }\n"
		"\thandlers { fence-peer \"/usr/sbin/haops-outdate-peer -m \\\"a b\\\"=n;{\"; "
		"}\n}\n",
		&conf);
	assert_int_equal(conf.fencing, CONF_RESOURCE_AND_STONITH);
	assert_true(conf.allows_two_primaries);
	assert_string_equal(conf.handler, "/usr/sbin/haops-outdate-peer -m \\\"a b\\\"=n;{");
	assert_null(conf_fencing_defect(&conf));
	conf_of("resource r0 { net { fencing resource-only; allow-two-primaries no; } }", &conf);
	assert_false(conf.allows_two_primaries);
	assert_non_null(strstr(conf_fencing_defect(&conf), "fence-peer"));
	conf_of("resource r0 { handlers { fence-peer \"x\"; } }", &conf);
	assert_non_null(strstr(conf_fencing_defect(&conf), "dont-care"));
	conf_of("resource r0 { options { quorum majority; on-no-quorum io-error; } }", &conf);
	assert_true(conf.has_quorum);
	assert_null(conf_fencing_defect(&conf));
	conf_of("resource r0 { options { quorum off; } }", &conf);
	assert_false(conf.has_quorum);
	assert_int_equal(conf_read("resource r0 {", &conf), -EBADMSG);
	assert_int_equal(conf_read("}", &conf), -EBADMSG);
	assert_int_equal(conf_read("fence-peer \"x", &conf), -EBADMSG);
}

static void memory(void **unused)
{
	struct generations data = {.list = {0xABC0, 0x10}, .count = 2};
	char value[MEMORY_VALUE_MAX];
	struct memory m;
	struct memory again;

	(void)unused;
	memory_read("", &m);
	assert_false(m.has_primary);
	assert_false(m.is_damaged);
	assert_true(memory_set(&m, "n1", &data));
	assert_int_equal(m.epoch, 1);
	assert_false(memory_set(&m, "n1", &data));
	memory_primary_value(&m, value, sizeof(value));
	assert_string_equal(value, "1 n1");
	memory_data_value(&m, value);
	assert_string_equal(value, "000000000000ABC0 0000000000000010");
	memory_read("data\t000000000000ABC0 0000000000000010\nlater\tx\nprimary\t1 n1\n", &again);
	assert_true(memory_agrees(&m, &again));
	memory_read("primary\t7 n2\nallow-stale\t7\n", &m);
	assert_true(memory_is_stale_allowed(&m));
	assert_true(memory_set(&m, "n2", &data));
	assert_int_equal(m.epoch, 8);
	assert_false(memory_is_stale_allowed(&m));
	memory_read("primary\t7 n2\nallow-stale\t6\n", &m);
	assert_false(memory_is_stale_allowed(&m));
	memory_read("primary\tn2\n", &m);
	assert_true(m.is_damaged);
	memory_read("primary\t1 n2\ndata\t12345678901234567\n", &m);
	assert_true(m.is_damaged);
	memory_read("primary\t1 n2\ndata\tXYZ\n", &m);
	assert_true(m.is_damaged);
}

/* The lowest bit says who is Primary, and is no part of a generation. */
static void generations(void **unused)
{
	static const char text[] = "A000000000000001:B000000000000000:C000000000000000:"
				   "D000000000000000:1:1:0:1:0:0:0\n";
	struct generations data = {.list = {0xA000000000000000}, .count = 1};
	struct lineage lineage;

	(void)unused;
	assert_int_equal(lineage_read(text, &lineage), 0);
	assert_int_equal(lineage_compare(&lineage, &data), LINEAGE_HAS);
	data.list[0] = 0xC000000000000000;
	assert_int_equal(lineage_compare(&lineage, &data), LINEAGE_HAS);
	data.list[0] = 0xE000000000000000;
	assert_int_equal(lineage_compare(&lineage, &data), LINEAGE_LACKS);
	data.count = 0;
	assert_int_equal(lineage_compare(&lineage, &data), LINEAGE_NOT_TOLD);
	lineage_current(&lineage, &data);
	assert_int_equal(data.count, 1);
	assert_true(data.list[0] == 0xA000000000000000);
	assert_int_equal(lineage_read(RECORDED_84_GENERATIONS, &lineage), 0);
	assert_true(lineage.list[0][0] == 0xC52DEFE93DB5A4FA);
	assert_int_equal(lineage_read("", &lineage), -EBADMSG);
	assert_int_equal(lineage_read("A:B:C\n", &lineage), -EBADMSG);
	assert_int_equal(lineage_read("what: is this\n", &lineage), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_of_84),
		cmocka_unit_test(events_of_9),
		cmocka_unit_test(resync_of_9),
		cmocka_unit_test(words),
		cmocka_unit_test(names_of_resources),
		cmocka_unit_test(other_resources_do_not_count),
		cmocka_unit_test(incomplete_is_unknown),
		cmocka_unit_test(changes_while_it_is_dumped),
		cmocka_unit_test(bad_events),
		cmocka_unit_test(json),
		cmocka_unit_test(configuration),
		cmocka_unit_test(memory),
		cmocka_unit_test(generations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
