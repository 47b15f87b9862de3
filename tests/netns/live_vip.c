/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses on the kernel itself: adding, finding and removing them in the situations in which it
 * goes wrong elsewhere. */
#include "netns.h"

#include <haops/link.h>
#include <haops/vip.h>
#include <linux/if_addr.h>
#include <time.h>

#include "vip-list.h"

#define MANY 1000
#define WAIT_MS 10000

static struct haops_addr addr_of(struct haops_ctx *ctx, const char *text)
{
	struct haops_addr addr;

	assert_int_equal(haops_addr_parse(ctx, text, &addr), 0);
	return addr;
}

static int64_t soon(struct haops_ctx *ctx)
{
	return haops_deadline_after(ctx, WAIT_MS);
}

static int index_of(struct haops_ctx *ctx, const char *name)
{
	struct haops_link link;

	assert_int_equal(haops_link_get(ctx, name, soon(ctx), &link), 0);
	return link.ifindex;
}

static struct haops_vip vip_of(struct haops_ctx *ctx, const char *text, uint8_t prefix_len)
{
	return (struct haops_vip){.addr = addr_of(ctx, text),
				  .ifindex = index_of(ctx, "va"),
				  .prefix_len = prefix_len,
				  .preferred_lft_s = HAOPS_VIP_FOREVER};
}

static void add(struct haops_ctx *ctx, const char *text, uint8_t prefix_len)
{
	const struct haops_vip vip = vip_of(ctx, text, prefix_len);

	assert_int_equal(haops_vip_add(ctx, &vip, 1, soon(ctx)), 0);
}

static struct haops_vip_found query(struct haops_ctx *ctx, const char *text)
{
	const struct haops_addr addr = addr_of(ctx, text);
	struct haops_vip_found found;

	assert_int_equal(haops_vip_query(ctx, &addr, 1, 0, soon(ctx), &found), 0);
	return found;
}

static size_t take_away(struct haops_ctx *ctx, const char *text)
{
	const struct haops_addr addr = addr_of(ctx, text);
	size_t removed = 99;

	assert_int_equal(haops_vip_remove(ctx, &addr, 1, soon(ctx), &removed), 0);
	assert_int_equal(query(ctx, text).state, HAOPS_VIP_ABSENT);
	return removed;
}

static void goes_while_link_is_down(void **state)
{
	add(*state, "192.0.2.9", 24);
	ip("link set va down");
	assert_int_equal(query(*state, "192.0.2.9").state, HAOPS_VIP_PRESENT);
	assert_int_equal(take_away(*state, "192.0.2.9"), 1);
	assert_int_equal(take_away(*state, "192.0.2.9"), 0);
}

static void goes_with_any_peer(void **state)
{
	ip("address add 192.0.2.9 peer 0.0.0.0/24 dev va");
	ip("address add 192.0.2.9 peer 192.0.2.10/32 dev va");
	ip("address add 2001:db8::9 peer 2001:db8::10/128 dev va");
	assert_int_equal(take_away(*state, "192.0.2.9"), 2);
	assert_int_equal(take_away(*state, "2001:db8::9"), 1);
}

static void goes_from_renamed_interface(void **state)
{
	add(*state, "192.0.2.9", 24);
	add(*state, "2001:db8::9", 64);
	ip("link set va down");
	ip("link set va name primary");
	assert_int_equal(query(*state, "192.0.2.9").ifindex, index_of(*state, "primary"));
	assert_int_equal(take_away(*state, "192.0.2.9"), 1);
	assert_int_equal(take_away(*state, "2001:db8::9"), 0); /* went with the link */
}

static void goes_with_routes_flushed(void **state)
{
	add(*state, "192.0.2.9", 24);
	ip("route flush dev va");
	assert_int_equal(take_away(*state, "192.0.2.9"), 1);
}

static void goes_from_everywhere(void **state)
{
	ip("addr add 192.0.2.9/24 dev va");
	ip("addr add 192.0.2.9/32 dev va");
	ip("addr add 192.0.2.9 peer 198.51.100.1/24 dev vb");
	ip("addr add 2001:db8::9/64 dev va nodad");
	ip("addr add 2001:db8::9 peer 2001:db8:1::1/64 dev vb nodad");
	ip("addr add 2001:db8::9/128 dev lo nodad");
	assert_int_equal(query(*state, "192.0.2.9").copies, 3);
	assert_int_equal(query(*state, "2001:db8::9").copies, 3);
	assert_int_equal(take_away(*state, "192.0.2.9"), 3);
	assert_int_equal(take_away(*state, "2001:0db8::0:9"), 3);
}

