/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_TAP_H
#define HAOPS_TESTS_TAP_H

/* What comes out of the other end of the veth pair: announcements, as a neighbour would hear them.
 * Also that neighbour itself, with a network namespace of its own. */

#include "netns.h"

#include <arpa/inet.h>
#include <haops/addr.h>
#include <haops/link.h>
#include <net/if_arp.h>
#include <poll.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#define TAP_WAIT_MS 5000
#define TAP_FRAME_MAX 128
#define NS_PER_MS 1000000

/* One announcement. kind: q ARP request, p ARP reply, b ARP probe, a asks another for its address,
 * n neighbour advertisement, N the same with the router flag, s solicitation. */
struct tap_frame {
	char kind;
	bool is_unicast;
	int64_t at_ms;
	struct haops_addr addr; /* what is announced */
	uint8_t mac[6];		/* where it is said to be */
};

static inline int64_t tap_now_ms(void)
{
	return haops_sys_linux.now_ns() / NS_PER_MS;
}

static inline struct haops_link link_of(struct haops_ctx *ctx, const char *name)
{
	struct haops_link link;

	assert_int_equal(haops_link_get(ctx, name, haops_deadline_after(ctx, TAP_WAIT_MS), &link),
			 0);
	return link;
}

static inline int tap_open(struct haops_ctx *ctx, const char *ifname)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = link_of(ctx, ifname).ifindex,
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static inline bool tap_read_arp(const uint8_t *data, ssize_t len, struct tap_frame *frame)
{
	if (len < 28)
		return false;
	frame->addr.family = AF_INET;
	memcpy(frame->addr.bytes, data + 14, 4);
	memcpy(frame->mac, data + 8, 6);
	if (data[14] == 0) {
		memcpy(frame->addr.bytes, data + 24, 4);
		frame->kind = 'b';
	} else if (data[7] == ARPOP_REPLY) {
		frame->kind = 'p';
	} else {
		frame->kind = memcmp(data + 14, data + 24, 4) == 0 ? 'q' : 'a';
	}
	return true;
}

static inline bool tap_read_nd(const uint8_t *data, ssize_t len, struct tap_frame *frame)
{
	/* Link-local ones and those of duplicate address detection are the kernel's own. */
	if (len < 72 || data[6] != IPPROTO_ICMPV6 || data[8] != 0x20)
		return false;
	frame->addr.family = AF_INET6;
	memcpy(frame->addr.bytes, data + 8, 16);
	memcpy(frame->mac, data + 66, 6);
	assert_int_equal(data[7], 255);
	if (data[40] == 136)
		frame->kind = data[44] & 0x80 ? 'N' : 'n';
	else
		frame->kind = 's';
	return data[40] == 136 || data[40] == 135;
}

/* Takes the next announcement that has come, if there is one. */
static inline bool tap_take(int tap, struct tap_frame *ret_frame)
{
	for (;;) {
		uint8_t data[TAP_FRAME_MAX] = {0};
		struct sockaddr_ll from = {0};
		socklen_t from_len = sizeof(from);
		ssize_t len =
			recvfrom(tap, data, sizeof(data), 0, (struct sockaddr *)&from, &from_len);
		struct tap_frame frame = {
			.at_ms = tap_now_ms(),
			.is_unicast = from.sll_pkttype == PACKET_HOST,
		};

		if (len < 0 && errno == ENETDOWN)
			continue; /* the interface was set down meanwhile */
		if (len < 0)
			return false;
		if (from.sll_pkttype == PACKET_OUTGOING)
			continue;
		if ((from.sll_protocol == htons(ETH_P_ARP) && tap_read_arp(data, len, &frame)) ||
		    (from.sll_protocol == htons(ETH_P_IPV6) && tap_read_nd(data, len, &frame))) {
			*ret_frame = frame;
			return true;
		}
	}
}

/* Waits for the next announcement; false when none came in time. */
static inline bool tap_next(int tap, int64_t until_ms, struct tap_frame *ret_frame)
{
	struct pollfd poll = {.fd = tap, .events = POLLIN};

	while (!tap_take(tap, ret_frame))
		if (haops_sys_linux.poll(&poll, 1, until_ms) == 0)
			return false;
	return true;
}

