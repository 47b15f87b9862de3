/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the kernel about neighbours and broadcast addresses, built and read. */
#include "unit.h"

#include "arp-neigh.h"

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdalign.h>

static const uint8_t mac[] = {2, 0, 0, 0, 0, 0xfe};
static alignas(struct nlmsghdr) char buf[256];

static struct nlmsghdr *neigh(uint16_t state, size_t mac_len)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	nlh->nlmsg_type = RTM_NEWNEIGH;
	ndm->ndm_state = state;
	mnl_attr_put_u32(nlh, NDA_DST, 0x09020c00);
	mnl_attr_put(nlh, NDA_LLADDR, mac_len, mac);
	return nlh;
}

static void request_is_built(void **state)
{
	const struct haops_addr addr = {.family = AF_INET6, .bytes = {0x20, 1, [15] = 9}};
	struct nlmsghdr *nlh = arp_neigh_put_get(buf, 7, &addr);
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr = mnl_nlmsg_get_payload_offset(nlh, sizeof(*ndm));

	(void)state;
	assert_int_equal(nlh->nlmsg_type, RTM_GETNEIGH);
	assert_int_equal(nlh->nlmsg_flags, NLM_F_REQUEST);
	assert_int_equal(ndm->ndm_family, AF_INET6);
	assert_int_equal(ndm->ndm_ifindex, 7);
	assert_int_equal(mnl_attr_get_type(attr), NDA_DST);
	assert_int_equal(mnl_attr_get_payload_len(attr), 16);
	assert_memory_equal(mnl_attr_get_payload(attr), addr.bytes, 16);
}

static void addresses_in_use_count(void **state)
{
	static const uint16_t good[] = {NUD_REACHABLE, NUD_STALE, NUD_DELAY, NUD_PROBE,
					NUD_PERMANENT};
	static const uint16_t bad[] = {NUD_NONE, NUD_INCOMPLETE, NUD_FAILED, NUD_NOARP};
	uint8_t got[ARP_MAC_MAX] = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(arp_neigh_parse(neigh(bad[i], 6), 6, got));
	assert_int_equal(got[0], 0);
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		memset(got, 0, sizeof(got));
		assert_true(arp_neigh_parse(neigh(good[i], 6), 6, got));
		assert_memory_equal(got, mac, 6);
	}
}

static void other_messages_do_not(void **state)
{
	uint8_t got[ARP_MAC_MAX] = {0};
	struct nlmsghdr *nlh;

	(void)state;
	assert_false(arp_neigh_parse(neigh(NUD_REACHABLE, 6), 20, got));
	assert_false(arp_neigh_parse(neigh(NUD_REACHABLE, 4), 6, got));
	assert_false(arp_neigh_parse(neigh(NUD_REACHABLE, 6), ARP_MAC_MAX + 1, got));
	nlh = neigh(NUD_REACHABLE, 6);
	nlh->nlmsg_type = RTM_DELNEIGH;
	assert_false(arp_neigh_parse(nlh, 6, got));
	/* Cut anywhere. */
	nlh = neigh(NUD_REACHABLE, 6);
	for (uint32_t len = nlh->nlmsg_len - 3; len-- > sizeof(*nlh);) {
		nlh->nlmsg_len = len;
		assert_false(arp_neigh_parse(nlh, 6, got));
	}
	assert_int_equal(got[0], 0);
}

static void broadcast_address_is_read(void **state)
{
	uint8_t got[ARP_MAC_MAX] = {0};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	(void)state;
	(void)mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	nlh->nlmsg_type = RTM_NEWLINK;
	assert_false(arp_neigh_parse_broadcast(nlh, 6, got));
	mnl_attr_put(nlh, IFLA_BROADCAST, 6, mac);
	assert_true(arp_neigh_parse_broadcast(nlh, 6, got));
	assert_memory_equal(got, mac, 6);
	assert_false(arp_neigh_parse_broadcast(nlh, 20, got));
	nlh->nlmsg_type = RTM_NEWADDR;
	assert_false(arp_neigh_parse_broadcast(nlh, 6, got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_built),
		cmocka_unit_test(addresses_in_use_count),
		cmocka_unit_test(other_messages_do_not),
		cmocka_unit_test(broadcast_address_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