static void is_added_once(void **state)
{
	struct haops_vip_found found;

	add(*state, "192.0.2.9", 24);
	add(*state, "192.0.2.9", 24);
	add(*state, "2001:db8::9", 64);
	add(*state, "2001:db8::9", 64);
	found = query(*state, "192.0.2.9");
	assert_int_equal(found.copies, 1);
	assert_int_equal(found.prefix_len, 24);
	assert_string_equal(found.label, "va");
	assert_int_equal(query(*state, "2001:db8::9").copies, 1);
}

static void other_prefix_is_refused(void **state)
{
	struct haops_vip vip = vip_of(*state, "192.0.2.9", 24);
	struct haops_vip vip6 = vip_of(*state, "2001:db8::9", 64);

	ip("addr add 192.0.2.9/32 dev va");
	ip("addr add 2001:db8::9/128 dev va nodad");
	assert_int_equal(haops_vip_add(*state, &vip, 1, soon(*state)), -EADDRINUSE);
	assert_string_equal(haops_ctx_error(*state),
			    "va has 192.0.2.9 already, but with prefix length 32, not 24: remove "
			    "it first");
	assert_int_equal(haops_vip_add(*state, &vip6, 1, soon(*state)), -EADDRINUSE);
	assert_int_equal(query(*state, "192.0.2.9").copies, 1);
	assert_int_equal(take_away(*state, "192.0.2.9"), 1);
	assert_int_equal(haops_vip_add(*state, &vip, 1, soon(*state)), 0);
	/* On another interface it is nobody's obstacle. */
	vip.ifindex = index_of(*state, "vb");
	vip.prefix_len = 32;
	assert_int_equal(haops_vip_add(*state, &vip, 1, soon(*state)), 0);
}

static void failure_is_undone(void **state)
{
	struct haops_vip vips[3] = {vip_of(*state, "192.0.2.8", 24),
				    vip_of(*state, "192.0.2.9", 24),
				    vip_of(*state, "2001:db8::9", 64)};

	ip("addr add 192.0.2.8/24 dev va");
	vips[2].ifindex = 4711;
	assert_int_equal(haops_vip_add(*state, vips, 3, soon(*state)), -ENODEV);
	assert_string_equal(haops_ctx_error(*state),
			    "cannot add 2001:db8::9: interface number 4711 is gone");
	assert_int_equal(query(*state, "192.0.2.8").state, HAOPS_VIP_PRESENT);
	assert_int_equal(query(*state, "192.0.2.9").state, HAOPS_VIP_ABSENT);
}

static void disabled_ipv6_is_named(void **state)
{
	const struct haops_vip vip = vip_of(*state, "2001:db8::9", 64);

	write_file("/proc/sys/net/ipv6/conf/va/disable_ipv6", "1");
	assert_int_equal(haops_vip_add(*state, &vip, 1, soon(*state)), -EIO);
	assert_non_null(strstr(haops_ctx_error(*state), "IPv6 is disabled on va"));
}

/* What the kernel lists of the one address that is asked for. */
static struct rtnl_addr entry_of(struct haops_ctx *ctx, const char *text)
{
	const struct haops_addr addr = addr_of(ctx, text);
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;
	CLEANUP_KEYS struct vip_keys keys = {0};
	CLEANUP_LIST struct vip_list list = {0};

	assert_int_equal(vip_keys_make(ctx, &addr, sizeof(addr), 1, &keys), 0);
	assert_int_equal(rtnl_open(ctx, NETLINK_ROUTE, 0, soon(ctx), &rtnl), 0);
	assert_int_equal(vip_list_read(&rtnl, &keys, &list), 0);
	assert_int_equal(vip_plan_victims(&keys, &list), 1);
	return list.items[0];
}

static void every_attribute_arrives(void **state)
{
	struct haops_vip vip = vip_of(*state, "192.0.2.9", 24);
	struct rtnl_addr entry;

	vip.has_broadcast = true;
	vip.broadcast.s_addr = htonl(0xc00002ff);
	(void)snprintf(vip.label, sizeof(vip.label), "va:web");
	vip.metric = 4711;
	vip.proto = 77;
	assert_int_equal(haops_vip_add(*state, &vip, 1, soon(*state)), 0);
	entry = entry_of(*state, "192.0.2.9");
	assert_true(entry.has_broadcast);
	assert_int_equal(entry.broadcast.s_addr, vip.broadcast.s_addr);
	assert_string_equal(entry.label, "va:web");
	assert_int_equal(entry.metric, 4711);
	assert_int_equal(entry.proto, 77);
	assert_int_equal(entry.preferred_s, UINT32_MAX);

	vip = vip_of(*state, "2001:db8::9", 64);
	vip.nodad = true;
	vip.noprefixroute = true;
	vip.preferred_lft_s = 0;
	assert_int_equal(haops_vip_add(*state, &vip, 1, soon(*state)), 0);
	entry = entry_of(*state, "2001:db8::9");
	assert_true(entry.flags & IFA_F_NOPREFIXROUTE);
	assert_true(entry.flags & IFA_F_DEPRECATED);
	assert_int_equal(entry.preferred_s, 0);
	assert_int_equal(entry.valid_s, UINT32_MAX);
	assert_int_equal(query(*state, "2001:db8::9").state, HAOPS_VIP_PRESENT);
}

