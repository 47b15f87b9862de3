/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of rtnetlink: what is written is read back the same; what is broken is refused. */
#include "fake_netlink.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <stdalign.h>

alignas(struct nlmsghdr) static char buf[1024];

static struct rtnl_addr full_addr(const char *text)
{
	struct rtnl_addr addr;

	memset(&addr, 0, sizeof(addr));
	addr.local = fake_addr(text);
	addr.address = addr.local;
	addr.address.bytes[3] ^= 1;
	addr.ifindex = 7;
	addr.prefix_len = 24;
	addr.scope = RT_SCOPE_HOST;
	addr.proto = 9;
	addr.flags = IFA_F_NOPREFIXROUTE | IFA_F_NODAD;
	addr.preferred_s = 5;
	addr.valid_s = 3600;
	addr.metric = 1000;
	return addr;
}

static void addr_comes_back(void **state)
{
	struct rtnl_addr addr = full_addr("192.0.2.9");
	struct rtnl_addr back;

	(void)state;
	addr.has_broadcast = true;
	addr.broadcast.s_addr = 0x12345678;
	memcpy(addr.label, "eth0:web", sizeof("eth0:web"));
	memset(&back, 0, sizeof(back));
	assert_int_equal(rtnl_msg_parse_addr(rtnl_msg_put_addr(buf, RTM_NEWADDR, 0, &addr), &back),
			 0);
	assert_memory_equal(&addr.local, &back.local, sizeof(addr.local));
	assert_memory_equal(&addr.address, &back.address, sizeof(addr.address));
	assert_string_equal(addr.label, back.label);
	assert_int_equal(addr.ifindex, back.ifindex);
	assert_int_equal(addr.prefix_len, back.prefix_len);
	assert_int_equal(addr.scope, back.scope);
	assert_int_equal(addr.proto, back.proto);
	assert_int_equal(addr.flags, back.flags);
	assert_int_equal(addr.preferred_s, back.preferred_s);
	assert_int_equal(addr.valid_s, back.valid_s);
	assert_int_equal(addr.metric, back.metric);
	assert_true(back.has_broadcast);
	assert_int_equal(addr.broadcast.s_addr, back.broadcast.s_addr);
}

static void longest_addr_fits(void **state)
{
	struct rtnl_addr addr = full_addr("2001:db8::9");
	const struct nlmsghdr *nlh;

	(void)state;
	addr.has_broadcast = true;
	memset(addr.label, 'x', sizeof(addr.label) - 1);
	nlh = rtnl_msg_put_addr(buf, RTM_NEWADDR, NLM_F_CREATE, &addr);
	assert_true(nlh->nlmsg_len <= RTNL_MSG_MAX);
	assert_int_equal(nlh->nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE);
	nlh = rtnl_msg_put_link_get(buf, 0, "a-name-that-is-longer-than-fifteen-characters");
	assert_true(nlh->nlmsg_len <= RTNL_MSG_MAX);
}

static void removal_names_only_the_entry(void **state)
{
	const struct rtnl_addr addr = full_addr("192.0.2.9");
	const struct nlmsghdr *nlh = rtnl_msg_put_addr(buf, RTM_DELADDR, 0, &addr);

	(void)state;
	assert_int_equal(nlh->nlmsg_len, 16 + sizeof(struct ifaddrmsg) + 8 + 8);
}

/* The kernel leaves the peer out for IPv6 when there is none, and IFA_ADDRESS 0.0.0.0 for IPv4. */
static void one_of_the_two_addresses_is_enough(void **state)
{
	static const uint8_t none[4];
	const struct rtnl_addr addr = full_addr("192.0.2.9");
	struct rtnl_addr back;

	(void)state;
	for (uint16_t kind = IFA_ADDRESS; kind <= IFA_LOCAL; kind++) {
		struct nlmsghdr *nlh = rtnl_msg_put_addr_dump(buf, AF_INET);
		struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);

		nlh->nlmsg_type = RTM_NEWADDR;
		ifa->ifa_index = 7;
		mnl_attr_put(nlh, kind, 4, addr.local.bytes);
		assert_int_equal(rtnl_msg_parse_addr(nlh, &back), 0);
		assert_int_equal(haops_addr_cmp(&back.local, &addr.local), 0);
		assert_int_equal(back.address.family, AF_INET);
		assert_memory_equal(back.address.bytes,
				    kind == IFA_ADDRESS ? addr.local.bytes : none, 4);
	}
}

