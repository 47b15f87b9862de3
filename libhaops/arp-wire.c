/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A packet(7) socket on an interface, and many packets through it in few system calls. Does not
 * know what the packets are for. */
#include "arp-wire.h"

#include "arp-neigh.h"

#include <haops/link.h>
#include <net/if_arp.h>
#include <sys/uio.h>

#include <linux/if_packet.h>

/* Packets in one system call. Each takes some 250 bytes here. */
#define BATCH 256
/* ENOBUFS means that the queue of the interface dropped the packet; the socket stays writable, so
 * poll(2) would return at once, again and again. */
#define QUEUE_PAUSE_MS 1
/* Band 0 of the default queue: not behind the host's bulk traffic. */
#define PRIORITY_CONTROL 7
#define RECEIVE_BUFFER (4 << 20) /* some thousand answers */

/* struct sockaddr_ll has room for 8 bytes of hardware address, the kernel takes up to 32. */
union dest {
	struct sockaddr_ll ll;
	uint8_t bytes[offsetof(struct sockaddr_ll, sll_addr) + ARP_MAC_MAX];
};

struct batch {
	struct mmsghdr msgs[BATCH];
	struct iovec iovs[BATCH];
	union dest dests[BATCH];
	struct arp_packet packets[BATCH];
};

int arp_wire_fail(struct haops_ctx *ctx, const struct arp_wire *wire, int code)
{
	switch (code) {
	case -ENXIO: /* sendmsg of packet(7) says so when the interface went away */
	case -ENODEV:
		return haops_fail(ctx, ENODEV, "cannot %s on %s: the interface is gone", wire->what,
				  wire->ifname);
	case -ENETDOWN:
		return haops_fail(ctx, ENETDOWN, "cannot %s on %s: the interface is down",
				  wire->what, wire->ifname);
	case -EPERM:
	case -EACCES:
		return haops_fail(ctx, EPERM,
				  "cannot %s on %s: not allowed, run as root (CAP_NET_RAW)",
				  wire->what, wire->ifname);
	default:
		return haops_fail(ctx, EIO, "cannot %s on %s: %s", wire->what, wire->ifname,
				  strerror(-code));
	}
}

static int check_link(struct haops_ctx *ctx, const struct arp_wire *wire,
		      const struct haops_link *link)
{
	bool is_known = (link->type == ARPHRD_ETHER && link->mac_len == 6) ||
			(link->type == ARPHRD_INFINIBAND && link->mac_len == ARP_MAC_MAX);

	if (!is_known || link->is_loopback || link->has_no_arp)
		return haops_fail(ctx, EOPNOTSUPP,
				  "cannot %s on %s: the interface has no neighbours that use ARP",
				  wire->what, link->name);
	if (!link->is_up)
		return haops_fail(ctx, ENETDOWN, "cannot %s on %s: the interface is down",
				  wire->what, link->name);
	if (!link->has_carrier)
		return haops_fail(ctx, ENETDOWN,
				  "cannot %s on %s: the interface has no carrier, check its cable",
				  wire->what, link->name);
	return 0;
}

/* Broadcasts: all ones on Ethernet; on InfiniBand the partition key is in it (RFC 4391 4). */
static int set_hw(struct haops_ctx *ctx, const struct haops_link *link, int64_t deadline_ms,
		  struct arp_hw *ret_hw)
{
	struct arp_hw hw = {.type = link->type, .len = link->mac_len};

	memcpy(hw.mac, link->mac, link->mac_len);
	if (link->type == ARPHRD_INFINIBAND) {
		const struct arp_neigh_link at = {link->ifindex, link->mac_len};
		int r = arp_neigh_broadcast(ctx, &at, deadline_ms, hw.broadcast);

		if (r < 0)
			return r;
	} else {
		memset(hw.broadcast, 0xff, link->mac_len);
	}
	*ret_hw = hw;
	return 0;
}

int arp_wire_look(struct haops_ctx *ctx, int ifindex, int64_t deadline_ms, struct arp_wire *wire)
{
	struct haops_link link;
	int r;

	r = haops_link_get_by_index(ctx, ifindex, deadline_ms, &link);
	if (r == 0)
		r = check_link(ctx, wire, &link);
	if (r == 0)
		r = set_hw(ctx, &link, deadline_ms, &wire->hw);
	if (r < 0)
		return r;
	wire->ifindex = ifindex;
	wire->carrier_up_count = link.carrier_up_count;
	memcpy(wire->ifname, link.name, sizeof(wire->ifname));
	return 0;
}

int arp_wire_open(struct haops_ctx *ctx, struct arp_wire *wire)
{
	const int priority = PRIORITY_CONTROL;
	/* Protocol 0: it hears nothing until it is bound to one. */
	int fd = ctx->sys->socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return arp_wire_fail(ctx, wire, fd);
	(void)ctx->sys->setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority));
	wire->fd = fd;
	return 0;
}

