/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks which host has an IPv6 address, by one neighbour solicitation, so that a sentence about a
 * duplicate can name it. Decides nothing: that the address is a duplicate is the kernel's word. */
#include "arp-owner.h"
#include "arp-wire.h"

#include <net/if_arp.h>
#include <netinet/icmp6.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

/* A host answers a question of the link within milliseconds. */
#define WAIT_MS 300

struct question {
	const struct arp_wire *wire;
	const struct haops_addr *addr;
	bool is_asked;
};

static bool next_question(void *arg, struct arp_packet *ret_packet)
{
	struct question *question = arg;

	if (question->is_asked)
		return false;
	arp_packet_ns_probe(&question->wire->hw, question->addr, ret_packet);
	question->is_asked = true;
	return true;
}

/* Lets neighbour advertisements through. */
static int start_listening(struct haops_ctx *ctx, const struct arp_wire *wire)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6), /* next header */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 40), /* type */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_ADVERT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog filter = {ARRAY_LEN(code), code};

	return arp_wire_listen(ctx, wire, ETH_P_IPV6, &filter);
}

static bool is_answer(const struct question *question, const uint8_t *data, size_t len,
		      uint8_t mac[6])
{
	struct haops_addr target;

	return arp_packet_parse_na(data, len, &target, mac) &&
	       haops_addr_cmp(&target, question->addr) == 0 &&
	       memcmp(mac, question->wire->hw.mac, 6) != 0;
}

/* 0, -EAGAIN when nothing has come, 1 for a packet that is no answer, or another -errno. */
static int read_packet(struct haops_ctx *ctx, const struct question *question, uint8_t mac[6])
{
	uint8_t data[ARP_PACKET_MAX];
	struct sockaddr_ll from = {0};
	socklen_t from_len = sizeof(from);
	ssize_t len = ctx->sys->recvfrom(question->wire->fd, data, sizeof(data), MSG_DONTWAIT,
					 (struct sockaddr *)&from, &from_len);

	if (len < 0)
		return (int)len;
	/* For another host is also what comes with the tag of a VLAN: another network. */
	if (from.sll_pkttype == PACKET_OUTGOING || from.sll_pkttype == PACKET_OTHERHOST)
		return 1;
	return is_answer(question, data, (size_t)len, mac) ? 0 : 1;
}

static int wait_answer(struct haops_ctx *ctx, const struct question *question, int64_t until_ms,
		       uint8_t ret_mac[6])
{
	struct pollfd poll = {.fd = question->wire->fd, .events = POLLIN};

	while (haops_deadline_left_ms(ctx, until_ms) > 0) {
		uint8_t mac[6];
		int r = read_packet(ctx, question, mac);

		if (r == -EAGAIN)
			r = ctx->sys->poll(&poll, 1, until_ms) < 0 ? -EIO : 1;
		if (r < 0)
			return r;
		if (r == 0) {
			memcpy(ret_mac, mac, sizeof(mac));
			return 0;
		}
	}
	return -ENOENT;
}

int arp_owner_find(struct haops_ctx *ctx, int ifindex, const struct haops_addr *addr,
		   int64_t deadline_ms, uint8_t ret_mac[6])
{
	struct arp_wire wire = {.fd = -1, .what = "ask for the owner of an address"};
	struct question question = {.wire = &wire, .addr = addr};
	int64_t until_ms = haops_deadline_after(ctx, WAIT_MS);
	int r;

	if (until_ms > deadline_ms)
		until_ms = deadline_ms;
	r = arp_wire_look(ctx, ifindex, until_ms, &wire);
	if (r < 0)
		return r;
	if (wire.hw.type != ARPHRD_ETHER)
		return -EOPNOTSUPP;
	r = arp_wire_open(ctx, &wire);
	if (r == 0)
		r = start_listening(ctx, &wire);
	if (r == 0)
		r = arp_wire_send(ctx, &wire, next_question, &question, until_ms);
	if (r == 0)
		r = wait_answer(ctx, &question, until_ms, ret_mac);
	cleanup_fd(&wire.fd);
	return r;
}
