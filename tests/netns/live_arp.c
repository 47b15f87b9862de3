/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Announcements and the duplicate probe on a veth pair: what a neighbour hears of them, and what
 * its kernel makes of it. */
#include "tap.h"

#include <haops/arp.h>

#include "arp-packet.h"

#define MANY 1000
#define OLD_MAC "02:00:00:00:00:99"

static struct haops_addr addrs[MANY];

static int64_t soon(struct haops_ctx *ctx)
{
	return haops_deadline_after(ctx, TAP_WAIT_MS);
}

static struct haops_announcement what_of(struct haops_ctx *ctx, const char *first,
					 const char *second)
{
	const char *const texts[] = {first, second};
	struct haops_announcement what = {.ifindex = link_of(ctx, "va").ifindex, .addrs = addrs};

	for (size_t i = 0; i < 2 && texts[i]; i++)
		assert_int_equal(haops_addr_parse(ctx, texts[i], &addrs[what.count++]), 0);
	return what;
}

static struct haops_announcement many(struct haops_ctx *ctx)
{
	struct haops_announcement what = what_of(ctx, "192.0.2.9", NULL);

	for (what.count = 0; what.count < MANY; what.count++) {
		char text[32];

		(void)snprintf(text, sizeof(text), "10.1.%zu.%zu", what.count / 250,
			       what.count % 250 + 1);
		assert_int_equal(haops_addr_parse(ctx, text, &addrs[what.count]), 0);
	}
	return what;
}

static void announce(struct haops_ctx *ctx, const struct haops_announcement *what)
{
	assert_int_equal(haops_arp_announce(ctx, what, soon(ctx)), 0);
}

static void each_form_is_heard(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", "2001:db8::9");
	struct haops_link va = link_of(*state, "va");
	int tap = tap_open(*state, "vb");

	announce(*state, &what);
	for (const char *kind = "qpn"; *kind; kind++) {
		struct tap_frame frame = tap_expect(tap, *kind);

		assert_int_equal(haops_addr_cmp(&frame.addr, &addrs[*kind == 'n']), 0);
		assert_memory_equal(frame.mac, va.mac, 6);
		assert_false(frame.is_unicast);
	}
	what.form = HAOPS_ARP_REPLY;
	announce(*state, &what);
	(void)tap_expect(tap, 'p');
	(void)tap_expect(tap, 'n');
	what.form = HAOPS_ARP_REQUEST;
	announce(*state, &what);
	(void)tap_expect(tap, 'q');
	(void)tap_expect(tap, 'n');
	assert_int_equal(tap_count(tap, 20), 0);
	(void)close(tap);
}

static void router_says_so(void **state)
{
	struct haops_announcement what = what_of(*state, "2001:db8::9", NULL);
	int tap = tap_open(*state, "vb");

	write_file("/proc/sys/net/ipv6/conf/va/forwarding", "1");
	announce(*state, &what);
	(void)tap_expect(tap, 'N');
	(void)close(tap);
}

static void many_in_one_round(void **state)
{
	struct haops_announcement what = many(*state);
	int counter = tap_counter_open(*state, "vb");
	int64_t begin_ns = haops_sys_linux.now_ns();
	int64_t end_ns;

	announce(*state, &what);
	end_ns = haops_sys_linux.now_ns();
	tap_counter_expect(counter, 2 * MANY, 20);
	print_message("%d addresses, %d messages: %.2f ms\n", MANY, 2 * MANY,
		      (double)(end_ns - begin_ns) / NS_PER_MS);
	(void)close(counter);
}

static void assert_neighbour_knows(const struct neighbour *neighbour, const char *addr,
				   const struct haops_link *link)
{
	int64_t until_ms = tap_now_ms() + TAP_WAIT_MS;
	char words[64];
	char wanted[32];
	char output[256];

	(void)snprintf(words, sizeof(words), "neigh show %s dev vb", addr);
	(void)snprintf(wanted, sizeof(wanted), "lladdr %02x:%02x:%02x:%02x:%02x:%02x", link->mac[0],
		       link->mac[1], link->mac[2], link->mac[3], link->mac[4], link->mac[5]);
	/* A frame over veth is handled by another context of the kernel, soon. */
	do {
		neighbour_ip_output(neighbour, words, output, sizeof(output));
	} while (!strstr(output, wanted) && tap_now_ms() < until_ms);
	assert_non_null(strstr(output, wanted));
}

/* The kernel notices a carrier by and by, and drops what comes for IPv6 before; the route to the
 * own address is there from then on. */
static void wait_until_ready(const struct neighbour *neighbour, const char *addr)
{
	int64_t until_ms = tap_now_ms() + TAP_WAIT_MS;
	char output[512];

	do {
		neighbour_ip_output(neighbour, "-6 route show table local type local dev vb",
				    output, sizeof(output));
	} while (!strstr(output, addr) && tap_now_ms() < until_ms);
	assert_non_null(strstr(output, addr));
}

