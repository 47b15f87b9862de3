/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decisions about addresses, by tables: place, state, what is in the way, order of removal. */
#include "fake_netlink.h"

#include "vip-plan.h"

#include <linux/if_addr.h>

#define ETH0 2
#define ETH1 3

static struct vip_list list_of(struct rtnl_addr *items, size_t count)
{
	return (struct vip_list){.items = items, .count = count, .size = count};
}

static struct rtnl_addr entry(const char *text, uint8_t prefix_len, int ifindex, uint32_t flags)
{
	return (struct rtnl_addr){.local = fake_addr(text),
				  .address = fake_addr(text),
				  .prefix_len = prefix_len,
				  .ifindex = ifindex,
				  .flags = flags};
}

static void prefixes_contain(void **state)
{
	static const struct {
		const char *addr, *net;
		uint8_t prefix_len;
		bool is_in;
	} cases[] = {
		{"192.0.2.9", "192.0.2.0", 24, true},
		{"192.0.3.9", "192.0.2.0", 24, false},
		{"192.0.3.9", "192.0.2.0", 23, true},
		{"192.0.2.9", "192.0.2.9", 32, true},
		{"192.0.2.8", "192.0.2.9", 32, false},
		{"192.0.2.8", "192.0.2.9", 31, true},
		{"192.0.2.9", "0.0.0.0", 0, true},
		{"192.0.2.9", "128.0.0.0", 1, true},
		{"192.0.2.9", "192.0.2.0", 33, false},
		{"192.0.2.9", "::", 0, false},
		{"2001:db8::9", "2001:db8::", 64, true},
		{"2001:db8::9", "2001:db8::9", 128, true},
		{"2001:db8::8", "2001:db8::9", 128, false},
		{"2001:db8::8", "2001:db8::9", 127, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct haops_addr addr = fake_addr(cases[i].addr);
		const struct haops_addr net = fake_addr(cases[i].net);

		assert_int_equal(vip_plan_in_prefix(&addr, &net, cases[i].prefix_len),
				 cases[i].is_in);
	}
}

struct route_case {
	const char *dst;
	uint8_t prefix_len;
	int oif;
	bool has_gateway, is_cloned;
	uint8_t type, scope;
	uint32_t table;
};

#define CONNECTED RTN_UNICAST, RT_SCOPE_LINK, RT_TABLE_MAIN

/* The routes of a host, in the order in which the kernel lists them. */
static const struct route_case routes[] = {
	{"0.0.0.0", 0, ETH0, false, false, CONNECTED}, /* default, without gateway */
	{"10.0.0.0", 8, ETH1, true, false, RTN_UNICAST, RT_SCOPE_UNIVERSE, RT_TABLE_MAIN},
	{"192.0.2.0", 24, ETH0, false, false, CONNECTED},
	{"192.0.2.0", 24, ETH1, false, false, CONNECTED},
	{"192.0.2.128", 25, ETH0, false, false, CONNECTED},
	{"192.0.2.9", 32, ETH1, false, false, CONNECTED},
	{"198.51.100.0", 24, ETH0, false, false, RTN_UNICAST, RT_SCOPE_HOST, RT_TABLE_MAIN},
	{"198.51.100.0", 24, ETH0, false, false, RTN_BLACKHOLE, RT_SCOPE_LINK, RT_TABLE_MAIN},
	{"198.51.100.0", 24, ETH0, false, false, RTN_UNICAST, RT_SCOPE_LINK, RT_TABLE_LOCAL},
	{"198.51.100.0", 24, 0, false, false, CONNECTED}, /* several ways */
	{"::", 0, ETH0, false, false, RTN_UNICAST, 0, RT_TABLE_MAIN},
	{"2001:db8::", 32, ETH1, true, false, RTN_UNICAST, 0, RT_TABLE_MAIN},
	{"2001:db8::", 64, ETH0, false, false, RTN_UNICAST, 0, RT_TABLE_MAIN},
	{"2001:db8::9", 128, ETH1, false, false, RTN_UNICAST, 0, RT_TABLE_MAIN},
	{"2001:db8::", 96, ETH1, false, true, RTN_UNICAST, 0, RT_TABLE_MAIN},
	{"fe80::", 64, ETH0, false, false, RTN_UNICAST, 0, RT_TABLE_MAIN},
	{"fe80::", 64, ETH1, false, false, RTN_UNICAST, 0, RT_TABLE_MAIN},
};

static struct vip_place place_by_routes(const struct vip_limits *limits)
{
	struct vip_place place = {0};

	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		const struct route_case *r = &routes[i];
		const struct rtnl_route route = {.dst = fake_addr(r->dst),
						 .prefix_len = r->prefix_len,
						 .oif = r->oif,
						 .has_gateway = r->has_gateway,
						 .is_cloned = r->is_cloned,
						 .type = r->type,
						 .scope = r->scope,
						 .table = r->table};

		vip_plan_take_route(limits, &route, &place);
	}
	return place;
}

