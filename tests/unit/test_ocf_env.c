/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The environment: which variable means what, and how long an action has. */
#include "ocf/run.h"
#include "unit.h"

static void test_reads_known_names(void **state)
{
	static const char *const environment[] = {
		"PATH=/bin",
		"OCF_RESOURCE_INSTANCE=ip:1",
		"OCF_RESOURCE_INSTANCE=second",
		"OCF_RESKEY_CRM_meta_timeout=20000",
		"OCF_RESKEY_CRM_meta_timeoutx=1",
		"OCF_RESKEY_CRM_meta_interval=0",
		"HA_LOGFACILITY=",
		"PCMK_logfacility=daemon",
		"OCF_",
		"H",
		"",
		"OCF_RESKEY_OCF_CHECK_LEVEL=20",
		NULL,
	};
	struct ocf_env env;

	(void)state;
	ocf_env_read(environment, &env);
	assert_string_equal(env.instance, "ip:1");
	assert_string_equal(env.meta_timeout, "20000");
	assert_string_equal(env.meta_interval, "0");
	assert_null(env.log_facility);
	assert_string_equal(env.pcmk_log_facility, "daemon");
	assert_null(env.check_level);
	assert_int_equal(ocf_env_level(&env), 20);
}

static void test_level(void **state)
{
	static const struct {
		const char *text;
		int level;
	} table[] = {{NULL, 0}, {"0", 0},   {"10", 10},		{"30", 30},
		     {"-1", 0}, {"ten", 0}, {"99999999999", 0}, {"10 ", 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct ocf_env env = {.check_level = table[i].text};

		assert_int_equal(ocf_env_level(&env), table[i].level);
	}
}

static void test_probe(void **state)
{
	static const struct {
		struct ocf_env env;
		bool is_probe;
	} table[] = {
		{{.meta_interval = "0"}, true},
		{{.meta_interval = "10000"}, false},
		{{.meta_interval = "10000", .crm_feature_set = "3.16.1"}, false},
		/* What Pacemaker 2.1.5 really gives; and a person who gives nothing. */
		{{.meta_timeout = "20000", .crm_feature_set = "3.16.1"}, true},
		{{.meta_timeout = "20000"}, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		assert_int_equal(ocf_env_is_probe(&table[i].env), table[i].is_probe);
}

static void test_params(void **state)
{
	static const struct ocf_param params[] = {{.name = "ip"}, {.name = "nic"}, {.name = "ni"}};
	static const struct ocf_agent agent = {.params = params, .param_count = 3};
	static const char *const environment[] = {
		"OCF_RESKEY_nic=eth0",
		"OCF_RESKEY_nic=eth1",
		"OCF_RESKEY_ip=",
		"OCF_RESKEY_=x",
		"OCF_RESKEY_other=x",
		"ip=10.0.0.1",
		NULL,
	};
	struct ocf_value values[3] = {{0}};

	(void)state;
	ocf_env_params(&agent, environment, values);
	assert_null(values[0].given);
	assert_string_equal(values[1].given, "eth0");
	assert_null(values[2].given);
}

static void test_get(void **state)
{
	static const char *const environment[] = {"A_b=1", "A_c=", "A_bb=2", NULL};

	(void)state;
	assert_string_equal(ocf_env_get(environment, "A_", "bb"), "2");
	assert_string_equal(ocf_env_get(environment, "A_", "c"), "");
	assert_null(ocf_env_get(environment, "A_", "d"));
}

static void test_truth(void **state)
{
	static const char *const others[] = {"", "y", "Yes", "On", "2", "yes ", "no"};

	(void)state;
	assert_true(ocf_env_is_true("ja"));
	assert_true(ocf_env_is_true("1"));
	assert_false(ocf_env_is_true(NULL));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_false(ocf_env_is_true(others[i]));
}

static void test_budget(void **state)
{
	static const struct {
		const char *meta;
		unsigned int default_s;
		int64_t budget_ms;
	} table[] = {
		{"20000", 60, 19000}, /* 5 % */
		{"10000", 60, 9500},  /* 5 % and 500 ms are the same */
		{"5000", 60, 4500},   /* 500 ms */
		{"2000", 60, 1500},   /* 500 ms is a quarter */
		{"1000", 60, 750},    /* a quarter */
		{"3", 60, 3},		{"1", 60, 1},
		{NULL, 60, 60000}, /* nobody kills it: all of the meta-data's time */
		{NULL, 0, 20000},	{"0", 60, 60000},
		{"-1", 60, 60000},	{"20s", 60, 60000},
		{"rubbish", 60, 60000}, {"99999999999999999999", 60, 60000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		assert_int_equal(ocf_env_budget_ms(table[i].meta, table[i].default_s),
				 table[i].budget_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_known_names),
		cmocka_unit_test(test_level),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_params),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_truth),
		cmocka_unit_test(test_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
