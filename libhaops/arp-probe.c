/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks on the wire whether another host has an IPv4 address (RFC 5227 section 2.1.1). Neither adds
 * the address nor defends it. */
#include "arp-wire.h"

#include <haops/arp.h>
#include <net/if_arp.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#define ADDRS_MAX 4096
#define READ_MAX 1024	  /* messages read between two looks at the clock */
#define READS_LATE_MAX 16 /* so often after the time of listening; the buffer holds fewer */

struct prober {
	struct haops_ctx *ctx;
	const struct haops_arp_probe_spec *how;
	struct arp_wire wire;
	struct haops_addr *addrs; /* IPv4 only, in order */
	size_t count;
	size_t next; /* the one to be asked for next */
	bool has_conflict;
	struct haops_arp_conflict conflict;
};

static const char *check(const struct haops_arp_probe_spec *how)
{
	if (how->ifindex < 1)
		return "the number of the interface must be 1 or above";
	if (!how->addrs || how->addr_count < 1 || how->addr_count > ADDRS_MAX)
		return "there must be 1 to 4096 addresses";
	if (how->count < 1 || how->count > 10)
		return "there must be 1 to 10 probes";
	if (how->interval_ms < 10 || how->interval_ms > 10000)
		return "the interval must be 10 to 10000 ms";
	if (how->wait_ms < 10 || how->wait_ms > 10000)
		return "the time of waiting must be 10 to 10000 ms";
	for (size_t i = 0; i < how->addr_count; i++)
		if (!haops_addr_is_unicast(&how->addrs[i]))
			return "one of the addresses cannot be a host's own";
	return NULL;
}

static int copy_ipv4(struct prober *prober)
{
	const struct haops_arp_probe_spec *how = prober->how;

	prober->addrs = calloc(how->addr_count, sizeof(*prober->addrs));
	if (!prober->addrs)
		return haops_fail(prober->ctx, ENOMEM, "probe: memory is short");
	for (size_t i = 0; i < how->addr_count; i++)
		if (how->addrs[i].family == AF_INET)
			prober->addrs[prober->count++] = how->addrs[i];
	qsort(prober->addrs, prober->count, sizeof(*prober->addrs), haops_addr_cmp);
	return 0;
}

/* Lets through what arp_packet_parse() reads; the rest would only fill the buffer. */
static int start_listening(struct prober *prober)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), /* hardware and protocol */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPHRD_ETHER << 16 | ETH_P_IP, 0, 4),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6), /* operation */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPOP_REQUEST, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPOP_REPLY, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog filter = {ARRAY_LEN(code), code};

	return arp_wire_listen(prober->ctx, &prober->wire, ETH_P_ARP, &filter);
}

/* An answer that found no room may have been the one that matters. */
static int check_losses(struct prober *prober)
{
	struct tpacket_stats stats = {0};
	socklen_t len = sizeof(stats);
	int r = prober->ctx->sys->getsockopt(prober->wire.fd, SOL_PACKET, PACKET_STATISTICS, &stats,
					     &len);

	if (r < 0)
		return arp_wire_fail(prober->ctx, &prober->wire, r);
	if (stats.tp_drops > 0)
		return haops_fail(prober->ctx, EIO,
				  "probe on %s: %u ARP messages were lost here, unknown whether "
				  "one "
				  "of them was an answer",
				  prober->wire.ifname, stats.tp_drops);
	return 0;
}

static void judge(struct prober *prober, const uint8_t *data, size_t len)
{
	struct arp_message message;
	struct haops_addr claimed;

	if (!arp_packet_parse(data, len, &message) ||
	    !arp_packet_claims(&message, &prober->wire.hw, &claimed) ||
	    !bsearch(&claimed, prober->addrs, prober->count, sizeof(claimed), haops_addr_cmp))
		return;
	prober->has_conflict = true;
	prober->conflict.addr = claimed;
	memcpy(prober->conflict.mac, message.sender_mac, sizeof(prober->conflict.mac));
}

/* Reads what has come, up to the first claim. 1 when more may be there, 0 when not. */
static int read_answers(struct prober *prober)
{
	for (int i = 0; i < READ_MAX && !prober->has_conflict; i++) {
		uint8_t data[ARP_PACKET_MAX];
		struct sockaddr_ll from = {0};
		socklen_t from_len = sizeof(from);
		ssize_t got = prober->ctx->sys->recvfrom(prober->wire.fd, data, sizeof(data),
							 MSG_DONTWAIT, (struct sockaddr *)&from,
							 &from_len);

		if (got == -EAGAIN)
			return 0;
		if (got < 0)
			return arp_wire_fail(prober->ctx, &prober->wire, (int)got);
		/* For another host is also what comes with the tag of a VLAN that this host does
		 * not have: another network, where the same address may well be in use. */
		if (from.sll_pkttype != PACKET_OUTGOING && from.sll_pkttype != PACKET_OTHERHOST)
			judge(prober, data, (size_t)got);
	}
	return 1;
}