static struct neighbour set_up_neighbour(void)
{
	struct neighbour neighbour = neighbour_new();

	neighbour_ip(&neighbour, "addr add 192.0.2.1/24 dev vb");
	neighbour_ip(&neighbour, "addr add 2001:db8::1/64 dev vb nodad");
	neighbour_ip(&neighbour, "link set vb up");
	wait_until_ready(&neighbour, "2001:db8::1");
	return neighbour;
}

static void neighbours_learn_the_new_place(void **state)
{
	static const enum haops_arp_form forms[] = {HAOPS_ARP_BOTH, HAOPS_ARP_REQUEST,
						    HAOPS_ARP_REPLY};
	struct haops_announcement what = what_of(*state, "192.0.2.9", "2001:db8::9");
	struct neighbour neighbour = set_up_neighbour();
	struct haops_link va = link_of(*state, "va");

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		neighbour_ip(&neighbour,
			     "neigh replace 192.0.2.9 lladdr " OLD_MAC " dev vb nud stale");
		neighbour_ip(&neighbour,
			     "neigh replace 2001:db8::9 lladdr " OLD_MAC " dev vb nud reachable");
		what.form = forms[i];
		announce(*state, &what);
		assert_neighbour_knows(&neighbour, "192.0.2.9", &va);
		assert_neighbour_knows(&neighbour, "2001:db8::9", &va);
	}
	neighbour_free(&neighbour);
}

/* A target takes note although it never had to do with the address. */
static void targets_learn_at_once(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", "2001:db8::9");
	struct neighbour neighbour = set_up_neighbour();
	struct haops_link va = link_of(*state, "va");
	struct haops_addr targets[2];

	assert_int_equal(haops_addr_parse(*state, "192.0.2.1", &targets[0]), 0);
	assert_int_equal(haops_addr_parse(*state, "2001:db8::1", &targets[1]), 0);
	what.targets = targets;
	what.target_count = 2;
	announce(*state, &what);
	assert_neighbour_knows(&neighbour, "192.0.2.9", &va);
	assert_neighbour_knows(&neighbour, "2001:db8::9", &va);
	neighbour_free(&neighbour);
}

static void known_targets_are_told_directly(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", "2001:db8::9");
	struct haops_link vb = link_of(*state, "vb");
	int tap = tap_open(*state, "vb");
	struct haops_addr targets[2];
	char words[96];

	assert_int_equal(haops_addr_parse(*state, "192.0.2.1", &targets[0]), 0);
	assert_int_equal(haops_addr_parse(*state, "2001:db8::1", &targets[1]), 0);
	what.targets = targets;
	what.target_count = 2;
	announce(*state, &what);
	for (const char *kind = "qpans"; *kind; kind++)
		assert_false(tap_expect(tap, *kind).is_unicast);
	for (int i = 0; i < 2; i++) {
		(void)snprintf(words, sizeof(words),
			       "neigh add %s lladdr %02x:%02x:%02x:%02x:%02x:%02x dev va nud stale",
			       i ? "2001:db8::1" : "192.0.2.1", vb.mac[0], vb.mac[1], vb.mac[2],
			       vb.mac[3], vb.mac[4], vb.mac[5]);
		ip(words);
	}
	announce(*state, &what);
	for (const char *kind = "qpans"; *kind; kind++)
		assert_int_equal(tap_expect(tap, *kind).is_unicast, *kind == 'a' || *kind == 's');
	(void)close(tap);
}

static void interfaces_without_neighbours(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", NULL);

	ip("link set vb down");
	assert_int_equal(haops_arp_announce(*state, &what, soon(*state)), -ENETDOWN);
	ip("link set vb up");
	ip("link set va down");
	assert_int_equal(haops_arp_announce(*state, &what, soon(*state)), -ENETDOWN);
	what.ifindex = link_of(*state, "lo").ifindex;
	assert_int_equal(haops_arp_announce(*state, &what, soon(*state)), -EOPNOTSUPP);
	what.ifindex = 99999;
	assert_int_equal(haops_arp_announce(*state, &what, soon(*state)), -ENODEV);
}

static void right_namespace_is_used(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", NULL);
	int tap;

	announce(*state, &what);
	/* The same numbers of interfaces, another network. */
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	ip("link set lo up");
	ip("link add name va type veth peer name vb");
	ip("link set va up");
	ip("link set vb up");
	assert_int_equal(link_of(*state, "va").ifindex, what.ifindex);
	tap = tap_open(*state, "vb");
	announce(*state, &what);
	(void)tap_expect(tap, 'q');
	(void)close(tap);
}

