/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which packets a round consists of: one letter per packet, and what is refused. */
#include "unit.h"

#include "arp-round.h"

#include <net/if_arp.h>

#include <linux/if_ether.h>

#define PACKETS_MAX 64

static const struct arp_hw ether = {
	.type = ARPHRD_ETHER,
	.len = 6,
	.mac = {0x02, 0, 0, 0, 0, 0x01},
	.broadcast = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
};

static struct haops_addr addrs[3];   /* 192.0.2.8, 192.0.2.9, 2001:db8::9 */
static struct haops_addr targets[3]; /* 192.0.2.1, 192.0.2.9, 2001:db8::1 */

static int setup(void **state)
{
	static const char *const texts[] = {"192.0.2.8", "192.0.2.9", "2001:db8::9"};
	static const char *const target_texts[] = {"192.0.2.1", "192.0.2.9", "2001:db8::1"};
	int r = setup_ctx(state);

	for (size_t i = 0; r == 0 && i < 3; i++) {
		r = haops_addr_parse(*state, texts[i], &addrs[i]);
		if (r == 0)
			r = haops_addr_parse(*state, target_texts[i], &targets[i]);
	}
	return r;
}

/* q request, p reply, a asked in broadcast, A asked directly, n advertisement, s solicitation. */
static char letter_of(const struct arp_packet *packet)
{
	if (packet->protocol == ETH_P_IPV6)
		return packet->data[40] == 136 ? 'n' : 's';
	if (packet->data[7] == ARPOP_REPLY)
		return 'p';
	if (memcmp(packet->data + 14, packet->data + 24, 4) == 0)
		return 'q';
	return packet->dest[0] == 0xff ? 'a' : 'A';
}

static void assert_round(struct haops_announcement what, const char *letters)
{
	struct arp_round round = {.what = &what, .hw = ether};
	char got[PACKETS_MAX] = "";
	struct arp_packet packet;
	size_t count = 0;

	for (size_t i = 0; i < what.target_count; i++) {
		round.targets[i].addr = targets[i];
		round.targets[i].has_mac = i == 1;
		round.target_count++;
	}
	while (arp_round_next(&round, &packet) && count < PACKETS_MAX - 1)
		got[count++] = letter_of(&packet);
	assert_string_equal(got, letters);
	assert_false(arp_round_next(&round, &packet));
}

static void forms(void **state)
{
	(void)state;
	assert_round((struct haops_announcement){.addrs = addrs, .count = 3}, "qpqpn");
	assert_round((struct haops_announcement){.addrs = addrs,
						 .count = 3,
						 .form = HAOPS_ARP_REQUEST},
		     "qqn");
	assert_round((struct haops_announcement){.addrs = addrs,
						 .count = 3,
						 .form = HAOPS_ARP_REPLY},
		     "ppn");
	assert_round((struct haops_announcement){.addrs = &addrs[2], .count = 1}, "n");
}

static void targets_are_told(void **state)
{
	const struct haops_announcement what = {.addrs = addrs,
						.count = 3,
						.targets = targets,
						.target_count = 3};

	(void)state;
	/* 192.0.2.9 is not told of itself; each family only of its own. */
	assert_round(what, "qpaAqpans");
}

static void assert_refused(struct haops_announcement what)
{
	assert_non_null(arp_round_check(&what));
}

static void ranges(void **state)
{
	struct haops_announcement good = {.ifindex = 1, .addrs = addrs, .count = 3};
	struct haops_announcement what;
	struct haops_addr multicast;

	assert_null(arp_round_check(&good));
	what = good;
	what.ifindex = 0;
	assert_refused(what);
	what = good;
	what.addrs = NULL;
	assert_refused(what);
	what = good;
	what.count = 0;
	assert_refused(what);
	what.count = 4097;
	assert_refused(what);
	what = good;
	what.form = (enum haops_arp_form)3;
	assert_refused(what);
	what = good;
	what.target_count = 1;
	assert_refused(what);
	what.targets = targets;
	what.target_count = HAOPS_ARP_TARGETS_MAX + 1;
	assert_refused(what);
	assert_int_equal(haops_addr_parse(*state, "224.0.0.1", &multicast), 0);
	what = good;
	what.addrs = &multicast;
	what.count = 1;
	assert_refused(what);
	what = good;
	what.targets = &multicast;
	what.target_count = 1;
	assert_refused(what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(forms, setup, teardown_ctx),
		cmocka_unit_test_setup_teardown(targets_are_told, setup, teardown_ctx),
		cmocka_unit_test_setup_teardown(ranges, setup, teardown_ctx),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
