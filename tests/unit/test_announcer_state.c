/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a background sender does, by what the kernel tells it: a table of situations without a
 * kernel. */
#include "unit.h"

#include "announcer-state.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>

#define IFINDEX 7
#define START 1000000

/* Room for one message of the kernel's. */
union message {
	struct nlmsghdr nlh;
	char bytes[RTNL_MSG_MAX];
};

static struct haops_addr storage[4];
static bool is_usable[4];
static struct announcer_state sender;
static const struct haops_link live = {.ifindex = IFINDEX,
				       .is_up = true,
				       .has_carrier = true,
				       .mac = {2, 0, 0, 0, 0, 1},
				       .mac_len = 6,
				       .carrier_up_count = 3};

static struct haops_addr addr_of(void **state, const char *text)
{
	struct haops_addr addr;

	assert_int_equal(haops_addr_parse(*state, text, &addr), 0);
	return addr;
}

/* A sender of three addresses (one given twice) that has sent one round of five at START. */
static int setup(void **state)
{
	static const char *const texts[] = {"2001:db8::9", "192.0.2.9", "192.0.2.8", "192.0.2.9"};
	struct haops_addr addrs[4];

	if (setup_ctx(state) < 0)
		return -1;
	for (size_t i = 0; i < 4; i++)
		addrs[i] = addr_of(state, texts[i]);
	sender = (struct announcer_state){
		.ifindex = IFINDEX,
		.schedule = {.burst_count = 5,
			     .burst_interval_ms = 200,
			     .later_s = {10},
			     .later_count = 1},
		.addrs = storage,
		.is_usable = is_usable,
		.first_ms = START,
		.rounds_done = 1,
	};
	announcer_state_take(&sender, addrs, 4);
	announcer_state_link(&sender, &live, true, START);
	return 0;
}

static void finish_schedule(void)
{
	announcer_state_sent(&sender, false, START + 60000);
	while (announcer_state_due(&sender) != ARP_SCHEDULE_DONE)
		announcer_state_sent(&sender, false, START + 60000);
}

static void assert_begins_anew(int64_t at_ms)
{
	assert_int_equal(announcer_state_due(&sender), at_ms);
	assert_int_equal(sender.rounds_done, 0);
	finish_schedule();
}

static void tell_addr(uint16_t type, int ifindex, const char *text, uint32_t flags)
{
	void *ctx = NULL;
	union message message = {0};
	struct rtnl_addr addr = {.ifindex = ifindex, .prefix_len = 24, .flags = flags};

	assert_int_equal(setup_ctx(&ctx), 0);
	addr.local = addr_of(&ctx, text);
	addr.address = addr.local;
	assert_int_equal(teardown_ctx(&ctx), 0);
	announcer_state_notice(&sender, rtnl_msg_put_addr(message.bytes, type, 0, &addr),
			       START + 70000);
}

static void tell_link(uint16_t type, int ifindex)
{
	struct {
		struct nlmsghdr nlh;
		struct ifinfomsg info;
	} message = {{.nlmsg_len = sizeof(message), .nlmsg_type = type}, {.ifi_index = ifindex}};

	announcer_state_notice(&sender, &message.nlh, START + 70000);
}

static void addresses_are_taken_once(void **state)
{
	struct haops_addr last = addr_of(state, "2001:db8::9");

	assert_int_equal(sender.count, 3);
	assert_int_equal(haops_addr_cmp(&sender.addrs[2], &last), 0);
	assert_int_equal(announcer_state_due(&sender), START + 200);
}

static void schedule_is_followed(void **state)
{
	(void)state;
	for (int i = 1; i < 5; i++) {
		int64_t due_ms = START + 200 * i;

		assert_int_equal(announcer_state_due(&sender), due_ms);
		announcer_state_sent(&sender, false, due_ms);
	}
	assert_int_equal(announcer_state_due(&sender), START + 10000);
	announcer_state_sent(&sender, false, START + 10000);
	assert_int_equal(announcer_state_due(&sender), ARP_SCHEDULE_DONE);
	assert_false(announcer_state_is_over(&sender));
}

