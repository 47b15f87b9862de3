/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haopsd.conf: the rules of ha.cf, each value's range, what is said of what is wrong. */
#include "heart/config-internal.h"

#include "unit.h"

#include <arpa/inet.h>
#include <stdio.h>

static struct config parse(const char *text)
{
	struct config config;
	char error[CONFIG_ERROR_MAX] = "";

	if (config_parse(text, strlen(text), &config, error) < 0)
		fail_msg("%s", error);
	return config;
}

static void defaults_are_those_of_ha_cf(void **state)
{
	struct config config, empty = parse("");

	(void)state;
	config_defaults(&config);
	assert_int_equal(config.keepalive_ms, 1000);
	assert_int_equal(config.deadtime_ms, 30000);
	assert_int_equal(config.warntime_ms, 15000);
	assert_int_equal(config.initdead_ms, 30000);
	assert_int_equal(config.deadping_ms, 30000);
	assert_int_equal(config.convergence_ms, 45000);
	assert_int_equal(config.fence_after_ms, 60000);
	assert_string_equal(config.ping_attribute, "pingd");
	assert_int_equal(config.ping_multiplier, 1000);
	assert_int_equal(config.ping_dampen_ms, 5000);
	assert_int_equal(config.disk_interval_ms, 5000);
	assert_int_equal(config.database_interval_ms, 1000);
	assert_true(config.is_realtime);
	assert_int_equal(config.rtprio, 1);
	assert_false(config.fence_silent);
	assert_string_equal(config.outdate_command, "/usr/sbin/drbdadm");
	assert_string_equal(config.warning, "");
	assert_memory_equal(&config, &empty, sizeof(config));
}

