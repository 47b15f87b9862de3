/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What exportfs and nfsserver read and decide by table: words, options, fsid, rmtab, addresses,
 * calls of RPC, and the syntax of their parameters. */
#include "unit.h"

#include "exportfs/exportfs.h"
#include "nfsserver/addresses.h"
#include "nfsserver/clients.h"
#include "nfsserver/nfsserver.h"
#include "nfsserver/rpc-msg.h"

#include <stdio.h>

static void options_hold_one_fsid(void **state)
{
	static const struct {
		const char *options;
		const char *fsid;
		const char *wanted;
	} cases[] = {
		{"", "1", "fsid=1"},
		{"rw", "1", "rw,fsid=1"},
		{"rw,fsid=9,sync", "1", "rw,fsid=1,sync"},
		{"fsid=9,rw,fsid=8", "1", "fsid=1,rw"},
		{"rw,,sync,", "0", "rw,sync,fsid=0"},
		{"nofsid,rw", "root", "nofsid,rw,fsid=root"},
		{"fsid=", "7", "fsid=7"},
	};
	char buf[64];
	char small[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(table_options(cases[i].options, cases[i].fsid, buf, sizeof(buf)));
		assert_string_equal(buf, cases[i].wanted);
	}
	assert_false(table_options("rw,sync", "1", small, sizeof(small)));
	assert_false(table_options("rw,sync,no_root_squash", "1", small, sizeof(small)));
}