static void keep_log(void *userdata, enum haops_log_level level, const char *message)
{
	if (level == HAOPS_LOG_WARNING)
		(void)snprintf(userdata, HAOPS_ERROR_MAX, "%s", message);
}

static void secondaries_stay(void **state)
{
	char warning[HAOPS_ERROR_MAX] = "";

	haops_ctx_set_log(*state, HAOPS_LOG_INFO, keep_log, warning);
	write_file("/proc/sys/net/ipv4/conf/all/promote_secondaries", "0");
	write_file("/proc/sys/net/ipv4/conf/va/promote_secondaries", "0");
	add(*state, "192.0.2.9", 24);
	ip("addr add 192.0.2.10/24 dev va");
	ip("addr add 192.0.2.11/24 dev va");
	assert_int_equal(take_away(*state, "192.0.2.9"), 1);
	assert_int_equal(query(*state, "192.0.2.10").state, HAOPS_VIP_PRESENT);
	assert_int_equal(query(*state, "192.0.2.11").state, HAOPS_VIP_PRESENT);
	assert_non_null(strstr(warning, "set net.ipv4.conf.va.promote_secondaries to 1"));
	/* Now it is set, there is nothing more to say. */
	warning[0] = '\0';
	assert_int_equal(take_away(*state, "192.0.2.10"), 1);
	assert_int_equal(query(*state, "192.0.2.11").state, HAOPS_VIP_PRESENT);
	assert_string_equal(warning, "");
}

static void setting_is_left_alone(void **state)
{
	char warning[HAOPS_ERROR_MAX] = "";

	haops_ctx_set_log(*state, HAOPS_LOG_INFO, keep_log, warning);
	write_file("/proc/sys/net/ipv4/conf/all/promote_secondaries", "0");
	write_file("/proc/sys/net/ipv4/conf/va/promote_secondaries", "0");
	/* A secondary goes, or the last of a subnet: the others are safe. */
	ip("addr add 192.0.2.10/24 dev va");
	ip("addr add 198.51.100.10/24 dev va");
	add(*state, "192.0.2.9", 24);
	add(*state, "203.0.113.9", 24);
	assert_int_equal(take_away(*state, "192.0.2.9"), 1);
	assert_int_equal(take_away(*state, "203.0.113.9"), 1);
	assert_string_equal(warning, "");
	assert_int_equal(query(*state, "192.0.2.10").state, HAOPS_VIP_PRESENT);
}

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void many(struct haops_ctx *ctx, const char *net, uint8_t prefix_len)
{
	static struct haops_vip vips[MANY];
	static struct haops_addr addrs[MANY];
	static struct haops_vip_found found[MANY];
	double start, added, queried, removed;
	size_t count = 0;
	char text[64];

	for (unsigned int i = 0; i < MANY; i++) {
		(void)snprintf(text, sizeof(text), "%s%u%c%u", net, i / 250,
			       strchr(net, ':') ? ':' : '.', i % 250 + 1);
		vips[i] = vip_of(ctx, text, prefix_len);
		vips[i].nodad = true;
		addrs[i] = vips[i].addr;
	}
	start = seconds();
	assert_int_equal(haops_vip_add(ctx, vips, MANY, soon(ctx)), 0);
	added = seconds();
	assert_int_equal(haops_vip_query(ctx, addrs, MANY, 0, soon(ctx), found), 0);
	queried = seconds();
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(found[i].state, HAOPS_VIP_PRESENT);
	assert_int_equal(haops_vip_add(ctx, vips, MANY, soon(ctx)), 0);
	removed = seconds();
	assert_int_equal(haops_vip_remove(ctx, addrs, MANY, soon(ctx), &count), 0);
	print_message("%d addresses: add %.1f ms, query %.2f ms, remove %.1f ms\n", MANY,
		      (added - start) * 1e3, (queried - added) * 1e3, (seconds() - removed) * 1e3);
	assert_int_equal(count, MANY);
	assert_int_equal(haops_vip_query(ctx, addrs, MANY, 0, soon(ctx), found), 0);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(found[i].state, HAOPS_VIP_ABSENT);
}

static void a_thousand_come_and_go(void **state)
{
	many(*state, "10.1.", 16);
	many(*state, "2001:db8::", 64);
}