static void place_is_found_by_routes(void **state)
{
	static const struct {
		const char *addr;
		int ifindex, prefix_len;
		int found_ifindex;
		uint8_t found_prefix_len;
	} cases[] = {
		{"192.0.2.9", 0, -1, ETH1, 24},	   /* of equals the last, as the stock agent */
		{"192.0.2.9", ETH0, -1, ETH0, 24}, /* unless the interface is given */
		{"192.0.2.200", 0, -1, ETH0, 25},  /* most specific */
		{"192.0.2.200", ETH1, -1, ETH1, 24},
		{"192.0.2.200", 0, 24, ETH1, 24}, /* not more specific than wanted */
		{"192.0.2.200", 0, 32, ETH0, 25},
		{"192.0.2.9", 0, 23, 0, 0},
		{"192.0.2.9", 77, -1, 0, 0},
		{"10.0.0.9", 0, -1, 0, 0},     /* behind a gateway */
		{"198.51.100.9", 0, -1, 0, 0}, /* no directly connected network */
		{"203.0.113.9", 0, -1, 0, 0},  /* only the default route */
		{"2001:db8::9", 0, -1, ETH0, 64},
		{"2001:db8:0:1::9", 0, -1, 0, 0},
		{"fe80::9", ETH0, -1, ETH0, 64},
		{"fe80::9", ETH1, -1, ETH1, 64},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct vip_limits limits = {.addr = fake_addr(cases[i].addr),
						  .ifindex = cases[i].ifindex,
						  .prefix_len = cases[i].prefix_len};
		struct vip_place place = place_by_routes(&limits);

		assert_int_equal(place.prefix_len, cases[i].found_prefix_len);
		assert_int_equal(place.ifindex, cases[i].found_ifindex);
	}
}

static void place_is_found_by_addresses(void **state)
{
	struct rtnl_addr items[] = {
		entry("127.0.0.1", 8, 1, 0),	   entry("192.0.2.1", 24, ETH0, 0),
		entry("192.0.2.9", 32, ETH1, 0),   entry("198.51.100.1", 24, ETH1, 0),
		entry("2001:db8::1", 64, ETH0, 0), entry("2001:db8::9", 128, 1, 0),
	};
	const struct vip_list list = list_of(items, ARRAY_LEN(items));
	static const struct {
		const char *addr;
		int ifindex;
		int found_ifindex;
		uint8_t found_prefix_len;
	} cases[] = {
		{"192.0.2.9", 0, ETH0, 24}, {"192.0.2.9", ETH1, 0, 0},	  {"127.1.2.3", 0, 1, 8},
		{"203.0.113.9", 0, 0, 0},   {"2001:db8::9", 0, ETH0, 64},
	};

	(void)state;
	/* On a point-to-point link the peer's network counts, not the own address. */
	items[3].address = fake_addr("203.0.113.129");
	items[3].prefix_len = 25;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct vip_limits limits = {.addr = fake_addr(cases[i].addr),
						  .ifindex = cases[i].ifindex,
						  .prefix_len = -1};
		struct vip_place place = {0};

		vip_plan_take_addrs(&limits, &list, &place);
		assert_int_equal(place.prefix_len, cases[i].found_prefix_len);
		assert_int_equal(place.ifindex, cases[i].found_ifindex);
	}
}

static void broadcast_is_that_of_the_source(void **state)
{
	struct rtnl_addr items[] = {entry("192.0.2.10", 24, ETH0, 0),
				    entry("192.0.2.1", 24, ETH1, 0),
				    entry("192.0.2.1", 24, ETH0, 0)};
	const struct vip_list list = list_of(items, ARRAY_LEN(items));
	struct vip_place place = {.ifindex = ETH0,
				  .prefix_len = 24,
				  .has_src = true,
				  .src = fake_addr("192.0.2.1")};
	struct haops_vip vip = {0};

	(void)state;
	for (uint32_t i = 0; i < ARRAY_LEN(items); i++) {
		items[i].has_broadcast = true;
		items[i].broadcast.s_addr = i + 1;
	}
	vip_plan_broadcast(&place, &list, &vip);
	assert_true(vip.has_broadcast);
	assert_int_equal(vip.broadcast.s_addr, 3);
	vip = (struct haops_vip){0};
	items[2].has_broadcast = false;
	vip_plan_broadcast(&place, &list, &vip);
	assert_false(vip.has_broadcast);
	place.has_src = false;
	vip_plan_broadcast(&place, &list, &vip);
	assert_false(vip.has_broadcast);
}