static void lists_of_clients_are_read_as_they_were_written(void **state)
{
	static const char text[] = "192.0.2.1 2049 192.0.2.9 700\n"
				   "2001:db8::1 2049 2001:db8::9 65535\n";
	static const char broken[] = "192.0.2.1 2049 192.0.2.9\n\nx 1 192.0.2.9 1\n"
				     "192.0.2.1 0 192.0.2.9 1\n192.0.2.1 1 2001:db8::9 1\n"
				     "192.0.2.1 1 192.0.2.9 65536\n192.0.2.1 1 192.0.2.9 7 8\n"
				     "192.0.2.1 2049 192.0.2.9 7\n192.0.2.1 2049";
	struct haops_tcp_connection *list;
	size_t count;
	char *again;

	(void)state;
	assert_int_equal(clients_parse(text, &list, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(list[1].peer_port, 65535);
	assert_int_equal(clients_format(list, count, &again), 0);
	assert_string_equal(again, text);
	free(again);
	free(list);
	assert_int_equal(clients_parse(broken, &list, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(list[0].peer_port, 7);
	free(list);
	assert_int_equal(clients_format(NULL, 0, &again), 0);
	assert_string_equal(again, "");
	free(again);
}

static void fsids_count_on(void **state)
{
	char buf[16];

	(void)state;
	assert_true(table_fsid("41", 0, buf, sizeof(buf)));
	assert_string_equal(buf, "41");
	assert_true(table_fsid("41", 2, buf, sizeof(buf)));
	assert_string_equal(buf, "43");
	assert_true(table_fsid("root", 0, buf, sizeof(buf)));
	assert_string_equal(buf, "root");
	assert_false(table_fsid("root", 1, buf, sizeof(buf)));
	assert_false(table_fsid("4294967295", 1, buf, sizeof(buf)));
	assert_true(table_is_number("0"));
	assert_false(table_is_number("4f838db1"));
	assert_false(table_is_number("-1"));
}

static void words_are_split(void **state)
{
	struct table_words words;
	char many[2 * (TABLE_WORDS_MAX + 1) + 1] = "";

	(void)state;
	assert_null(table_split(" /a \t/b\n/c", false, &words));
	assert_int_equal(words.count, 3);
	assert_string_equal(table_word(&words, 0), "/a");
	assert_string_equal(table_word(&words, 2), "/c");
	assert_null(table_split("1, 2,,3", true, &words));
	assert_int_equal(words.count, 3);
	assert_string_equal(table_word(&words, 1), "2");
	assert_null(table_split("a,b", false, &words));
	assert_int_equal(words.count, 1);
	assert_null(table_split("", false, &words));
	assert_int_equal(words.count, 0);
	for (size_t i = 0; i <= TABLE_WORDS_MAX; i++)
		memcpy(many + 2 * i, "a ", 3);
	assert_non_null(table_split(many, false, &words));
}

static const char rmtab[] = "192.0.2.7:/srv/a:0x00000001\n"
			    "2001:db8::7:/srv/a/below:0x00000002\n"
			    "web1:/srv/ab:0x00000001\n"
			    "web2:/srv:0x00000001\n"
			    "rubbish\nweb3:/srv/a:7\n:/srv/a:0x1\n"
			    "web4:/srv/a:with:colons:0x00000001\n";

static void lines_of_rmtab_are_picked(void **state)
{
	char *text;
	size_t count;

	(void)state;
	assert_int_equal(table_rmtab_pick(rmtab, "/srv/a", &text, &count), 0);
	assert_string_equal(text, "192.0.2.7:/srv/a:0x00000001\n"
				  "2001:db8::7:/srv/a/below:0x00000002\n");
	assert_int_equal(count, 2);
	free(text);
	assert_int_equal(table_rmtab_pick(rmtab, "/srv/a:with:colons", &text, &count), 0);
	assert_string_equal(text, "web4:/srv/a:with:colons:0x00000001\n");
	free(text);
	assert_int_equal(table_rmtab_pick("", "/srv", &text, &count), 0);
	assert_string_equal(text, "");
	free(text);
}

static void lines_of_rmtab_are_merged(void **state)
{
	static const char more[] = "192.0.2.7:/srv/a:0x00000009\n"
				   "192.0.2.8:/srv/a:0x00000001\n"
				   "192.0.2.9:/etc:0x00000001\n";
	char *text;
	size_t count;

	(void)state;
	assert_int_equal(table_rmtab_merge("192.0.2.7:/srv/a:0x00000001", more, "/srv/a", &text,
					   &count),
			 0);
	assert_string_equal(text, "192.0.2.7:/srv/a:0x00000001\n192.0.2.8:/srv/a:0x00000001\n");
	assert_int_equal(count, 1);
	free(text);
	assert_int_equal(table_rmtab_merge("", "", "/srv/a", &text, &count), 0);
	assert_string_equal(text, "");
	assert_int_equal(count, 0);
	free(text);
}

static void addresses_are_split(void **state)
{
	struct addresses list;

	(void)state;
	assert_null(addresses_parse("192.0.2.7,2001:db8::7 192.0.2.8", &list));
	assert_int_equal(list.count, 3);
	assert_string_equal(addresses_get(&list, 1), "2001:db8::7");
	assert_null(addresses_parse("", &list));
	assert_int_equal(list.count, 0);
	assert_non_null(addresses_parse("192.0.2.300", &list));
	assert_non_null(addresses_parse("-P", &list));
}

static size_t words(const uint32_t *list, size_t count, unsigned char *buf)
{
	for (size_t i = 0; i < count; i++) {
		buf[4 * i] = (unsigned char)(list[i] >> 24);
		buf[4 * i + 1] = (unsigned char)(list[i] >> 16);
		buf[4 * i + 2] = (unsigned char)(list[i] >> 8);
		buf[4 * i + 3] = (unsigned char)list[i];
	}
	return 4 * count;
}

static void calls_are_written_as_the_rfc_has_it(void **state)
{
	static const uint32_t null_wanted[] = {0x80000028, 7, 0, 2, 100003, 4, 0, 0, 0, 0, 0};
	static const uint32_t port_wanted[] = {0x80000038, 7, 0, 2,	 100000, 2, 3, 0,
					       0,	   0, 0, 100005, 3,	 6, 0};
	const struct rpc_msg_call call = {7, RPC_PROGRAM_NFS, 4};
	unsigned char wanted[RPC_MSG_MAX];
	unsigned char buf[RPC_MSG_MAX];
	size_t len = words(null_wanted, ARRAY_LEN(null_wanted), wanted);

	(void)state;
	assert_int_equal(rpc_msg_null(&call, buf), len);
	assert_memory_equal(buf, wanted, len);
	len = words(port_wanted, ARRAY_LEN(port_wanted), wanted);
	assert_int_equal(rpc_msg_getport(&call, RPC_PROGRAM_MOUNT, 3, buf), len);
	assert_memory_equal(buf, wanted, len);
}

static void answers_are_read(void **state)
{
	static const struct {
		uint32_t list[10];
		size_t count;
		enum rpc_msg_answer answer;
		uint32_t value;
	} cases[] = {
		{{0x80000018, 7, 1, 0, 0, 0, 0}, 7, RPC_MSG_OK, 0},
		{{0x8000001c, 7, 1, 0, 0, 0, 0, 2049}, 8, RPC_MSG_OK, 2049},
		{{0x80000020, 7, 1, 0, 1, 4, 99, 0, 5}, 9, RPC_MSG_OK, 5},
		{{0x80000018, 7, 1, 0, 0, 0, 1}, 7, RPC_MSG_NO_PROGRAM, 0},
		{{0x80000020, 7, 1, 0, 0, 0, 2, 3, 4}, 9, RPC_MSG_NO_VERSION, 0},
		{{0x80000018, 7, 1, 0, 0, 0, 5}, 7, RPC_MSG_REFUSED, 0},
		{{0x80000014, 7, 1, 1, 1, 1}, 6, RPC_MSG_REFUSED, 0},
		{{0x80000018, 8, 1, 0, 0, 0, 0}, 7, RPC_MSG_BAD, 0},
		{{0x80000018, 7, 0, 0, 0, 0, 0}, 7, RPC_MSG_BAD, 0},
		{{0x80000018, 7, 1, 0, 0, 0, 0}, 6, RPC_MSG_BAD, 0},
		{{0x80000014, 7, 1, 0, 0, 0}, 6, RPC_MSG_BAD, 0},
		{{0x80000018, 7, 1, 0, 0, 0xffffffff, 0}, 7, RPC_MSG_BAD, 0},
		{{0x80000018, 7, 1, 0, 0, 3, 0}, 7, RPC_MSG_BAD, 0},
		{{0x80000000}, 1, RPC_MSG_BAD, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned char buf[64];
		size_t len = words(cases[i].list, cases[i].count, buf);
		uint32_t value = 99;

		assert_int_equal(rpc_msg_parse(buf, len, 7, &value), cases[i].answer);
		assert_int_equal(value, cases[i].value);
	}
	assert_int_equal(rpc_msg_nfsd_port("udp 2049\ntcp 20490\n"), 20490);
	assert_int_equal(rpc_msg_nfsd_port("rdma 20049\n"), 0);
	assert_int_equal(rpc_msg_nfsd_port("tcp 99999\n"), 0);
	assert_int_equal(rpc_msg_nfsd_port(""), 0);
}

static void values_are_checked(void **state)
{
	static const struct {
		const struct ocf_param *params;
		size_t param;
		const char *value;
		bool is_right;
	} cases[] = {
		{exportfs_params, P_CLIENTSPEC, "192.0.2.0/24 [2001:db8::]/64 *", true},
		{exportfs_params, P_CLIENTSPEC, "@hosts *.example.org", true},
		{exportfs_params, P_CLIENTSPEC, "*(rw)", false},
		{exportfs_params, P_CLIENTSPEC, "a,b", false},
		{exportfs_params, P_CLIENTSPEC, "-o", false},
		{exportfs_params, P_DIRECTORY, "/srv/a /srv/b", true},
		{exportfs_params, P_DIRECTORY, "/srv/a b", false},
		{exportfs_params, P_OPTIONS, "rw,anonuid=1,sec=krb5:sys", true},
		{exportfs_params, P_OPTIONS, "rw, sync", false},
		{exportfs_params, P_FSID, "root", true},
		{exportfs_params, P_FSID, "1,2", false},
		{exportfs_params, P_RMTAB_BACKUP, ".rmtab", true},
		{exportfs_params, P_RMTAB_BACKUP, "state/rmtab", true},
		{exportfs_params, P_RMTAB_BACKUP, "../rmtab", false},
		{exportfs_params, P_RMTAB_BACKUP, "a/../../rmtab", false},
		{exportfs_params, P_UNLOCK_IP, "192.0.2.7, 2001:db8::7", true},
		{exportfs_params, P_UNLOCK_IP, "vip", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (!cases[i].params[cases[i].param].check(cases[i].value) != cases[i].is_right)
			fail_msg("%s: %s", cases[i].params[cases[i].param].name, cases[i].value);
}

static int no_action(struct ocf_run *run)
{
	(void)run;
	return OCF_SUCCESS;
}

static void tables_have_no_defect(void **state)
{
	static const struct ocf_action actions[] = {
		{.name = "start", .run = no_action, .timeout_s = 20, .depth = -1},
		{.name = "stop", .run = no_action, .timeout_s = 20, .depth = -1},
		{.name = "reload-agent", .run = no_action, .timeout_s = 20, .depth = -1},
		{.name = "monitor",
		 .run = no_action,
		 .timeout_s = 20,
		 .interval_s = 10,
		 .depth = 0},
	};
	struct ocf_agent agent = {.name = "exportfs",
				  .provider = "haops",
				  .shortdesc = "x",
				  .longdesc = "x",
				  .params = exportfs_params,
				  .param_count = EXPORTFS_PARAM_COUNT,
				  .actions = actions,
				  .action_count = ARRAY_LEN(actions)};

	(void)state;
	assert_null(ocf_check_agent(&agent));
	agent.params = nfsserver_params;
	agent.param_count = NFSSERVER_PARAM_COUNT;
	assert_null(ocf_check_agent(&agent));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_hold_one_fsid),
		cmocka_unit_test(lists_of_clients_are_read_as_they_were_written),
		cmocka_unit_test(fsids_count_on),
		cmocka_unit_test(words_are_split),
		cmocka_unit_test(lines_of_rmtab_are_picked),
		cmocka_unit_test(lines_of_rmtab_are_merged),
		cmocka_unit_test(addresses_are_split),
		cmocka_unit_test(calls_are_written_as_the_rfc_has_it),
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(tables_have_no_defect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