static void carrier_comes_back(void **state)
{
	struct haops_link link = live;

	(void)state;
	finish_schedule();
	link.has_carrier = false;
	announcer_state_link(&sender, &link, false, START + 70000);
	assert_int_equal(announcer_state_due(&sender), ARP_SCHEDULE_DONE);
	link.has_carrier = true;
	link.carrier_up_count++;
	announcer_state_link(&sender, &link, false, START + 80000);
	assert_begins_anew(START + 80000);
	/* The same news once more is none. */
	announcer_state_link(&sender, &link, false, START + 90000);
	assert_int_equal(announcer_state_due(&sender), ARP_SCHEDULE_DONE);
	/* It went and came between two looks. */
	link.carrier_up_count++;
	announcer_state_link(&sender, &link, false, START + 100000);
	assert_begins_anew(START + 100000);
	/* Set down and up: some interfaces keep their carrier meanwhile. */
	link.is_up = false;
	announcer_state_link(&sender, &link, false, START + 110000);
	link.is_up = true;
	announcer_state_link(&sender, &link, false, START + 120000);
	assert_begins_anew(START + 120000);
}

static void hardware_address_changes(void **state)
{
	struct haops_link link = live;

	(void)state;
	finish_schedule();
	link.mac[5] = 9;
	announcer_state_link(&sender, &link, false, START + 70000);
	assert_begins_anew(START + 70000);
}

static void starts_without_carrier(void **state)
{
	struct haops_link link = live;

	(void)state;
	sender.is_live = false;
	link.has_carrier = false;
	announcer_state_link(&sender, &link, true, START);
	assert_int_equal(announcer_state_due(&sender), ARP_SCHEDULE_DONE);
	announcer_state_link(&sender, &live, false, START + 5000);
	assert_begins_anew(START + 5000);
}

static void round_meets_no_carrier(void **state)
{
	(void)state;
	announcer_state_sent(&sender, true, START + 200);
	assert_int_equal(announcer_state_due(&sender), ARP_SCHEDULE_DONE);
	announcer_state_link(&sender, &live, false, START + 900);
	assert_begins_anew(START + 900);
}

static void link_notices_lead_to_a_look(void **state)
{
	(void)state;
	tell_link(RTM_NEWLINK, IFINDEX + 1);
	assert_false(sender.must_look_link);
	/* So does a bridge report a port that it lost: the interface is there still. */
	tell_link(RTM_DELLINK, IFINDEX);
	assert_true(sender.must_look_link);
	assert_false(announcer_state_is_over(&sender));
	announcer_state_link(&sender, &live, false, START + 70000);
	assert_false(sender.must_look_link);
	assert_false(announcer_state_is_over(&sender));
	tell_link(RTM_NEWLINK, IFINDEX);
	assert_true(sender.must_look_link);
	announcer_state_link(&sender, NULL, false, START + 70000);
	assert_true(announcer_state_is_over(&sender));
	assert_int_equal(announcer_state_due(&sender), ARP_SCHEDULE_DONE);
}