/* Listens until until_ms, and reads what has come by then. */
static int listen_until(struct prober *prober, int64_t until_ms)
{
	struct pollfd poll = {.fd = prober->wire.fd, .events = POLLIN};
	int reads_late = 0;

	for (;;) {
		int r = read_answers(prober);

		if (r < 0 || prober->has_conflict)
			return r < 0 ? r : 0;
		/* It took longer to read than to wait, and there is no end: a storm. */
		if (r > 0 && haops_now_ms(prober->ctx) >= until_ms &&
		    ++reads_late == READS_LATE_MAX)
			return haops_fail(prober->ctx, EIO,
					  "probe on %s: ARP messages come faster than they can be "
					  "read, unknown whether one of them is an answer",
					  prober->wire.ifname);
		if (r > 0)
			continue;
		r = prober->ctx->sys->poll(&poll, 1, until_ms);
		if (r < 0)
			return arp_wire_fail(prober->ctx, &prober->wire, r);
		if (r == 0)
			return 0;
	}
}

static bool next_probe(void *arg, struct arp_packet *ret_packet)
{
	struct prober *prober = arg;

	if (prober->next == prober->count)
		return false;
	arp_packet_probe(&prober->wire.hw, &prober->addrs[prober->next++], ret_packet);
	return true;
}

static int64_t time_needed_ms(const struct haops_arp_probe_spec *how)
{
	return (int64_t)(how->count - 1) * how->interval_ms + how->wait_ms;
}

/* Without a carrier nobody could answer. */
static int check_carrier(struct prober *prober, int64_t deadline_ms)
{
	struct arp_wire now = {.fd = -1, .what = prober->wire.what};
	int r = arp_wire_look(prober->ctx, prober->wire.ifindex, deadline_ms, &now);

	if (r < 0 || now.carrier_up_count == prober->wire.carrier_up_count)
		return r;
	return haops_fail(prober->ctx, ENETDOWN,
			  "probe on %s: the carrier was lost meanwhile, unknown whether somebody "
			  "would have answered",
			  prober->wire.ifname);
}

static int ask(struct prober *prober, int64_t deadline_ms)
{
	const struct haops_arp_probe_spec *how = prober->how;
	int64_t due_ms = haops_now_ms(prober->ctx);
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < how->count && !prober->has_conflict; i++) {
		prober->next = 0;
		r = arp_wire_send(prober->ctx, &prober->wire, next_probe, prober, deadline_ms);
		due_ms += i + 1 < how->count ? how->interval_ms : how->wait_ms;
		if (r == 0)
			r = listen_until(prober, due_ms);
	}
	if (r == 0 && !prober->has_conflict)
		r = check_losses(prober);
	if (r == 0 && !prober->has_conflict)
		r = check_carrier(prober, deadline_ms);
	return r;
}

static int run(struct prober *prober, int64_t deadline_ms)
{
	struct haops_ctx *ctx = prober->ctx;
	int r;

	prober->wire.what = "probe for duplicates";
	r = arp_wire_look(ctx, prober->how->ifindex, deadline_ms, &prober->wire);
	if (r < 0)
		return r;
	if (prober->wire.hw.type != ARPHRD_ETHER)
		return haops_fail(ctx, EOPNOTSUPP,
				  "cannot probe for duplicates on %s: it is no Ethernet",
				  prober->wire.ifname);
	if (haops_deadline_left_ms(ctx, deadline_ms) < time_needed_ms(prober->how))
		return haops_fail(ctx, ETIMEDOUT,
				  "probe on %s: it takes %lld ms and only %lld ms are left",
				  prober->wire.ifname, (long long)time_needed_ms(prober->how),
				  (long long)haops_deadline_left_ms(ctx, deadline_ms));
	r = arp_wire_open(ctx, &prober->wire);
	if (r == 0)
		r = start_listening(prober);
	return r < 0 ? r : ask(prober, deadline_ms);
}

int haops_arp_probe(struct haops_ctx *ctx, const struct haops_arp_probe_spec *probe,
		    int64_t deadline_ms, bool *ret_has_conflict,
		    struct haops_arp_conflict *ret_conflict)
{
	struct prober prober = {.ctx = ctx, .how = probe, .wire = {.fd = -1}};
	const char *wrong;
	int r;

	if (!ctx)
		return -EINVAL;
	if (!probe || !ret_has_conflict || !ret_conflict)
		return haops_fail(ctx, EINVAL, "probe: an argument is missing");
	wrong = check(probe);
	if (wrong)
		return haops_fail(ctx, EINVAL, "probe: %s", wrong);
	r = copy_ipv4(&prober);
	if (r == 0 && prober.count > 0)
		r = run(&prober, deadline_ms);
	cleanup_fd(&prober.wire.fd);
	free(prober.addrs);
	if (r < 0)
		return r;
	*ret_has_conflict = prober.has_conflict;
	if (prober.has_conflict)
		*ret_conflict = prober.conflict;
	return 0;
}