/* Somebody else adds and removes without a break: no answer may be wrong for it. */
static void changes_do_not_confuse(void **state)
{
	static struct haops_vip others[MANY / 2];
	static struct haops_addr addrs[MANY / 2];
	int64_t end = haops_deadline_after(*state, 1500);
	char text[64];
	pid_t pid;

	for (unsigned int i = 0; i < ARRAY_LEN(others); i++) {
		(void)snprintf(text, sizeof(text), "10.1.%u.%u", i / 250, i % 250 + 1);
		others[i] = vip_of(*state, text, 16);
		addrs[i] = others[i].addr;
	}
	add(*state, "192.0.2.9", 24);
	pid = fork();
	assert_true(pid >= 0);
	while (pid == 0) {
		(void)!haops_vip_add(*state, others, ARRAY_LEN(others), soon(*state));
		(void)!haops_vip_remove(*state, addrs, ARRAY_LEN(addrs), soon(*state), NULL);
	}
	while (haops_deadline_left_ms(*state, end) > 0) {
		assert_int_equal(query(*state, "192.0.2.9").state, HAOPS_VIP_PRESENT);
		assert_int_equal(query(*state, "192.0.2.10").state, HAOPS_VIP_ABSENT);
		add(*state, "192.0.2.11", 24);
		assert_int_equal(take_away(*state, "192.0.2.11"), 1);
	}
	(void)kill(pid, SIGKILL);
	(void)end_of(pid);
}

static void locates_as_it_should(void **state)
{
	static const struct {
		const char *addr, *nic;
		int prefix_len, code;
		const char *on;
		uint8_t found;
		uint32_t broadcast;
	} cases[] = {
		{"192.0.2.9", NULL, -1, 0, "va", 24, 0xc00002ff},
		{"192.0.2.9", "va", -1, 0, "va", 24, 0xc00002ff},
		{"192.0.2.9", NULL, 32, 0, "va", 32, 0xc00002ff},
		{"192.0.2.9", "vb", 24, 0, "vb", 24, 0},
		{"192.0.2.9", "vb", -1, -ENOENT, NULL, 0, 0},
		{"192.0.2.200", NULL, -1, 0, "vb", 26, 0xc00002ff},
		{"203.0.113.9", NULL, -1, -ENOENT, NULL, 0, 0},
		{"192.0.2.9", "eth77", -1, -ENODEV, NULL, 0, 0},
		{"127.0.0.9", NULL, -1, 0, "lo", 8, 0},
		{"2001:db8::9", NULL, -1, 0, "va", 64, 0},
		{"2001:db8:1::9", NULL, -1, -ENOENT, NULL, 0, 0},
		{"fe80::9", NULL, -1, -EINVAL, NULL, 0, 0},
		{"fe80::9", "va", -1, 0, "va", 64, 0},
	};

	ip("addr add 192.0.2.1/24 brd + dev va");
	ip("addr add 192.0.2.193/26 brd + dev vb");
	ip("addr add 2001:db8::1/64 dev va nodad");
	ip("route add default via 192.0.2.254");
	ip("route add 2001:db8:1::/48 via 2001:db8::fe");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct haops_vip_want want = {cases[i].nic, cases[i].prefix_len};
		struct haops_vip vip = {.addr = addr_of(*state, cases[i].addr)};

		assert_int_equal(haops_vip_locate(*state, &want, soon(*state), &vip),
				 cases[i].code);
		if (cases[i].code < 0)
			continue;
		assert_int_equal(vip.ifindex, index_of(*state, cases[i].on));
		assert_int_equal(vip.prefix_len, cases[i].found);
		assert_int_equal(ntohl(vip.broadcast.s_addr), cases[i].broadcast);
	}
}

static void locates_without_routes(void **state)
{
	const struct haops_vip_want want = {NULL, -1};
	struct haops_vip vip = {.addr = addr_of(*state, "192.0.2.9")};

	ip("addr add 192.0.2.1/24 brd + dev va");
	ip("link set va down");
	assert_int_equal(haops_vip_locate(*state, &want, soon(*state), &vip), 0);
	assert_int_equal(vip.ifindex, index_of(*state, "va"));
	assert_int_equal(vip.prefix_len, 24);
	assert_true(vip.has_broadcast);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_NETNS(goes_while_link_is_down),
		TEST_NETNS(goes_with_any_peer),
		TEST_NETNS(goes_from_renamed_interface),
		TEST_NETNS(goes_with_routes_flushed),
		TEST_NETNS(goes_from_everywhere),
		TEST_NETNS(is_added_once),
		TEST_NETNS(other_prefix_is_refused),
		TEST_NETNS(failure_is_undone),
		TEST_NETNS(disabled_ipv6_is_named),
		TEST_NETNS(every_attribute_arrives),
		TEST_NETNS(secondaries_stay),
		TEST_NETNS(setting_is_left_alone),
		TEST_NETNS(a_thousand_come_and_go),
		TEST_NETNS(changes_do_not_confuse),
		TEST_NETNS(locates_as_it_should),
		TEST_NETNS(locates_without_routes),
	};

	enter_user_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