static void broken_addrs_are_refused(void **state)
{
	const struct rtnl_addr addr = full_addr("192.0.2.9");
	struct nlmsghdr *nlh = rtnl_msg_put_addr(buf, RTM_NEWADDR, 0, &addr);
	struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct rtnl_addr back = {.ifindex = 77};
	uint32_t len = nlh->nlmsg_len;

	(void)state;
	for (nlh->nlmsg_len = sizeof(*nlh); nlh->nlmsg_len < 16 + 8 + 8; nlh->nlmsg_len++)
		assert_int_equal(rtnl_msg_parse_addr(nlh, &back), -EBADMSG);
	nlh->nlmsg_len = len;
	ifa->ifa_family = AF_INET6;
	assert_int_equal(rtnl_msg_parse_addr(nlh, &back), -EBADMSG);
	ifa->ifa_family = AF_UNIX;
	assert_int_equal(rtnl_msg_parse_addr(nlh, &back), -EBADMSG);
	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = 33;
	assert_int_equal(rtnl_msg_parse_addr(nlh, &back), -EBADMSG);
	ifa->ifa_prefixlen = 24;
	ifa->ifa_index = 0;
	assert_int_equal(rtnl_msg_parse_addr(nlh, &back), -EBADMSG);
	ifa->ifa_index = 1;
	nlh->nlmsg_type = RTM_NEWLINK;
	assert_int_equal(rtnl_msg_parse_addr(nlh, &back), -EBADMSG);
	assert_int_equal(back.ifindex, 77);
}

static void short_attributes_are_refused(void **state)
{
	static const uint16_t kinds[] = {IFA_LOCAL,	  IFA_ADDRESS,	 IFA_BROADCAST, IFA_FLAGS,
					 IFA_RT_PRIORITY, IFA_CACHEINFO, IFA_PROTO};
	const struct rtnl_addr addr = full_addr("192.0.2.9");
	struct rtnl_addr back;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct nlmsghdr *nlh = rtnl_msg_put_addr(buf, RTM_DELADDR, 0, &addr);

		mnl_attr_put(nlh, kinds[i], 0, "");
		assert_int_equal(rtnl_msg_parse_addr(nlh, &back), -EBADMSG);
	}
}

static void route_is_read(void **state)
{
	struct nlmsghdr *nlh = rtnl_msg_put_route_dump(buf, AF_INET, 3);
	struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct rtnl_route route;

	(void)state;
	nlh->nlmsg_type = RTM_NEWROUTE;
	rtm->rtm_dst_len = 24;
	rtm->rtm_scope = RT_SCOPE_LINK;
	mnl_attr_put(nlh, RTA_DST, 4, "\xc0\x00\x02\x00");
	mnl_attr_put(nlh, RTA_PREFSRC, 4, "\xc0\x00\x02\x01");
	assert_int_equal(rtnl_msg_parse_route(nlh, &route), 0);
	assert_int_equal(route.oif, 3);
	assert_int_equal(route.table, RT_TABLE_MAIN);
	assert_int_equal(route.type, RTN_UNICAST);
	assert_int_equal(route.prefix_len, 24);
	assert_true(route.has_src && !route.has_gateway && !route.is_cloned);
	assert_memory_equal(route.src.bytes, "\xc0\x00\x02\x01", 4);
	mnl_attr_put(nlh, RTA_GATEWAY, 4, "\xc0\x00\x02\xfe");
	rtm->rtm_flags = RTM_F_CLONED;
	assert_int_equal(rtnl_msg_parse_route(nlh, &route), 0);
	assert_true(route.has_gateway && route.is_cloned);
	mnl_attr_put(nlh, RTA_OIF, 2, "\0\0");
	assert_int_equal(rtnl_msg_parse_route(nlh, &route), -EBADMSG);
	rtm->rtm_dst_len = 33;
	assert_int_equal(rtnl_msg_parse_route(nlh, &route), -EBADMSG);
	nlh->nlmsg_len = 20;
	assert_int_equal(rtnl_msg_parse_route(nlh, &route), -EBADMSG);
}

static void link_is_read(void **state)
{
	struct nlmsghdr *nlh = rtnl_msg_put_link_get(buf, 3, "eth0");
	struct rtnl_link link;

	(void)state;
	nlh->nlmsg_type = RTM_NEWLINK;
	mnl_attr_put(nlh, IFLA_ADDRESS, 6, "\x02\0\0\0\0\x01");
	mnl_attr_put_u32(nlh, IFLA_CARRIER_UP_COUNT, 12);
	assert_int_equal(rtnl_msg_parse_link(nlh, &link), 0);
	assert_string_equal(link.link.name, "eth0");
	assert_int_equal(link.link.ifindex, 3);
	assert_int_equal(link.link.mac_len, 6);
	assert_int_equal(link.link.carrier_up_count, 12);
	assert_false(link.has_promote);
	mnl_attr_put(nlh, IFLA_ADDRESS, 21, "012345678901234567890");
	assert_int_equal(rtnl_msg_parse_link(nlh, &link), -EBADMSG);
	nlh->nlmsg_len = 20;
	assert_int_equal(rtnl_msg_parse_link(nlh, &link), -EBADMSG);
	/* One without a name is none. */
	nlh = rtnl_msg_put_link_get(buf, 3, NULL);
	nlh->nlmsg_type = RTM_NEWLINK;
	assert_int_equal(rtnl_msg_parse_link(nlh, &link), -EBADMSG);
}

