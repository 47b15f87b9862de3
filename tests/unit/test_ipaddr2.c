/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPaddr2's decisions: what fits, what all addresses come to, which interface gets which. */
#include "param_table.h"

#include "ipaddr2/ipaddr2.h"

#define ANY 0
#define LO IPADDR2_LOOPBACK_IFINDEX

static const struct haops_addr vip4 = {.family = AF_INET, .bytes = {192, 0, 2, 10}};
static const struct haops_addr vip6 = {.family = AF_INET6, .bytes = {0x20, 1, 0xd, 0xb8, [15] = 1}};
static const struct haops_addr own4 = {.family = AF_INET, .bytes = {127, 0, 0, 3}};
static const struct haops_addr own6 = {.family = AF_INET6, .bytes = {[15] = 1}};

static void what_was_found_is_judged(void **state)
{
	static const struct {
		const struct haops_addr *addr;
		enum haops_vip_state state;
		int on;
		uint8_t prefix_len;
		int wanted_on;
		int wanted_len;
		enum ipaddr2_fit fit;
	} cases[] = {
		{&vip4, HAOPS_VIP_PRESENT, 2, 24, 2, 24, FIT_RIGHT},
		{&vip4, HAOPS_VIP_PRESENT, 2, 24, ANY, -1, FIT_RIGHT},
		{&vip4, HAOPS_VIP_PRESENT, 7, 32, ANY, -1, FIT_RIGHT},
		{&vip4, HAOPS_VIP_ABSENT, 0, 0, 2, 24, FIT_ABSENT},
		{&vip4, HAOPS_VIP_UNKNOWN, 0, 0, 2, 24, FIT_UNKNOWN},
		{&vip4, HAOPS_VIP_PRESENT, 3, 24, 2, 24, FIT_WRONG_LINK},
		{&vip4, HAOPS_VIP_PRESENT, 3, 24, -1, -1, FIT_WRONG_LINK},
		{&vip4, HAOPS_VIP_PRESENT, 2, 32, 2, 24, FIT_WRONG_PREFIX},
		{&vip4, HAOPS_VIP_PRESENT, 2, 0, ANY, 24, FIT_WRONG_PREFIX},
		/* On the loopback interface it is another's, unless it belongs there. */
		{&vip4, HAOPS_VIP_PRESENT, LO, 32, ANY, -1, FIT_ABSENT},
		{&vip4, HAOPS_VIP_PRESENT, LO, 32, 2, 32, FIT_ABSENT},
		{&vip4, HAOPS_VIP_PRESENT, LO, 32, LO, 32, FIT_RIGHT},
		{&own4, HAOPS_VIP_PRESENT, LO, 8, ANY, -1, FIT_RIGHT},
		{&own6, HAOPS_VIP_PRESENT, LO, 128, ANY, -1, FIT_RIGHT},
		{&own4, HAOPS_VIP_PRESENT, LO, 8, 2, -1, FIT_ABSENT},
		{&vip6, HAOPS_VIP_PRESENT, LO, 128, ANY, -1, FIT_ABSENT},
		{&vip6, HAOPS_VIP_TENTATIVE, 2, 64, 2, 64, FIT_RIGHT},
		{&vip6, HAOPS_VIP_DUPLICATE, 2, 64, 2, 64, FIT_DUPLICATE},
		{&vip6, HAOPS_VIP_DUPLICATE, 3, 64, 2, 64, FIT_WRONG_LINK},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct haops_vip_found found = {.state = cases[i].state,
						      .ifindex = cases[i].on,
						      .prefix_len = cases[i].prefix_len,
						      .copies = 1};

		assert_int_equal(ipaddr2_judge(cases[i].addr, &found, cases[i].wanted_on,
					       cases[i].wanted_len),
				 cases[i].fit);
	}
}

static void the_first_of_each_kind_is_kept(void **state)
{
	static const enum ipaddr2_fit fits[] = {FIT_RIGHT,	FIT_ABSENT, FIT_WRONG_PREFIX,
						FIT_WRONG_LINK, FIT_ABSENT, FIT_RIGHT};
	struct ipaddr2_tally tally = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fits); i++)
		ipaddr2_tally_add(&tally, fits[i]);
	assert_int_equal(tally.total, 6);
	assert_int_equal(tally.absent, 2);
	assert_int_equal(tally.first_absent, 1);
	assert_int_equal(tally.first_wrong, 2);
	assert_int_equal(tally.wrong, FIT_WRONG_PREFIX);
}

static void all_right_is_no_failure(void **state)
{
	struct ipaddr2_tally tally = {0};

	(void)state;
	ipaddr2_tally_add(&tally, FIT_RIGHT);
	ipaddr2_tally_add(&tally, FIT_RIGHT);
	assert_int_equal(tally.total, 2);
	assert_int_equal(tally.absent, 0);
	assert_int_equal(tally.wrong, FIT_RIGHT);
}

static void addresses_are_grouped_by_interface(void **state)
{
	const struct haops_vip vips[] = {{.addr = vip4, .ifindex = 5},
					 {.addr = own4, .ifindex = 2},
					 {.addr = vip6, .ifindex = 5}};
	struct ipaddr2_groups groups;

	(void)state;
	assert_int_equal(ipaddr2_groups_make(vips, ARRAY_LEN(vips), &groups), 0);
	assert_int_equal(groups.count, 2);
	assert_int_equal(groups.list[0].ifindex, 5);
	assert_int_equal(groups.list[0].count, 2);
	assert_int_equal(haops_addr_cmp(&groups.list[0].addrs[1], &vip6), 0);
	assert_int_equal(groups.list[1].ifindex, 2);
	assert_int_equal(groups.list[1].count, 1);
	assert_int_equal(haops_addr_cmp(&groups.list[1].addrs[0], &own4), 0);
	ipaddr2_groups_done(&groups);
	assert_int_equal(groups.count, 0);
}

static void too_many_interfaces_are_refused(void **state)
{
	struct haops_vip vips[IPADDR2_GROUPS_MAX + 1];
	struct ipaddr2_groups groups;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vips); i++)
		vips[i] = (struct haops_vip){.addr = vip4, .ifindex = (int)i + 2};
	assert_int_equal(ipaddr2_groups_make(vips, IPADDR2_GROUPS_MAX, &groups), 0);
	assert_int_equal(groups.count, IPADDR2_GROUPS_MAX);
	ipaddr2_groups_done(&groups);
	assert_int_equal(ipaddr2_groups_make(vips, IPADDR2_GROUPS_MAX + 1, &groups), -E2BIG);
}

static void no_address_makes_no_group(void **state)
{
	struct ipaddr2_groups groups;

	(void)state;
	assert_int_equal(ipaddr2_groups_make(NULL, 0, &groups), 0);
	assert_int_equal(groups.count, 0);
	ipaddr2_groups_done(&groups);
}

static void the_table_has_no_defect(void **state)
{
	(void)state;
	param_table_has_no_defect(ipaddr2_params, P_COUNT);
}

static void each_parameter_says_how_far_it_is_the_stock_one(void **state)
{
	(void)state;
	param_table_says_what_differs(ipaddr2_params, P_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_found_is_judged),
		cmocka_unit_test(the_first_of_each_kind_is_kept),
		cmocka_unit_test(all_right_is_no_failure),
		cmocka_unit_test(addresses_are_grouped_by_interface),
		cmocka_unit_test(too_many_interfaces_are_refused),
		cmocka_unit_test(no_address_makes_no_group),
		cmocka_unit_test(the_table_has_no_defect),
		cmocka_unit_test(each_parameter_says_how_far_it_is_the_stock_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