static struct haops_arp_probe_spec probe_of(const struct haops_announcement *what)
{
	return (struct haops_arp_probe_spec){.ifindex = what->ifindex,
					     .addrs = what->addrs,
					     .addr_count = what->count,
					     .count = 3,
					     .interval_ms = 50,
					     .wait_ms = 100};
}

static void nobody_has_it(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", NULL);
	struct haops_arp_probe_spec probe = probe_of(&what);
	struct haops_arp_conflict conflict;
	int tap = tap_open(*state, "vb");
	int64_t begin_ms = tap_now_ms();
	bool has_conflict = true;
	struct tap_frame frame;

	assert_int_equal(haops_arp_probe(*state, &probe, soon(*state), &has_conflict, &conflict),
			 0);
	assert_false(has_conflict);
	assert_true(tap_now_ms() - begin_ms >= 199);
	for (int i = 0; i < 3; i++) {
		frame = tap_expect(tap, 'b');
		assert_int_equal(haops_addr_cmp(&frame.addr, &addrs[0]), 0);
	}
	assert_int_equal(tap_count(tap, 20), 0);
	(void)close(tap);
}

static void neighbour_has_it(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", "192.0.2.1");
	struct haops_arp_probe_spec probe = probe_of(&what);
	struct haops_arp_conflict conflict = {0};
	struct haops_link vb = link_of(*state, "vb");
	struct neighbour neighbour = set_up_neighbour();
	bool has_conflict = false;

	assert_int_equal(haops_arp_probe(*state, &probe, soon(*state), &has_conflict, &conflict),
			 0);
	assert_true(has_conflict);
	assert_int_equal(haops_addr_cmp(&conflict.addr, &addrs[1]), 0);
	assert_memory_equal(conflict.mac, vb.mac, 6);
	neighbour_free(&neighbour);
}

/* Another host that wants the address at the same time: it hears our probe and sends its own. */
static pid_t start_rival(struct haops_ctx *ctx, int tap)
{
	static const struct arp_hw rival = {.type = ARPHRD_ETHER,
					    .len = 6,
					    .mac = {2, 0, 0, 0, 0, 0x77},
					    .broadcast = {255, 255, 255, 255, 255, 255}};
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ARP),
				 .sll_ifindex = link_of(ctx, "vb").ifindex,
				 .sll_halen = 6,
				 .sll_addr = {255, 255, 255, 255, 255, 255}};
	struct arp_packet packet;
	struct tap_frame frame;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	arp_packet_probe(&rival, &addrs[0], &packet);
	if (!tap_next(tap, tap_now_ms() + TAP_WAIT_MS, &frame))
		_exit(1);
	_exit(sendto(tap, packet.data, packet.len, 0, (const struct sockaddr *)&to, sizeof(to)) <
	      0);
}

static void rival_wants_it(void **state)
{
	struct haops_announcement what = what_of(*state, "192.0.2.9", NULL);
	struct haops_arp_probe_spec probe = probe_of(&what);
	struct haops_arp_conflict conflict = {0};
	int tap = tap_open(*state, "vb");
	pid_t pid = start_rival(*state, tap);
	bool has_conflict = false;

	probe.wait_ms = TAP_WAIT_MS;
	assert_int_equal(haops_arp_probe(*state, &probe, haops_deadline_after(*state, 20000),
					 &has_conflict, &conflict),
			 0);
	assert_true(has_conflict);
	assert_int_equal(conflict.mac[5], 0x77);
	assert_int_equal(end_of(pid), 0);
	(void)close(tap);
}

static void many_are_asked_for_at_once(void **state)
{
	struct haops_announcement what = many(*state);
	struct haops_arp_probe_spec probe = probe_of(&what);
	struct haops_arp_conflict conflict;
	int64_t begin_ms = tap_now_ms();
	bool has_conflict = true;

	assert_int_equal(haops_arp_probe(*state, &probe, soon(*state), &has_conflict, &conflict),
			 0);
	assert_false(has_conflict);
	print_message("%d addresses probed in %lld ms, 200 of which are waiting\n", MANY,
		      (long long)(tap_now_ms() - begin_ms));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_NETNS(each_form_is_heard),
		TEST_NETNS(router_says_so),
		TEST_NETNS(many_in_one_round),
		TEST_NETNS(neighbours_learn_the_new_place),
		TEST_NETNS(targets_learn_at_once),
		TEST_NETNS(known_targets_are_told_directly),
		TEST_NETNS(interfaces_without_neighbours),
		TEST_NETNS(right_namespace_is_used),
		TEST_NETNS(nobody_has_it),
		TEST_NETNS(neighbour_has_it),
		TEST_NETNS(rival_wants_it),
		TEST_NETNS(many_are_asked_for_at_once),
	};

	enter_user_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