static void messages_are_taken_off(void **state)
{
	static const struct {
		uint32_t nlmsg_len;
		size_t len;
		bool is_whole;
		size_t left;
	} cases[] = {
		{16, 16, true, 0},	    {16, 20, true, 4},		{17, 20, true, 0},
		{17, 18, true, 0},	    {17, 16, false, 0},		{15, 16, false, 0},
		{0, 16, false, 0},	    {16, 15, false, 0},		{16, 0, false, 0},
		{UINT32_MAX, 64, false, 0}, {0x80000010, 64, false, 0},
	};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rtnl_bytes bytes = {buf, cases[i].len};

		nlh->nlmsg_len = cases[i].nlmsg_len;
		assert_ptr_equal(rtnl_msg_take(&bytes), cases[i].is_whole ? nlh : NULL);
		assert_int_equal(bytes.len, cases[i].is_whole ? cases[i].left : cases[i].len);
	}
}

static struct nlmsghdr *put_error(int code, uint16_t flags, uint32_t quoted)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlmsgerr *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));

	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = flags;
	err->error = code;
	err->msg.nlmsg_len = quoted;
	return nlh;
}

static void verdict_is_read(void **state)
{
	struct rtnl_verdict verdict;
	struct nlmsghdr *nlh = put_error(-EINVAL, NLM_F_CAPPED | NLM_F_ACK_TLVS, 100);

	(void)state;
	mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, "Device not found");
	assert_int_equal(rtnl_msg_parse_verdict(nlh, &verdict), 0);
	assert_int_equal(verdict.code, -EINVAL);
	assert_string_equal(verdict.text, "Device not found");
	/* Not capped: the explanation comes after the whole request. */
	nlh = put_error(-EINVAL, NLM_F_ACK_TLVS, 16 + 8);
	(void)mnl_nlmsg_put_extra_header(nlh, 8);
	mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, "No");
	assert_int_equal(rtnl_msg_parse_verdict(nlh, &verdict), 0);
	assert_string_equal(verdict.text, "No");
	/* A length that lies leaves it out. */
	((struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->msg.nlmsg_len = UINT32_MAX;
	assert_int_equal(rtnl_msg_parse_verdict(nlh, &verdict), 0);
	assert_string_equal(verdict.text, "");
	((struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->msg.nlmsg_len = 3;
	assert_int_equal(rtnl_msg_parse_verdict(nlh, &verdict), 0);
	assert_string_equal(verdict.text, "");
}

static void senseless_verdicts_are_refused(void **state)
{
	struct rtnl_verdict verdict;
	struct nlmsghdr *nlh;

	(void)state;
	assert_int_equal(rtnl_msg_parse_verdict(put_error(5, 0, 16), &verdict), -EBADMSG);
	assert_int_equal(rtnl_msg_parse_verdict(put_error(INT32_MIN, 0, 16), &verdict), -EBADMSG);
	nlh = put_error(0, 0, 16);
	nlh->nlmsg_len = 18;
	assert_int_equal(rtnl_msg_parse_verdict(nlh, &verdict), -EBADMSG);
	nlh->nlmsg_type = NLMSG_DONE;
	assert_int_equal(rtnl_msg_parse_verdict(nlh, &verdict), 0);
	nlh->nlmsg_type = RTM_NEWADDR;
	assert_int_equal(rtnl_msg_parse_verdict(nlh, &verdict), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addr_comes_back),
		cmocka_unit_test(longest_addr_fits),
		cmocka_unit_test(removal_names_only_the_entry),
		cmocka_unit_test(one_of_the_two_addresses_is_enough),
		cmocka_unit_test(broken_addrs_are_refused),
		cmocka_unit_test(short_attributes_are_refused),
		cmocka_unit_test(route_is_read),
		cmocka_unit_test(link_is_read),
		cmocka_unit_test(messages_are_taken_off),
		cmocka_unit_test(verdict_is_read),
		cmocka_unit_test(senseless_verdicts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