static inline struct tap_frame tap_expect(int tap, char kind)
{
	struct tap_frame frame = {0};

	assert_true(tap_next(tap, tap_now_ms() + TAP_WAIT_MS, &frame));
	assert_int_equal(frame.kind, kind);
	return frame;
}

/* How many come within a time. */
static inline size_t tap_count(int tap, int64_t wait_ms)
{
	int64_t until_ms = tap_now_ms() + wait_ms;
	struct tap_frame frame;
	size_t count = 0;

	while (tap_next(tap, until_ms, &frame))
		count++;
	return count;
}

/* Counts the ARP messages that arrive at an interface, also more than a buffer holds. */
static inline int tap_counter_open(struct haops_ctx *ctx, const char *ifname)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = link_of(ctx, ifname).ifindex,
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* Waits until that many have arrived since the last call, and a while longer for one too many. */
static inline void tap_counter_expect(int counter, unsigned int wanted, int64_t quiet_ms)
{
	int64_t until_ms = tap_now_ms() + TAP_WAIT_MS;
	unsigned int count = 0;

	do {
		struct tpacket_stats stats = {0};
		socklen_t len = sizeof(stats);

		(void)haops_sys_linux.poll(NULL, 0, tap_now_ms() + quiet_ms);
		assert_int_equal(getsockopt(counter, SOL_PACKET, PACKET_STATISTICS, &stats, &len),
				 0);
		count += stats.tp_packets;
	} while (count < wanted && tap_now_ms() < until_ms);
	assert_int_equal(count, wanted);
}

/* A neighbour: a process that does nothing but keep a network namespace, into which vb is moved. */
struct neighbour {
	pid_t pid;
	int netns;
};

static inline struct neighbour neighbour_new(void)
{
	struct neighbour neighbour;
	char words[64];
	int gate[2];
	char byte;

	assert_int_equal(pipe(gate), 0);
	neighbour.pid = fork();
	if (neighbour.pid == 0) {
		if (unshare(CLONE_NEWNET) < 0 || write(gate[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)close(gate[1]);
	assert_int_equal(read(gate[0], &byte, 1), 1);
	(void)close(gate[0]);
	(void)snprintf(words, sizeof(words), "/proc/%d/ns/net", (int)neighbour.pid);
	neighbour.netns = open(words, O_RDONLY | O_CLOEXEC);
	assert_true(neighbour.netns >= 0);
	(void)snprintf(words, sizeof(words), "link set vb netns %d", (int)neighbour.pid);
	ip(words);
	return neighbour;
}

static inline void neighbour_free(struct neighbour *neighbour)
{
	(void)kill(neighbour->pid, SIGKILL);
	assert_int_equal(waitpid(neighbour->pid, NULL, 0), neighbour->pid);
	(void)close(neighbour->netns);
}

/* Runs "ip WORDS" there; what it prints, cut, in output. */
static inline void neighbour_ip_output(const struct neighbour *neighbour, const char *words,
				       char *output, size_t size)
{
	int pipe_fds[2];
	size_t len = 0;
	ssize_t got = 1;
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	if (pid == 0) {
		if (setns(neighbour->netns, CLONE_NEWNET) < 0 || dup2(pipe_fds[1], 1) < 0)
			_exit(1);
		(void)close(pipe_fds[1]);
		_exit(WEXITSTATUS(end_of(ip_start(words))));
	}
	(void)close(pipe_fds[1]);
	while (got > 0 && len < size - 1) {
		got = read(pipe_fds[0], output + len, size - 1 - len);
		len += got > 0 ? (size_t)got : 0;
	}
	output[len] = '\0';
	(void)close(pipe_fds[0]);
	assert_int_equal(end_of(pid), 0);
}

static inline void neighbour_ip(const struct neighbour *neighbour, const char *words)
{
	char output[256];

	neighbour_ip_output(neighbour, words, output, sizeof(output));
}

#endif