static void state_is_that_of_the_flags(void **state)
{
	static const struct {
		const char *addr;
		uint32_t flags;
		enum haops_vip_state state;
	} cases[] = {
		{"192.0.2.9", 0, HAOPS_VIP_PRESENT},
		{"192.0.2.9", IFA_F_SECONDARY, HAOPS_VIP_PRESENT},
		{"192.0.2.9", IFA_F_TENTATIVE, HAOPS_VIP_PRESENT},
		{"2001:db8::9", 0, HAOPS_VIP_PRESENT},
		{"2001:db8::9", IFA_F_TENTATIVE, HAOPS_VIP_TENTATIVE},
		{"2001:db8::9", IFA_F_TENTATIVE | IFA_F_OPTIMISTIC, HAOPS_VIP_PRESENT},
		{"2001:db8::9", IFA_F_TENTATIVE | IFA_F_DADFAILED, HAOPS_VIP_DUPLICATE},
		{"2001:db8::9", IFA_F_DADFAILED, HAOPS_VIP_DUPLICATE},
		{"2001:db8::9", IFA_F_DEPRECATED, HAOPS_VIP_PRESENT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct rtnl_addr addr = entry(cases[i].addr, 24, ETH0, cases[i].flags);

		assert_int_equal(vip_plan_state(&addr), cases[i].state);
	}
}

/* Keys of texts; the array is the caller's. */
static struct vip_keys keys_of(struct vip_key *array, const char *const *texts, size_t count)
{
	struct vip_keys keys = {.keys = array, .count = count};

	for (size_t i = 0; i < count; i++)
		array[i] = (struct vip_key){.addr = fake_addr(texts[i]), .at = i};
	vip_plan_sort(&keys);
	return keys;
}

static void query_finds_each_in_its_place(void **state)
{
	static const char *const texts[] = {"2001:db8::9", "192.0.2.9", "192.0.2.7", "192.0.2.9"};
	struct rtnl_addr items[] = {entry("192.0.2.8", 24, ETH0, 0),
				    entry("192.0.2.9", 32, ETH1, 0),
				    entry("192.0.2.9", 24, ETH0, 0),
				    entry("2001:db8::9", 64, ETH0, IFA_F_TENTATIVE)};
	const struct vip_list list = list_of(items, ARRAY_LEN(items));
	struct vip_key array[ARRAY_LEN(texts)];
	const struct vip_keys keys = keys_of(array, texts, ARRAY_LEN(texts));
	struct haops_vip_found found[ARRAY_LEN(texts)];

	(void)state;
	vip_plan_query(&keys, &list, 0, found);
	assert_int_equal(found[0].state, HAOPS_VIP_TENTATIVE);
	assert_int_equal(found[2].state, HAOPS_VIP_ABSENT);
	assert_int_equal(found[2].copies, 0);
	for (size_t i = 1; i <= 3; i += 2) {
		assert_int_equal(found[i].state, HAOPS_VIP_PRESENT);
		assert_int_equal(found[i].copies, 2);
		assert_int_equal(found[i].ifindex, ETH1);
		assert_int_equal(found[i].prefix_len, 32);
	}
	vip_plan_query(&keys, &list, ETH0, found);
	assert_int_equal(found[1].ifindex, ETH0);
	assert_int_equal(found[1].prefix_len, 24);
	assert_int_equal(found[1].copies, 2);
}

static void obstacles_are_seen(void **state)
{
	static const char *const texts[] = {"192.0.2.9", "192.0.2.8"};
	struct rtnl_addr items[] = {entry("192.0.2.9", 32, ETH1, 0),
				    entry("192.0.2.8", 24, ETH0, 0)};
	const struct vip_list list = list_of(items, ARRAY_LEN(items));
	const struct haops_vip vips[] =
		{{.addr = fake_addr("192.0.2.9"), .ifindex = ETH0, .prefix_len = 24},
		 {.addr = fake_addr("192.0.2.8"), .ifindex = ETH0, .prefix_len = 24}};
	struct vip_key array[ARRAY_LEN(texts)];
	const struct vip_keys keys = keys_of(array, texts, ARRAY_LEN(texts));
	bool there[2] = {false, false};
	size_t at = 77;

	(void)state;
	assert_null(vip_plan_compare(&keys, vips, &list, there, &at));
	assert_false(there[0]);
	assert_true(there[1]);
	items[0].ifindex = ETH0;
	assert_ptr_equal(vip_plan_compare(&keys, vips, &list, there, &at), &items[0]);
	assert_int_equal(at, 0);
}

static void secondaries_go_first(void **state)
{
	static const char *const texts[] = {"192.0.2.9", "192.0.2.8", "2001:db8::9"};
	struct rtnl_addr items[] = {
		entry("192.0.2.9", 24, ETH0, 0),
		entry("192.0.2.7", 24, ETH0, IFA_F_SECONDARY),
		entry("192.0.2.8", 24, ETH0, IFA_F_SECONDARY),
		entry("2001:db8::9", 64, ETH0, IFA_F_TEMPORARY),
		entry("192.0.2.9", 32, 1, 0),
	};
	struct vip_list list = list_of(items, ARRAY_LEN(items));
	struct vip_key array[ARRAY_LEN(texts)];
	const struct vip_keys keys = keys_of(array, texts, ARRAY_LEN(texts));
	const struct haops_addr first = fake_addr("192.0.2.8");
	const struct haops_addr other = fake_addr("192.0.2.7");

	(void)state;
	assert_int_equal(vip_plan_victims(&keys, &list), 4);
	assert_int_equal(haops_addr_cmp(&list.items[0].local, &first), 0);
	assert_int_equal(haops_addr_cmp(&list.items[4].local, &other), 0);
}

static void companions_are_seen(void **state)
{
	static const struct {
		const char *other;
		uint8_t prefix_len;
		int ifindex;
		uint32_t flags;
		int expected;
	} cases[] = {
		{"192.0.2.7", 24, ETH0, IFA_F_SECONDARY, ETH0},
		{"192.0.2.7", 24, ETH0, 0, 0},		     /* a primary stays */
		{"192.0.2.7", 24, ETH1, IFA_F_SECONDARY, 0}, /* another interface */
		{"192.0.2.7", 25, ETH0, IFA_F_SECONDARY, 0}, /* another subnet */
		{"192.0.3.7", 24, ETH0, IFA_F_SECONDARY, 0},
		{"2001:db8::7", 64, ETH0, IFA_F_TEMPORARY, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rtnl_addr items[] = {entry("192.0.2.9", 24, ETH0, 0),
					    entry(cases[i].other, cases[i].prefix_len,
						  cases[i].ifindex, cases[i].flags)};
		const struct vip_list list = list_of(items, ARRAY_LEN(items));
		const struct rtnl_addr *example = NULL;

		assert_int_equal(vip_plan_next_promote(&list, 1, 0, &example), cases[i].expected);
		assert_ptr_equal(example, cases[i].expected ? &items[1] : NULL);
		assert_int_equal(vip_plan_next_promote(&list, 1, ETH0, &example), 0);
		/* If all of them are to go, nobody is harmed. */
		assert_int_equal(vip_plan_next_promote(&list, 2, 0, &example), 0);
	}
}

static void companions_on_each_interface(void **state)
{
	struct rtnl_addr items[] = {entry("192.0.2.9", 24, ETH1, 0),
				    entry("192.0.2.9", 24, ETH0, 0),
				    entry("192.0.2.7", 24, ETH0, IFA_F_SECONDARY),
				    entry("192.0.2.8", 24, ETH1, IFA_F_SECONDARY)};
	const struct vip_list list = list_of(items, ARRAY_LEN(items));
	const struct rtnl_addr *example = NULL;

	(void)state;
	assert_int_equal(vip_plan_next_promote(&list, 2, 0, &example), ETH0);
	assert_ptr_equal(example, &items[2]);
	assert_int_equal(vip_plan_next_promote(&list, 2, ETH0, &example), ETH1);
	assert_ptr_equal(example, &items[3]);
	assert_int_equal(vip_plan_next_promote(&list, 2, ETH1, &example), 0);
}

static void wish_becomes_an_entry(void **state)
{
	struct haops_vip vip = {.addr = fake_addr("127.0.0.9"), .nodad = true};
	struct rtnl_addr addr = vip_plan_to_addr(&vip);

	(void)state;
	assert_int_equal(addr.scope, RT_SCOPE_HOST);
	assert_int_equal(addr.flags, 0);
	assert_int_equal(addr.valid_s, UINT32_MAX);
	assert_int_equal(addr.preferred_s, 0);
	vip.addr = fake_addr("2001:db8::9");
	vip.noprefixroute = true;
	addr = vip_plan_to_addr(&vip);
	assert_int_equal(addr.scope, RT_SCOPE_UNIVERSE);
	assert_int_equal(addr.flags, IFA_F_NODAD | IFA_F_NOPREFIXROUTE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_contain),
		cmocka_unit_test(place_is_found_by_routes),
		cmocka_unit_test(place_is_found_by_addresses),
		cmocka_unit_test(broadcast_is_that_of_the_source),
		cmocka_unit_test(state_is_that_of_the_flags),
		cmocka_unit_test(query_finds_each_in_its_place),
		cmocka_unit_test(obstacles_are_seen),
		cmocka_unit_test(secondaries_go_first),
		cmocka_unit_test(companions_are_seen),
		cmocka_unit_test(companions_on_each_interface),
		cmocka_unit_test(wish_becomes_an_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
