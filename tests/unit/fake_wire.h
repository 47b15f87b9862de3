/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_FAKE_WIRE_H
#define HAOPS_TESTS_FAKE_WIRE_H

/* A system without a network: one interface that netlink tells of, packet sockets that take and
 * give what the test says, and a clock that moves only when somebody waits. */

#include "unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <haops/link.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>

#include <linux/if_packet.h>

#define FAKE_IFINDEX 7
#define FAKE_FRAMES_MAX 16
#define FAKE_RESULTS_MAX 8
#define FAKE_SENT_MAX 8
#define FAKE_FRAME_LEN 72 /* of a neighbour advertisement; an ARP message is padded */
#define NS_PER_MS 1000000

struct fake_frame {
	int64_t at_ms; /* when it comes */
	uint8_t data[FAKE_FRAME_LEN];
	uint8_t pkttype; /* PACKET_ of linux/if_packet.h */
};

struct fake_wire {
	struct haops_sys sys;
	int64_t now_ms;
	int link_code; /* how the kernel refuses to tell of the interface, or 0 */
	unsigned int flags;
	int64_t flap_ms; /* when the carrier goes and comes back, 0: never */
	uint16_t type;
	uint8_t mac_len;
	uint32_t seq;
	int netlink_fd;
	int socket_code; /* of packet sockets */
	int bind_code;
	int filter_code;
	int results[FAKE_RESULTS_MAX]; /* of sendmmsg; 0: takes all */
	size_t calls;		       /* of sendmmsg */
	size_t sent;
	int64_t sent_ms[FAKE_SENT_MAX];
	struct fake_frame frames[FAKE_FRAMES_MAX];
	size_t frame_count;
	size_t frame_next;
	bool is_flood; /* the next frame comes every millisecond */
	int receive_code;
	unsigned int drops;
	const char *forwarding; /* content of the file, NULL: there is none */
	bool is_router_sent;	/* the router flag of the last advertisement */
	ino_t netns;		/* 0: unknown */
	size_t packet_sockets;
};

static struct fake_wire fake;

static inline int64_t fake_now_ns(void)
{
	return fake.now_ms * NS_PER_MS;
}

static inline int fake_socket(int domain, int type, int protocol)
{
	int fd;

	(void)type;
	(void)protocol;
	if (domain == AF_PACKET && fake.socket_code < 0)
		return fake.socket_code;
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (domain == AF_NETLINK)
		fake.netlink_fd = fd;
	else if (fd == fake.netlink_fd)
		fake.netlink_fd = -1;
	if (domain == AF_PACKET)
		fake.packet_sockets++;
	return fd;
}

static inline int fake_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	(void)fd;
	(void)addr;
	(void)len;
	return fake.bind_code;
}

static inline int fake_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	(void)fd;
	(void)value;
	(void)len;
	return level == SOL_SOCKET && name == SO_ATTACH_FILTER ? fake.filter_code : 0;
}

static inline int fake_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	const struct tpacket_stats stats = {.tp_drops = fake.drops};

	(void)fd;
	assert_int_equal(level, SOL_PACKET);
	assert_int_equal(name, PACKET_STATISTICS);
	assert_int_equal(*len, sizeof(stats));
	memcpy(value, &stats, sizeof(stats));
	return 0;
}

static inline ssize_t fake_sendto(int fd, const void *data, size_t len, int flags,
				  const struct sockaddr *addr, socklen_t addr_len)
{
	const struct nlmsghdr *nlh = data;

	(void)flags;
	(void)addr;
	(void)addr_len;
	assert_int_equal(fd, fake.netlink_fd);
	fake.seq = nlh->nlmsg_seq;
	return (ssize_t)len;
}

/* What netlink answers: the interface, or a refusal. */
static inline ssize_t fake_answer(void *buf)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	uint8_t bytes[HAOPS_LINK_MAC_MAX] = {2, 0, 0, 0, 0, 1};

	nlh->nlmsg_seq = fake.seq;
	if (fake.link_code) {
		struct nlmsgerr *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));

		nlh->nlmsg_type = NLMSG_ERROR;
		err->error = fake.link_code;
	} else {
		struct ifinfomsg *info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));

		nlh->nlmsg_type = RTM_NEWLINK;
		info->ifi_index = FAKE_IFINDEX;
		info->ifi_type = fake.type;
		info->ifi_flags = fake.flags;
		mnl_attr_put_strz(nlh, IFLA_IFNAME, "eth7");
		mnl_attr_put(nlh, IFLA_ADDRESS, fake.mac_len, bytes);
		mnl_attr_put(nlh, IFLA_BROADCAST, fake.mac_len, bytes);
		mnl_attr_put_u32(nlh, IFLA_CARRIER_UP_COUNT,
				 fake.flap_ms && fake.flap_ms <= fake.now_ms ? 2 : 1);
	}
	return nlh->nlmsg_len;
}