int arp_wire_listen(struct haops_ctx *ctx, const struct arp_wire *wire, uint16_t protocol,
		    const struct sock_fprog *filter)
{
	const struct sockaddr_ll self = {
		.sll_family = AF_PACKET,
		.sll_protocol = htobe16(protocol),
		.sll_ifindex = wire->ifindex,
	};
	const int size = RECEIVE_BUFFER;
	int r;

	/* A smaller buffer does as well: who listens counts what was lost. */
	(void)ctx->sys->setsockopt(wire->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	/* Before the socket is bound, so that nothing is queued that the filter would stop. */
	r = ctx->sys->setsockopt(wire->fd, SOL_SOCKET, SO_ATTACH_FILTER, filter, sizeof(*filter));
	if (r == 0)
		r = ctx->sys->bind(wire->fd, (const struct sockaddr *)&self, sizeof(self));
	return r < 0 ? arp_wire_fail(ctx, wire, r) : 0;
}

void arp_wire_unshare(struct haops_ctx *ctx)
{
	if (ctx->packet.fd >= 0)
		(void)ctx->sys->close(ctx->packet.fd);
	ctx->packet.fd = -1;
}

int arp_wire_share(struct haops_ctx *ctx, struct arp_wire *wire)
{
	struct haops_packet_socket *shared = &ctx->packet;
	struct stat netns = {0};
	/* A number of another namespace would be an interface of another host. Without /proc the
	 * socket is not used again. */
	bool is_known = ctx->sys->stat("/proc/thread-self/ns/net", &netns) == 0;
	int r;

	if (shared->fd < 0 || !is_known || shared->netns_dev != netns.st_dev ||
	    shared->netns_ino != netns.st_ino) {
		arp_wire_unshare(ctx);
		r = arp_wire_open(ctx, wire);
		if (r < 0)
			return r;
		*shared = (struct haops_packet_socket){wire->fd, netns.st_dev, netns.st_ino};
	}
	wire->fd = shared->fd;
	return 0;
}

/* Fills the batch from next; how many. */
static unsigned int fill(struct batch *batch, const struct arp_wire *wire, arp_wire_next_fn next,
			 void *arg)
{
	unsigned int count = 0;

	while (count < BATCH && next(arg, &batch->packets[count])) {
		struct arp_packet *packet = &batch->packets[count];
		union dest *dest = &batch->dests[count];
		struct iovec *iov = &batch->iovs[count];

		*dest = (union dest){.ll = {.sll_family = AF_PACKET,
					    .sll_ifindex = wire->ifindex,
					    .sll_halen = packet->dest_len}};
		dest->ll.sll_protocol = htobe16(packet->protocol);
		memcpy(dest->bytes + offsetof(struct sockaddr_ll, sll_addr), packet->dest,
		       packet->dest_len);
		*iov = (struct iovec){.iov_base = packet->data, .iov_len = packet->len};
		batch->msgs[count] = (struct mmsghdr){.msg_hdr = {.msg_name = dest,
								  .msg_namelen = sizeof(*dest),
								  .msg_iov = iov,
								  .msg_iovlen = 1}};
		count++;
	}
	return count;
}

/* Waits for room, until the deadline at most. */
static int wait_for_room(struct haops_ctx *ctx, const struct arp_wire *wire, int code,
			 int64_t deadline_ms)
{
	struct pollfd poll = {.fd = wire->fd, .events = POLLOUT};
	int64_t pause_ms = haops_now_ms(ctx) + QUEUE_PAUSE_MS + 1;

	if (haops_deadline_left_ms(ctx, deadline_ms) == 0)
		return haops_fail(ctx, ETIMEDOUT,
				  "cannot %s on %s in time: its queue is full, not all was sent",
				  wire->what, wire->ifname);
	if (code == -ENOBUFS)
		code = ctx->sys->poll(NULL, 0, pause_ms < deadline_ms ? pause_ms : deadline_ms);
	else
		code = ctx->sys->poll(&poll, 1, deadline_ms);
	return code < 0 ? arp_wire_fail(ctx, wire, code) : 0;
}

static int send_batch(struct haops_ctx *ctx, const struct arp_wire *wire, struct mmsghdr *msgs,
		      unsigned int count, int64_t deadline_ms)
{
	while (count > 0) {
		int r = ctx->sys->sendmmsg(wire->fd, msgs, count, 0);

		if (r > 0) {
			msgs += r;
			count -= (unsigned int)r;
			continue;
		}
		if (r < 0 && r != -EAGAIN && r != -ENOBUFS)
			return arp_wire_fail(ctx, wire, r);
		r = wait_for_room(ctx, wire, r, deadline_ms);
		if (r < 0)
			return r;
	}
	return 0;
}

int arp_wire_send(struct haops_ctx *ctx, const struct arp_wire *wire, arp_wire_next_fn next,
		  void *arg, int64_t deadline_ms)
{
	CLEANUP_FREE struct batch *batch = malloc(sizeof(*batch));
	unsigned int count;

	if (!batch)
		return haops_fail(ctx, ENOMEM, "cannot %s on %s: memory is short", wire->what,
				  wire->ifname);
	while ((count = fill(batch, wire, next, arg)) > 0) {
		int r = send_batch(ctx, wire, batch->msgs, count, deadline_ms);

		if (r < 0)
			return r;
	}
	return 0;
}