static void removed_addresses_are_left_out(void **state)
{
	struct haops_vip_found found[3];

	(void)state;
	tell_addr(RTM_DELADDR, IFINDEX + 1, "192.0.2.9", 0);
	tell_addr(RTM_DELADDR, IFINDEX, "192.0.2.7", 0);
	assert_false(sender.must_look_addrs);
	tell_addr(RTM_DELADDR, IFINDEX, "192.0.2.9", 0);
	assert_true(sender.must_look_addrs);
	/* Nothing is sent while it is in doubt. */
	assert_int_equal(announcer_state_due(&sender), ARP_SCHEDULE_DONE);
	for (size_t i = 0; i < 3; i++)
		found[i] = (struct haops_vip_found){.state = HAOPS_VIP_PRESENT, .ifindex = IFINDEX};
	announcer_state_found(&sender, found, START + 100);
	assert_int_equal(sender.count, 3); /* it was there with another prefix as well */
	assert_int_equal(announcer_state_due(&sender), START + 200);
	found[0].ifindex = IFINDEX + 1; /* moved to another interface */
	found[1] = (struct haops_vip_found){.state = HAOPS_VIP_ABSENT};
	announcer_state_found(&sender, found, START + 100);
	assert_int_equal(sender.count, 1);
	assert_int_equal(sender.addrs[0].family, AF_INET6);
	assert_int_equal(announcer_state_due(&sender), START + 200);
	found[0] = (struct haops_vip_found){.state = HAOPS_VIP_ABSENT};
	announcer_state_found(&sender, found, START + 100);
	assert_true(announcer_state_is_over(&sender));
}

static void unknown_is_not_gone(void **state)
{
	const struct haops_vip_found found[3] = {{.state = HAOPS_VIP_UNKNOWN},
						 {.state = HAOPS_VIP_ABSENT},
						 {.state = HAOPS_VIP_UNKNOWN}};

	(void)state;
	announcer_state_found(&sender, found, START);
	assert_int_equal(sender.count, 2);
	assert_true(sender.must_look_addrs);
	assert_int_equal(announcer_state_due(&sender), ARP_SCHEDULE_DONE);
}

static void tentative_ones_wait(void **state)
{
	struct haops_vip_found found[3] = {{.state = HAOPS_VIP_ABSENT},
					   {.state = HAOPS_VIP_ABSENT},
					   {.state = HAOPS_VIP_TENTATIVE, .ifindex = IFINDEX}};

	(void)state;
	announcer_state_found(&sender, found, START);
	assert_int_equal(sender.count, 1);
	assert_int_equal(announcer_state_due(&sender), ARP_SCHEDULE_DONE);
	assert_false(announcer_state_is_over(&sender));
	tell_addr(RTM_NEWADDR, IFINDEX, "2001:db8::9", IFA_F_TENTATIVE | IFA_F_DADFAILED);
	assert_int_equal(announcer_state_due(&sender), ARP_SCHEDULE_DONE);
	tell_addr(RTM_NEWADDR, IFINDEX, "2001:db8::9", IFA_F_PERMANENT);
	assert_begins_anew(START + 70000);
	/* A renewed lifetime is no news. */
	tell_addr(RTM_NEWADDR, IFINDEX, "2001:db8::9", IFA_F_PERMANENT);
	assert_int_equal(announcer_state_due(&sender), ARP_SCHEDULE_DONE);
	/* The same by a look instead of a notice. */
	announcer_state_found(&sender, &found[2], START + 80000);
	found[2].state = HAOPS_VIP_PRESENT;
	announcer_state_found(&sender, &found[2], START + 90000);
	assert_begins_anew(START + 90000);
}

static void rubbish_leads_to_a_look(void **state)
{
	union message message = {{.nlmsg_len = NLMSG_LENGTH(1), .nlmsg_type = RTM_NEWADDR}};

	(void)state;
	announcer_state_notice(&sender, &message.nlh, START);
	assert_true(sender.must_look_addrs);
	message.nlh.nlmsg_type = RTM_NEWLINK;
	announcer_state_notice(&sender, &message.nlh, START);
	assert_true(sender.must_look_link);
	message.nlh.nlmsg_type = RTM_NEWROUTE;
	announcer_state_notice(&sender, &message.nlh, START);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown_ctx)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(addresses_are_taken_once),	   TEST(schedule_is_followed),
		TEST(carrier_comes_back),	   TEST(hardware_address_changes),
		TEST(starts_without_carrier),	   TEST(round_meets_no_carrier),
		TEST(link_notices_lead_to_a_look), TEST(removed_addresses_are_left_out),
		TEST(unknown_is_not_gone),	   TEST(tentative_ones_wait),
		TEST(rubbish_leads_to_a_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