static void initdead_is_derived_as_in_ha_cf(void **state)
{
	static const struct {
		const char *text;
		int64_t initdead_ms;
	} rows[] = {
		{"deadtime 30", 30000},	  {"deadtime 10001ms", 10001}, {"deadtime 10", 20000},
		{"deadtime 6", 12000},	  {"deadtime 5999ms", 12000},  {"deadtime 3", 12000},
		{"initdead 120", 120000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(parse(rows[i].text).initdead_ms, rows[i].initdead_ms);
}

static void a_whole_file(void **state)
{
	struct config c = parse("# a comment\r\n"
				"keepalive 200ms # behind\r\n"
				"\tdeadtime\t5,\n"
				"warntime 2s\n\n"
				"initdead 60\n"
				"deadping 7\n"
				"convergence_time 0\n"
				"ping 192.0.2.1, 2001:db8::1\n"
				"ping_group routers 192.0.2.254 192.0.2.253\n"
				"ping 198.51.100.1\n"
				"ping_attribute my_ping\n"
				"ping_multiplier 100\n"
				"ping_dampen 0\n"
				"disk_path off\n"
				"disk_interval 1500ms\n"
				"database_interval 200ms\n"
				"realtime OFF\n"
				"rtprio 99\n"
				"fence_silent Yes\n"
				"fence_after 20\n"
				"carrier_link eth0 bond0\n"
				"carrier_link eth1\n"
				"debug 1\n"
				"outdate_command /bin/true");
	char text[INET6_ADDRSTRLEN];

	(void)state;
	assert_int_equal(c.keepalive_ms, 200);
	assert_int_equal(c.deadtime_ms, 5000);
	assert_int_equal(c.warntime_ms, 2000);
	assert_int_equal(c.initdead_ms, 60000);
	assert_int_equal(c.deadping_ms, 7000);
	assert_int_equal(c.convergence_ms, 0);
	assert_int_equal(c.group_count, 4);
	assert_string_equal(c.groups[1].name, "2001:db8::1");
	assert_int_equal(c.groups[1].addrs[0].family, AF_INET6);
	assert_string_equal(inet_ntop(AF_INET6, c.groups[1].addrs[0].bytes, text, sizeof(text)),
			    "2001:db8::1");
	assert_string_equal(c.groups[2].name, "routers");
	assert_int_equal(c.groups[2].addr_count, 2);
	assert_int_equal(c.groups[3].addr_count, 1);
	assert_string_equal(c.ping_attribute, "my_ping");
	assert_int_equal(c.ping_multiplier, 100);
	assert_int_equal(c.ping_dampen_ms, 0);
	assert_string_equal(c.disk_path, "");
	assert_int_equal(c.disk_interval_ms, 1500);
	assert_int_equal(c.database_interval_ms, 200);
	assert_false(c.is_realtime);
	assert_int_equal(c.rtprio, 99);
	assert_true(c.fence_silent);
	assert_int_equal(c.fence_after_ms, 20000);
	assert_int_equal(c.link_count, 3);
	assert_string_equal(c.links[2], "eth1");
	assert_int_equal(c.log_level, 1);
	assert_string_equal(c.outdate_command, "/bin/true");
}

static void the_last_one_counts(void **state)
{
	struct config config = parse("deadtime 10\ndeadtime 20\nwarntime 1\ndisk_path /a/long\n"
				     "disk_path /b\n");

	(void)state;
	assert_int_equal(config.deadtime_ms, 20000);
	assert_int_equal(config.warntime_ms, 1000);
	assert_string_equal(config.disk_path, "/b");
}

static void booleans_are_those_of_ha_cf(void **state)
{
	static const char *const on[] = {"true", "on", "yes", "y", "1", "TRUE", "On", "Y"};
	static const char *const off[] = {"false", "off", "no", "n", "0", "False", "OFF", "N"};
	char text[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(on); i++) {
		(void)snprintf(text, sizeof(text), "fence_silent %s", on[i]);
		assert_true(parse(text).fence_silent);
		(void)snprintf(text, sizeof(text), "realtime %s", off[i]);
		assert_false(parse(text).is_realtime);
	}
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text;
		const char *error;
	} rows[] = {
		{"deadtime", "line 1: deadtime: takes one value, got 0"},
		{"\n\ndeadtime 5 6", "line 3: deadtime: takes one value, got 2"},
		{"deadtime abc",
		 "line 1: deadtime: \"abc\" is no time: write 30 for seconds, or 1500ms"},
		{"deadtime -1",
		 "line 1: deadtime: \"-1\" is no time: write 30 for seconds, or 1500ms"},
		{"deadtime 5min",
		 "line 1: deadtime: \"5min\" is no time: write 30 for seconds, or 1500ms"},
		{"deadtime 1.5",
		 "line 1: deadtime: \"1.5\" is no time: write 30 for seconds, or 1500ms"},
		{"deadtime 99999999999999999999",
		 "line 1: deadtime: \"99999999999999999999\" is no time: write 30 for seconds, or "
		 "1500ms"},
		{"deadtime 999999999999",
		 "line 1: deadtime: 999999999999 is outside 50ms to 86400"},
		{"keepalive 0", "line 1: keepalive: 0 is outside 20ms to 3600"},
		{"keepalive 2\ndeadtime 4",
		 "line 2: deadtime: 4 must be above twice the keepalive of 2"},
		{"deadping 2", "line 1: deadping: 2 must be above twice the keepalive of 1"},
		{"initdead 29", "line 1: initdead: 29 must not be below the deadtime of 30"},
		{"fence_after 29", "line 1: fence_after: 29 must not be below the deadtime of 30"},
		{"realtime maybe", "line 1: realtime: \"maybe\" is no on or off"},
		{"rtprio 0", "line 1: rtprio: 0 is outside 1 to 99"},
		{"rtprio x", "line 1: rtprio: \"x\" is no whole number"},
		{"ping_multiplier 1000001",
		 "line 1: ping_multiplier: 1000001 is outside 1 to 1000000"},
		{"ping_attribute a b", "line 1: ping_attribute: takes one value, got 2"},
		{"ping_attribute a/b",
		 "line 1: ping_attribute: \"a/b\" is no name: letters, digits, "
		 "\"_\", \".\" and \"-\" only"},
		{"disk_path var", "line 1: disk_path: \"var\" is no absolute path"},
		{"outdate_command off", "line 1: outdate_command: \"off\" is no absolute path"},
		{"ping", "line 1: ping: takes at least one value"},
		{"ping gateway",
		 "line 1: ping: \"gateway\" is no IPv4 or IPv6 address (names are not "
		 "looked up)"},
		{"ping 224.0.0.1", "line 1: ping: \"224.0.0.1\" is no address of one host"},
		{"ping ff02::1", "line 1: ping: \"ff02::1\" is no address of one host"},
		{"ping 0.0.0.0", "line 1: ping: \"0.0.0.0\" is no address of one host"},
		{"ping fe80::1",
		 "line 1: ping: \"fe80::1\" is link-local: give a global address of that host"},
		{"ping 192.0.2.1\nping 192.0.2.1", "line 2: ping: \"192.0.2.1\" is there already"},
		{"ping_group a", "line 1: ping_group: takes a name and at least one address"},
		{"ping_group a 192.0.2.1 192.0.2.1",
		 "line 1: ping_group: \"192.0.2.1\" is there twice"},
		{"carrier_link a-name-of-sixteen",
		 "line 1: carrier_link: \"a-name-of-sixteen\" is no name of an interface"},
		{"nonsense 1", "line 1: nonsense: unknown directive, see haopsd.conf(5)"},
		{"Deadtime 1", "line 1: Deadtime: unknown directive, see haopsd.conf(5)"},
		{"bcast eth0", "line 1: bcast: is of Heartbeat; nodes and their links are in "
			       "corosync.conf (nodelist) now: remove the line"},
		{"auto_failback on",
		 "line 1: auto_failback: is of Heartbeat; Pacemaker has this in "
		 "its own configuration now: remove the line"},
		{"\x01", "line 1: byte 1 of the line, 0x01, is no text: is this the right file?"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct config config;
		char error[CONFIG_ERROR_MAX] = "";

		memset(&config, 0x5a, sizeof(config));
		assert_int_equal(config_parse(rows[i].text, strlen(rows[i].text), &config, error),
				 -EINVAL);
		assert_string_equal(error, rows[i].error);
		assert_int_equal(((uint8_t *)&config)[0], 0x5a);
	}
}

static void sizes_are_bounded(void **state)
{
	char *big = malloc(CONFIG_TEXT_MAX + 1);
	char error[CONFIG_ERROR_MAX];
	struct config config;
	size_t len = 0;

	(void)state;
	assert_non_null(big);
	memset(big, '\n', CONFIG_TEXT_MAX + 1);
	assert_int_equal(config_parse(big, CONFIG_TEXT_MAX, &config, error), 0);
	assert_int_equal(config_parse(big, CONFIG_TEXT_MAX + 1, &config, error), -EINVAL);
	assert_string_equal(error, "line 1: the file has 65537 bytes, more than 65536");
	memset(big, 'x', CONFIG_LINE_MAX);
	assert_int_equal(config_parse(big, CONFIG_LINE_MAX, &config, error), -EINVAL);
	assert_string_equal(error, "line 1: the line is longer than 4095 bytes");
	for (int i = 0; i <= CONFIG_GROUPS_MAX; i++)
		len += (size_t)snprintf(big + len, 32, "ping 192.0.2.%d\n", i + 1);
	assert_int_equal(config_parse(big, len, &config, error), -EINVAL);
	assert_string_equal(error, "line 17: ping: more than 16 ping targets and groups");
	len = (size_t)snprintf(big, 32, "ping_group g");
	for (int i = 0; i <= CONFIG_PINGS_MAX; i++)
		len += (size_t)snprintf(big + len, 32, " 192.0.2.%d", i + 1);
	assert_int_equal(config_parse(big, len, &config, error), -EINVAL);
	assert_string_equal(error, "line 1: ping_group: more than 32 addresses");
	free(big);
}

static void odd_values_are_warned_of(void **state)
{
	(void)state;
	assert_non_null(strstr(parse("warntime 30").warning, "warntime 30 is not below deadtime"));
	assert_non_null(strstr(parse("deadtime 3\ninitdead 5").warning, "below 10 seconds"));
	assert_string_equal(parse("deadtime 3").warning, "");
}

static void one_value_is_assigned(void **state)
{
	struct config config = parse("deadtime 30");
	char error[CONFIG_ERROR_MAX];

	(void)state;
	assert_int_equal(config_assign("deadtime 12", &config, error), 0);
	assert_int_equal(config.deadtime_ms, 12000);
	assert_int_equal(config.warntime_ms, 6000);
	assert_int_equal(config.fence_after_ms, 24000);
	assert_int_equal(config_assign("warntime=2500ms", &config, error), 0);
	assert_int_equal(config_assign("deadtime=40", &config, error), 0);
	assert_int_equal(config.warntime_ms, 2500);
	assert_int_equal(config.deadping_ms, 40000);
	assert_int_equal(config_assign("  fence_silent   on ", &config, error), 0);
	assert_true(config.fence_silent);
}

static void wrong_assignments_change_nothing(void **state)
{
	static const struct {
		const char *text;
		const char *error;
	} rows[] = {
		{"", "give the name of a directive and a value"},
		{"# deadtime 5", "give the name of a directive and a value"},
		{"deadtime", "deadtime: takes one value, got 0"},
		{"deadtime 2", "deadtime: 2 must be above twice the keepalive of 1"},
		{"keepalive 20", "deadtime: 30 must be above twice the keepalive of 20"},
		{"ping 192.0.2.1",
		 "ping: is a list: change it in haopsd.conf, then run \"haops reload\""},
		{"deadtime 5\nkeepalive 1",
		 "byte 11 of the line, 0x0a, is no text: is this the right file?"},
		{"sense 5", "sense: unknown directive, see haopsd.conf(5)"},
	};
	struct config config = parse("deadtime 30"), before = config;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char error[CONFIG_ERROR_MAX] = "";

		assert_int_equal(config_assign(rows[i].text, &config, error), -EINVAL);
		assert_string_equal(error, rows[i].error);
		assert_memory_equal(&config, &before, sizeof(config));
	}
}

static void the_hash_tells_what_must_be_the_same(void **state)
{
	static const char *const same[] =
		{"",	    "ping_dampen 1",	 "disk_path /x",    "rtprio 5",
		 "debug 1", "carrier_link eth0", "deadtime 30000ms"};
	static const char *const other[] = {"keepalive 2",	  "deadtime 31",
					    "warntime 3",	  "initdead 61",
					    "convergence_time 1", "fence_silent on",
					    "fence_after 61",	  "ping 192.0.2.1",
					    "ping_multiplier 1",  "ping_attribute x"};
	struct config config = parse("");
	uint32_t hash = config_hash(&config);

	(void)state;
	assert_int_not_equal(hash, 0);
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		config = parse(same[i]);
		assert_int_equal(config_hash(&config), hash);
	}
	for (size_t i = 0; i < ARRAY_LEN(other); i++) {
		config = parse(other[i]);
		assert_int_not_equal(config_hash(&config), hash);
	}
}

static void times_are_written_as_they_are_read(void **state)
{
	static const int64_t times[] = {0, 20, 999, 1000, 1001, 30000, 86400000};
	char text[32];
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		assert_int_equal(config_time_parse(config_time_format(times[i], text), &ms), 0);
		assert_int_equal(ms, times[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_ha_cf),
		cmocka_unit_test(initdead_is_derived_as_in_ha_cf),
		cmocka_unit_test(a_whole_file),
		cmocka_unit_test(the_last_one_counts),
		cmocka_unit_test(booleans_are_those_of_ha_cf),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(sizes_are_bounded),
		cmocka_unit_test(odd_values_are_warned_of),
		cmocka_unit_test(one_value_is_assigned),
		cmocka_unit_test(wrong_assignments_change_nothing),
		cmocka_unit_test(the_hash_tells_what_must_be_the_same),
		cmocka_unit_test(times_are_written_as_they_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
