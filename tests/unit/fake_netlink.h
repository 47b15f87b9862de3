/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_FAKE_NETLINK_H
#define HAOPS_TESTS_FAKE_NETLINK_H

/*
 * A kernel's netlink for tests, behind the table of the system boundary: it keeps addresses, links
 * and routes, answers requests about them, and goes wrong where a test wants it to. One for each
 * test program; fake_netlink_reset() makes it empty and well.
 */

#include "unit.h"

#include "rtnl-msg.h"

#define FAKE_MAX 64
#define FAKE_DATAGRAM_MAX 40000

struct fake_netlink {
	struct rtnl_addr addrs[FAKE_MAX];
	size_t addr_count;
	struct rtnl_route routes[FAKE_MAX];
	size_t route_count;
	struct rtnl_link links[FAKE_MAX];
	size_t link_count;
	struct haops_addr peers[FAKE_MAX]; /* local addresses of TCP connections */
	size_t peer_count;

	/* Faults. */
	unsigned int interrupt_dumps; /* so many dumps are marked as interrupted... */
	bool interrupted_are_empty;   /* ...and list nothing */
	unsigned int lose;	      /* so many receptions say ENOBUFS */
	bool is_silent;		      /* requests are taken, but never answered */
	unsigned int lose_acks;	      /* so many acknowledgements never come */
	bool cut;		      /* a datagram is larger than any buffer */
	bool half;		      /* a datagram ends within a message */
	bool is_forged;		      /* a process sends answers before the kernel does */
	int refuse_type;	      /* requests of this type are refused... */
	int refuse_code;	      /* ...by this -errno... */
	const char *refuse_text;      /* ...with this explanation */
	unsigned int refuse_after;    /* ...after so many */
	int socket_code, send_code, bind_code, poll_code;
	void (*on_request)(const struct nlmsghdr *nlh); /* before each request is served */
	void (*on_wait)(void);				/* somebody waits: a notice may come now */

	/* What happened. */
	unsigned int requests, sends, receives, polls, sockets, closes;
	unsigned int dumps;
	int64_t now_ns;
	char promote_all; /* of /proc/sys/net/ipv4/conf/all/promote_secondaries */
};

extern struct fake_netlink fake;

void fake_netlink_reset(void);
int setup_fake(void **state);
int teardown_fake(void **state);

struct haops_addr fake_addr(const char *text);
struct rtnl_addr *fake_add(const char *text, uint8_t prefix_len, int ifindex);
struct rtnl_link *fake_link(int ifindex, const char *name);
struct rtnl_route *fake_route(const char *dst, uint8_t prefix_len, int oif);
void fake_remove(size_t at);
/* Queues a notice to who listens: RTM_NEWADDR or RTM_DELADDR. */
void fake_notice(uint16_t type, const struct rtnl_addr *addr);

#define TEST_FAKE(test) cmocka_unit_test_setup_teardown(test, setup_fake, teardown_fake)

#endif