static inline ssize_t fake_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
				    socklen_t *addr_len)
{
	const struct fake_frame *frame = &fake.frames[fake.frame_next];

	(void)flags;
	memset(addr, 0, *addr_len);
	if (fd == fake.netlink_fd)
		return fake_answer(buf);
	if (fake.receive_code < 0)
		return fake.receive_code;
	if (fake.frame_next == fake.frame_count || frame->at_ms > fake.now_ms)
		return -EAGAIN;
	assert_true(len >= sizeof(frame->data));
	memcpy(buf, frame->data, sizeof(frame->data));
	((struct sockaddr_ll *)(void *)addr)->sll_pkttype = frame->pkttype;
	if (fake.is_flood)
		fake.now_ms++;
	else
		fake.frame_next++;
	return sizeof(frame->data);
}

static inline int fake_sendmmsg(int fd, struct mmsghdr *msgs, unsigned int count, int flags)
{
	int result = fake.calls < FAKE_RESULTS_MAX ? fake.results[fake.calls] : 0;

	(void)fd;
	(void)flags;
	fake.calls++;
	if (result < 0)
		return result;
	if (result > 0 && (unsigned int)result < count)
		count = (unsigned int)result;
	for (unsigned int i = 0; i < count; i++) {
		const uint8_t *data = msgs[i].msg_hdr.msg_iov->iov_base;

		if (data[0] == 0x60)
			fake.is_router_sent = (data[44] & 0x80) != 0;
		if (fake.sent < FAKE_SENT_MAX)
			fake.sent_ms[fake.sent] = fake.now_ms;
		fake.sent++;
	}
	return (int)count;
}

/* Room is there at once; what is to be read comes at its time. */
static inline int fake_poll(struct pollfd *fds, size_t count, int64_t deadline_ms)
{
	const struct fake_frame *frame = &fake.frames[fake.frame_next];

	if (count > 0 && (fds[0].events & POLLOUT)) {
		fake.now_ms++;
		return 1;
	}
	if (count > 0 && fake.frame_next < fake.frame_count && frame->at_ms <= deadline_ms) {
		if (fake.now_ms < frame->at_ms)
			fake.now_ms = frame->at_ms;
		return 1;
	}
	if (fake.now_ms < deadline_ms)
		fake.now_ms = deadline_ms;
	return 0;
}

static inline int fake_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	(void)dirfd;
	(void)mode;
	(void)flags;
	/* As if the interface had been renamed just now: only the setting for all is there. */
	if (strcmp(path, "/proc/sys/net/ipv6/conf/all/forwarding") != 0 || !fake.forwarding)
		return -ENOENT;
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static inline ssize_t fake_read(int fd, void *buf, size_t len)
{
	(void)fd;
	assert_int_equal(len, 1);
	memcpy(buf, fake.forwarding, 1);
	return 1;
}

static inline int fake_stat(const char *path, struct stat *ret_stat)
{
	(void)path;
	if (!fake.netns)
		return -ENOENT;
	*ret_stat = (struct stat){.st_ino = fake.netns};
	return 0;
}

static inline int setup_wire(void **state)
{
	if (setup_ctx(state) < 0)
		return -1;
	fake = (struct fake_wire){
		.sys = haops_sys_linux,
		.now_ms = 1000000,
		.flags = IFF_UP | IFF_LOWER_UP,
		.type = ARPHRD_ETHER,
		.mac_len = 6,
		.netlink_fd = -1,
		.netns = 4711,
	};
	fake.sys.now_ns = fake_now_ns;
	fake.sys.socket = fake_socket;
	fake.sys.bind = fake_bind;
	fake.sys.setsockopt = fake_setsockopt;
	fake.sys.getsockopt = fake_getsockopt;
	fake.sys.sendto = fake_sendto;
	fake.sys.recvfrom = fake_recvfrom;
	fake.sys.sendmmsg = fake_sendmmsg;
	fake.sys.poll = fake_poll;
	fake.sys.openat = fake_openat;
	fake.sys.read = fake_read;
	fake.sys.stat = fake_stat;
	haops_ctx_set_sys(*state, &fake.sys);
	return 0;
}

#define TEST_WIRE(test) cmocka_unit_test_setup_teardown(test, setup_wire, teardown_ctx)

#endif
